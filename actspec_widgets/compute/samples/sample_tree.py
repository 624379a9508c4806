"""Buckets of subsets on recorded samples: grouped sums and their bounds.

A bucket at depth k has decided on the first k units: S of them are in, the rest are out. Its samples are grouped
by the units not yet decided, F(z) = sum of y chi_S over the samples of group z, and each member S + T has
``sum y chi_{S+T} = sum_z F(z) chi_T(z)``, at most ``sum_z |F(z)|`` in size. The groups depend on the depth alone;
they are runs of the sorted patterns, and deciding on one more unit joins neighbouring runs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ..kernels import kernel
from ..memory import require_memory
from ..parity import popcount
from ..ranking import FIXED_POINT
from ..threads import thread_count
from .unit_order import decision_order

BLOCK_UNITS = 10  # a table of 2^10 sums is transformed in the time of one bucket of some thousand groups
_RETURN = 4  # work of coming back to a bucket, for each word of its patterns
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


@kernel
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


@kernel
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


@kernel
def child_sums(sums, kinds, taken, out):
    """F without or with the next unit; ``out`` may be ``sums``."""
    run = 0
    for i in range(kinds.size):
        pair = np.int64(kinds[i] >> 1)
        a = sums[run]
        b = sums[run + pair] * pair
        run += 1 + pair
        out[i] = (a - b) * (1 - 2 * np.int64(kinds[i] & 1)) if taken else a + b


@kernel
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


@kernel
def transform_work(block):
    """Work of a transform, in sums touched by a bucket in the same time."""
    return (1 << block) * (1 + block) // 2


@kernel
def rank_of(size, degree):
    """As :func:`ranking.ranks`: sizes in fixed point that differ by less than 2^20 are ties."""
    return ((size + (1 << 19)) >> 20 << 20) + ((1 << 20) - 1 - degree)


def build_tree(patterns: Patterns, centred: NDArray[np.float64]) -> tuple[Tree, list[int]]:
    """Group the samples of ``patterns``, shape (m, n), for a target of mean zero.

    Returns the tree, and the units in the order of decision.

    Raises
    ------
    MemoryError
        If the tables would not fit.
    """
    n = patterns.n_units
    fixed = np.rint(centred * (FIXED_POINT / np.abs(centred).sum())).astype(np.int64)
    words, totals = _distinct(_sample_words(patterns, range(n)), fixed)
    order = decision_order(words, totals, n)
    words, totals = _distinct(_sample_words(patterns, order), fixed)
    joins = np.empty(len(words), np.int64)
    join_depths(words, joins)
    block = min(BLOCK_UNITS, n)
    last = n - block
    counts = len(words) - np.cumsum(np.bincount(joins, minlength=last + 1))[: last + 1]
    shallow = int(np.flatnonzero(2 * counts > counts[0])[-1])
    slots = np.zeros(last + 2, np.int64)
    slots[shallow + 1 :] = counts[0] + np.concatenate([[0], np.cumsum(counts[shallow + 1 :])])
    needed = int(counts.sum() + 8 * slots[-1] * thread_count(None))
    require_memory(
        needed, f"grouping {patterns.n_samples:,} samples by {n:,} units", "choose fewer units or use a beam search"
    )
    kinds, runs = _joined_kinds(words, joins, last)
    index = words[runs, last // 64] >> np.uint64(last % 64)
    if last % 64 + block > 64:
        index = index | (words[runs, last // 64 + 1] << np.uint64(64 - last % 64))
    index = (index & np.uint64((1 << block) - 1)).astype(np.int64)
    finish, below = last, float(transform_work(block))
    while finish and 2 * below + 2 * counts[finish] <= _RETURN * words.size:
        below = 2 * below + 2 * counts[finish]
        finish -= 1
    starts = np.concatenate([[0], np.cumsum(counts[1:])]).astype(np.int64)
    tree = Tree(words, totals, joins, counts, kinds, starts, slots, shallow, finish, block, index)
    return tree, order


def _sample_words(patterns, units):
    """Each sample's bits, shape (m, words): bit p of a row belongs to the p-th unit."""
    words = np.zeros((patterns.n_samples, -(-len(units) // 64)), np.uint64)
    for p, unit in enumerate(units):
        inactive = patterns.select([unit]).signs()[:, 0] < 0
        words[:, p // 64] |= inactive.astype(np.uint64) << np.uint64(p % 64)
    return words


def _distinct(words, totals):
    """Distinct rows, sorted with the last bit first, and the sums of ``totals`` over equal rows."""
    order = np.lexsort(tuple(words.T))
    words = words[order]
    new = np.concatenate([[True], (words[1:] != words[:-1]).any(axis=1)])
    return np.ascontiguousarray(words[new]), np.add.reduceat(totals[order], np.flatnonzero(new))


@kernel
def join_depths(words, out):
    """Depth from which each pattern is in one group with the one before: past the last bit that differs."""
    n_words = words.shape[1]
    out[0] = 64 * n_words + 1
    for g in range(1, words.shape[0]):
        for w in range(n_words - 1, -1, -1):
            differ = words[g, w] ^ words[g - 1, w]
            if differ != np.uint64(0):
                length = 0
                while differ != np.uint64(0):
                    differ >>= np.uint64(1)
                    length += 1
                out[g] = 64 * w + length
                break


def _joined_kinds(words, joins, last):
    """How the groups of each depth come from those before, and the first pattern of each last group."""
    kinds, runs = [np.empty(0, np.uint8)], np.arange(len(words))
    for depth in range(last):
        bit = (words[runs, depth // 64] >> np.uint64(depth % 64)) & np.uint64(1)
        starts = joins[runs] > depth + 1
        joined = np.append(~starts[1:], False)
        kinds.append(np.where(joined, PAIR, np.where(bit, SET, CLEAR)).astype(np.uint8)[starts])
        runs = runs[starts]
    return np.concatenate(kinds), runs
