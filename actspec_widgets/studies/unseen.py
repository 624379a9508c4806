"""What predictions are worth on samples that nothing was fitted on: shares of variance with errors over samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .study import Row

PENALTIES = np.logspace(-1, 4, 11)  # of the ridge regression, per standardised column; leave-one-out chooses


def ridge(known: NDArray, y: NDArray[np.float64], new: NDArray) -> NDArray[np.float64]:
    """Predictions for ``new`` from a ridge regression of ``y`` on ``known``."""
    from sklearn.linear_model import RidgeCV

    centre, spread = known.mean(axis=0, dtype=np.float64), known.std(axis=0, dtype=np.float64)
    spread[spread == 0] = 1
    fit = RidgeCV(PENALTIES).fit((known - centre) / spread, y)
    return fit.predict((new - centre) / spread)


def share_columns(name: str, y: NDArray[np.float64], predicted: NDArray[np.float64]) -> Row:
    """Share of variance and its standard error by the delta method."""
    squared, spread = (y - predicted) ** 2, (y - y.mean()) ** 2
    left = squared.mean() / spread.mean()
    influence = (squared - left * spread) / spread.mean()
    return {name: float(1 - left), f"{name}_error": float(influence.std(ddof=1) / np.sqrt(len(y)))}


def gain_columns(name: str, y: NDArray[np.float64], before: NDArray[np.float64], after: NDArray[np.float64]) -> Row:
    """What the predictions ``after`` explain beyond those ``before``, its error from the differences."""
    gained = ((y - before) ** 2 - (y - after) ** 2) / np.var(y)
    return {name: float(gained.mean()), f"{name}_error": float(gained.std(ddof=1) / np.sqrt(len(y)))}
