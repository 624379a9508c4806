"""Cells of a subset: how many samples show each on/off combination of its units; a joint effect needs all of them.

On the samples a character is a linear combination of the constant and the characters of the proper subsets exactly
where one of the ``2^|S|`` cells is empty: the indicator of that cell, in which chi_S has a part, is then zero on all
samples. What such a subset says of the target can be said without it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset

_BITS = 32  # of 62 that a code holds; as many are left for the samples


def smallest_cells(patterns: Patterns, subsets: Sequence[Subset]) -> NDArray[np.int64]:
    """Samples in the smallest cell of each subset, shape (subsets,).

    Examples
    --------
    Two units that are never active together.

    >>> patterns = Patterns.from_signs([[1, -1], [-1, 1], [-1, -1], [-1, 1]])
    >>> smallest_cells(patterns, [(0,), (0, 1)]).tolist()
    [1, 0]
    """
    return np.array([_smallest_cell(patterns.select(subset).signs()) for subset in subsets], dtype=np.int64)


def _smallest_cell(signs):
    codes = np.zeros(len(signs), dtype=np.int64)
    for at, unit in enumerate(signs.T):
        if at and at % _BITS == 0:  # renumbered, codes need no more bits than there are samples
            _, codes = np.unique(codes, return_inverse=True)
        codes = 2 * codes + (unit < 0)
    _, counts = np.unique(codes, return_counts=True)
    return counts.min() if counts.size == 2 ** signs.shape[1] else 0
