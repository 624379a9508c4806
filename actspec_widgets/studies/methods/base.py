"""A method that looks for subsets: what it is given, what it gives back, and what is known about it beforehand."""

from __future__ import annotations

import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...progress import Progress

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
        How many true subsets there are; only methods that are ``told`` may use it for their answer.
    max_degree : int
        Largest size of a true subset; every method is told.
    seed : int
        All randomness of a method comes from it.
    progress : callable, optional
        Methods of this package call it with (done, total); it may raise :class:`actspec_widgets.Cancelled`.
    """

    patterns: Patterns
    target: NDArray[np.float64]
    query: Query | None = field(repr=False)
    n_subsets: int
    max_degree: int
    seed: int
    progress: Progress | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Found:
    """The answer of a method.

    Attributes
    ----------
    subsets : tuple of tuples of int
        Non-empty, sorted; most important first.
    scores : tuple of float
        For each subset its coefficient in units of the target, where the method gives one; else its importance.
    queries : int
        How often the function was evaluated, beyond the samples given.
    importances : tuple of float, or None
        One for every unit, where the method gives them.
    claims : tuple of tuples of subsets, or None
        What is claimed: of each group that one of its subsets is true; a subset that may as well be left out is in
        none. None: each of ``subsets`` by itself.
    """

    subsets: tuple[Subset, ...]
    scores: tuple[float, ...]
    queries: int = 0
    importances: tuple[float, ...] | None = None
    claims: tuple[tuple[Subset, ...], ...] | None = None

    def __post_init__(self) -> None:
        if len(self.subsets) != len(self.scores):
            raise ValueError(f"{len(self.subsets)} subsets came with {len(self.scores)} scores; give one for each")


@dataclass(frozen=True)
class Method(ABC):
    """A way of finding subsets.

    Attributes
    ----------
    name, title : str
        In code and tables, and for readers.
    library : str or None
        The module that it needs; None for the methods of this package.
    access : str
        "samples": it learns from the recorded samples. "queries": it asks for values at points of its choice.
    told : bool
        It ranks subsets, and is told how many are true.
    coefficients : bool
        Its scores are coefficients in units of the target; they are importances otherwise.
    """

    name: str
    title: str
    library: ClassVar[str | None] = None
    access: ClassVar[str] = "queries"
    told: ClassVar[bool] = True

    @property
    def coefficients(self) -> bool:
        return True

    def missing(self) -> str | None:
        """What to install, in a sentence; None where the library is there."""
        if self.library is None or importlib.util.find_spec(self.library) is not None:
            return None
        return f"{self.library} is not installed here; run pip install 'actspec_widgets[neighbours]'"

    def load(self) -> None:
        """Import the library, so that the first call is not slow.

        Raises
        ------
        ModuleNotFoundError
            If it is not installed, with what to install.
        """
        if sentence := self.missing():
            raise ModuleNotFoundError(sentence, name=self.library)
        if self.library is not None:
            importlib.import_module(self.library)

    def refuses(self, problem: Problem) -> str | None:
        """Why this method does not apply to the problem, in a sentence; None where it applies."""
        if self.access == "queries" and problem.query is None:
            return f"{self.name} asks for values at points of its choice, and this problem has only samples"
        return None

    def find(self, problem: Problem) -> Found:
        """The subsets that matter for ``problem.target``, on one thread; as many as are true, if it is told.

        Raises
        ------
        ModuleNotFoundError
            If the library is not installed.
        ValueError
            If the method does not apply; see :meth:`refuses`.
        """
        self.load()
        if sentence := self.refuses(problem):
            raise ValueError(sentence)
        return self.search(problem)

    @abstractmethod
    def search(self, problem: Problem) -> Found:
        """:meth:`find` for a problem that the method applies to, its library being there."""
