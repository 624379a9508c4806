"""Recordings larger than memory: a stretch of samples at a time, read from the file and let go again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .packing import words_for
from .sparse import ActiveLists

_BYTES = 1 << 26  # read at a time


class Bits(Protocol):
    """What is read here of :class:`Patterns`."""

    n_samples: int
    active: ActiveLists | None
    file: tuple[str, int] | None

    @property
    def n_units(self) -> int: ...

    @property
    def planes(self) -> NDArray[np.uint64]: ...


def stretches(patterns: Bits, rows: int, multiple: int) -> Iterator[tuple[int, int]]:
    """First and last words, the last excluded, of pieces of some 64 MiB of ``rows`` units.

    Their lengths are multiples of so many words, but for the last one. Patterns in memory are one piece.
    """
    n_words = words_for(patterns.n_samples)
    step = n_words if patterns.file is None else max(1, _BYTES // (8 * max(rows, 1) * multiple)) * multiple
    return ((start, min(start + step, n_words)) for start in range(0, n_words, step))


def words_of(
    patterns: Bits, start: int, stop: int, units: Sequence[int] | NDArray[np.integer] | None = None
) -> NDArray[np.uint64]:
    """Words ``start`` to ``stop`` of all units, or of some, shape (units, words).

    Of lists of active units only the bits that are asked for are made. Those of a file are read into memory of their
    own: none of the file's pages count as this process's afterwards.

    Raises
    ------
    OSError
        If the file has become shorter.
    """
    if patterns.active is not None and units is not None:
        few = patterns.active.select([int(unit) for unit in units])
        if few is not None:
            part = np.ascontiguousarray(few.planes()[:, start:stop])
            part.setflags(write=False)
            return part
    if patterns.file is None:
        part = patterns.planes[:, start:stop]
        return part if units is None else part[np.asarray(units)]
    rows = range(patterns.n_units) if units is None else units
    (path, offset), n_words = patterns.file, words_for(patterns.n_samples)
    out = np.empty((len(rows), stop - start), "<u8")
    with open(path, "rb", buffering=0) as file:
        for row, unit in zip(out, rows, strict=True):
            file.seek(offset + 8 * (int(unit) * n_words + start))
            if file.readinto(row.data) != row.nbytes:
                raise OSError(f"{path} has become shorter since it was opened; write it again, and open it again")
    words = out.astype(np.uint64, copy=False)
    words.setflags(write=False)
    return words
