"""Buckets of subsets on recorded samples: grouped sums and their bounds.

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
