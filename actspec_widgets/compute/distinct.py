"""How many distinct subsets a search has scored, without keeping them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset

_SEED = 0x5EED
_PENDING = 1 << 20  # hashes added before repeated ones are dropped


class DistinctSubsets:
    """Subsets by a hash of 64 bits: the exclusive or of one random word for each unit.

    Two subsets share a hash with probability ``2^-64``, and turning a unit over changes it by that unit's word.
    """

    def __init__(self, n_units: int):
        self._words = np.random.default_rng(_SEED).integers(0, 1 << 64, size=(n_units,), dtype=np.uint64)
        self._added: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]
        self._pending = 0

    def add(self, subsets: Iterable[Subset]) -> None:
        """Count some subsets."""
        self._append(np.array([self._hash(subset) for subset in subsets], np.uint64))

    def add_flips(self, subset: Subset, units: NDArray[np.bool_]) -> None:
        """Count ``subset`` with one unit added or removed, for each of ``units``, bool (n_units,)."""
        self._append(self._words[units] ^ self._hash(subset))

    def __len__(self) -> int:
        self._added, self._pending = [np.unique(np.concatenate(self._added))], 0
        return self._added[0].size

    def _hash(self, subset: Subset) -> np.uint64:
        return np.uint64(np.bitwise_xor.reduce(self._words[list(subset)]))

    def _append(self, hashes: NDArray[np.uint64]) -> None:
        self._added.append(hashes)
        self._pending += hashes.size
        if self._pending > _PENDING:
            len(self)
