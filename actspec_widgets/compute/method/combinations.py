"""How many samples show each on/off combination of a subset's units: a joint effect is read off all of them.

A character is a linear combination of the constant and the characters of the proper subsets exactly where one of the
``2^|S|`` combinations of its units never occurs: as a function, the indicator of that combination is zero on all
samples, and chi_S has a part in it. What such a subset says of the target can then be said without it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset

_BITS = 32  # of 62 that a code holds; as many are left for the samples


def rarest_combinations(patterns: Patterns, subsets: Sequence[Subset]) -> NDArray[np.int64]:
    """How many samples show the rarest on/off combination of each subset's units, shape (subsets,).

    Examples
    --------
    Two units that are never active together.

    >>> patterns = Patterns.from_signs([[1, -1], [-1, 1], [-1, -1], [-1, 1]])
    >>> rarest_combinations(patterns, [(0,), (0, 1)]).tolist()
    [1, 0]
    """
    return np.array([_rarest(patterns.select(subset).signs()) for subset in subsets], dtype=np.int64)


def _rarest(signs):
    codes = np.zeros(len(signs), dtype=np.int64)
    for at, unit in enumerate(signs.T):
        if at and at % _BITS == 0:  # renumbered, codes need no more bits than there are samples
            _, codes = np.unique(codes, return_inverse=True)
        codes = 2 * codes + (unit < 0)
    _, counts = np.unique(codes, return_counts=True)
    return counts.min() if counts.size == 2 ** signs.shape[1] else 0
