"""The target where a subset's parity is even and where it is odd."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset


@dataclass(frozen=True, eq=False)
class ParityGroup:
    """The samples with one sign of the subset's character.

    Attributes
    ----------
    sign : {1, -1}
        +1: an even number of the subset's units is off.
    n_samples : int
    mean, standard_error : float
        Of the target over them, in its units; NaN where there are too few samples.
    shown : ndarray of int, shape (k,)
        A few of them, evenly spaced in the order of their targets, smallest first.
    """

    sign: int
    n_samples: int
    mean: float
    standard_error: float
    shown: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ParityGroups:
    """Both parity groups of a subset, nothing held fixed: half the difference is not the joint coefficient.

    Attributes
    ----------
    subset : tuple of int
    even, odd : ParityGroup
    difference, difference_error : float
        Mean of the even group less that of the odd one, and its standard error.
    """

    subset: Subset
    even: ParityGroup
    odd: ParityGroup
    difference: float
    difference_error: float
