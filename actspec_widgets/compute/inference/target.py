"""The target, centred and scaled once; every result is scaled back at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 4 * np.finfo(float).eps
_LEAST = 1e-12  # share of the variance that counts as rounding of our own sums


@dataclass(frozen=True)
class Target:
    """``y = centre + scale * values`` with values of mean 0 and mean square 1.

    ``floor`` is the share of the variance that is rounding: of the numbers as they came (a target of 1e9 +- 1 has few
    digits left for what varies) and of sums over them.
    """

    values: NDArray[np.float64]
    centre: float
    scale: float
    floor: float

    @classmethod
    def of(cls, y: NDArray[np.float64]) -> Target:
        """Whatever the size of ``y``: squares of 1e200 or 1e-200 are never formed."""
        largest = float(np.abs(y).max()) or 1.0
        values = y / largest
        centre = float(values.mean())
        values = values - centre
        deviation = float(np.sqrt(np.mean(values**2)))
        if deviation == 0:
            return cls(np.zeros(y.size), centre * largest, 1.0, 1.0)
        return cls(values / deviation, centre * largest, deviation * largest, max((_ROUNDING / deviation) ** 2, _LEAST))

    @property
    def constant(self) -> bool:
        return not self.values.any()
