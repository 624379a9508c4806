"""Robust tests on the samples themselves: of a collection, and of the joint part of one subset beside the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ..method.characters import Characters
from .errors import RobustFit, robust_fit
from .joint import MOST_UNITS, JointPart, joint_part, proper_subsets


class Checks:
    """Fits on some samples; columns and joint parts are kept, as a search asks for the same ones again and again."""

    def __init__(
        self, characters: Characters, y: NDArray[np.float64], groups: NDArray[np.intp] | None = None, floor: float = 0.0
    ):
        self.characters, self.y, self.groups, self.floor = characters, y, groups, floor
        self._columns: dict[Subset, NDArray[np.float64]] = {}
        self._cells: dict[Subset, int | None] = {}
        self._joint: dict[tuple[Subset, frozenset[Subset]], JointPart] = {}

    def columns(self, subsets: Sequence[Subset]) -> NDArray[np.float64]:
        """Characters over the samples, shape (subsets, m)."""
        missing = [s for s in dict.fromkeys(subsets) if s not in self._columns]
        if missing:
            self._columns.update(zip(missing, self.characters.columns(missing), strict=True))
        return np.array([self._columns[s] for s in subsets]).reshape(len(subsets), self.y.size)

    def gram(self, subsets: Sequence[Subset]) -> NDArray[np.float64]:
        """Inner products of characters, each less its mean, shape (subsets, subsets)."""
        rows, ones = self.characters.rows(subsets), self.characters.rows(((),))[0]
        totals = np.asarray(self.characters.inner(rows, ones), float)
        inner = np.array([self.characters.inner(rows, row) for row in rows], float)
        return inner - totals[:, None] * totals / self.y.size

    def fit(self, subsets: Sequence[Subset]) -> RobustFit:
        """All of the subsets together."""
        return robust_fit(self.columns(subsets), self.y, self.groups, self.floor)

    def joint(self, subset: Subset, others: Sequence[Subset], extra: Sequence[NDArray[np.float64]] = ()) -> JointPart:
        """The joint part of a subset beside the others, or beside more columns still."""
        key = subset, frozenset(others) - {subset}
        if extra or key not in self._joint:
            if subset not in self._cells:
                self._cells[subset] = self.characters.smallest_cell(subset)
            needed = [subset, *others] + (proper_subsets(subset) if len(subset) <= MOST_UNITS else [])
            columns = dict(zip(needed, self.columns(needed), strict=True))
            part = joint_part(
                columns, subset, others, self.y, self._cells[subset], self.gram, self.groups, self.floor, extra
            )
            if extra:
                return part
            self._joint[key] = part
        return self._joint[key]
