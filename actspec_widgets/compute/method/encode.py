"""The data as characters read them: thresholds, means and scales of the units, and units that say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...patterns.table import as_activations
from ...patterns.thresholds import thresholds
from ...results.encoding import KINDS, Encoding
from .relations import UnitClasses, unit_classes


def checked_data(
    data: Patterns | ArrayLike, basis: str, threshold: str | float | ArrayLike | None
) -> Patterns | NDArray:
    """Patterns, or activations as a table of floats.

    Raises
    ------
    ValueError
        If the basis is not known, does not fit what was given, or the activations are not a finite table.
    """
    if basis not in KINDS:
        raise ValueError(f"basis={basis!r} is not known; use one of {', '.join(map(repr, KINDS))}")
    if isinstance(data, Patterns):
        if threshold is not None:
            raise ValueError(
                "threshold was given with Patterns, which are on and off already; give activations, or leave it out"
            )
        if basis == "continuous":
            raise ValueError(
                "basis='continuous' multiplies activations, and Patterns hold only on and off; give the "
                "activations, shape (m, n)"
            )
        return data
    table = as_activations(data)
    if basis == "continuous" and threshold is not None:
        raise ValueError("basis='continuous' takes the activations as they are; leave threshold out")
    return table


def encode(
    data: Patterns | NDArray, y: NDArray[np.float64], basis: str, threshold: str | float | ArrayLike | None
) -> tuple[Patterns | NDArray, Encoding]:
    """The data as the characters read them, and how."""
    if basis == "continuous":
        centres, scales = _moments(data)
        return data, Encoding("continuous", None, centres, scales)
    cuts = None
    if not isinstance(data, Patterns):
        cuts = thresholds(data, "zero" if threshold is None else threshold, y)
        data = Patterns.from_activations(data, cuts)
    if basis == "signs":
        return data, Encoding("signs", cuts)
    centres = 1 - 2 * data.inactive_counts() / data.n_samples
    scales = np.sqrt(1 - centres**2)
    return data, Encoding("biased", cuts, centres, np.where(scales > 0, scales, 1.0))


def _moments(A):
    """Mean and standard deviation of each unit; a scale of 1 where it never changes."""
    centres, scales = np.empty((2, A.shape[1]))
    for unit in range(A.shape[1]):
        column = A[:, unit].astype(np.float64)
        largest = np.abs(column).max() or 1.0  # squares of very large or small numbers leave the range of floats
        column /= largest
        centres[unit], scales[unit] = column.mean() * largest, column.std() * largest
        if column.min() == column.max():
            centres[unit], scales[unit] = column[0] * largest, 1.0
    return centres, np.where(scales > 0, scales, 1.0)


def classes_of(recorded: Patterns | NDArray, encoding: Encoding, units: Subset | None = None) -> UnitClasses:
    """Units that say the same, among those given; the first of a class stands for it.

    Units of "continuous" are one class where their standardised activations are equal, or negated, to the last bit;
    copies on another scale come out as near-duplicates.
    """
    if isinstance(recorded, Patterns):
        classes = unit_classes(recorded)
    else:
        still = np.flatnonzero(recorded.min(axis=0) == recorded.max(axis=0)).tolist()
        classes = _equal_columns(recorded, encoding, set(still))
    if units is None:
        return classes
    named = set(units)
    members = (tuple(unit for unit in group if unit in named) for group in classes.members)
    left = tuple(sorted(group for group in members if group))
    return UnitClasses(tuple(group[0] for group in left), left, classes.constants)


def _equal_columns(A, encoding, still):
    groups: dict[bytes, list[int]] = {}
    for unit in range(A.shape[1]):
        if unit in still:
            continue
        column = encoding.values(A, (unit,))[0]
        nonzero = np.flatnonzero(column)
        if nonzero.size and column[nonzero[0]] < 0:
            column = -column
        groups.setdefault((column + 0.0).tobytes(), []).append(unit)  # + 0.0 makes one zero of two
    members: tuple[Subset, ...] = tuple(tuple(group) for group in groups.values())
    return UnitClasses(tuple(group[0] for group in members), members, tuple(sorted(still)))


def take(data: Patterns | NDArray, samples: NDArray[np.intp]) -> Any:
    """Some samples of a recording."""
    return data.take(samples) if isinstance(data, Patterns) else data[samples]


def as_setting(threshold: str | float | ArrayLike | None) -> Any:
    """A threshold as text and numbers, which a file keeps as they are."""
    return threshold if threshold is None or isinstance(threshold, str) else np.asarray(threshold, float).tolist()
