"""Which search a run over products uses: picked by size, or named, and always said in the coverage."""

from __future__ import annotations

from ...results import Coverage
from ...results.encoding import Encoding
from ..exhaustive.scan import subsets_up_to
from ..products.search import MAX_DEGREE, beam_products, scan_products
from .plans import Candidates, Plan

SEARCHES = ("auto", "exhaustive", "beam")
_BEAM = 100  # beam width, as of the search over signs
# Products times samples looked at in a second, as measured on one core. A fixed number: what "auto" picks must not hang
# on the machine or its mood.
_TERMS_PER_SECOND = 1.5e9


def plan_products(
    n_units: int, n_samples: int, max_degree: int, search: str, budget: float, encoding: Encoding
) -> Plan:
    """The search to use for products of up to ``max_degree`` of these units, ``budget`` seconds a round.

    Raises
    ------
    ValueError
        If the search is not known, works on signs only, or cannot reach the degree.
    """
    degree = min(max_degree, n_units)
    if search not in SEARCHES:
        raise ValueError(
            f"search={search!r} does not work with basis={encoding.kind!r}; use one of {', '.join(SEARCHES)}, "
            "or basis='signs'"
        )
    if search == "exhaustive" and degree > MAX_DEGREE:
        raise ValueError(
            f"max_degree={max_degree}; an exhaustive search over products takes at most {MAX_DEGREE}; try search='auto'"
        )
    reach = min(degree, MAX_DEGREE)
    while reach > 1 and subsets_up_to(n_units, reach) * n_samples > budget * _TERMS_PER_SECOND:
        reach -= 1
    said = encoding.describe()
    if search == "exhaustive":
        return Plan(_exhaustive(degree), said)
    if search == "auto" and reach == degree:
        return Plan(_exhaustive(degree), f"Picked because all of them fit a budget of {budget:g} s a round. {said}")
    if search == "beam":
        reach = min(reach, 2)
    reason = (
        f"All products of up to {reach} units were looked at, those of {reach + 1} to {degree} only where they can be "
        f"reached, one unit at a time, from large ones. {said}"
    )
    return Plan(_beam(reach, degree), reason if degree > reach else said)


def _exhaustive(degree):
    def find(table, residual, top, progress):
        best, examined = scan_products(table, residual, degree, top, progress)
        coverage = Coverage("exhaustive", table.n_units, degree, examined, True)
        return Candidates(tuple(best.subsets), best.needed, coverage)

    return find


def _beam(reach, degree):
    def find(table, residual, top, progress):
        best, examined, outside = beam_products(table, residual, reach, degree, _BEAM, top, progress)
        coverage = Coverage("beam", table.n_units, degree, examined, False, complete_degree=reach)
        return Candidates(tuple(best.subsets[:top]), outside, coverage)

    return find
