"""Largest first, and what counts as a tie: the one order in which every search reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..patterns.arrays import as_count
from ..patterns.cube import Subset, order_key
from .memory import require_memory

MOST_LISTED = 10_000_000
_LISTED = 1000  # bytes of a subset in a list, with those that may enter it while it is made (measured: 700 to 900)
TIE = 1e-12  # sums closer than this share of sum |y| are ties: their order must not depend on float rounding
_DEGREES = 20  # bits of a rank that hold the degree
FIXED_POINT = 2**_DEGREES / TIE  # sum |y| in fixed point: ties are the bits below a rank's size, and sums fit 64 bits


def list_length(top: int, available: int | None = None) -> int:
    """How many subsets a search lists: ``top``, and no more than there are.

    Raises
    ------
    ValueError
        If ``top`` is no whole number, below 1, or longer than a list can be held.
    MemoryError
        If the list does not fit.
    """
    length = as_count(top, "top")
    length = length if available is None else min(length, available)
    if length > MOST_LISTED:
        raise ValueError(
            f"top={top:,} subsets are too many to hold in a list; give {MOST_LISTED:,} or fewer, the largest come first"
        )
    require_memory(_LISTED * length, f"a list of {length:,} subsets", "give a smaller top")
    return length


def ranks(sums: NDArray, degrees: NDArray, scale: float) -> NDArray[np.int64]:
    """One integer for each subset: larger means earlier in a list, up to equal size and degree.

    ``sums`` are signed sums of the target over the samples and ``scale`` is the sum of its absolute values.
    """
    sizes = np.rint(np.abs(sums) / (TIE * scale)).astype(np.int64)
    return (sizes << _DEGREES) + ((1 << _DEGREES) - 1 - np.asarray(degrees, np.int64))


def rank_of_size(size: float, scale: float) -> int:
    """A rank that no subset of at least this size falls below, whatever its rounding or degree."""
    return max(int(size / (TIE * scale)) - 1, -1) << _DEGREES


def size_of_rank(rank: int, scale: float) -> float:
    """The largest size that a rank stands for."""
    return ((int(rank) >> _DEGREES) + 0.5) * TIE * scale


def largest_first(subsets: Sequence[Subset], sums: NDArray, scale: float) -> list[int]:
    """Positions in the order of a list: largest sum, ties by lower degree, then smaller indices."""
    order = ranks(sums, np.array([len(s) for s in subsets], np.int64), scale)
    return sorted(range(len(subsets)), key=lambda i: (-order[i], order_key(subsets[i])))
