"""Standardised units in memory, and the exact score of products of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset

# A product whose variance is a smaller share of its mean square is as good as constant. It leaves the screen's
# float32 sums room to tell: their error is below a hundredth of this.
LEAST_VARIANCE = 1e-2
_VANISHED = 1e-20  # mean squares below this are those of units that are never away from their means together
_CHUNK = 2**21  # floats of products formed at once


def deviations(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows less their means."""
    return rows - rows.mean(axis=1, keepdims=True)


def varies(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the variance of each row is a noteworthy share of its mean square."""
    squares = np.einsum("km,km->k", rows, rows)
    spread = deviations(rows)
    variance = np.einsum("km,km->k", spread, spread)
    return (squares > _VANISHED * rows.shape[1]) & (variance >= LEAST_VARIANCE * squares)


def effective_samples(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(sum d^2)^2 / sum d^4`` of each row, d its deviations from its mean; 0 where it never changes.

    References
    ----------
    F. E. Satterthwaite (1946), Biometrics Bulletin 2: degrees of freedom of a sum of squares with unequal weights.
    """
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = np.divide(rows, largest, out=np.zeros_like(rows), where=largest > 0)  # fourth powers overflow otherwise
    squares = deviations(scaled) ** 2
    total, fourth = squares.sum(axis=1), np.einsum("km,km->k", squares, squares)
    return np.divide(total**2, fourth, out=np.zeros(len(rows)), where=fourth > 0)


class ProductTable:
    """Standardised units, shape (n_units, n_samples), and what is asked of a product of them.

    ``min_side``: effective samples that a product needs.
    """

    def __init__(self, values: NDArray[np.float64], min_side: int):
        self.values, self.min_side = np.ascontiguousarray(values), min_side
        self.n_units, self.n_samples = self.values.shape

    @cached_property
    def single(self) -> NDArray[np.float32]:
        """The values in float32, for screening."""
        return self.values.astype(np.float32)

    def rows(self, subsets: Sequence[Subset]) -> NDArray[np.float64]:
        """Products over the units of each subset, in the order of its units."""
        rows = np.ones((len(subsets), self.n_samples))
        for row, subset in zip(rows, subsets, strict=True):
            for unit in subset:
                row *= self.values[unit]
        return rows

    def scores(self, subsets: Sequence[Subset], residual: NDArray[np.float64]) -> NDArray[np.float64]:
        """Covariance of the residual with each product over its standard deviation; 0 where it cannot be used."""
        size = max(1, _CHUNK // self.n_samples)
        parts = [np.empty(0)]
        for at in range(0, len(subsets), size):
            rows = self.rows(subsets[at : at + size])
            usable = varies(rows) & (effective_samples(rows) >= self.min_side)
            spread = deviations(rows)
            sums = np.einsum("km,m->k", spread, residual)
            length = np.sqrt(self.n_samples * np.einsum("km,km->k", spread, spread))
            parts.append(np.divide(sums, length, out=np.zeros(len(rows)), where=usable))
        return np.concatenate(parts)
