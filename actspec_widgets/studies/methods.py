"""What every method that looks for subsets is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..patterns import Patterns
from ..patterns.cube import Subset

Query = Callable[[NDArray[np.int8]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem, the same for all methods.

    Attributes
    ----------
    patterns : Patterns
        ``m`` samples of ``n`` units.
    target : ndarray of float64, shape (m,)
    query : callable or None
        int8 points of shape (k, n) -> the function at those points, shape (k,); None where only samples exist.
    n_subsets : int
        How many true subsets there are: methods that return ranked lists are told.
    max_degree : int
        Largest size of a true subset: told to all.
    seed : int
        All randomness of a method comes from it.
    """

    patterns: Patterns
    target: NDArray[np.float64]
    query: Query | None = field(repr=False)
    n_subsets: int
    max_degree: int
    seed: int


@dataclass(frozen=True)
class Found:
    """What a method says.

    Attributes
    ----------
    subsets : tuple of tuples of int
        Non-empty, sorted; most important first.
    scores : tuple of float
        For each subset its coefficient in units of the target, where the method gives one; else its importance.
    queries : int
        How often the function was evaluated, beyond the samples given.
    """

    subsets: tuple[Subset, ...]
    scores: tuple[float, ...]
    queries: int = 0

    def __post_init__(self) -> None:
        if len(self.subsets) != len(self.scores):
            raise ValueError(f"{len(self.subsets)} subsets came with {len(self.scores)} scores; give one for each")


class Method(Protocol):
    """A way of finding subsets: ``access`` is ``"samples"`` or ``"queries"``."""

    @property
    def name(self) -> str: ...

    @property
    def access(self) -> str: ...

    def find(self, problem: Problem) -> Found:
        """The subsets that matter for ``problem.target``, using one thread."""
        ...


def method(name: str) -> Method:
    """The method of that name: one of this package's, or a neighbour, imported when asked for.

    Raises
    ------
    ValueError
        If there is none.
    """
    from .ours import METHODS

    if name in METHODS:
        return METHODS[name]
    from .neighbours import METHODS as NEIGHBOURS

    if name in NEIGHBOURS:
        return NEIGHBOURS[name]
    raise ValueError(f"there is no method {name!r}; choose one of {', '.join((*METHODS, *NEIGHBOURS))}")
