"""Random patterns: skewed, correlated, or with misread signs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_signs(samples: int, n: int, bias: float, correlation: float, rng: np.random.Generator) -> NDArray[np.int8]:
    """Units of mean ``bias``, each pair of them correlated.

    Parameters
    ----------
    samples, n : int
    bias : float
        Mean of every unit, between -1 and 1.
    correlation : float
        Correlation of two units, 0 to below 1, where they are balanced; a little less where they are skewed.

    Returns
    -------
    ndarray of int8, shape (samples, n)

    Notes
    -----
    The signs of Gaussians that share a common factor: a correlation r between two of these gives one of
    ``2 / pi arcsin(r)`` between their signs (Sheppard 1899).
    """
    if not -1 < bias < 1 or not 0 <= correlation < 1:
        raise ValueError(f"bias={bias:g}, correlation={correlation:g}; give -1 < bias < 1 and 0 <= correlation < 1")
    from scipy.special import ndtri

    shared = np.sin(np.pi / 2 * correlation)
    own, common = rng.normal(size=(samples, n)), rng.normal(size=(samples, 1))
    level = ndtri((1 + bias) / 2)
    return np.where(np.sqrt(shared) * common + np.sqrt(1 - shared) * own < level, np.int8(1), np.int8(-1))


def flip(signs: NDArray[np.int8], share: float, rng: np.random.Generator) -> NDArray[np.int8]:
    """The same with each sign misread with probability ``share``."""
    if not 0 <= share < 0.5:
        raise ValueError(f"a share of {share:g} of the signs is to be flipped; give 0 to below 0.5")
    return np.where(rng.random(signs.shape) < share, -signs, signs)
