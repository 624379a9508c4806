"""Searches over products of standardised units: every subset of up to three, or a beam beyond."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, count_subsets
from ...progress import Progress, part_of, tick
from ..distinct import DistinctSubsets
from .screen import Best
from .table import ProductTable

MAX_DEGREE = 3  # of an exhaustive search
_PARENTS = 256  # subsets grown at once


def scan_products(
    table: ProductTable, residual: NDArray[np.float64], degree: int, kept: int, progress: Progress | None = None
) -> tuple[Best, int]:
    """The best products of up to ``degree`` units, and how many there are in all."""
    n, best = table.n_units, Best(table, residual, kept)
    degree = min(degree, n)
    total = count_subsets(n, degree - 1, least=0)
    done = 0
    tick(progress, done, total)
    best.offer([(unit,) for unit in range(n)])
    for size in range(1, degree):
        parents = _by_last(n, size)
        while block := list(islice(parents, _PARENTS)):
            last = np.array([subset[-1] for subset in block])
            units = np.arange(last[0] + 1, n)
            if units.size:
                best.grow(block, units, units[None, :] > last[:, None])
            done += len(block)
            tick(progress, done, total)
    tick(progress, total, total)
    return best, count_subsets(n, degree)


def _by_last(n: int, size: int) -> Iterator[Subset]:
    """Subsets of one size, ordered by their largest unit: neighbours can grow by the same units."""
    for last in range(n):
        for rest in combinations(range(last), size - 1):
            yield (*rest, last)


def beam_products(
    table: ProductTable,
    residual: NDArray[np.float64],
    reach: int,
    degree: int,
    width: int,
    kept: int,
    progress: Progress | None = None,
) -> tuple[Best, int, float]:
    """From the best of a scan up to ``reach`` units on by one unit more or less, until the best stay as they are.

    Returns
    -------
    tuple
        The best; how many distinct products were scored; the score that none of those scanned and left out exceeds.
    """
    n = table.n_units
    best, examined = scan_products(table, residual, reach, max(width, kept), part_of(progress, 0, 2))
    outside = best.needed
    scored = DistinctSubsets(n)
    expanded: set[Subset] = set()
    units = np.arange(n)
    report, finished = part_of(progress, 1, 2), 0
    while frontier := [s for s in best.subsets[:width] if s not in expanded]:
        expanded.update(frontier)
        for at in range(0, len(frontier), _PARENTS):
            block = frontier[at : at + _PARENTS]
            growing = [s for s in block if reach <= len(s) < degree]
            shrunk = {s[:i] + s[i + 1 :] for s in block for i in range(len(s)) if len(s) - 1 > reach}
            best.offer(sorted(shrunk))
            scored.add(shrunk)
            if growing:
                outsiders = np.array([[unit not in s for unit in range(n)] for s in growing])
                best.grow(growing, units, outsiders)
                for row, subset in zip(outsiders, growing, strict=True):
                    scored.add_flips(subset, row)
            finished += len(block)
            tick(report, finished, len(expanded))
    tick(report, 1, 1)
    return best, examined + len(scored), outside
