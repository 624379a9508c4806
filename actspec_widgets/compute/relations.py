"""Units that say the same on these data: constants, duplicates, negated duplicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..patterns import Patterns
from ..patterns.table import WORD


@dataclass(frozen=True)
class UnitClasses:
    """Units grouped by what they say.

    ``representatives``: the first unit of each class of equal or negated units, in order; ``members``: for each
    of them, the whole class; ``constants``: units that never change.
    """

    representatives: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    constants: tuple[int, ...]


def unit_classes(patterns: Patterns) -> UnitClasses:
    """Group units that always agree or always disagree."""
    valid = _valid_bits(patterns)
    flipped = (patterns.planes[:, 0] & np.uint64(1)).astype(bool)
    canonical = np.where(flipped[:, None], ~patterns.planes & valid, patterns.planes)
    constants = np.flatnonzero(~canonical.any(axis=1))
    classes: dict[bytes, list[int]] = {}
    for unit in np.flatnonzero(canonical.any(axis=1)):
        classes.setdefault(canonical[unit].tobytes(), []).append(int(unit))
    members = tuple(tuple(group) for group in classes.values())
    return UnitClasses(tuple(group[0] for group in members), members, tuple(int(i) for i in constants))


def _valid_bits(patterns):
    """One row of words whose bits are set where there is a sample."""
    n_words = patterns.planes.shape[1]
    filled = np.clip(patterns.n_samples - WORD * np.arange(n_words), 0, WORD)
    return np.array([(1 << int(bits)) - 1 for bits in filled], np.uint64)
