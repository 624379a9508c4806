"""What fills the pool: every subset where all fit into memory, exact scans of residuals elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, count_subsets
from ...progress import Progress, part_of
from ...results import Coverage
from ..exhaustive.scan import scan_targets
from ..method.characters import Signs
from ..method.plans import Candidates, plan_search
from .pool import Pool
from .settings import Settings
from .state import State

_ALL = 20_000  # subsets that the pool holds without any scan
_ALL_NUMBERS = 2**24  # words or floats of their columns, at most
FROM_ALL, FROM_EACH = 500, 100  # taken from the scan of what all leave, and of what each one's absence leaves


class Feed:
    """Looks for candidates among ``units``; with ``given`` subsets there is nothing to look for.

    ``complete``: the pool holds every subset in range. ``examined``: how many are there, or were looked at.
    """

    def __init__(
        self,
        pool: Pool,
        units: Sequence[int],
        settings: Settings,
        given: Iterable[Subset] | None = None,
        examined: int | None = None,
    ):
        room = settings.top > len(settings.must_include)
        self.pool, self.units, self.settings = pool, tuple(units) if room else (), settings
        self.progress: Progress | None = None
        self.scans, self.outside = 0, np.inf
        self.degree = min(settings.max_degree, len(self.units))
        count = count_subsets(len(self.units), self.degree)
        self.examined = max(count if examined is None or not room else examined, 1)
        self.complete = given is not None or not self.units
        why = "No unit that may take part ever changes." if room else "Nothing was left to search for."
        self.coverage = Coverage("exhaustive", len(self.units), settings.max_degree, 0, True, 0.0, (why,))
        self.reason = ""
        if given is not None and room:
            pool.grow(given)
            self.coverage = Coverage("exhaustive", len(self.units), self.degree, len(pool), False)
        elif self.units:
            searchable = pool.characters.searchable(self.units, pool.min_side)
            self.plan = plan_search(
                searchable,
                pool.characters.encoding,
                settings.max_degree,
                settings.search,
                settings.budget,
                settings.threads,
            )
            self.reason = self.plan.reason
            self.complete = self.plan.exhaustive and count <= _ALL and count * pool.ones.size <= _ALL_NUMBERS
            if self.complete:
                pool.grow(s for size in range(1, self.degree + 1) for s in combinations(self.units, size))
                self.coverage = Coverage("exhaustive", len(self.units), self.degree, count, True)
            else:
                pool.grow((unit,) for unit in self.units)
                self.searchable = searchable

    def may_hold_better(self, state: State, best: int) -> bool:
        """Whether a subset outside the pool may go with the residual more closely than candidate ``best``."""
        if self.complete:
            return False
        if best < 0 or not np.isfinite(self.outside):
            return True
        score = self.pool.characters.score(state.left[[best]], self.pool.norms[[best]])
        return bool(abs(score[0]) < self.outside)

    def look(self, residuals: Sequence[NDArray[np.float64]], top: int = FROM_ALL) -> int:
        """Take in the best of a scan of each residual; returns how many are new."""
        varying = [residual for residual in residuals if np.abs(residual).max() > 1e-12]
        if self.complete or not varying:
            return 0
        self.scans += len(varying)
        top = min(top, self.pool.characters.pool_size)
        new = 0
        for found in self._scan(varying, top):
            self.outside, self.coverage = found.outside, found.coverage
            if found.coverage.complete:
                self.examined = found.coverage.examined
            else:
                self.examined = found.coverage.examined + (self.examined if self.scans > len(varying) else 0)
            new += self.pool.grow(tuple(self.units[i] for i in subset) for subset in found.subsets)
        return new

    def _scan(self, residuals, top):
        if self.plan.exhaustive and isinstance(self.pool.characters, Signs):
            lists = scan_targets(
                self.searchable, np.array(residuals).T, max_degree=self.degree, top=top, threads=self.settings.threads,
                progress=self.progress,
            )  # fmt: skip
            return [Candidates(found.subsets, found.coverage.missed_bound or 0.0, found.coverage) for found in lists]
        return [
            self.plan.find(residual, top, part_of(self.progress, number, len(residuals)))
            for number, residual in enumerate(residuals)
        ]

    def covered(self) -> Coverage:
        """What was looked at, in numbers and words."""
        if not self.units:
            return self.coverage
        notes = (self.reason,) if self.reason else ()
        return replace(self.coverage, missed_bound=None, notes=(*notes, *self.coverage.notes), examined=self.examined)
