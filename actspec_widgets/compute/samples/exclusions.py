"""Characters that a subset must not repeat, and what the groups of a bucket tell about its members that do not."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ..means import signed_totals
from ..memory import require_memory
from ..method.selection import character_words
from ..parity import popcount
from ..ranking import FIXED_POINT
from ..threads import thread_count
from .sample_tree_kernel import ONE, Tree, child_sums, transform

_GROUPED = 2  # samples for each group, at least, from where on the groups are asked: lone samples tell nothing
_LARGEST = 4  # groups whose signs are tried in every combination
LONGEST_PAUSE = 32
_ROOM = 3  # of FIXED_POINT, for the parts of the target that are taken off: 64 bits hold nine


class Exclusions(NamedTuple):
    """Characters chi_T that a subset must not repeat."""

    planes: NDArray[np.uint64]  # (units in the order of decision, words of samples)
    chosen: NDArray[np.uint64]  # (k, words of samples)
    n_samples: int
    least: int  # chi_S repeats chi_T where the sum of their product over the samples has at least this size
    depth: int  # from here on the groups are asked
    counts: NDArray[np.int64]  # (G,) samples of each pattern
    totals: NDArray[np.int32]  # (k, G) sum of chi_T over the samples of a pattern
    shares: NDArray[np.int64]  # (k,) the target's mean with chi_T, in fixed point


class Repeats(NamedTuple):
    """Of the buckets on the current path: the characters that members may repeat, and their sums over the groups."""

    sums: NDArray[np.int32]  # (k, slots) as the target's sums, from ``Exclusions.depth`` on
    members: NDArray[np.int64]  # (depths, k)
    lengths: NDArray[np.int64]  # (depths,)
    known: NDArray[np.bool_]  # (depths,) whether the bucket on the path was asked
    pauses: NDArray[np.int64]  # (depths,) one bucket in so many is asked
    skipped: NDArray[np.int64]  # (depths,) since one was asked
    weights: NDArray[np.int64]  # (k,) scratch


def build_exclusions(
    tree: Tree,
    order: list[int],
    pattern_of: NDArray[np.int64],
    patterns: Patterns,
    recorded: Patterns,
    chosen: tuple[Subset, ...],
    rho_max: float,
    centred: NDArray[np.float64],
) -> Exclusions | None:
    """Exclude what repeats ``chosen``, subsets of all units ``recorded``; the tree knows ``patterns`` of some."""
    if not chosen:
        return None
    m, groups = patterns.n_samples, len(tree.totals)
    grouped = np.flatnonzero(_GROUPED * tree.counts <= m)
    depth = int(grouped[0]) if grouped.size else tree.counts.size - 1
    width = int(tree.slots[-1] - tree.slots[depth])
    require_memory(
        4 * len(chosen) * (groups + thread_count(None) * width),
        f"grouping {m:,} samples by {len(order):,} units beside {len(chosen):,} chosen subsets",
        "give fewer subsets as redundant_with",
    )
    words = character_words(recorded, chosen)
    totals = np.empty((len(chosen), groups), np.int32)
    for row, bits in zip(totals, words, strict=True):
        odd = np.unpackbits(bits.astype("<u8").view(np.uint8), count=m, bitorder="little")
        row[:] = np.bincount(pattern_of, weights=1.0 - 2.0 * odd, minlength=groups)
    shares = signed_totals(recorded, chosen, centred)[:, 0] / m * (FIXED_POINT / np.abs(centred).sum())
    return Exclusions(
        patterns.planes[order], words, m, math.ceil(rho_max * m), depth,
        np.bincount(pattern_of, minlength=groups), totals, np.rint(shares).astype(np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def is_excluded(subset, exclusions):
    """Whether the subset's character nearly repeats a chosen one, or its negative."""
    words = np.zeros(exclusions.chosen.shape[1], np.uint64)
    for p in range(exclusions.planes.shape[0]):
        if (subset[p // 64] >> np.uint64(p % 64)) & ONE:
            words ^= exclusions.planes[p]
    for c in range(exclusions.chosen.shape[0]):
        differ = 0
        for w in range(words.size):
            differ += popcount(words[w] ^ exclusions.chosen[c, w])
        if abs(exclusions.n_samples - 2 * differ) >= exclusions.least:
            return True
    return False


@njit(cache=True, nogil=True)
def no_repeats(tree, exclusions, pauses):
    """Room for what a walk learns about the characters."""
    k, depths = exclusions.totals.shape[0], tree.counts.size
    width = tree.slots[-1] - tree.slots[exclusions.depth]
    return Repeats(
        np.empty((k, width), np.int32),
        np.empty((depths, k), np.int64),
        np.zeros(depths, np.int64),
        np.zeros(depths, np.bool_),
        pauses,
        np.zeros(depths, np.int64),
        np.empty(k, np.int64),
    )


@njit(cache=True, nogil=True)
def is_worthwhile(exclusions, depth, fresh, repeats):
    """Whether to ask a bucket: ever more rarely while asking others at its depth closes none."""
    if not fresh and depth > exclusions.depth and repeats.known[depth - 1] and repeats.lengths[depth - 1] == 0:
        repeats.lengths[depth] = 0  # as none of its parent's, none of its members repeats anything
        repeats.known[depth] = True
        return False
    repeats.skipped[depth] += 1
    repeats.known[depth] = repeats.skipped[depth] >= repeats.pauses[depth]
    if repeats.known[depth]:
        repeats.skipped[depth] = 0
    return repeats.known[depth]


@njit(cache=True, nogil=True)
def character_sums(tree, exclusions, c, subset, depth, out):
    """Sums of chi_S chi_T over the groups of one bucket, from the patterns.

    Returns whether a member may repeat T, which takes groups whose sums are nearly as large as their numbers of
    samples; as soon as it may not, ``out`` is left unfinished.
    """
    spare = exclusions.n_samples - exclusions.least
    run = -1
    samples = 0
    for g in range(tree.totals.size):
        bits = np.uint64(0)
        for w in range(subset.size):
            bits ^= tree.patterns[g, w] & subset[w]
        total = np.int64(exclusions.totals[c, g])
        if popcount(bits) & 1:
            total = -total
        if tree.joins[g] > depth:
            if run >= 0:
                spare -= samples - abs(np.int64(out[run]))
                if spare < 0:
                    return False
            run += 1
            out[run] = total
            samples = exclusions.counts[g]
        else:
            out[run] += total
            samples += exclusions.counts[g]
    return spare >= samples - abs(np.int64(out[run]))


@njit(cache=True, nogil=True)
def find_repeats(tree, exclusions, subset, depth, fresh, repeats):
    """Which chosen characters members of a bucket may repeat; if not ``fresh``, its parent is on the path.

    Returns the work done.
    """
    start = tree.slots[exclusions.depth]
    here = tree.slots[depth] - start
    n = work = 0
    if fresh or depth == exclusions.depth or not repeats.known[depth - 1]:
        for c in range(exclusions.totals.shape[0]):
            if character_sums(tree, exclusions, c, subset, depth, repeats.sums[c, here:]):
                repeats.members[depth, n] = c
                n += 1
        work = exclusions.totals.shape[0] * tree.totals.size
    else:
        p = depth - 1
        taken = (subset[p // 64] >> np.uint64(p % 64)) & ONE
        kinds = tree.kinds[tree.kind_starts[p] : tree.kind_starts[p] + tree.counts[depth]]
        for i in range(repeats.lengths[p]):
            c = repeats.members[p, i]
            out = repeats.sums[c, here : here + kinds.size]
            child_sums(repeats.sums[c, tree.slots[p] - start :], kinds, taken != 0, out)
            size = 0
            for z in range(kinds.size):
                size += abs(np.int64(out[z]))
            if size >= exclusions.least:
                repeats.members[depth, n] = c
                n += 1
        work = 2 * repeats.lengths[p] * kinds.size
    repeats.lengths[depth] = n
    return work


@njit(cache=True, nogil=True)
def distinct_bound(tree, exclusions, depth, sums, repeats):
    """No member that repeats no chosen character has a larger sum of the target; -1 where every member repeats one.

    With G(z) the sum of chi_S chi_T over group z, a member S + U has
    ``sum_z F(z) chi_U(z) = sum_z (F - a G)(z) chi_U(z) + a sum_z G(z) chi_U(z)`` for every a, and the last sum,
    its own with T, stays below ``least`` in size.
    """
    n, groups = repeats.lengths[depth], tree.counts[depth]
    here = tree.slots[depth] - tree.slots[exclusions.depth]
    most = exclusions.least - 1
    room = np.int64(_ROOM * FIXED_POINT) // exclusions.n_samples
    weight = 0
    for i in range(n):
        share = exclusions.shares[repeats.members[depth, i]]
        repeats.weights[i] = share if weight + abs(share) <= room else 0
        weight += abs(repeats.weights[i])
    bound = most * weight
    for z in range(groups):
        rest = sums[z]
        for i in range(n):
            rest -= repeats.weights[i] * np.int64(repeats.sums[repeats.members[depth, i], here + z])
        bound += abs(rest)
    for i in range(n):
        row = repeats.sums[repeats.members[depth, i], here : here + groups]
        bound = min(bound, bound_by_signs(sums[:groups], row, most))
    return bound


@njit(cache=True, nogil=True)
def bound_by_signs(sums, shared, most):
    """Largest ``abs(sum of s sums)`` for signs s with ``abs(sum of s shared) <= most``, or more; -1 where none fit.

    Every combination of signs is tried on the groups that share most with the chosen character.
    """
    largest = np.full(min(_LARGEST, sums.size), -1, np.int64)
    places = np.zeros(largest.size, np.int64)
    rest = rest_shared = 0
    for z in range(sums.size):
        size = abs(np.int64(shared[z]))
        rest += abs(sums[z])
        rest_shared += size
        if size > largest[-1]:
            at = largest.size - 1
            while at > 0 and size > largest[at - 1]:
                largest[at] = largest[at - 1]
                places[at] = places[at - 1]
                at -= 1
            largest[at] = size
            places[at] = z
    top = largest.sum()
    rest_shared -= top
    bound = -1
    for j in range(places.size):
        rest -= abs(sums[places[j]])
    for signs in range(1 << (places.size - 1)):  # the first sign is +1: sizes do not tell signs from their negatives
        total = sums[places[0]]
        total_shared = np.int64(shared[places[0]])
        for j in range(1, places.size):
            sign = 1 - 2 * ((signs >> (j - 1)) & 1)
            total += sign * sums[places[j]]
            total_shared += sign * np.int64(shared[places[j]])
        if abs(total_shared) - rest_shared <= most:
            bound = max(bound, abs(total) + rest)
    return bound


@njit(cache=True, nogil=True)
def mark_repeats(tree, exclusions, repeats, table, marks):
    """Mark the subsets of a last bucket's undecided units that repeat a chosen character; returns how many may be."""
    last = tree.counts.size - 1
    here = tree.slots[last] - tree.slots[exclusions.depth]
    marks[:] = False
    for i in range(repeats.lengths[last]):
        table[:] = 0
        for g in range(tree.block_index.size):
            table[tree.block_index[g]] = repeats.sums[repeats.members[last, i], here + g]
        transform(table)
        for T in range(table.size):
            marks[T] |= abs(table[T]) >= exclusions.least
    return repeats.lengths[last]
