"""Small cubes: ask for every point once and transform exactly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import points_from_index
from ..transform.wht import walsh_hadamard
from .queries import MeteredQuery

REPEATS = 16


def table_queries(n_units: int) -> int:
    """Queries that :func:`table_spectrum` asks."""
    return (1 << n_units) + REPEATS


def table_spectrum(query: MeteredQuery, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """f_hat of every subset, indexed by bit mask, and the standard error that the function's own noise gives each."""
    n = query.n_units
    values = query.evaluate_many(1 << n, lambda start, stop: points_from_index(np.arange(start, stop), n))
    again = rng.integers(0, 1 << n, REPEATS)
    noise = repeat_noise(values[again], query.at(points_from_index(again, n)))
    return np.asarray(walsh_hadamard(values), dtype=np.float64), noise / math.sqrt(1 << n)


def repeat_noise(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Standard deviation of one evaluation, from the same points asked twice; 0 where rounding explains it."""
    noise = math.sqrt(float(np.square(first - second).mean()) / 2.0)
    return noise if noise > 1e-9 * float(np.abs(first).max()) else 0.0
