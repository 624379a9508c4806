"""Halves of the samples that have none in common, and that keep groups of samples together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..memory import require_memory

Rows = NDArray[np.intp]


def complementary_halves(
    n_samples: int, pairs: int, rng: np.random.Generator, groups: NDArray[np.intp] | None = None
) -> list[tuple[Rows, Rows]]:
    """Random pairs of halves, each pair without a sample in common and together the whole.

    Parameters
    ----------
    n_samples, pairs : int
    rng : numpy.random.Generator
    groups : array of int, shape (n_samples,), optional
        Numbers of groups, counted from 0; samples of one group come into the same half.

    Returns
    -------
    list of (rows, rows)
        Sample indices in their recorded order. Without groups the sizes differ by one sample at most; with groups
        by the size of the largest group at most.

    Raises
    ------
    MemoryError
        If they do not fit.

    References
    ----------
    Shah and Samworth (2013), *Variable selection with error control: another look at stability selection*,
    Journal of the Royal Statistical Society B 75.
    """
    require_room(n_samples, pairs)
    return [_two_halves(n_samples, rng, groups) for _ in range(pairs)]


def require_room(n_samples: int, pairs: int) -> None:
    """Refuse so many half-samples that they do not fit.

    Raises
    ------
    MemoryError
    """
    require_memory(
        8 * n_samples * pairs, f"{2 * pairs:,} half-samples of {n_samples:,} samples", "ask for fewer of them"
    )


def _two_halves(n_samples, rng, groups):
    if groups is None:
        order = rng.permutation(n_samples)
        first = order[: n_samples // 2]
    else:
        first = np.flatnonzero(np.isin(groups, _half_of_groups(np.bincount(groups), rng)))
    in_first = np.zeros(n_samples, dtype=bool)
    in_first[first] = True
    return np.flatnonzero(in_first), np.flatnonzero(~in_first)


def _half_of_groups(sizes, rng):
    """Groups in random order, each to the half that has fewer samples so far."""
    taken: tuple[list[int], list[int]] = ([], [])
    filled = [0, 0]
    for group in rng.permutation(sizes.size).tolist():
        half = int(filled[1] < filled[0])
        taken[half].append(group)
        filled[half] += int(sizes[group])
    return taken[0]
