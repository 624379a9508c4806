"""Which samples are searched and which are held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...results.evidence import FEWEST

_MIN_PART = 2 * FEWEST  # samples that either part needs


def split_samples(m: int, split: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Sample indices to search on and to estimate on, each in their recorded order."""
    size = round(m * split)
    if min(size, m - size) < _MIN_PART:
        raise ValueError(
            f"{m} samples split at {split:g} leave {size} to search on and {m - size} to estimate on; "
            f"each part needs {_MIN_PART} or more, so record more samples or move split"
        )
    order = np.random.default_rng(seed).permutation(m)
    return np.sort(order[:size]), np.sort(order[size:])
