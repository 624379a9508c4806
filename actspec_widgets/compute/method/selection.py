"""Non-redundant selection: orthogonal least squares over candidate subsets, the simplest of each class.

Nothing depends on the number of threads, of ours or of a linear algebra library: see :class:`Characters`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, order_key
from ...results.evidence import FEWEST
from .. import dense
from .characters import Characters, agreements, as_characters, character, character_words, relation
from .independence import Span

__all__ = ["Collection", "Pool", "agreements", "character", "character_words"]

_INDISTINCT = 2.0  # standard errors: a simpler candidate wins unless it is detectably worse


class Collection:
    """Subsets chosen so far on one recording, and the target with them projected out.

    A candidate must rest on ``min_side`` samples, at least: for signs, those on its rarer side. ``start`` is chosen
    from the start.
    With ``independent`` no candidate may be the symmetric difference of subsets chosen before it.
    """

    def __init__(
        self,
        data: Patterns | Characters,
        y: NDArray[np.float64],
        rho_max: float,
        min_side: int = FEWEST,
        start: tuple[Subset, ...] = (),
        independent: bool = False,
    ):
        self.characters = as_characters(data)
        self.y, self.rho_max, self.min_side = y, rho_max, min_side
        self.subsets: list[Subset] = [(), *start]  # the intercept comes first
        self.span = Span(start) if independent else None
        self.rows = self.characters.rows(self.subsets)
        self.solve()

    @property
    def chosen(self) -> tuple[Subset, ...]:
        return tuple(self.subsets[1:])

    def solve(self) -> None:
        """Least squares on the characters chosen; leaves the residual."""
        gram = np.array([self.characters.inner(self.rows, row) for row in self.rows], dtype=np.float64)
        moments = self.characters.sums(self.rows, self.y)
        self.inverse = dense.inverse(gram)
        fitted = np.zeros(self.characters.n_samples)
        for subset, beta in zip(self.subsets, dense.times(self.inverse, moments), strict=True):
            fitted += beta * self.characters.column(subset)
        self.residual = self.y - fitted

    def add(self, subset: Subset) -> None:
        self.subsets.append(subset)
        if self.span is not None:
            self.span.add(subset)
        self.rows = np.vstack([self.rows, self.characters.rows((subset,))])
        self.solve()


class Pool:
    """Candidate subsets of one search round, scored against a collection as it grows."""

    def __init__(self, collection: Collection, subsets: tuple[Subset, ...]):
        self.collection, self.subsets = collection, subsets
        self.characters = collection.characters
        self.m = self.characters.n_samples
        self.rows = self.characters.rows(subsets)
        self.norms = self.characters.norms(self.rows)
        self.shared = np.stack([self.characters.inner(self.rows, row) for row in collection.rows], axis=1)
        self.usable = self.characters.balanced(self.rows, self.shared[:, 0], collection.min_side)
        self.chosen_norms = list(self.characters.norms(collection.rows))
        for column in range(1, self.shared.shape[1]):
            self._exclude(column)
        self._exclude_dependent()

    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """``(score, gain)``: score is the number by which a search ranks, gain the drop of the residual sum of squares.

        Unusable candidates have gain 0.
        """
        sums = self.characters.sums(self.rows, self.collection.residual)
        independent = self.norms - np.einsum("si,ij,sj->s", self.shared, self.collection.inverse, self.shared)
        variance = self.norms - self.shared[:, 0] ** 2 / self.m
        enough = self.usable & (independent > (1 - self.collection.rho_max**2) * variance)
        gain = np.zeros(len(self.subsets))
        gain[enough] = sums[enough] ** 2 / independent[enough]
        return self.characters.score(sums, variance), gain

    def take(self, index: int, gain: NDArray[np.float64]) -> Subset:
        """Add the simplest candidate that is as good as the given one, and exclude what is redundant with it."""
        rho, correlation = self._relation(index)
        same = np.flatnonzero((np.minimum(np.abs(rho), np.abs(correlation)) >= self.collection.rho_max) & (gain > 0))
        best = index
        for other in sorted(same, key=lambda i: order_key(self.subsets[i])):
            if order_key(self.subsets[other]) >= order_key(self.subsets[index]):
                break
            if self._as_good(other, index, gain):
                best = int(other)
                break
        self.collection.add(self.subsets[best])
        self.shared = np.column_stack([self.shared, self.characters.inner(self.rows, self.rows[best])])
        self.chosen_norms.append(self.norms[best])
        self._exclude(self.shared.shape[1] - 1)
        self._exclude_dependent()
        return self.subsets[best]

    def _exclude(self, column):
        """Rule out candidates that agree or disagree nearly always with a chosen one."""
        size = np.maximum(np.sqrt(self.norms * self.chosen_norms[column]), 1e-300)
        self.usable &= np.abs(self.shared[:, column] / size) < self.collection.rho_max

    def _exclude_dependent(self):
        span = self.collection.span
        if span is not None:
            self.usable &= np.array([subset not in span for subset in self.subsets], dtype=bool)

    def _relation(self, index):
        """Cosine and correlation of each candidate with one of them."""
        return relation(
            self.characters.inner(self.rows, self.rows[index]), self.norms, self.norms[index],
            self.shared[:, 0], self.shared[index, 0], self.m,
        )  # fmt: skip

    def _as_good(self, other, index, gain):
        """Whether the paired difference of the two explained parts is within its error."""
        residual = self.collection.residual
        parts = []
        for candidate in (index, other):
            chi = self.characters.column(self.subsets[candidate])
            total = float((residual * chi).sum())
            parts.append(residual * chi * np.sign(total) * np.sqrt(gain[candidate]) / max(abs(total), 1e-300))
        difference = parts[0] - parts[1]
        return difference.mean() <= _INDISTINCT * difference.std() / np.sqrt(self.m)
