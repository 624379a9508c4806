"""What methods of other libraries share: the samples or the game they are shown, and their answer as ranked subsets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...compute.method.relations import unit_classes
from ...patterns.cube import Subset
from .base import Found, Problem


def distinct(problem: Problem) -> tuple[NDArray[np.int8], tuple[int, ...]]:
    """The signs without constant units, and without all but the first of units that always agree or always disagree.

    No sample separates S from S with a constant, nor a unit from its copy, so ties would decide a ranking.

    Returns
    -------
    signs : ndarray of int8, shape (m, units kept)
    units : tuple of int
        The number of each of them in the problem; :func:`in_problem` turns subsets of columns into subsets of units.
    """
    units = unit_classes(problem.patterns).representatives
    return problem.patterns.signs()[:, list(units)], units


def in_problem(found: Found, units: tuple[int, ...]) -> Found:
    """The same subsets in the numbers of the problem's units; see :func:`distinct`."""
    return replace(found, subsets=tuple(tuple(units[i] for i in subset) for subset in found.subsets))


class Game:
    """The function as a cooperative game: a unit that takes part is active, one that does not is inactive.

    Counts its evaluations. Shapley values of this game explain how the value changes from all units inactive to all
    of them active.
    """

    def __init__(self, problem: Problem):
        assert problem.query is not None
        self.query, self.queries = problem.query, 0

    def __call__(self, coalitions: np.ndarray) -> np.ndarray:
        points = np.where(np.atleast_2d(coalitions), np.int8(1), np.int8(-1))
        self.queries += len(points)
        return np.asarray(self.query(points), float)


def largest(values: Mapping[Subset, float], count: int, queries: int = 0) -> Found:
    """So many non-empty subsets of largest absolute value; ties in order of size, then units."""
    subsets = [s for s, v in values.items() if s and np.isfinite(v) and v != 0]
    subsets = sorted(subsets, key=lambda s: (-abs(values[s]), len(s), s))[:count]
    return Found(tuple(subsets), tuple(float(values[s]) for s in subsets), queries)
