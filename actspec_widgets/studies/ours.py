"""The methods of this package, as the studies call them."""

from __future__ import annotations

import math

from ..compute import activation_spectroscopy, goldreich_levin, scan, sparse_transform
from ..results import Estimates, Spectrum
from .methods import Found, Method, Problem

_MOST_QUERIES = 2_000_000


class ActSpec:
    """The whole method; it reports what is significant and is not told how many subsets there are.

    The importance of a unit is its influence: the sum of the squared coefficients of the subsets that hold it.
    """

    name: str = "actspec"
    access: str = "samples"

    def spectrum(self, problem: Problem) -> Spectrum:
        return activation_spectroscopy(
            problem.patterns,
            problem.target,
            max_degree=problem.max_degree,
            max_subsets=max(20, 2 * problem.n_subsets),
            seed=problem.seed,
        )

    def find(self, problem: Problem) -> Found:
        spectrum = self.spectrum(problem)
        importances = tuple(spectrum.influences().tolist())
        return Found(spectrum.subsets, tuple(spectrum.coefficients.tolist()), importances=importances)


class Scan:
    """The largest character means, as many as there are true subsets, without selection.

    It is shown the units as they were recorded: with a constant unit or a copy of another one each true subset comes
    several times and takes the places of the rest. The other methods that learn from samples are shown distinct units
    only (:func:`.neighbours.common.distinct`); this one is here for what selection adds.
    """

    name: str = "scan"
    access: str = "samples"

    def find(self, problem: Problem) -> Found:
        degree = min(problem.max_degree, problem.patterns.n_units)
        return _found(scan(problem.patterns, problem.target, degree, problem.n_subsets, threads=1), problem)


class SparseTransform:
    """Hashing and peeling, with queries."""

    name: str = "sparse_transform"
    access: str = "queries"

    def find(self, problem: Problem) -> Found:
        found = sparse_transform(
            _query(problem, self.name),
            problem.patterns.n_units,
            # the constant is one of the coefficients
            sparsity=problem.n_subsets + 1,
            max_degree=problem.max_degree,
            seed=problem.seed,
        )
        return _found(found, problem)


class GoldreichLevin:
    """The bucket tree, with queries.

    The smallest coefficient to look for is half of what each would be if all of them shared the target's variance
    equally; of what is found, as many as there are true subsets are kept.
    """

    name: str = "goldreich_levin"
    access: str = "queries"

    def find(self, problem: Problem) -> Found:
        found = goldreich_levin(
            _query(problem, self.name),
            problem.patterns.n_units,
            0.5 * float(problem.target.std()) / math.sqrt(problem.n_subsets),
            max_degree=problem.max_degree,
            max_queries=_MOST_QUERIES,
            seed=problem.seed,
        )
        return _found(found, problem)


_OURS: tuple[Method, ...] = (ActSpec(), Scan(), SparseTransform(), GoldreichLevin())
METHODS: dict[str, Method] = {method.name: method for method in _OURS}


def _query(problem: Problem, name: str):
    if problem.query is None:
        raise ValueError(f"{name} asks for values at points of its choice, and this problem has only samples")
    return problem.query


def _found(estimates: Estimates, problem: Problem) -> Found:
    """The non-empty subsets, as many as there are true ones."""
    listed = [(s, float(v)) for s, v in zip(estimates.subsets, estimates.values, strict=True) if s]
    listed = listed[: problem.n_subsets]
    return Found(tuple(s for s, _ in listed), tuple(v for _, v in listed), estimates.queries or 0)
