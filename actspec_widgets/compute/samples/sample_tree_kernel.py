"""Buckets of subsets on recorded samples: grouped sums, their bounds, and a depth-first walk below a bucket.

A bucket at depth k has decided on the first k units: S of them are in, the rest are out. Its samples are grouped
by the units not yet decided, F(z) = sum of y chi_S over the samples of group z, and each member S + T has
``sum y chi_{S+T} = sum_z F(z) chi_T(z)``, at most ``sum_z |F(z)|`` in size. The groups depend on the depth alone;
they are runs of the sorted patterns, and deciding on one more unit joins neighbouring runs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..exhaustive.scan_kernel import replace_smallest
from ..parity import popcount

CLEAR, SET, PAIR = 0, 1, 2  # a group of the next depth: one run with the unit's bit clear, one with it set, or both
ONE = np.uint64(1)


class Tree(NamedTuple):
    """Distinct patterns in sorted order and how their groups join as units are decided.

    The target is in fixed point, so that sums are exact and equal in any order. Bit p of a pattern or subset
    belongs to the unit that is decided p-th.
    """

    patterns: NDArray[np.uint64]  # (G, words)
    totals: NDArray[np.int64]  # (G,) sum of the target over the samples of a pattern
    joins: NDArray[np.int64]  # (G,) depth from which a pattern is in one group with the pattern before it
    counts: NDArray[np.int64]  # (depths,) groups at each depth
    kinds: NDArray[np.uint8]  # CLEAR, SET or PAIR for each group at depths 1, 2, ..., one after the other
    kind_starts: NDArray[np.int64]  # (depths,)
    slots: NDArray[np.int64]  # (depths + 1,) where the sums of each depth on the current path are kept
    shallow: int  # up to this depth the sums share one slot, since summing them up anew costs little more
    finish: int  # from this depth on, finishing a bucket costs less than coming back to it
    block: int  # undecided units at which a bucket is finished by one transform
    block_index: NDArray[np.int64]  # (groups at the last depth,) pattern of the undecided units


class Buckets(NamedTuple):
    """Buckets as columns; ``ranks`` are those of their bounds."""

    subsets: NDArray[np.uint64]  # (k, words)
    depths: NDArray[np.int64]
    degrees: NDArray[np.int64]
    ranks: NDArray[np.int64]


class Exclusions(NamedTuple):
    """Characters that a subset must not repeat."""

    planes: NDArray[np.uint64]  # (units in the order of decision, words of samples)
    chosen: NDArray[np.uint64]  # (k, words of samples)
    n_samples: int
    most: float  # a sum over the samples of the product of two characters is smaller than this, or too large


class Limits(NamedTuple):
    """What a walk may look at."""

    max_degree: int
    floor: int  # rank that a subset must reach to be of interest
    leave: int  # buckets below this rank are left open for later
    nodes: int
    work: int  # sums touched, some 2 ns each


@njit(cache=True, nogil=True)
def group_sums(tree, subset, depth, out):
    """F of one bucket, from the patterns."""
    run = -1
    for g in range(tree.totals.size):
        bits = np.uint64(0)
        for w in range(subset.size):
            bits ^= tree.patterns[g, w] & subset[w]
        total = -tree.totals[g] if popcount(bits) & 1 else tree.totals[g]
        if tree.joins[g] > depth:
            run += 1
            out[run] = total
        else:
            out[run] += total


@njit(cache=True, nogil=True)
def child_bounds(sums, kinds):
    """Sum of |F| without and with the next unit, and the sum of F with it."""
    without = within = total = 0
    run = 0
    for kind in kinds:
        pair = np.int64(kind >> 1)
        a = sums[run]
        b = sums[run + pair] * pair
        run += 1 + pair
        without += abs(a + b)
        within += abs(a - b)
        total += (a - b) * (1 - 2 * np.int64(kind & 1))
    return without, within, total


@njit(cache=True, nogil=True)
def child_sums(sums, kinds, taken, out):
    """F without or with the next unit; ``out`` may be ``sums``."""
    run = 0
    for i in range(kinds.size):
        pair = np.int64(kinds[i] >> 1)
        a = sums[run]
        b = sums[run + pair] * pair
        run += 1 + pair
        out[i] = (a - b) * (1 - 2 * np.int64(kinds[i] & 1)) if taken else a + b


@njit(cache=True, nogil=True)
def transform(table):
    """Sums of ``table[z] chi_T(z)`` for every T, in place; integers, so that ties stay ties."""
    half = 1
    while half < table.size:
        for start in range(0, table.size, 2 * half):
            for i in range(start, start + half):
                a, b = table[i], table[i + half]
                table[i] = a + b
                table[i + half] = a - b
        half *= 2


@njit(cache=True, nogil=True)
def transform_work(block):
    """Work of a transform, in sums touched by a bucket in the same time."""
    return (1 << block) * (1 + block) // 2


@njit(cache=True, nogil=True)
def rank_of(size, degree):
    """As :func:`ranking.ranks`: sizes in fixed point that differ by less than 2^20 are ties."""
    return ((size + (1 << 19)) >> 20 << 20) + ((1 << 20) - 1 - degree)


@njit(cache=True, nogil=True)
def is_excluded(subset, exclusions):
    """Whether the subset's character nearly repeats a chosen one, or its negative."""
    if exclusions.chosen.shape[0] == 0:
        return False
    words = np.zeros(exclusions.chosen.shape[1], np.uint64)
    for p in range(exclusions.planes.shape[0]):
        if (subset[p // 64] >> np.uint64(p % 64)) & ONE:
            words ^= exclusions.planes[p]
    for c in range(exclusions.chosen.shape[0]):
        differ = 0
        for w in range(words.size):
            differ += popcount(words[w] ^ exclusions.chosen[c, w])
        if abs(exclusions.n_samples - 2 * differ) >= exclusions.most:
            return True
    return False


@njit(cache=True, nogil=True)
def append(buckets, at, subset, depth, degree, rank):
    buckets.subsets[at] = subset
    buckets.depths[at] = depth
    buckets.degrees[at] = degree
    buckets.ranks[at] = rank
    return at + 1


@njit(cache=True, nogil=True)
def explore(tree, buckets, limits, exclusions, heap, opened, found):
    """Walk depth-first below each bucket, the better child first.

    ``heap`` holds the largest ranks found so far: its root, or the floor, is what a subset must reach.
    Those that do are appended to ``found``; buckets that were not finished, to ``opened``.
    Returns the lengths of both, the buckets bounded or finished by a transform, and the work done.
    """
    n_words = tree.patterns.shape[1]
    last = tree.counts.size - 1
    sums = np.empty(tree.slots[-1], np.int64)
    table = np.empty(1 << tree.block, np.int64)
    stack = Buckets(
        np.empty((last + 2, n_words), np.uint64),
        np.empty(last + 2, np.int64),
        np.empty(last + 2, np.int64),
        np.empty(last + 2, np.int64),
    )
    subset = np.empty(n_words, np.uint64)
    n_opened = n_found = nodes = work = 0
    need = max(limits.floor, heap[0])
    for bucket in range(buckets.ranks.size):
        height = append(
            stack, 0, buckets.subsets[bucket], buckets.depths[bucket], buckets.degrees[bucket], buckets.ranks[bucket]
        )
        first = True
        while height:
            height -= 1
            subset[:] = stack.subsets[height]
            depth, degree, rank = stack.depths[height], stack.degrees[height], stack.ranks[height]
            if rank < need:
                continue
            full = nodes + 2 > limits.nodes or work >= limits.work or found.ranks.size - n_found < table.size + last
            if full or (rank < limits.leave and depth < tree.finish):
                n_opened = append(opened, n_opened, subset, depth, degree, rank)
                continue
            here = sums[tree.slots[depth] :]
            if first or depth <= tree.shallow:
                group_sums(tree, subset, depth, here)
                work += tree.totals.size
            else:  # the parent's sums are still in their slot
                p = depth - 1
                taken = (subset[p // 64] >> np.uint64(p % 64)) & ONE
                kinds = tree.kinds[tree.kind_starts[p] : tree.kind_starts[p] + tree.counts[depth]]
                child_sums(sums[tree.slots[p] :], kinds, taken != 0, here)
                work += kinds.size
            first = False
            while depth < last:
                if nodes + 2 > limits.nodes:
                    n_opened = append(opened, n_opened, subset, depth, degree, rank)
                    break
                here = sums[tree.slots[depth] :]
                kinds = tree.kinds[tree.kind_starts[depth] : tree.kind_starts[depth] + tree.counts[depth + 1]]
                without, within, total = child_bounds(here, kinds)
                nodes += 2
                work += 2 * kinds.size
                rank = rank_of(without, degree)
                other = rank_of(within, degree + 1)
                bit = ONE << np.uint64(depth % 64)
                word = depth // 64
                depth += 1
                taken = False
                if degree + 1 == limits.max_degree:  # only one subset in there: its sum is known
                    other = rank_of(abs(total), degree + 1)
                    subset[word] |= bit
                    if other >= need and not is_excluded(subset, exclusions):
                        n_found = append(found, n_found, subset, depth, degree + 1, other)
                        if other > heap[0]:
                            replace_smallest(heap, other)
                            need = max(limits.floor, heap[0])
                    subset[word] ^= bit
                else:
                    taken = other > rank
                    if taken:
                        rank, other = other, rank
                    if other >= need:
                        if not taken:
                            subset[word] |= bit
                        height = append(stack, height, subset, depth, degree + (not taken), other)
                        if not taken:
                            subset[word] ^= bit
                    if taken:
                        subset[word] |= bit
                        degree += 1
                if rank < need:
                    break
                if rank < limits.leave and depth < tree.finish:
                    n_opened = append(opened, n_opened, subset, depth, degree, rank)
                    break
                child_sums(here, kinds, taken, sums[tree.slots[depth] :])
            else:
                nodes += 1
                work += transform_work(tree.block)
                table[:] = 0
                here = sums[tree.slots[depth] :]
                for g in range(tree.block_index.size):
                    table[tree.block_index[g]] = here[g]
                transform(table)
                smallest = (need >> 20 << 20) - (1 << 19)
                for T in range(table.size):
                    size = abs(table[T])
                    if size < smallest:
                        continue
                    members = degree + popcount(np.uint64(T))
                    rank = rank_of(size, members)
                    if rank < need or members == 0 or members > limits.max_degree:
                        continue
                    found.subsets[n_found] = subset
                    for t in range(tree.block):
                        if (T >> t) & 1:
                            found.subsets[n_found, (last + t) // 64] |= ONE << np.uint64((last + t) % 64)
                    if is_excluded(found.subsets[n_found], exclusions):
                        continue
                    found.degrees[n_found] = members
                    found.ranks[n_found] = rank
                    n_found += 1
                    if rank > heap[0]:
                        replace_smallest(heap, rank)
                        need = max(limits.floor, heap[0])
    return n_opened, n_found, nodes, work
