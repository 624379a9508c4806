"""What is read off a collection of coefficients: weight by degree, influence, concentration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset


def degree_weights(subsets: Sequence[Subset], coefficients: NDArray) -> NDArray[np.float64]:
    """W^k: the sum of squared coefficients over the subsets of size k, for k = 0 .. largest size.

    References
    ----------
    O'Donnell, *Analysis of Boolean Functions* (2014), section 1.4.

    Examples
    --------
    >>> degree_weights([(0,), (1,), (0, 1)], np.array([0.5, 0.5, -0.5])).tolist()
    [0.0, 0.5, 0.25]
    """
    sizes = np.array([len(s) for s in subsets], dtype=np.intp)
    return np.bincount(sizes, weights=np.square(coefficients), minlength=1).astype(np.float64)


def influences(subsets: Sequence[Subset], coefficients: NDArray, n_units: int) -> NDArray[np.float64]:
    """Inf_i: the sum of squared coefficients over the subsets that contain unit i, shape (n_units,).

    References
    ----------
    O'Donnell (2014), section 2.2, theorem 2.20.
    """
    result = np.zeros(n_units)
    for subset, coefficient in zip(subsets, coefficients, strict=True):
        result[list(subset)] += coefficient**2
    return result


@dataclass(frozen=True)
class Concentration:
    """How few subsets carry the squared weight of a collection.

    Attributes
    ----------
    entropy : float
        Shannon entropy, in nats, of the squared coefficients scaled to sum to one (O'Donnell 2014, section 10.6).
    effective_number : float
        ``exp(entropy)``: as many equally strong subsets would have the same entropy.
    subsets_for : dict of float to int
        The smallest number of subsets that reaches 50, 80 and 90 % of the squared weight.
    """

    entropy: float
    effective_number: float
    subsets_for: dict[float, int]


def concentration(coefficients: NDArray) -> Concentration:
    """Entropy, effective number and subsets to 50/80/90 % of the squared weight."""
    weights = np.sort(np.square(coefficients))[::-1]
    total = weights.sum()
    if total == 0.0:
        return Concentration(0.0, 0.0, {0.5: 0, 0.8: 0, 0.9: 0})
    shares = weights / total
    entropy = float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
    reached = np.cumsum(shares) + 1e-12  # rounding must not ask for one subset more
    needed = {level: int(np.searchsorted(reached, level)) + 1 for level in (0.5, 0.8, 0.9)}
    return Concentration(entropy, float(np.exp(entropy)), needed)
