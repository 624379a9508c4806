"""Packing samples into bit planes: 64 samples of a unit to a word, in memory near the packed size."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

WORD = 64
_LINE = 8  # words: rows end on a 64-byte line, so that vector loops over them have no remainder
_BLOCK = 1 << 21  # bytes of samples unpacked at a time: they stay in the second-level cache
_DOUBLED = 1 << 25  # bytes up to which a full buffer doubles; above, it grows by an eighth
_PIECE = 1 << 20  # words shifted at a time
_ZEROS = memoryview(bytes(1 << 20))  # what a buffer grows by at a time

# An 8 x 8 table of bits is transposed by swapping bits, then pairs, then fours: (distance, those that move up).
_SWAPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))


def words_for(n_samples: int) -> int:
    """Words in one unit's bit plane: enough for ``n_samples`` bits, in whole lines of eight words."""
    return -(-n_samples // (WORD * _LINE)) * _LINE


def pack(inactive: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Bool (m, n), m in whole words -> words (n, m / 64).

    Units are packed first, along the rows as they lie in memory; only an eighth of the bytes is then moved about.
    """
    m, n = inactive.shape
    octets = np.packbits(inactive, axis=1, bitorder="little").reshape(m // 8, 8, -1)
    tables = np.ascontiguousarray(octets.transpose(0, 2, 1)).view("<u8").astype(np.uint64, copy=False)
    for distance, mask in _SWAPS:
        moved = tables >> np.uint64(distance)
        moved ^= tables
        moved &= np.uint64(mask)
        tables ^= moved
        moved <<= np.uint64(distance)
        tables ^= moved
    by_unit = tables.astype("<u8", copy=False).view(np.uint8).reshape(m // 8, -1)[:, :n]
    return np.ascontiguousarray(by_unit.T).view("<u8").astype(np.uint64, copy=False)


def pack_plane(inactive: NDArray[np.bool_], out: NDArray[np.uint64]) -> None:
    """Write the bits of one unit, bool (m,), to words that are clear."""
    octets = np.zeros(8 * out.size, np.uint8)
    octets[: -(-inactive.size // 8)] = np.packbits(inactive, bitorder="little")
    out[:] = octets.view("<u8")


def unpack(planes: NDArray[np.uint64], n_samples: int) -> NDArray[np.bool_]:
    """Bit planes (..., words) -> bool (..., n_samples), True where inactive."""
    octets = planes.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=-1, count=n_samples, bitorder="little").view(bool)


class PlaneWriter:
    """Bit planes that grow sample by sample.

    There is one buffer: where it is full it is enlarged in place and its rows are moved apart, so that no second
    copy of the whole is held. It is an ``array.array``, since numpy's ``resize`` copies from numpy 2.5 on.
    ``n_samples`` is a guess, best not too small.
    """

    def __init__(self, n_units: int, n_samples: int = 0):
        self.n_units, self.n_samples, self.written = n_units, 0, 0
        lines = max(1, min(_BLOCK // (n_units * WORD * _LINE), words_for(n_samples) // _LINE or 1 << 16))
        self.block = np.empty((lines * _LINE * WORD, n_units), bool)
        self.words = max(words_for(n_samples), lines * _LINE)
        self.buffer = array("Q")
        self._resize(self.words)

    def add(self, table: NDArray, mark: Callable[[NDArray, NDArray[np.bool_]], None]) -> None:
        """Append the rows of a table (k, n_units); ``mark(rows, out)`` sets ``out`` where a row is inactive."""
        at = 0
        while at < len(table):
            filled = self.n_samples - self.written * WORD
            stop = min(len(table), at + len(self.block) - filled)
            mark(table[at:stop], self.block[filled : filled + stop - at])
            self.n_samples += stop - at
            at = stop
            if self.n_samples - self.written * WORD == len(self.block):
                self._write(len(self.block))

    def finish(self) -> NDArray[np.uint64]:
        """The planes, shape (n_units, words_for(n_samples)); nothing can be added any more."""
        left = self.n_samples - self.written * WORD
        if left:
            self.block[left:] = False
            self._write(left)
        del self.block
        self._widen(words_for(self.n_samples))
        planes = self._planes()
        planes[:, self.written :] = 0
        return planes

    def _write(self, samples):
        words = -(-samples // WORD)
        stop = self.written + words
        if stop > self.words:
            share = 1 if len(self.buffer) * self.buffer.itemsize < _DOUBLED else 8
            self._widen(max(self.words + -(-self.words // (share * _LINE)) * _LINE, -(-stop // _LINE) * _LINE))
        self._planes()[:, self.written : stop] = pack(self.block[: words * WORD])
        self.written = stop

    def _planes(self):
        # The buffer can not be resized while such a view of it is alive.
        return np.frombuffer(self.buffer, np.uint64).reshape(self.n_units, self.words)

    def _widen(self, words):
        """Change the length of every row to ``words``."""
        if words > self.words:
            self._resize(words)
            self._move_rows(range(self.n_units)[::-1], words)
        else:
            self._move_rows(range(self.n_units), words)
            self._resize(words)
        self.words = words

    def _move_rows(self, units, words):
        flat, used = np.frombuffer(self.buffer, np.uint64), self.written
        for unit in units:
            flat[unit * words : unit * words + used] = flat[unit * self.words : unit * self.words + used]

    def _resize(self, words):
        # Where the system can, the pages are mapped anew rather than copied.
        size = self.n_units * words
        del self.buffer[size:]
        while missing := size - len(self.buffer):
            self.buffer.frombytes(_ZEROS[: missing * self.buffer.itemsize])


def append_planes(planes: NDArray[np.uint64], at: int, part: NDArray[np.uint64], n_samples: int) -> None:
    """Write the samples of ``part`` from sample ``at`` on; the bits there are still clear."""
    word, shift = divmod(at, WORD)
    filled = -(-n_samples // WORD)
    room = planes.shape[1] - word - 1  # what spills past the end is padding
    step = max(1, _PIECE // max(filled, 1))
    for unit in range(0, len(planes), step):  # a few units at a time: shifting makes copies
        rows, source = planes[unit : unit + step], part[unit : unit + step, :filled]
        rows[:, word : word + filled] |= source << np.uint64(shift)
        if shift:
            rows[:, word + 1 : word + 1 + filled] |= (source >> np.uint64(WORD - shift))[:, :room]
