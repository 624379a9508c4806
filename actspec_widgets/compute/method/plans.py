"""Which search looks for candidates: picked by size, or named, and always said in the coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, count_subsets, subset_of
from ...progress import Progress, part_of
from ...results import Coverage
from ...results.encoding import Encoding
from ..exhaustive.coactive import coactive_lists
from ..exhaustive.scan import MAX_DEGREE, scan
from ..products import search as products
from ..products.table import ProductTable
from ..ranking import largest_first
from ..samples.beam import beam
from ..samples.best_first import best_first
from ..threads import Workers
from ..transform.block import block_spectrum

SEARCHES = ("auto", "exhaustive", "block", "best-first", "beam")
_OF_PRODUCTS = ("auto", "exhaustive", "beam")
_BLOCK_UNITS = 16  # "auto" transforms the whole cube up to here; asked for by name, up to 20
_BLOCK_LIMIT = 20
_BEAM = 100  # beam width: each round starts it afresh from the best of a scan
_MOST_BEST_FIRST = 100
# Work in a second: words of bits counted, about half of what two cores with vector popcounts do; products times samples
# as measured on one core. Fixed numbers: what "auto" picks does not depend on the machine or on what else it does.
WORDS_PER_SECOND = 1e10
_TERMS_PER_SECOND = 1.5e9


class Candidates(NamedTuple):
    """Subsets, largest mean first, and the size that no subset in range outside the list exceeds (0: unknown)."""

    subsets: tuple[Subset, ...]
    outside: float
    coverage: Coverage


Find = Callable[[NDArray[np.float64], int, Progress | None], Candidates]  # residual, length of the list, progress


@dataclass(frozen=True)
class Plan:
    """A search, ready to be run on residual after residual; ``reason`` is a sentence for people or empty.

    ``exhaustive``: it looks at every subset in range one by one, whatever the residual.
    """

    find: Find
    reason: str = ""
    exhaustive: bool = False


def plan_search(
    data: Patterns | ProductTable, encoding: Encoding, max_degree: int, search: str, budget: float, threads: Workers
) -> Plan:
    """The search to use for subsets of up to ``max_degree`` of these units, ``budget`` seconds a round.

    Raises
    ------
    ValueError
        If the search is not known, works on signs only, or cannot reach the degree or the number of units.
    """
    n, degree, signs = data.n_units, min(max_degree, data.n_units), isinstance(data, Patterns)
    most = MAX_DEGREE if signs else products.MAX_DEGREE
    if search not in SEARCHES:
        raise ValueError(f"search={search!r} is not known; use one of {', '.join(SEARCHES)}")
    if not signs and search not in _OF_PRODUCTS:
        raise ValueError(
            f"search={search!r} does not work with basis={encoding.kind!r}; use one of {', '.join(_OF_PRODUCTS)}, "
            "or basis='signs'"
        )
    if search == "exhaustive" and degree > most:
        raise ValueError(
            f"max_degree={max_degree}; with basis={encoding.kind!r} an exhaustive search takes at most {most}; "
            "try search='auto'"
        )
    if search == "block" and n > _BLOCK_LIMIT:
        raise ValueError(f"search='block' transforms all 2^n subsets of at most {_BLOCK_LIMIT} units, here are {n}")
    reach = _reach(data, min(degree, most), budget)
    reason = ""
    if search == "auto":
        search, reason = _picked(n, degree, reach, budget, signs)
    elif search == "beam":
        reach = min(reach, 2)
    if isinstance(data, Patterns):
        return Plan(_sign_search(data, search, reach, degree, threads), reason, search == "exhaustive")
    if search == "beam" and degree > reach:
        reason = (
            f"All products of up to {reach} units were looked at, those of {reach + 1} to {degree} only where they can "
            "be reached, one unit at a time, from large ones."
        )
    find = _scan_products(data, degree) if search == "exhaustive" else _beam_products(data, reach, degree)
    return Plan(find, f"{reason} {encoding.describe()}".strip(), search == "exhaustive")


def _reach(data, degree, budget):
    """The largest degree whose exhaustive scan fits the budget."""
    if isinstance(data, Patterns):
        each, work = data.planes.shape[1], budget * WORDS_PER_SECOND
    else:
        each, work = data.n_samples, budget * _TERMS_PER_SECOND
    while degree > 1 and count_subsets(data.n_units, degree) * each > work:
        if isinstance(data, Patterns) and (lists := coactive_lists(data, degree)) and lists.seconds <= budget:
            break
        degree -= 1
    return degree


def _picked(n, degree, reach, budget, signs):
    """What "auto" stands for, and why."""
    if reach == degree:
        return "exhaustive", f"All of them can be looked at in {budget:g} s or less, so nothing was left out."
    if signs and n <= _BLOCK_UNITS:
        return "block", f"One transform gives every subset of {n} units."
    return "beam", (
        f"Looking at all larger subsets takes more than {budget:g} s: all subsets up to degree {reach} were looked "
        f"at, those of {reach + 1} to {degree} units only where they can be reached, one unit at a time, from large "
        "ones. From samples alone a lonely larger parity stays unseen; where the network can be queried, "
        "goldreich_levin and sparse_transform find it."
    )


def _sign_search(patterns, search, reach, degree, threads) -> Find:
    if search == "exhaustive":
        return _scan(patterns, degree, threads)
    if search == "block":
        return _block(patterns, degree, threads)
    if search == "best-first":
        return _best_first(patterns, degree, threads)
    return _beam(patterns, reach, degree, threads)


def _scan(patterns, degree, threads) -> Find:
    def find(residual, top, progress):
        found = scan(patterns, residual, max_degree=degree, top=top, threads=threads, progress=progress)
        return Candidates(found.subsets, found.coverage.missed_bound, found.coverage)

    return find


def _block(patterns, degree, threads) -> Find:
    def find(residual, top, progress):
        n = patterns.n_units
        values = block_spectrum(patterns, residual, units=range(n), threads=threads, progress=progress)
        masks = np.arange(1, values.size)
        masks = masks[np.bitwise_count(masks) <= degree]
        order = np.argsort(-np.abs(values[masks]), kind="stable")[: top + 1]
        outside = float(abs(values[masks[order[top]]])) if order.size > top else 0.0
        subsets = [subset_of(mask) for mask in masks[order[:top]].tolist()]
        ranked = largest_first(subsets, values[masks[order[:top]]], float(np.abs(residual).mean()))
        coverage = Coverage("block transform", n, degree, masks.size, True)
        return Candidates(tuple(subsets[i] for i in ranked), outside, coverage)

    return find


def _best_first(patterns, degree, threads) -> Find:
    def find(residual, top, progress):
        most = min(top, _MOST_BEST_FIRST)
        found = best_first(patterns, residual, max_degree=degree, top=most, threads=threads, progress=progress)
        return Candidates(found.subsets, found.coverage.missed_bound or 0.0, found.coverage)

    return find


def _beam(patterns, reach, degree, threads) -> Find:
    def find(residual, top, progress):
        at = {"top": top, "threads": threads}
        near = scan(patterns, residual, max_degree=reach, **at, progress=part_of(progress, 0, 2))
        start, rest = near.subsets[:_BEAM], part_of(progress, 1, 2)
        far = beam(patterns, residual, max_degree=degree, start=start, width=_BEAM, **at, progress=rest)
        values = dict(zip(near.subsets, near.values, strict=True)) | dict(zip(far.subsets, far.values, strict=True))
        subsets, sizes = list(values), np.array(list(values.values()))
        ranked = largest_first(subsets, sizes, float(np.abs(residual).mean()))[:top]
        # Subsets met by both are counted twice: the correction of the p-values may only be too strict.
        examined = near.coverage.examined + far.coverage.examined
        coverage = Coverage("beam", patterns.n_units, degree, examined, False, complete_degree=reach)
        return Candidates(tuple(subsets[i] for i in ranked), near.coverage.missed_bound, coverage)

    return find


def _scan_products(table, degree) -> Find:
    def find(residual, top, progress):
        best, examined = products.scan_products(table, residual, degree, top, progress)
        coverage = Coverage("exhaustive", table.n_units, degree, examined, True)
        return Candidates(tuple(best.subsets), best.needed, coverage)

    return find


def _beam_products(table, reach, degree) -> Find:
    def find(residual, top, progress):
        best, examined, outside = products.beam_products(table, residual, reach, degree, _BEAM, top, progress)
        coverage = Coverage("beam", table.n_units, degree, examined, False, complete_degree=reach)
        return Candidates(tuple(best.subsets[:top]), outside, coverage)

    return find
