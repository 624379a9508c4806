"""Every single unit and pair where each sample shows few units: sums over the samples in which two are active together.

With ``b_i`` true where unit i is in the rarer of its states, ``chi_i = +-(1 - 2 b_i)`` and, for a pair,

    abs(sum y chi_i chi_j) = abs(sum y - 2 sum y b_i - 2 sum y b_j + 4 sum y b_i b_j).

The last sum is that over the samples which show both. All pairs of one unit are added up in one row of n numbers, which
stays in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.packing import WORD, words_for
from ...patterns.stretches import words_of
from ..kernels import kernel
from ..memory import require_memory
from ..parity import popcount
from .scan_kernel import replace_smallest
from .screen import ROUNDING
from .search import Search

MAX_DEGREE = 2
# Nanoseconds, measured on one core: adding one sample to one pair, looking at a pair's sum, one word of the dense scan.
_ADD, _LOOK, _WORD = 1.0, 1.0, 0.1
_GAIN = 2.0  # the lists have to be made first
_CHUNK = 2e7  # nanoseconds of one chunk


@dataclass(frozen=True)
class CoactiveLists:
    """Which samples show each unit in its rarer state, and which units each sample shows so.

    ``samples[unit_starts[i] : unit_starts[i + 1]]`` and ``units[sample_starts[j] : sample_starts[j + 1]]`` ascend.
    """

    unit_starts: NDArray[np.int64]
    samples: NDArray[np.int32]
    sample_starts: NDArray[np.int64]
    units: NDArray[np.int32]

    @property
    def seconds(self) -> float:
        """What a scan of all pairs takes on one core."""
        adding = _ADD * float(np.square(np.diff(self.sample_starts), dtype=float).sum()) / 2
        return 1e-9 * (adding + _LOOK * len(self.unit_starts) ** 2 / 2)

    def chunks(self, max_degree: int) -> list[tuple[int, int, int]]:
        """(degree, first row, number of rows) for pieces of about equal work; a row is a unit with all later ones."""
        n = len(self.unit_starts) - 1
        pieces = [(1, 0, 1)]
        if max_degree > 1:
            shown = np.diff(self.sample_starts)[self.samples]  # by entry: units of its sample, about twice the later
            ends = np.concatenate([[0], np.cumsum(shown)])[self.unit_starts] * (_ADD / 2)
            work = ends[1:] + _LOOK * np.cumsum(np.arange(n)[::-1])
            cuts = np.unique(np.searchsorted(work, np.arange(_CHUNK, work[-1], _CHUNK)))
            bounds = np.unique(np.concatenate([[0], cuts, [n]])).tolist()
            pieces += [(2, a, b - a) for a, b in pairwise(bounds)]
        return pieces


def coactive_lists(patterns: Patterns, max_degree: int, names: Sequence[int] | None = None) -> CoactiveLists | None:
    """The lists, where a scan up to this degree is quicker with them than by popcounts; else None."""
    names = range(patterns.n_units) if names is None else names
    n, m = len(names), patterns.n_samples
    if max_degree > MAX_DEGREE or m >= 2**31:
        return None
    off = patterns.inactive_counts()[np.asarray(names)]
    shown = np.minimum(off, m - off)
    dense = _WORD * n * n / 2 * words_for(m)
    # Samples that all show the same number of units take the least adding; how many they show is seen in the lists.
    if _GAIN * (_ADD * float(shown.sum()) ** 2 / (2 * m) + _LOOK * n * n / 2) > dense:
        return None
    lists = make_lists(patterns, names, off > m - off, shown)
    return lists if _GAIN * 1e9 * lists.seconds <= dense else None


def make_lists(
    patterns: Patterns, names: Sequence[int], rare_on: NDArray[np.bool_], shown: NDArray[np.int64]
) -> CoactiveLists:
    """The lists of units in ``names``, the i-th "shown" where it is active (``rare_on``) or where it is not.

    Raises
    ------
    MemoryError
        If they do not fit.
    """
    require_memory(
        16 * int(shown.sum()) + 8 * patterns.n_samples, f"lists of {int(shown.sum()):,} active units",
        "take fewer samples, or name fewer units",
    )  # fmt: skip
    if patterns.active is not None and rare_on.all():
        active = patterns.active if len(names) == patterns.n_units else patterns.active.select(names)
        assert active is not None  # names do not repeat
        unit_starts, samples = turned(active.starts, active.units, len(names))
        return CoactiveLists(unit_starts, samples, active.starts, active.units)
    unit_starts = np.concatenate([[0], np.cumsum(shown)])
    samples = np.empty(unit_starts[-1], np.int32)
    for at, unit in enumerate(names):
        plane = words_of(patterns, 0, words_for(patterns.n_samples), [unit])[0]
        fill_samples(plane, rare_on[at], patterns.n_samples, samples[unit_starts[at] : unit_starts[at + 1]])
    sample_starts, units = turned(unit_starts, samples, patterns.n_samples)
    return CoactiveLists(unit_starts, samples, sample_starts, units)


class CoactiveSearch(Search):
    """Every single unit and pair, by sums over the samples in which both are shown."""

    _made_again = ("lists", "margins", "slack")

    @cached_property
    def lists(self) -> CoactiveLists:
        off = self.patterns.inactive_counts()[np.asarray(self.names)]
        other = self.patterns.n_samples - off
        return make_lists(self.patterns, self.names, off > other, np.minimum(off, other))

    @cached_property
    def margins(self) -> NDArray[np.float64]:
        return sums_of_units(self.lists.unit_starts, self.lists.samples, self.centred)

    @cached_property
    def slack(self) -> float:
        # Each of the sums of at most `most` terms is off by less than most * eps / 2 of the terms' size.
        most = int(np.diff(self.lists.unit_starts).max(initial=0))
        return float(np.abs(self.centred).sum()) * (ROUNDING + 8 * (most + 4) * float(np.finfo(float).eps))

    def screen_prefixes(self, degree, rank, count, heap, found, bounds):
        lists = self.lists
        return scan_coactive(
            lists.unit_starts, lists.samples, lists.sample_starts, lists.units, self.centred, self.margins,
            float(self.centred.sum()), self.slack, degree, rank, count, self.floor, heap, found, bounds,
        )  # fmt: skip


@kernel
def fill_samples(plane, rare_on, m, samples):
    """The samples that show a unit, from its bits."""
    at = 0
    for w in range((m + WORD - 1) // WORD):
        word = plane[w]
        if rare_on:
            word = ~word
            if m - WORD * w < WORD:
                word &= (np.uint64(1) << np.uint64(m - WORD * w)) - np.uint64(1)
        while word:
            below = (word & (~word + np.uint64(1))) - np.uint64(1)
            samples[at] = WORD * w + popcount(below)
            at += 1
            word &= word - np.uint64(1)


@kernel
def turned(starts, entries, count):
    """Lists by row as lists by entry, each ascending: ``(starts, rows)`` for entries 0 to ``count`` - 1."""
    new_starts = np.zeros(count + 1, np.int64)
    for entry in entries:
        new_starts[entry + 1] += 1
    for entry in range(count):
        new_starts[entry + 1] += new_starts[entry]
    filled = new_starts[:-1].copy()
    rows = np.empty(entries.size, np.int32)
    for row in range(starts.size - 1):
        for at in range(starts[row], starts[row + 1]):
            rows[filled[entries[at]]] = row
            filled[entries[at]] += 1
    return new_starts, rows


@kernel
def sums_of_units(unit_starts, samples, y):
    """The sum of ``y`` over the samples of each unit."""
    sums = np.zeros(unit_starts.size - 1)
    for unit in range(sums.size):
        for at in range(unit_starts[unit], unit_starts[unit + 1]):
            sums[unit] += y[samples[at]]
    return sums


@kernel
def add_later_units(unit, unit_starts, samples, sample_starts, units, y, sums):
    """Add to ``sums``, for each later unit, the sum of ``y`` over the samples that show both."""
    for at in range(unit_starts[unit], unit_starts[unit + 1]):
        sample = samples[at]
        place = sample_starts[sample + 1] - 1
        while units[place] > unit:
            sums[units[place]] += y[sample]
            place -= 1


@kernel
def scan_coactive(
    unit_starts,
    samples,
    sample_starts,
    units,
    y,
    margins,
    total,
    slack,
    degree,
    rank,
    count,
    floor,
    heap,
    found,
    bounds,
):
    """As :func:`scan_prefixes`: all single units, or the pairs of ``count`` units from ``rank`` on with later ones."""
    n = margins.size
    n_found = 0
    need = max(floor, heap[0])
    together = np.empty(n)
    for done in range(count):
        first = rank + done + 1 if degree > 1 else 0
        if bounds.size - n_found < n - first:
            return done, n_found
        together[:] = 0.0
        base = total
        if degree > 1:
            base -= 2.0 * margins[rank + done]
            add_later_units(rank + done, unit_starts, samples, sample_starts, units, y, together)
        for k in range(first, n):
            size = abs(base - 2.0 * margins[k] + 4.0 * together[k])
            if size + slack >= need:
                found[n_found, 0] = first - 1
                found[n_found, degree - 1] = k
                bounds[n_found] = size + slack
                n_found += 1
                if size - slack > heap[0]:
                    replace_smallest(heap, size - slack)
                    need = max(floor, heap[0])
    return count, n_found
