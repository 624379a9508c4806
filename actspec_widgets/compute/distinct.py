"""How many distinct subsets a search has scored, without keeping them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset

_SEED = 0x5EED
_PENDING = 1 << 20  # hashes added before repeated ones are dropped
_PIECES = 16  # in which that is done, by the first bits of a hash
_SHIFT = np.uint64(64 - (_PIECES.bit_length() - 1))


def words(n_units: int) -> NDArray[np.uint64]:
    """A random word for each unit; the exclusive or of a subset's words is its hash of 64 bits.

    Two subsets share a hash with probability ``2^-64``, and turning a unit over changes it by that unit's word.
    """
    return np.random.default_rng(_SEED).integers(0, 1 << 64, size=(n_units,), dtype=np.uint64)


class DistinctSubsets:
    """Subsets by their hash (:func:`words`). ``hear`` is called between pieces of work, and may stop it."""

    def __init__(self, n_units: int, hear: Callable[[], object] = lambda: None):
        self._hear = hear
        self._words = words(n_units)
        self._distinct = [np.empty(0, np.uint64)] * _PIECES
        self._added: list[NDArray[np.uint64]] = []
        self._pending = 0

    def add(self, subsets: Iterable[Subset]) -> None:
        """Count some subsets."""
        self._append(np.array([self._hash(subset) for subset in subsets], np.uint64))

    def add_flips(self, subset: Subset, units: NDArray[np.bool_]) -> None:
        """Count ``subset`` with one unit added or removed, for each of ``units``, bool (n_units,)."""
        self._append(self._words[units] ^ self._hash(subset))

    def __len__(self) -> int:
        if self._added:
            added = np.concatenate(self._added)
            piece = added >> _SHIFT
            for at, known in enumerate(self._distinct):
                self._distinct[at] = np.unique(np.concatenate([known, added[piece == at]]))
                self._hear()
            self._added, self._pending = [], 0
        return sum(known.size for known in self._distinct)

    def _hash(self, subset: Subset) -> np.uint64:
        return np.uint64(np.bitwise_xor.reduce(self._words[list(subset)]))

    def _append(self, hashes: NDArray[np.uint64]) -> None:
        self._added.append(hashes)
        self._pending += hashes.size
        if self._pending > _PENDING:
            len(self)
