"""What a network is asked at, and what it answers: checks that hold whatever a unit is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..patterns.cube import as_signs


def as_shown(points: ArrayLike, n_units: int, units: str = "units") -> NDArray[np.bool_]:
    """Where points of -1 and +1 are +1, shape (k, n_units); sentences call the units ``units``.

    Raises
    ------
    ValueError
        If the shape or a value does not fit.
    """
    signs = as_signs(points)
    if signs.shape[1] != n_units:
        raise ValueError(f"points have shape {signs.shape} for {n_units} {units}; give (k, {n_units})")
    return signs > 0


def check_finite(values: NDArray[np.float64], what: str = "point") -> None:
    """Refuse answers, shape (k, ...), that are not numbers; ``what`` a row of them belongs to.

    Raises
    ------
    ValueError
        If one is NaN or infinite.
    """
    wrong = ~np.isfinite(values).reshape(len(values), -1).all(1)
    if wrong.any():
        first = int(wrong.argmax())
        raise ValueError(f"the network answers {values[first]} at {what} {first}; look for overflow in its weights")
