"""The answer of another method to a planted problem, from a process of its own that can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...compute.method.relations import UnitClasses
from ...datasets.synthetic import planted
from ...patterns.cube import Subset
from ...studies.methods import Found, method
from ...studies.problems import as_problem
from ...studies.scoring import canonical
from ...studies.worker import Tell, WorkerProcess


@dataclass(frozen=True)
class Answer:
    """What a method found in a problem.

    Attributes
    ----------
    found : Found
    seconds : float
        Of the search alone: without starting Python and importing the library.
    """

    found: Found
    seconds: float


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
    with WorkerProcess(answers) as process:
        process.ask({"method": name, "problem": dict(problem), "max_degree": max_degree})
        try:
            row = process.answer(tell=tell)
        except RuntimeError as error:
            raise ValueError(f"{name} gave no answer: {error}") from None
    if row is None or "sentence" in row:
        raise ValueError(str(row and row["sentence"]))
    said: Any = row
    return Answer(
        Found(tuple(tuple(s) for s in said["subsets"]), tuple(said["scores"]), said["queries"]), said["seconds"]
    )


def answers(request: dict[str, Any], tell: Tell) -> None:
    """What the process does: tell one row, with the answer or with a sentence about why there is none."""
    searcher = method(request["method"])
    try:
        searcher.load()
    except ImportError as error:
        return tell({"sentence": str(error)})
    arguments = request["problem"]
    truth = planted(**arguments)
    problem = as_problem(truth, noise=arguments["noise"], max_degree=request["max_degree"], seed=arguments["seed"])
    if not problem.n_subsets:
        return tell({"sentence": "nothing is planted, so there is nothing to look for"})
    if sentence := searcher.refuses(problem):
        return tell({"sentence": sentence})
    started = time.perf_counter()
    found = searcher.find(problem)
    row: Any = {
        "subsets": [[int(i) for i in s] for s in found.subsets],
        "scores": [float(v) for v in found.scores],
        "queries": int(found.queries),
        "seconds": time.perf_counter() - started,
    }
    tell(row)


def alike(found: Found, truth: Iterable[Subset], classes: UnitClasses) -> tuple[tuple[Subset, ...], ...]:
    """For each subset found the true ones, other than itself, that carry the same information.

    See :func:`actspec_widgets.studies.scoring.canonical`.

    Examples
    --------
    Unit 3 is constant, and unit 4 repeats unit 2.

    >>> classes = UnitClasses((0, 1, 2), ((0,), (1,), (2, 4)), (3,))
    >>> alike(Found(((0, 4), (1, 3), (1,)), (1.0, 1.0, 1.0)), [(0, 2), (1,)], classes)
    (((0, 2),), ((1,),), ())
    """
    names = {subset: canonical(subset, classes) for subset in truth if subset}
    return tuple(tuple(s for s in names if s != f and names[s] == canonical(f, classes)) for f in found.subsets)
