"""What a sum of characters leaves of a function, and how large any coefficient in it can be, by Parseval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, chi


def mean_limit(values: NDArray[np.float64], width: float, delta: float) -> float:
    """An upper limit of the mean of a variable between 0 and ``width`` that holds except with probability ``delta``.

    The largest q with ``m KL(mean / width, q / width) <= log(1 / delta)``, KL that of two coins (Hoeffding 1963,
    theorem 1): small means of variables that seldom are large have limits of the order ``width log(1 / delta) / m``.
    """
    if width <= 0:
        return 0.0
    mean = min(float(values.mean()) / width, 1.0)
    allowed = math.log(1.0 / delta) / len(values)
    low, high = mean, 1.0
    for _ in range(60):
        q = (low + high) / 2.0
        if _divergence(mean, q) <= allowed:
            low = q
        else:
            high = q
    return high * width


def _divergence(p: float, q: float) -> float:
    terms = p * math.log(p / q) if p > 0 else 0.0
    if p < 1:
        terms += (1.0 - p) * math.log((1.0 - p) / (1.0 - q)) if q < 1 else math.inf
    return terms


def half_width(second_moment: float, width: float, count: int, delta: float) -> float:
    """How far the mean of ``count`` values within an interval of ``width`` is from its expectation, at most.

    The empirical Bernstein inequality, one-sided, except with probability ``delta``; the mean square of the values
    serves for their variance, which it exceeds.
    """
    odds = math.log(2.0 / delta)
    variance = second_moment * count / (count - 1)
    return math.sqrt(2.0 * variance * odds / count) + 7.0 * width * odds / (3.0 * (count - 1))


class Remainder:
    """``g = f - sum of c(S) chi_S``, cut off at a size that was settled before the points it is looked at on.

    Attributes
    ----------
    subsets : tuple of subsets
    coefficients : ndarray, shape (k,)
    cut : float
        Largest ``|g|`` that is kept whole.
    beyond : float
        ``|g|`` exceeds ``cut`` by at most this, where a bound of f was told; 0 where none was, and the promise is for
        the function that is cut off.
    """

    def __init__(
        self, subsets: tuple[Subset, ...], coefficients: NDArray[np.float64], cut: float, beyond: float
    ) -> None:
        self.subsets, self.coefficients = subsets, coefficients
        self.cut, self.beyond = cut, beyond

    def of(self, points: NDArray[np.int8], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """g at points where f has these values."""
        left = values.copy()
        for subset, coefficient in zip(self.subsets, self.coefficients, strict=True):
            left -= coefficient * chi(subset, points)
        return left

    def tail(self, left: NDArray[np.float64], delta: float) -> float:
        """At most so much of a coefficient is in what is cut off: ``E|g - cut g|``; 0 where nothing bounds it."""
        return mean_limit(np.maximum(np.abs(left) - self.cut, 0.0), self.beyond, delta) if self.beyond > 0 else 0.0

    def largest(self, left: NDArray[np.float64], delta: float) -> float:
        """No coefficient of g is larger, except with probability ``delta``: the root of ``E[g^2]``, noise included."""
        kept = left.clip(-self.cut, self.cut)
        return math.sqrt(mean_limit(kept**2, self.cut**2, delta / 2.0)) + self.tail(left, delta / 2.0)

    def largest_of_pairs(self, left: NDArray[np.float64], again: NDArray[np.float64], delta: float) -> float:
        """The same from two answers at each point, whose product has the expectation that no noise adds to."""
        one, two = (values.clip(-self.cut, self.cut) for values in (left, again))
        product = one * two
        mean = float(product.mean())
        reach = half_width(float(np.square(product - mean).mean()), 2.0 * self.cut**2, len(left), delta / 2.0)
        return math.sqrt(max(mean + reach, 0.0)) + self.tail(left, delta / 2.0)
