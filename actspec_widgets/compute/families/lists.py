"""Where the lists of half-samples come from: scans of each half, or a pool of all samples where scans are dear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...results import Coverage, Spectrum
from ...results.encoding import Encoding
from ..inference.settings import Settings
from ..method.characters import Characters, characters_of
from ..method.encode import classes_of, take
from ..method.plans import WORDS_PER_SECOND, plan_search
from .consensus import Select
from .halves import Rows
from .stagewise import Find, Pool, Stagewise, stagewise

LONGEST = 25  # subsets in the list of one half-sample
_CANDIDATES = 500  # taken from each scan
_DEAR = 4.0  # seconds that the scans of all half-samples may take
_SCANS = 60  # of twenty half-samples, about three each


def list_of(
    recorded: Any,
    encoding: Encoding,
    target: NDArray[np.float64],
    rows: Rows,
    candidates: Sequence[Subset],
    settings: Stagewise,
    groups: NDArray[np.intp] | None,
    search: Callable[[Characters, int], Find] | None = None,
) -> tuple[tuple[Subset, ...], tuple[Subset, ...]]:
    """The list of some samples, ``rows``, and all candidates that were met.

    ``groups`` are numbers of all samples' groups; ``search`` makes what looks for more candidates, from characters and
    the samples that one must rest on.
    """
    y = target[rows]
    if y.min() == y.max():
        return (), ()
    characters = characters_of(take(recorded, rows), encoding)
    pool = Pool(characters, settings.min_side)
    pool.add(candidates)
    find = None if search is None else search(characters, settings.min_side)
    found = stagewise(pool, y, settings, find, None if groups is None else groups[rows])
    return found, tuple(pool.subsets)


class Lists:
    """Makes selections for any target on any part of one recording, with the settings of a spectrum."""

    def __init__(self, recorded: Patterns | NDArray, spectrum: Spectrum, longest: int, groups: NDArray | None):
        at = spectrum.settings
        self.recorded: Any = recorded
        self.encoding, self.groups, self.longest = spectrum.encoding, groups, longest
        self.min_side = Settings(min_share=at["min_share"]).min_side
        named = None if at["units"] is None else tuple(at["units"])
        self.units = classes_of(recorded, self.encoding, named).representatives
        self.degree = min(at["max_degree"], max(len(self.units), 1))
        self.search, self.budget = at["search"], at["budget"]
        self.examined = max(spectrum.coverage.examined, 1)
        self.level = at["alpha"] / float(min(self.examined, 10**300))
        # products of standardised units are dear at any size
        scans = isinstance(recorded, Patterns) and self.encoding.kind == "signs"
        self.pooled = not scans or self._seconds() > _DEAR

    def of(self, target: NDArray[np.float64], within: Rows | None) -> Select:
        """Rows -> list, for one target; a pool, where there is one, is that of the samples ``within``."""
        pool = self._pool(target, np.arange(len(self.recorded)) if within is None else within) if self.pooled else None

        def select(rows: Rows) -> tuple[Subset, ...]:
            return self._list(target, rows, pool)[0]

        return select

    def coverage(self) -> Coverage:
        """What each half-sample was searched for."""
        where = (
            "Half-samples were searched among the subsets that scans of all samples had met, since scanning each of "
            "them would take long; their shares may be somewhat too large for that."
            if self.pooled
            else "Each half-sample was searched by itself."
        )
        return Coverage("stagewise", len(self.units), self.degree, self.examined, False, notes=(where,))

    def _pool(self, target, rows) -> tuple[Subset, ...]:
        return self._list(target, rows, None)[1]

    def _list(self, target, rows, candidates):
        """The list of some samples, and all candidates that were met."""
        if not self.units:
            return (), ()
        known = [(unit,) for unit in self.units] if candidates is None else candidates
        settings = Stagewise(self.longest, self.level, self.min_side(rows.size))
        search = self._scans if candidates is None else None
        return list_of(self.recorded, self.encoding, target, rows, known, settings, self.groups, search)

    def _scans(self, characters, min_side):
        """What looks for candidates on some samples."""
        searched = characters.searchable(self.units, min_side)
        plan = plan_search(searched, self.encoding, self.degree, self.search, self.budget, None)

        def find(left: NDArray) -> list[Subset]:
            found = plan.find(left, _CANDIDATES, None)
            return [tuple(self.units[i] for i in subset) for subset in found.subsets]

        return find

    def _seconds(self) -> float:
        """About how long the scans of all half-samples take."""
        words = self.recorded.planes.shape[1] / 2
        return _SCANS * self.examined * words / WORDS_PER_SECOND
