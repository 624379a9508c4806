"""The target on each on/off combination of a subset's units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .estimates import frozen_array
from .measures import Measure


@dataclass(frozen=True, eq=False)
class CellMeans:
    """Means of the target over the samples of each cell; bit i of a cell's index is set where the i-th unit is off.

    Attributes
    ----------
    subset : tuple of int
    counts : ndarray of int, shape (2^|S|,)
        Samples in each cell.
    means, standard_errors : ndarray, shape (2^|S|,)
        In units of the target; NaN where there are too few samples.
    samples : tuple of ndarray of int
        Which samples each cell has, in the order of their targets.
    """

    subset: Subset
    counts: NDArray[np.int64]
    means: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    samples: tuple[NDArray[np.intp], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", frozen_array(self.counts, np.int64))
        for name in ("means", "standard_errors"):
            object.__setattr__(self, name, frozen_array(getattr(self, name)))

    @property
    def added_up(self) -> float:
        """Of two units: the mean where both are on if they only added up, each alone less none; else NaN."""
        if len(self.subset) != 2:
            return float("nan")
        _, first_off, second_off, neither = self.means.tolist()
        return first_off + second_off - neither

    @property
    def contrast(self) -> Measure:
        """The alternating sum of the means over the cells, ``sum (-1)^off mean``, and its error.

        Of two units: both + neither - one - other, what they do together beyond what they do apart, nothing else held
        fixed.
        """
        signs = np.array([1 - 2 * (cell.bit_count() % 2) for cell in range(len(self.means))])
        return Measure(float(signs @ self.means), float(np.sqrt(np.square(self.standard_errors).sum())))
