"""Which search a run uses for its candidates: picked by size, or named, and always said in the coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...progress import Progress, part_of
from ...results import Coverage
from ..exhaustive.scan import MAX_DEGREE, scan, subsets_up_to
from ..ranking import largest_first
from ..samples.beam import beam
from ..samples.best_first import best_first
from ..transform.block import block_spectrum

SEARCHES = ("auto", "exhaustive", "block", "best-first", "beam")
_BLOCK_UNITS = 16  # "auto" transforms the whole cube up to here; asked for by name, up to 20
_BLOCK_LIMIT = 20
_BEAM = 100  # beam width: each round of selection starts it afresh from the best of a scan
# Words of bits counted in a second, about half of what two cores with vector popcounts do. A fixed number: what
# "auto" picks must not hang on the machine or its mood.
WORDS_PER_SECOND = 1e10


class Candidates(NamedTuple):
    """Subsets, largest mean first, and the size that no subset in range outside the list exceeds (0: unknown)."""

    subsets: tuple[Subset, ...]
    outside: float
    coverage: Coverage


Find = Callable[[Patterns, np.ndarray, int, Progress | None], Candidates]


@dataclass(frozen=True)
class Plan:
    """A search, ready to be run on residual after residual; ``reason`` is a sentence for people or empty."""

    find: Find
    reason: str = ""


def plan_search(patterns: Patterns, max_degree: int, search: str, budget: float, threads: int | None = None) -> Plan:
    """The search to use for subsets of up to ``max_degree`` of these units, ``budget`` seconds a round.

    Raises
    ------
    ValueError
        If the search is not known, or cannot reach the degree or the number of units.
    """
    n = patterns.n_units
    degree = min(max_degree, n)
    if search not in SEARCHES:
        raise ValueError(f"search={search!r} is not known; use one of {', '.join(SEARCHES)}")
    if search == "exhaustive" and degree > MAX_DEGREE:
        raise ValueError(f"max_degree={max_degree}; an exhaustive search takes at most {MAX_DEGREE}; try search='auto'")
    if search == "block" and n > _BLOCK_LIMIT:
        raise ValueError(f"search='block' transforms all 2^n subsets of at most {_BLOCK_LIMIT} units, here are {n}")
    reach = _reach(patterns, degree, budget)
    if search == "auto":
        return _picked(n, degree, reach, budget, threads)
    if search == "exhaustive":
        return Plan(_exhaustive(degree, threads))
    if search == "block":
        return Plan(_block(degree, threads))
    return Plan(_best_first(degree, threads)) if search == "best-first" else Plan(_beam(min(reach, 2), degree, threads))


def _picked(n, degree, reach, budget, threads):
    if reach == degree:
        return Plan(_exhaustive(degree, threads), f"Picked because all of them fit a budget of {budget:g} s a round.")
    if n <= _BLOCK_UNITS:
        return Plan(_block(degree, threads), f"Picked because one transform gives every subset of {n} units.")
    reason = (
        f"Picked because larger subsets do not fit a budget of {budget:g} s a round: all subsets up to degree {reach} "
        f"were looked at, those of {reach + 1} to {degree} units only where they can be reached, one unit at a time, "
        "from large ones. From samples alone a lonely larger parity stays unseen; where the network can be queried, "
        "goldreich_levin and sparse_transform find it."
    )
    return Plan(_beam(reach, degree, threads), reason)


def _reach(patterns, degree, budget):
    """The largest degree whose exhaustive scan fits the budget."""
    reach = min(degree, MAX_DEGREE)
    words = budget * WORDS_PER_SECOND
    while reach > 1 and subsets_up_to(patterns.n_units, reach) * patterns.planes.shape[1] > words:
        reach -= 1
    return reach


def _exhaustive(degree, threads) -> Find:
    def find(patterns, residual, top, progress):
        found = scan(patterns, residual, max_degree=degree, top=top, threads=threads, progress=progress)
        return Candidates(found.subsets, found.coverage.missed_bound, found.coverage)

    return find


def _block(degree, threads) -> Find:
    def find(patterns, residual, top, progress):
        n = patterns.n_units
        values = block_spectrum(
            patterns, residual - residual.mean(), units=range(n), threads=threads, progress=progress
        )
        masks = np.arange(1, values.size)
        masks = masks[np.bitwise_count(masks) <= degree]
        order = np.argsort(-np.abs(values[masks]), kind="stable")[: top + 1]
        outside = float(abs(values[masks[order[top]]])) if order.size > top else 0.0
        subsets = [tuple(i for i in range(n) if mask >> i & 1) for mask in masks[order[:top]].tolist()]
        ranked = largest_first(subsets, values[masks[order[:top]]], float(np.abs(residual).mean()))
        coverage = Coverage("block transform", n, degree, masks.size, True)
        return Candidates(tuple(subsets[i] for i in ranked), outside, coverage)

    return find


def _best_first(degree, threads) -> Find:
    def find(patterns, residual, top, progress):
        found = best_first(patterns, residual, max_degree=degree, top=min(top, 100), threads=threads, progress=progress)
        return Candidates(found.subsets, found.coverage.missed_bound or 0.0, found.coverage)

    return find


def _beam(reach, degree, threads) -> Find:
    def find(patterns, residual, top, progress):
        near = scan(patterns, residual, max_degree=reach, top=top, threads=threads, progress=part_of(progress, 0, 2))
        start = near.subsets[:_BEAM]
        far = beam(
            patterns, residual, max_degree=degree, top=top, start=start, width=_BEAM, threads=threads,
            progress=part_of(progress, 1, 2),
        )  # fmt: skip
        values = dict(zip(near.subsets, near.values, strict=True)) | dict(zip(far.subsets, far.values, strict=True))
        subsets, sizes = list(values), np.array(list(values.values()))
        ranked = largest_first(subsets, sizes, float(np.abs(residual).mean()))[:top]
        # Subsets met by both are counted twice: the correction of the p-values may only be too strict.
        examined = near.coverage.examined + far.coverage.examined
        coverage = Coverage("beam", patterns.n_units, degree, examined, False, complete_degree=reach)
        return Candidates(tuple(subsets[i] for i in ranked), near.coverage.missed_bound, coverage)

    return find
