"""The methods of this package, as the studies call them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from ...compute import activation_spectroscopy, goldreich_levin, scan, sparse_transform
from ...results import Estimates, Spectrum
from .base import Found, Method, Problem

_MOST_QUERIES = 2_000_000


@dataclass(frozen=True)
class ActSpec(Method):
    """The whole method; it reports what is significant and is not told how many subsets there are.

    The importance of a unit is its influence: the sum of the squared coefficients of the subsets that contain it.
    """

    name: str = "actspec"
    title: str = "Activation Spectroscopy"
    access: ClassVar[str] = "samples"
    told: ClassVar[bool] = False

    def spectrum(self, problem: Problem) -> Spectrum:
        """The whole answer."""
        return activation_spectroscopy(
            problem.patterns,
            problem.target,
            max_degree=problem.max_degree,
            top=max(20, 2 * problem.n_subsets),
            halves=0,
            seed=problem.seed,
            progress=problem.progress,
        )

    def search(self, problem: Problem) -> Found:
        spectrum = self.spectrum(problem)
        importances = tuple(spectrum.influences().tolist())
        values = tuple(spectrum.coefficients.tolist())
        return Found(spectrum.subsets, values, importances=importances, claims=tuple(filter(None, spectrum.classes)))


@dataclass(frozen=True)
class Scan(Method):
    """The largest character means, as many as there are true subsets, without selection.

    It is shown the units as they were recorded: with a constant unit or a copy of another one each true subset comes
    several times and takes the places of the rest. The methods of other libraries that learn from samples are shown
    distinct units only (:func:`.samples.distinct`); this one shows what selection adds.
    """

    name: str = "scan"
    title: str = "Largest means, no selection"
    access: ClassVar[str] = "samples"

    def search(self, problem: Problem) -> Found:
        degree = min(problem.max_degree, problem.patterns.n_units)
        return _non_empty(
            scan(
                problem.patterns,
                problem.target,
                max_degree=degree,
                top=problem.n_subsets,
                threads=1,
                progress=problem.progress,
            ),
            problem,
        )


@dataclass(frozen=True)
class SparseTransform(Method):
    """Hashing and peeling."""

    name: str = "sparse_transform"
    title: str = "Sparse transform, with queries"

    def search(self, problem: Problem) -> Found:
        assert problem.query is not None
        found = sparse_transform(
            problem.query,
            problem.patterns.n_units,
            sparsity=problem.n_subsets + 1,  # the constant is one of the coefficients
            max_degree=problem.max_degree,
            seed=problem.seed,
        )
        return _non_empty(found, problem)


@dataclass(frozen=True)
class GoldreichLevin(Method):
    """The tree of buckets.

    The smallest coefficient to look for is half of what each would be if all of them shared the target's variance
    equally; of what is found, as many as there are true subsets are kept.
    """

    name: str = "goldreich_levin"
    title: str = "Goldreich-Levin, with queries"

    def search(self, problem: Problem) -> Found:
        assert problem.query is not None
        found = goldreich_levin(
            problem.query,
            problem.patterns.n_units,
            tau=0.5 * float(problem.target.std()) / math.sqrt(problem.n_subsets),
            max_degree=problem.max_degree,
            max_queries=_MOST_QUERIES,
            seed=problem.seed,
        )
        return _non_empty(found, problem)


def _non_empty(found: Estimates | Spectrum, problem: Problem) -> Found:
    """The first subsets that are not empty, as many as there are true ones."""
    listed = [(s, float(v)) for s, v in zip(found.subsets, found.values, strict=True) if s]
    listed = listed[: problem.n_subsets]
    queries = (found.queries or 0) if isinstance(found, Spectrum) else 0
    return Found(tuple(s for s, _ in listed), tuple(v for _, v in listed), queries)


ACTSPEC: tuple[Method, ...] = (ActSpec(), Scan(), SparseTransform(), GoldreichLevin())
