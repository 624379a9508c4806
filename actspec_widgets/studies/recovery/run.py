"""One cell: one problem of known truth, one answer, and how well they agree."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ...compute.method.relations import unit_classes
from ...patterns.cube import count_subsets
from ..methods import method
from ..problems import make_problem
from ..scoring import score
from ..study import Row
from .standins import stand_ins
from .theory import needed_samples, predicted_recall


@dataclass(frozen=True)
class Recovery:
    """Settings of one run; see :func:`actspec_widgets.studies.problems.make_problem`."""

    kind: str = "parity"
    degree: int = 3
    n: int = 16
    terms: int = 4
    noise: float = 1.0
    bias: float = 0.0
    correlation: float = 0.0
    samples: int = 1024
    method: str = "actspec"
    seed: int = 0


def run(cell: Recovery) -> Row:
    """Precision, recall, F1 and coefficient error (units of the target, whose noise is ``noise``), beside theory's.

    ``predicted_recall`` and ``needed_samples`` are left empty where units are skewed or correlated: the theory is
    about balanced independent ones. :func:`.standins.stand_ins` says what the wrong subsets are.
    """
    problem, truth = make_problem(
        cell.kind,
        n=cell.n,
        samples=cell.samples,
        degree=cell.degree,
        terms=cell.terms,
        noise=cell.noise,
        bias=cell.bias,
        correlation=cell.correlation,
        seed=cell.seed,
    )
    started = time.perf_counter()
    found = method(cell.method).find(problem)
    elapsed = time.perf_counter() - started
    predicted = needed = None
    if cell.bias == 0 and cell.correlation == 0:
        searched = count_subsets(cell.n, problem.max_degree)
        predicted = predicted_recall(truth, cell.noise, cell.samples, searched)
        needed = needed_samples(truth, cell.noise, searched)
    classes = unit_classes(problem.patterns)
    return {
        **score(found, truth, classes),
        **stand_ins(found, truth, problem.patterns, classes),
        "largest_true_size": problem.max_degree,
        "predicted_recall": predicted,
        "needed_samples": needed,
        "queries": found.queries,
        "time_s": elapsed,
    }
