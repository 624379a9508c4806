"""One cell: one problem, disturbed in one way, and the answer of one method."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from ...compute.method.relations import unit_classes
from ...progress import Progress
from ..methods import Problem, method
from ..problems import Truth, make_problem
from ..scoring import score
from ..study import Row

# Arguments of make_problem, in whose units the levels are, and their names for readers.
DISTURBANCES = {
    "noise": "noise on the target [standard deviation]",
    "flips": "signs misread [share]",
    "constants": "constant units added",
    "duplicates": "duplicated units added",
    "copies": "correlated copies added (5 % of signs differ)",
    "noise_units": "pure-noise units added",
}
BASE_NOISE = 0.5


@dataclass(frozen=True)
class Nuisance:
    """Settings of one run: ``terms`` parities of sizes 1 to ``degree`` of ``n`` units, disturbed by ``level``."""

    method: str = "actspec"
    disturbance: str = "noise"
    level: float = BASE_NOISE
    n: int = 12
    samples: int = 2000
    degree: int = 3
    terms: int = 6
    seed: int = 0


def disturbed_problem(cell: Nuisance) -> tuple[Problem, Truth]:
    """The problem of a cell, and its truth.

    The same seed gives the same function, patterns and noise for every method and every added unit.

    Raises
    ------
    ValueError
        If the disturbance is not known.
    """
    if cell.disturbance not in DISTURBANCES:
        raise ValueError(f"disturbance={cell.disturbance!r} is not known; use one of {', '.join(DISTURBANCES)}")
    level = cell.level if cell.disturbance in ("noise", "flips") else round(cell.level)
    disturbed: dict[str, Any] = {"noise": BASE_NOISE} | {cell.disturbance: level}
    return make_problem(
        "mixed",
        n=cell.n,
        samples=cell.samples,
        degree=cell.degree,
        terms=cell.terms,
        seed=cell.seed,
        **disturbed,
    )


def run(cell: Nuisance, progress: Progress | None = None) -> Row:
    """Precision, recall, F1 and coefficient error in units of the target.

    Coefficients are those of the function itself, misread signs or not. ``progress`` may raise to stop it.

    Raises
    ------
    ValueError
        If the disturbance or the method is not known.
    """
    problem, truth = disturbed_problem(cell)
    started = time.perf_counter()
    found = method(cell.method).find(replace(problem, progress=progress))
    return {
        **score(found, truth, unit_classes(problem.patterns)),
        "units": problem.patterns.n_units,
        "queries": found.queries,
        "time_s": time.perf_counter() - started,
    }
