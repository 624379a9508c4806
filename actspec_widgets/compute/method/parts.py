"""Which samples are searched and which are held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...results.evidence import FEWEST


def split_samples(
    m: int, split: float, seed: int, groups: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Sample indices to search on and to judge on, each in their recorded order; groups are kept together.

    Raises
    ------
    ValueError
        If either part would be too small.
    """
    rng = np.random.default_rng(seed)
    if groups is None:
        order = rng.permutation(m)
        size = round(m * split)
    else:
        # whole groups in random order, until the share is reached as closely as they allow
        place = rng.permutation(int(groups.max()) + 1)
        order = np.argsort(place[groups], kind="stable")
        ends = np.cumsum(np.bincount(place[groups]))
        size = int(ends[np.argmin(np.abs(ends - m * split))])
    if min(size, m - size) < FEWEST:
        raise ValueError(
            f"{m} samples split at {split:g} leave {size} to search on and {m - size} to judge on; "
            f"each part needs {FEWEST} or more, so record more samples or move split"
        )
    return np.sort(order[:size]), np.sort(order[size:])
