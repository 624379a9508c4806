"""The order in which a bucket search decides on the units: first those that make its bounds small early."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..kernels import kernel

_WORK = 3e8  # steps that finding an order may take: about half a second
_PATTERNS = 256, 8192  # fewest and most patterns that an order is found from
_MERGED = 0.97  # share of the unmerged size from which on no unit is worth keeping for later


@kernel
def spreads(bits, squares, labels, n_labels, candidates, out):
    """Size expected of a bucket's bound once one more unit separates the groups, for each candidate unit.

    Were the signs of a group's patterns random, its sum would have the size ``sqrt(sum of squares)``.
    """
    whole = np.zeros(n_labels)
    for g in range(labels.size):
        whole[labels[g]] += squares[g]
    half = np.empty(n_labels)
    for c in range(candidates.size):
        half[:] = 0.0
        for g in range(labels.size):
            half[labels[g]] += squares[g] * bits[candidates[c], g]
        total = 0.0
        for label in range(n_labels):
            total += np.sqrt(half[label]) + np.sqrt(max(whole[label] - half[label], 0.0))
        out[c] = total


def decision_order(words: NDArray[np.uint64], totals: NDArray[np.int64], n: int) -> list[int]:
    """Units in the order in which a search should decide on them.

    The units decided last are those that separate the samples least: constants and duplicates, then skewed ones
    and those that follow from others. The later part of the order is grown one unit at a time, by the size that
    the bound of a bucket with nothing in it would have.

    Parameters
    ----------
    words : ndarray, shape (G, words)
        Distinct patterns, bit i of a row for unit i.
    totals : ndarray, shape (G,)
        Sum of the target over the samples of each pattern.
    n : int
        Number of units.
    """
    size = int(np.clip(_WORK / (n * n / 2), *_PATTERNS))
    heaviest = np.sort(np.argsort(-np.abs(totals), kind="stable")[:size])
    bits = np.empty((n, heaviest.size), np.uint8)
    for unit in range(n):
        bits[unit] = (words[heaviest, unit // 64] >> np.uint64(unit % 64)) & np.uint64(1)
    squares = totals[heaviest].astype(np.float64) ** 2
    unmerged = np.sqrt(squares).sum()
    left = np.arange(n)
    labels = np.zeros(heaviest.size, np.int64)
    backwards: list[int] = []
    while left.size:
        found = np.empty(left.size)
        spreads(bits, squares, labels, int(labels.max()) + 1, left, found)
        if found.min() >= _MERGED * unmerged:  # every pattern stands alone whatever comes next
            return [*left[np.argsort(-found, kind="stable")].tolist(), *backwards[::-1]]
        best = left.size - 1 - int(np.argmin(found[::-1]))
        unit = int(left[best])
        backwards.append(unit)
        left = np.delete(left, best)
        labels = np.unique(2 * labels + bits[unit], return_inverse=True)[1]
    return backwards[::-1]
