"""What every method that looks for subsets is given, and what it gives back."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..patterns import Patterns
from ..patterns.cube import Subset

# What people read in place of a method's name, those of this package first.
TITLES = {
    "actspec": "Activation Spectroscopy",
    "scan": "Largest means, no selection",
    "sparse_transform": "Sparse transform, with queries",
    "goldreich_levin": "Goldreich-Levin, with queries",
    "shapley_exact": "Shapley values, exact (shapiq)",
    "shapley_interactions_exact": "Shapley interactions, exact (shapiq)",
    "banzhaf_interactions_exact": "Faith-Banzhaf interactions, exact (shapiq)",
    "kernel_shap": "Kernel SHAP (shapiq)",
    "permutation_shapley": "Shapley values by permutations (shapiq)",
    "kernel_shap_iq": "KernelSHAP-IQ (shapiq)",
    "permutation_interactions": "Shapley interactions by permutations (shapiq)",
    "svarm_iq": "SVARM-IQ (shapiq)",
    "banzhaf_regression": "Faith-Banzhaf by regression (shapiq)",
    "spex": "SPEX (shapiq)",
    "proxy_spex": "ProxySPEX (shapiq)",
    "integrated_gradients": "Integrated gradients (captum)",
    "feature_ablation": "Feature ablation (captum)",
    "lasso": "Lasso on products (scikit-learn)",
    "omp": "Orthogonal matching pursuit (scikit-learn)",
    "fast": "FAST pairs (interpret)",
    "boosting_machine": "Explainable boosting machine (interpret)",
}

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
    importances : tuple of float, or None
        Of every unit, where the method gives each of them one.
    """

    subsets: tuple[Subset, ...]
    scores: tuple[float, ...]
    queries: int = 0
    importances: tuple[float, ...] | None = None

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


def missing(name: str) -> str | None:
    """What to install for the method of that name, in a sentence, or None."""
    from .neighbours import missing as missing_library

    library = getattr(method(name), "library", None)
    return None if library is None else missing_library(library)


def is_told(searcher: Method) -> bool:
    """Whether a method ranks, and is told how many subsets are true."""
    return bool(getattr(searcher, "told", searcher.name != "actspec"))


def bring(name: str) -> str | None:
    """Import what a method needs, so that its first call is not slow; or say in a sentence what to install."""
    if (sentence := missing(name)) is None and (library := getattr(method(name), "library", None)):
        importlib.import_module("captum.attr" if library == "captum" else library)
    return sentence


def refusal(searcher: Method, problem: Problem) -> str | None:
    """Why a method does not apply to a problem, in a sentence, or None."""
    if searcher.access == "queries" and problem.query is None:
        return f"{searcher.name} asks for values at points of its choice, and this problem has only samples"
    refuses = getattr(searcher, "refuses", None)
    return None if refuses is None else refuses(problem)
