"""Candidate subsets, and the inner products among them that a search needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, order_key
from ..method.characters import Characters
from .groups import Groups


class Pool:
    """Candidates on some samples, every column centred; ``y`` has mean 0.

    Inner products of signs are popcounts and so exact; only the rows of those ever chosen are kept.

    Attributes
    ----------
    subsets : list of subsets
    sums, norms : ndarray, shape (p,)
        Inner product of each centred column with ``y``, and its squared length.
    evidenced, usable : ndarray of bool, shape (p,)
        Whether the column rests on ``min_side`` samples or more, and whether the search may also take it.
    rank : ndarray of int, shape (p,)
        Place of each subset in the order "simplest first", for ties.
    weights : ndarray, shape (p,)
        Design effect of each column: see :class:`Groups`; 1 without groups.
    """

    def __init__(self, characters: Characters, y: NDArray[np.float64], min_side: int, groups: Groups | None = None):
        self.characters, self.y, self.min_side, self.groups = characters, y, min_side, groups
        self.n_samples = characters.n_samples
        self.squared = float((y * y).sum())
        self.subsets: list[Subset] = []
        self.place: dict[Subset, int] = {}
        self.ones = characters.rows(((),))[0]
        self.rows = characters.rows(((),))[:0]
        self.totals = self.norms = self.sums = self.spread = self.weights = np.empty(0)
        self.evidenced = self.usable = np.empty(0, bool)
        self.rank = np.empty(0, np.int64)
        self.forbidden: set[Subset] = set()
        self._ordered: list[tuple[tuple[int, Subset], int]] = []
        self._shared: dict[int, NDArray[np.float64]] = {}

    def __len__(self) -> int:
        return len(self.subsets)

    def grow(self, subsets: Iterable[Subset]) -> int:
        """Take in those that are new; returns how many."""
        new = [s for s in dict.fromkeys(subsets) if s not in self.place]
        if not new:
            return 0
        characters, m = self.characters, self.n_samples
        rows = characters.rows(new)
        totals = np.asarray(characters.inner(rows, self.ones), float)
        norms = np.maximum(np.asarray(characters.norms(rows), float) - totals**2 / m, 0.0)
        for at, known in self._shared.items():
            added = np.asarray(characters.inner(rows, self.rows[at]), float) - totals * self.totals[at] / m
            self._shared[at] = np.concatenate([known, added])
        evidenced = np.asarray(characters.balanced(rows, totals, self.min_side)) & (norms > 1e-9 * m)
        usable = evidenced & np.array([s not in self.forbidden for s in new], bool)
        spread = np.ones(len(new)) if self.groups is None else self.groups.spread(characters, new)
        for name, added in (
            ("rows", rows), ("totals", totals), ("norms", norms), ("sums", characters.sums(rows, self.y)),
            ("evidenced", evidenced), ("usable", usable), ("spread", spread),
        ):  # fmt: skip
            setattr(self, name, np.concatenate([getattr(self, name), added]))
        self.place.update((subset, len(self.subsets) + at) for at, subset in enumerate(new))
        self.subsets += new
        self._ordered += [(order_key(subset), self.place[subset]) for subset in new]
        self._ordered.sort()  # two sorted runs take little
        self.rank = np.empty(len(self), np.int64)
        self.rank[[at for _, at in self._ordered]] = np.arange(len(self))
        self.weigh()
        return len(new)

    def weigh(self) -> None:
        """Bring the weights up to date with the groups' share."""
        self.weights = np.ones(len(self)) if self.groups is None else self.groups.effects(self.spread)

    def places(self, subsets: Iterable[Subset]) -> list[int]:
        """Where subsets stand, after taking them in."""
        wanted = list(subsets)
        self.grow(wanted)
        return [self.place[s] for s in wanted]

    def names(self, chosen: Iterable[int]) -> tuple[Subset, ...]:
        return tuple(self.subsets[at] for at in chosen)

    def forbid(self, subsets: Iterable[Subset]) -> None:
        """The search may not take these."""
        for subset in subsets:
            self.forbidden.add(subset)
            self.usable[self.place[subset]] = False

    def allow(self, subsets: Iterable[Subset]) -> None:
        """The search may take these again."""
        for subset in list(subsets):
            self.forbidden.discard(subset)
            self.usable[self.place[subset]] = self.evidenced[self.place[subset]]

    def shared(self, chosen: Sequence[int]) -> NDArray[np.float64]:
        """Inner products of columns with all candidates, shape (k, p)."""
        return np.array([self.products(at) for at in chosen]).reshape(len(chosen), len(self))

    def products(self, at: int) -> NDArray[np.float64]:
        """Inner products of one column with all candidates, shape (p,)."""
        if at not in self._shared:
            inner = np.asarray(self.characters.inner(self.rows, self.rows[at]), float)
            self._shared[at] = inner - self.totals * self.totals[at] / self.n_samples
        return self._shared[at]

    def gram(self, some: NDArray[np.int64], hear: Callable[[], None]) -> NDArray[np.float64]:
        """Inner products of some columns with each other, shape (k, k), not kept; ``hear`` is called after each."""
        rows, totals = self.rows[some], self.totals[some]
        found = np.empty((len(some), len(some)))
        for i in range(len(some)):
            found[i] = np.asarray(self.characters.inner(rows, rows[i]), float) - totals * totals[i] / self.n_samples
            hear()
        return found

    def left_over(self, chosen: Sequence[int], beta: NDArray[np.float64]) -> NDArray[np.float64]:
        """``y`` less columns times coefficients, shape (m,)."""
        left = self.y.copy()
        for at, value in zip(chosen, beta, strict=True):
            if value:
                left -= value * (self.characters.column(self.subsets[at]) - self.totals[at] / self.n_samples)
        return left - left.mean()
