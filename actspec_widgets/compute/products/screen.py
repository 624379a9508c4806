"""The best products seen so far: float32 matrix products with a proven error bound tell which to sum exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ..ranking import largest_first
from .table import LEAST_VARIANCE, ProductTable

_SAMPLES = 1024  # summed in float32 at once: what the error bound grows with
_EXACT = 256  # products summed exactly before the score to reach is raised
_SLACK = 1e-9  # for float64 rounding, of the exact scores as well


class Best:
    """The best ``kept`` products by exact score; sums at low precision only say which products can be left out.

    A linear algebra library sums in an order that depends on its threads and its machine. Any order keeps within the
    bound, and every product that the bound cannot exclude is summed again in a fixed order, so the list is the same.
    """

    def __init__(self, table: ProductTable, residual: NDArray[np.float64], kept: int):
        self.table, self.kept = table, kept
        self.residual = residual - residual.mean()
        self.scale = float(np.sqrt(np.mean(self.residual**2)))
        self.single = (self.residual / self.scale).astype(np.float32)
        self.subsets: list[Subset] = []
        self.scores: NDArray[np.float64] = np.empty(0)

    @property
    def needed(self) -> float:
        """The score that a product must reach to enter the list."""
        return abs(float(self.scores[-1])) if len(self.subsets) == self.kept else 0.0

    def offer(self, subsets: Sequence[Subset]) -> None:
        """Score products exactly and keep the best; products that cannot be used never enter."""
        known = set(self.subsets)
        new = [subset for subset in dict.fromkeys(subsets) if subset not in known]
        scores = self.table.scores(new, self.residual)
        use = np.flatnonzero(scores)
        merged = self.subsets + [new[i] for i in use]
        values = np.concatenate([self.scores, scores[use]])
        order = largest_first(merged, values, self.scale)[: self.kept]
        self.subsets, self.scores = [merged[i] for i in order], values[order]

    def grow(self, parents: Sequence[Subset], units: NDArray[np.intp], allowed: NDArray[np.bool_]) -> None:
        """Offer each parent with one unit more, where ``allowed``, shape (parents, units), says so."""
        high = self._bounds(parents, units)
        high[~allowed] = -1.0
        flat = np.flatnonzero(high.ravel() >= max(self.needed * (1 - _SLACK), 0.0))
        flat = flat[np.argsort(-high.ravel()[flat], kind="stable")]
        at = 0
        while at < flat.size and high.ravel()[flat[at]] >= self.needed * (1 - _SLACK):
            some = flat[at : at + _EXACT]
            rows, columns = np.divmod(some, len(units))
            self.offer([_joined(parents[r], int(units[c])) for r, c in zip(rows, columns, strict=True)])
            at += _EXACT

    def _bounds(self, parents, units):
        """No score of a grown product is larger than these; -1 where it cannot be used."""
        table, m = self.table, self.table.n_samples
        left = np.ones((len(parents), m), np.float32)
        for row, subset in zip(left, parents, strict=True):
            for unit in subset:
                row *= table.single[unit]
        right = table.single[units]
        sums, means, squares = np.zeros((3, len(parents), len(units)))
        for start in range(0, m, _SAMPLES):
            cut = slice(start, start + _SAMPLES)
            a, b = left[:, cut], right[:, cut].T
            sums += (a * self.single[cut]) @ b
            means += a @ b
            squares += (a * a) @ (b * b)
        # Roundings behind each term, those of its factors included, whatever the order of the sum: Higham (2002),
        # Accuracy and Stability of Numerical Algorithms, section 3.1.
        degree = max((len(s) for s in parents), default=0) + 1
        roundings = (_SAMPLES + 4 * degree + 8) * 2.0**-24
        gamma = roundings / (1 - roundings)
        squares /= 1 - gamma  # now no smaller than the truth
        # By Cauchy and Schwarz the absolute terms sum to at most the root of m times the sum of squares.
        highest = np.abs(sums) + gamma * np.sqrt(m * squares)
        variance = squares - means**2 / m
        usable = (squares > 0) & (variance + 4 * gamma * squares >= LEAST_VARIANCE * (1 - 2 * gamma) * squares)
        least = np.maximum(variance - 6 * gamma * squares, 0.25 * LEAST_VARIANCE * squares)
        high = np.full(sums.shape, -1.0)
        high[usable] = self.scale * highest[usable] / np.sqrt(m * least[usable]) * (1 + _SLACK)
        return high


def _joined(subset: Subset, unit: int) -> Subset:
    return tuple(sorted((*subset, unit)))
