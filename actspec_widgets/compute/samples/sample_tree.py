"""Recorded samples sorted so that the groups of every bucket are runs."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...patterns import Patterns
from ..memory import require_memory
from ..ranking import FIXED_POINT
from ..threads import thread_count
from .sample_tree_kernel import CLEAR, PAIR, SET, Tree, transform_work
from .unit_order import decision_order

BLOCK_UNITS = 10  # a table of 2^10 sums is transformed in the time of one bucket of some thousand groups
_RETURN = 4  # work of coming back to a bucket, for each word of its patterns


def build_tree(patterns: Patterns, centred: NDArray[np.float64]) -> tuple[Tree, list[int], NDArray[np.int64]]:
    """Group the samples of ``patterns``, shape (m, n), for a target of mean zero.

    Returns the tree, the units in the order of decision, and the row of ``tree.patterns`` of each sample.

    Raises
    ------
    MemoryError
        If the tables would not fit.
    """
    n = patterns.n_units
    fixed = np.rint(centred * (FIXED_POINT / np.abs(centred).sum())).astype(np.int64)
    words, totals, _ = _distinct(_sample_words(patterns, range(n)), fixed)
    order = decision_order(words, totals, n)
    words, totals, pattern_of = _distinct(_sample_words(patterns, order), fixed)
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
    return tree, order, pattern_of


def _sample_words(patterns, units):
    """Each sample's bits, shape (m, words): bit p of a row belongs to the p-th unit."""
    words = np.zeros((patterns.n_samples, -(-len(units) // 64)), np.uint64)
    for p, unit in enumerate(units):
        inactive = patterns.select([unit]).signs()[:, 0] < 0
        words[:, p // 64] |= inactive.astype(np.uint64) << np.uint64(p % 64)
    return words


def _distinct(words, totals):
    """Distinct rows, sorted with the last bit first; sums of ``totals`` over equal rows; which distinct row each is."""
    order = np.lexsort(tuple(words.T))
    words = words[order]
    new = np.concatenate([[True], (words[1:] != words[:-1]).any(axis=1)])
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(new) - 1
    return np.ascontiguousarray(words[new]), np.add.reduceat(totals[order], np.flatnonzero(new)), place


@njit(cache=True, nogil=True)
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
