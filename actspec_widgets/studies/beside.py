"""Any method on a planted problem, beside ours: the same data, in a process of its own that can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..datasets.synthetic import Planted, planted
from ..patterns.cube import chi
from .apart import Apart, Tell
from .methods import Found, Problem, bring, is_told, method, refusal


@dataclass(frozen=True)
class Answer:
    """What a method said of a problem.

    Attributes
    ----------
    found : Found
    seconds : float
        Of the search alone: without starting Python and importing the library.
    coefficients : bool
        Whether ``found.scores`` are coefficients in units of the target; they are importances otherwise.
    told : bool
        It ranks, and was told how many subsets are true.
    """

    found: Found
    seconds: float
    coefficients: bool
    told: bool


def as_problem(truth: Planted, *, noise: float = 0.0, max_degree: int, seed: int = 0) -> Problem:
    """A planted problem as every method of the studies takes it.

    Parameters
    ----------
    truth : Planted
    noise : float
        Standard deviation of the noise on each answer to a query, in units of the target.
    max_degree : int
        Told to all.
    seed : int
        Of the method and of the noise on queries.

    Examples
    --------
    >>> problem = as_problem(planted(3, [(0, 2)], [2.0], samples=50, constants=1, seed=0), max_degree=2)
    >>> problem.query(np.array([[1, 1, -1, 1], [1, -1, 1, 1]], np.int8)).tolist()
    [-2.0, 2.0]
    """
    asked = np.random.default_rng([seed, 9])
    pairs = [(s, float(w)) for s, w in zip(truth.subsets, truth.coefficients, strict=True)]

    def query(points):
        points = np.asarray(points)
        values = noise * asked.normal(size=len(points))
        for subset, weight in pairs:
            values += weight * chi(subset, points)
        return values

    return Problem(
        patterns=truth.patterns,
        target=truth.target,
        query=query,
        n_subsets=sum(1 for subset, _ in pairs if subset),
        max_degree=max_degree,
        seed=seed,
    )


def answer(name: str, problem: Mapping[str, Any], *, max_degree: int, tell: Callable[[], None] | None = None) -> Answer:
    """Run a method on a problem in a process of its own.

    Parameters
    ----------
    name : str
        See :func:`actspec_widgets.studies.methods.method`.
    problem : mapping
        The arguments of :func:`actspec_widgets.synthetic.planted`.
    max_degree : int
        Told to the method.
    tell : callable, optional
        Called every now and then; the process is killed where it raises.

    Raises
    ------
    ValueError
        If the library is missing, or the method does not apply or fails, with the reason.
    """
    method(name)
    with Apart(answers) as process:
        process.ask({"method": name, "problem": dict(problem), "max_degree": max_degree})
        try:
            row = process.answer(tell=tell)
        except RuntimeError as error:
            raise ValueError(f"{name} gave no answer: {error}") from None
    if row is None or "sentence" in row:
        raise ValueError(str(row and row["sentence"]))
    said: Any = row
    found = Found(tuple(tuple(s) for s in said["subsets"]), tuple(said["scores"]), said["queries"])
    return Answer(found, said["seconds"], said["coefficients"], said["told"])


def answers(request: dict[str, Any], tell: Tell) -> None:
    """What the process does: tell one row, with the answer or with a sentence about why there is none."""
    searcher = method(request["method"])
    if sentence := bring(searcher.name):
        return tell({"sentence": sentence})
    arguments = request["problem"]
    truth = planted(**arguments)
    problem = as_problem(truth, noise=arguments["noise"], max_degree=request["max_degree"], seed=arguments["seed"])
    if not problem.n_subsets:
        return tell({"sentence": "nothing is planted, so there is nothing to look for"})
    if sentence := refusal(searcher, problem):
        return tell({"sentence": sentence})
    started = time.perf_counter()
    found = searcher.find(problem)
    row: Any = {
        "subsets": [[int(i) for i in s] for s in found.subsets],
        "scores": [float(v) for v in found.scores],
        "queries": int(found.queries),
        "seconds": time.perf_counter() - started,
        "coefficients": bool(getattr(searcher, "coefficients", True)),
        "told": is_told(searcher),
    }
    tell(row)
