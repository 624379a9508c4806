"""Non-redundant selection: orthogonal least squares over candidate subsets, the simplest of each class.

Sums of characters are popcounts, so every Gram entry here is an exact integer; sums of the target run in a
fixed order. Nothing depends on the number of threads, of ours or of a linear algebra library.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, order_key
from .. import dense
from ..parity import flattened, padded_columns, parity_words, signed_sums

MIN_SIDE = 10  # a character needs this many samples on its rarer side before anything can be said about it
_INDISTINCT = 2.0  # standard errors: a simpler candidate wins unless it is detectably worse


@njit(cache=True, nogil=True)
def parity_table(planes, flat_units, starts):
    """Parity words of many subsets, shape (subsets, words)."""
    table = np.empty((starts.size - 1, planes.shape[1]), np.uint64)
    for s in range(starts.size - 1):
        parity_words(planes, flat_units[starts[s] : starts[s + 1]], table[s])
    return table


@njit(cache=True, nogil=True)
def signed_rows(table, columns, out):
    """Signed sums of the columns for each row of parity words."""
    for s in range(table.shape[0]):
        signed_sums(table[s], columns, out[s])


def character_words(patterns: Patterns, subsets: tuple[Subset, ...]) -> NDArray[np.uint64]:
    """Each subset's character over the samples as bits, shape (subsets, words)."""
    return parity_table(patterns.planes, *flattened(subsets))


def agreements(table: NDArray, words: NDArray, n_samples: int) -> NDArray[np.int64]:
    """Sum over the samples of the product of two characters, for each row of ``table`` against ``words``."""
    return n_samples - 2 * np.bitwise_count(table ^ words).sum(axis=1, dtype=np.int64)


class Collection:
    """Subsets chosen so far on one recording, and the target with them projected out.

    ``min_side`` samples, at least, must lie on the rarer side of a candidate; ``start`` is chosen from the start.
    """

    def __init__(
        self,
        patterns: Patterns,
        y: NDArray[np.float64],
        rho_max: float,
        min_side: int = MIN_SIDE,
        start: tuple[Subset, ...] = (),
    ):
        self.patterns, self.y, self.rho_max, self.min_side = patterns, y, rho_max, min_side
        self.subsets: list[Subset] = [(), *start]  # the intercept comes first
        self.words = character_words(patterns, tuple(self.subsets))
        self.solve()

    @property
    def chosen(self) -> tuple[Subset, ...]:
        return tuple(self.subsets[1:])

    def solve(self) -> None:
        """Least squares on the characters chosen; leaves the residual."""
        m = self.patterns.n_samples
        gram = np.array([agreements(self.words, row, m) for row in self.words], dtype=np.float64)
        moments = np.empty((len(self.subsets), 1))
        signed_rows(self.words, padded_columns(self.words, self.y), moments)
        self.inverse = dense.inverse(gram)
        fitted = np.zeros(m)
        for subset, beta in zip(self.subsets, dense.times(self.inverse, moments[:, 0]), strict=True):
            fitted += beta * character(self.patterns, subset)
        self.residual = self.y - fitted

    def add(self, subset: Subset) -> None:
        self.subsets.append(subset)
        self.words = np.vstack([self.words, character_words(self.patterns, (subset,))])
        self.solve()


class Pool:
    """Candidate subsets of one search round, scored against a collection as it grows."""

    def __init__(self, collection: Collection, subsets: tuple[Subset, ...]):
        self.collection, self.subsets = collection, subsets
        self.m = collection.patterns.n_samples
        self.words = character_words(collection.patterns, subsets)
        self.shared = np.stack([agreements(self.words, row, self.m) for row in collection.words], axis=1)
        self.usable = self.m - np.abs(self.shared[:, 0]) >= 2 * collection.min_side
        for column in range(1, self.shared.shape[1]):
            self._exclude(column)

    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """``(covariance, gain)`` with the residual: gain is the drop of the residual sum of squares.

        Unusable candidates have gain 0.
        """
        sums = np.empty((len(self.subsets), 1))
        signed_rows(self.words, padded_columns(self.words, self.collection.residual), sums)
        independent = self.m - np.einsum("si,ij,sj->s", self.shared, self.collection.inverse, self.shared)
        variance = self.m - self.shared[:, 0] ** 2 / self.m
        enough = self.usable & (independent > (1 - self.collection.rho_max**2) * variance)
        gain = np.zeros(len(self.subsets))
        gain[enough] = sums[enough, 0] ** 2 / independent[enough]
        return sums[:, 0] / self.m, gain

    def take(self, index: int, gain: NDArray[np.float64]) -> Subset:
        """Add the simplest candidate that is as good as the given one, and exclude what is redundant with it."""
        rho, correlation = self._relation(self.words[index], self.shared[index, 0])
        same = np.flatnonzero((np.minimum(np.abs(rho), np.abs(correlation)) >= self.collection.rho_max) & (gain > 0))
        best = index
        for other in sorted(same, key=lambda i: order_key(self.subsets[i])):
            if order_key(self.subsets[other]) >= order_key(self.subsets[index]):
                break
            if self._as_good(other, index, gain):
                best = int(other)
                break
        self.collection.add(self.subsets[best])
        self.shared = np.column_stack([self.shared, agreements(self.words, self.words[best], self.m)])
        self._exclude(self.shared.shape[1] - 1)
        return self.subsets[best]

    def _exclude(self, column):
        """Rule out candidates that agree or disagree nearly always with a chosen one."""
        rho = self.shared[:, column] / self.m
        self.usable &= np.abs(rho) < self.collection.rho_max

    def _relation(self, words, total):
        rho = agreements(self.words, words, self.m) / self.m
        means, mean = self.shared[:, 0] / self.m, total / self.m
        spread = np.sqrt(np.maximum((1 - means**2) * (1 - mean**2), 1e-300))
        return rho, (rho - means * mean) / spread

    def _as_good(self, other, index, gain):
        """Whether the paired difference of the two explained parts is within its error."""
        residual = self.collection.residual
        parts = []
        for candidate in (index, other):
            signs = character(self.collection.patterns, self.subsets[candidate])
            total = float((residual * signs).sum())
            parts.append(residual * signs * np.sign(total) * np.sqrt(gain[candidate]) / max(abs(total), 1e-300))
        difference = parts[0] - parts[1]
        return difference.mean() <= _INDISTINCT * difference.std() / np.sqrt(self.m)


def character(patterns: Patterns, subset: Subset) -> NDArray[np.int8]:
    """chi_S over the samples as int8 -1/+1, shape (m,)."""
    words = character_words(patterns, (subset,))
    return Patterns(words, patterns.n_samples).signs()[:, 0]
