"""What the methods of other libraries share: their budget, and turning what they return into ranked subsets."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...compute.method.relations import unit_classes
from ...patterns.cube import Subset
from ..methods import Found, Problem, Query


@dataclass(frozen=True)
class Neighbour:
    """A method of another library.

    Attributes
    ----------
    name, access : str
        As in :class:`~actspec_widgets.studies.methods.Method`.
    library : str
        The module that has to be there.
    told : bool
        It ranks, and is told how many subsets are true.
    coefficients : bool
        Its scores are coefficients in units of the target, not importances.
    """

    library: ClassVar[str]
    told: ClassVar[bool] = True
    coefficients: ClassVar[bool] = True
    name: str
    access: str = "queries"

    def refuses(self, problem: Problem) -> str | None:
        """Why this method does not apply to the problem, in a sentence, or None."""
        if self.access == "queries" and problem.query is None:
            return f"{self.name} asks for values at points of its choice, and this problem has only samples"
        return None

    def find(self, problem: Problem) -> Found:
        """The ranked subsets, as many as are true.

        Raises
        ------
        ModuleNotFoundError
            If the library is missing.
        ValueError
            If the method does not apply; see :meth:`refuses`.
        """
        if sentence := missing(self.library):
            raise ModuleNotFoundError(sentence, name=self.library)
        if sentence := self.refuses(problem):
            raise ValueError(sentence)
        return self.search(problem)

    def search(self, problem: Problem) -> Found:
        raise NotImplementedError


def missing(library: str) -> str | None:
    """What to install for a library that is not there, in a sentence, or None."""
    if importlib.util.find_spec(library) is not None:
        return None
    return f"{library} is not installed here; run pip install 'actspec_widgets[neighbours]'"


class Game:
    """The function as a cooperative game: a unit that takes part is active, one that does not is inactive.

    Counts its evaluations. Shapley values of this game explain how the value changes from all units inactive to all
    of them active.
    """

    def __init__(self, query: Query | None):
        if query is None:
            raise ValueError("this problem has only samples; a game needs the function's values")
        self.query, self.queries = query, 0

    def __call__(self, coalitions: np.ndarray) -> np.ndarray:
        points = np.where(np.atleast_2d(coalitions), np.int8(1), np.int8(-1))
        self.queries += len(points)
        return np.asarray(self.query(points), float)


def distinct(problem: Problem) -> tuple[NDArray[np.int8], tuple[int, ...]]:
    """What a method that learns from samples is shown: signs of units that differ, and which units these are.

    Constant units are left out, and of units that always agree or always disagree all but the first: no sample tells
    S from S and a constant, nor a unit from its copy, so that a ranking would be decided by ties.

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


def largest(values: Mapping[Subset, float], problem: Problem, queries: int = 0) -> Found:
    """The non-empty subsets of largest absolute value, as many as are true; ties in order of size, then units."""
    subsets = [s for s, v in values.items() if s and np.isfinite(v) and v != 0]
    subsets = sorted(subsets, key=lambda s: (-abs(values[s]), len(s), s))[: problem.n_subsets]
    return Found(tuple(subsets), tuple(float(values[s]) for s in subsets), queries)


def fourier_of_faithful(values: Mapping[Subset, float]) -> dict[Subset, float]:
    """Fourier coefficients of the polynomial ``sum a_T prod_{i in T} z_i`` with ``z_i = (1 + x_i) / 2``.

    A Faith-Banzhaf index is such a polynomial, the best of its degree under the uniform measure (Tsai, Yeh, Ravikumar
    2023): its Fourier coefficients are then those of the function up to that degree.

    Examples
    --------
    >>> fourier_of_faithful({(0, 1): 4.0})
    {(): 1.0, (0,): 1.0, (1,): 1.0, (0, 1): 1.0}
    """
    out: dict[Subset, float] = {}
    for subset, value in values.items():
        share = value / 2 ** len(subset)
        for size in range(len(subset) + 1):
            for part in combinations(subset, size):
                out[part] = out.get(part, 0.0) + share
    return out


def n_terms(n: int, degree: int) -> int:
    """How many non-empty subsets of at most ``degree`` of ``n`` units there are."""
    return sum(comb(n, k) for k in range(1, degree + 1))


def order_within(n: int, degree: int, most: float) -> int:
    """The largest order, 1 at least and ``degree`` at most, with at most ``most`` subsets."""
    return max([1, *(k for k in range(1, min(degree, n) + 1) if n_terms(n, k) <= most)])


def subsets_up_to(n: int, degree: int) -> Iterable[Subset]:
    """All non-empty subsets of at most ``degree`` of ``n`` units, small ones first."""
    for size in range(1, degree + 1):
        yield from combinations(range(n), size)
