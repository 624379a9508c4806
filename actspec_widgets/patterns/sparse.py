"""Samples that show few units: which are active in each, in place of a bit for every unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .packing import WORD, PlaneWriter, pack_plane, words_for

FEW = 1 / 32  # share of active units below which lists of 32-bit numbers take less memory than bits
_CLEARLY_FEW = 1 / 50  # of a first batch; those that follow may show a little more
_MANY_UNITS = 1000  # with fewer, bits are small enough whatever they show
_BLOCK = 1 << 24  # entries of a table looked at at a time


@dataclass(frozen=True, eq=False)
class ActiveLists:
    """``units[starts[j] : starts[j + 1]]`` are the active units of sample j, ascending; of ``n_units`` there are."""

    starts: NDArray[np.int64]
    units: NDArray[np.int32]
    n_units: int

    @property
    def n_samples(self) -> int:
        return len(self.starts) - 1

    def check(self) -> None:
        """Refuse lists that do not fit together.

        Raises
        ------
        ValueError
        """
        sizes, steps = np.diff(self.starts), np.diff(self.units)
        within = np.ones(steps.size, bool)
        inner = self.starts[1:-1]
        within[inner[(inner > 0) & (inner < len(self.units))] - 1] = False
        if (
            self.starts.dtype != np.int64
            or self.units.dtype != np.int32
            or self.n_units < 1
            or self.n_samples < 1
            or self.starts[0] != 0
            or self.starts[-1] != len(self.units)
            or (sizes < 0).any()
            or (steps[within] <= 0).any()
            or (self.units.size and (self.units.min() < 0 or self.units.max() >= self.n_units))
        ):
            raise ValueError("lists of active units ascend, within the units that there are")

    def samples(self) -> NDArray[np.int64]:
        """The sample of each entry."""
        return np.repeat(np.arange(self.n_samples), np.diff(self.starts))

    def counts(self) -> NDArray[np.int64]:
        """In how many samples each unit is active."""
        return np.bincount(self.units, minlength=self.n_units)

    def planes(self) -> NDArray[np.uint64]:
        """The same as bits, set where a unit is inactive."""
        planes = np.zeros((self.n_units, words_for(self.n_samples)), np.uint64)
        pack_plane(np.ones(self.n_samples, bool), planes[0])
        planes[1:] = planes[0]
        samples = self.samples()
        bits = np.uint64(1) << (samples % WORD).astype(np.uint64)
        np.bitwise_xor.at(planes.reshape(-1), self.units.astype(np.int64) * planes.shape[1] + samples // WORD, bits)
        return planes

    def take(self, samples: NDArray[np.integer]) -> ActiveLists:
        """The samples with these numbers, in that order."""
        sizes = np.diff(self.starts)[samples]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        places = np.arange(starts[-1]) + np.repeat(self.starts[:-1][samples] - starts[:-1], sizes)
        return ActiveLists(starts, self.units[places], self.n_units)

    def select(self, units: Sequence[int]) -> ActiveLists | None:
        """The units with these numbers, in that order; None where one comes twice."""
        if len(set(units)) < len(units):
            return None
        place = np.full(self.n_units, -1, np.int32)
        place[list(units)] = np.arange(len(units))
        kept = place[self.units]
        samples = self.samples()[kept >= 0]
        kept = kept[kept >= 0]
        order = np.lexsort((kept, samples)) if np.any(np.diff(units) < 0) else slice(None)
        starts = np.searchsorted(samples, np.arange(self.n_samples + 1))
        return ActiveLists(starts, kept[order], len(units))


def joined(parts: Sequence[ActiveLists]) -> ActiveLists:
    """Recordings of the same units, sample after sample."""
    ends = np.cumsum([0, *(len(part.units) for part in parts)])
    starts = [part.starts[:-1] + end for part, end in zip(parts, ends, strict=False)]
    return ActiveLists(
        np.concatenate([*starts, ends[-1:]]), np.concatenate([part.units for part in parts]), parts[0].n_units
    )


def is_sparse(table: Any) -> TypeGuard[Any]:
    """Whether this is a sparse matrix of scipy."""
    return hasattr(table, "tocsr")


def from_csr(table: Any, cuts: NDArray | float) -> ActiveLists | None:
    """Of a sparse matrix of scipy, with entries above their unit's cut active; None where lists do not fit it.

    They do where no cut is below 0, as entries that are not stored are 0, and few units are active.
    """
    m, n = table.shape
    if np.min(cuts) < 0 or table.nnz > FEW * m * n or 0 in table.shape:
        return None
    rows = table.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    active = rows.data > (cuts if np.ndim(cuts) == 0 else np.asarray(cuts)[rows.indices])
    if active.all():
        return ActiveLists(rows.indptr.astype(np.int64), rows.indices.astype(np.int32), n)
    before = np.concatenate([[0], np.cumsum(active)])
    return ActiveLists(before[rows.indptr], rows.indices[active].astype(np.int32), n)


class PatternWriter:
    """Patterns that grow sample by sample, as bits or as lists: what the first batch shows decides."""

    def __init__(self, n_units: int, n_samples: int = 0):
        self.n_units, self._expected, self.n_samples = n_units, n_samples, 0
        self._bits: PlaneWriter | None = None
        self._sizes: list[NDArray[np.int64]] = []
        self._units: list[NDArray[np.int32]] = []

    def add(self, table: NDArray, mark: Callable[[NDArray, NDArray[np.bool_]], None]) -> None:
        """Append the rows of a table (k, n_units); ``mark(rows, out)`` sets ``out`` where a row is inactive."""
        step = max(1, _BLOCK // self.n_units)
        for at in range(0, len(table), step) if self._bits is None else ():
            rows = table[at : at + step]
            inactive = np.empty(rows.shape, bool)
            mark(rows, inactive)
            if not self._sizes and (
                self.n_units < _MANY_UNITS or inactive.size - np.count_nonzero(inactive) > _CLEARLY_FEW * inactive.size
            ):
                self._bits = PlaneWriter(self.n_units, self._expected)
                break
            samples, units = np.nonzero(~inactive)
            self._sizes.append(np.bincount(samples, minlength=len(rows)))
            self._units.append(units.astype(np.int32))
        if self._bits is not None:
            self._bits.add(table, mark)
        self.n_samples += len(table)

    def finish(self) -> NDArray[np.uint64] | ActiveLists:
        """What was added; nothing can be added any more."""
        if self._bits is not None:
            return self._bits.finish()
        starts = np.concatenate([[0], np.cumsum(np.concatenate(self._sizes))])
        units = np.concatenate(self._units)
        self._units.clear()
        return ActiveLists(starts, units, self.n_units)
