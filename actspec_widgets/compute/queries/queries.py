"""Values of a queried function: asked in bounded batches, checked and counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns.arrays import as_array, as_count
from ...progress import Cancelled, Progress, tick

Query = Callable[[NDArray[np.int8]], Any]

BATCH_POINTS = 65_536
BATCH_BYTES = 64 << 20  # of points in one batch: few enough for a laptop, enough to keep a device busy


_SINGLE = 2.0**-20  # 16 steps of float32: what the sums in a network round by
_DOUBLE = 1e-9
_USED = 0.1  # of float32 numbers that are rounded, half end in a set bit; of whole or short ones, few


class QueryStopped(Exception):
    """The queried function failed after the search had begun; ``cause`` says how, and the search ends with it."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class MeteredQuery:
    """A function of points of the cube that checks its answers and counts what was asked.

    Parameters
    ----------
    query : callable
        int8 points of shape ``(k, n)`` in {-1,+1} -> ``k`` real numbers.
    n_units : int
    max_queries : int or None
        The searches plan within it; ``left`` says what remains.
    batch_size : int or None
        Points handed over in one call. Default: 65,536, fewer where that exceeds 64 MiB.
    progress : callable or None
        Gets ``(queries answered, queries planned)`` after each batch.
    """

    def __init__(
        self,
        query: Query,
        n_units: int,
        *,
        max_queries: int | None = None,
        batch_size: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        if not callable(query):
            raise TypeError(
                f"query is {type(query).__name__}; give a function of int8 points (k, n) that returns k numbers"
            )
        self.query = query
        self.n_units = as_count(n_units, "n_units")
        self.max_queries = None if max_queries is None else as_count(max_queries, "max_queries")
        self.batch_size = default_batch(self.n_units) if batch_size is None else as_count(batch_size, "batch_size")
        self.progress = progress
        self.planned = 0
        self.used = 0
        self.bound: float | None = None  # larger answers are refused
        self._in_single, self._odd = True, 0  # whether float32 holds all answers, and how many use its last bit

    @property
    def rounding(self) -> float:
        """Share of the size of an answer below which differences are rounding.

        Answers that came in float32, or through it as a network's do, are known by their last bit: float32 holds all of
        them, and many end in a set bit. Whole numbers and other short ones are exact and do not.
        """
        return _SINGLE if self._in_single and self._odd > _USED * self.used else _DOUBLE

    @property
    def left(self) -> int | None:
        """Queries that the budget still allows; None without a budget."""
        return None if self.max_queries is None else self.max_queries - self.used

    def evaluate(self, points: NDArray[np.int8]) -> NDArray[np.float64]:
        """Values at one batch of points.

        Raises
        ------
        ValueError
            If the very first answer has the wrong shape or holds NaN or infinity, or any exceeds ``bound``.
        QueryStopped
            If the function raises, or answers badly later on.
        """
        k = points.shape[0]
        try:
            answer = self.query(points)
        except Cancelled:
            raise
        except Exception as error:
            raise QueryStopped(error) from error
        try:
            values = _as_values(answer, k)
        except ValueError as error:
            if self.used == 0:
                raise
            raise QueryStopped(error) from error
        if self.bound is not None and np.abs(values).max(initial=0.0) > self.bound * (1 + 1e-9):
            raise ValueError(
                f"query returned a value beyond bound={self.bound:g}, on which the promise rests; "
                "give a larger bound, or none to have it measured"
            )
        self.used += k
        if self._in_single:
            with np.errstate(over="ignore"):
                single = values.astype(np.float32)
            self._in_single = bool((single == values).all())
            self._odd += int((single.view(np.uint32) & 1).sum())
        tick(self.progress, self.used, max(self.planned, self.used))
        return values

    def at(self, points: NDArray[np.int8]) -> NDArray[np.float64]:
        """Values at given points; the function gets a copy of them."""
        return self.evaluate_many(len(points), lambda start, stop: points[start:stop].copy())

    def evaluate_many(self, count: int, make_points: Callable[[int, int], NDArray[np.int8]]) -> NDArray[np.float64]:
        """Values at ``count`` points that ``make_points(start, stop)`` builds batch by batch."""
        values = np.empty(count)
        for start in range(0, count, self.batch_size):
            stop = min(start + self.batch_size, count)
            values[start:stop] = self.evaluate(make_points(start, stop))
        return values


def default_batch(n_units: int) -> int:
    """Points in one batch."""
    return min(BATCH_POINTS, max(1, BATCH_BYTES // n_units))


def degree_limit(max_degree: int | None, n_units: int) -> int | None:
    """``max_degree`` checked; None where it excludes nothing."""
    if max_degree is None:
        return None
    limit = as_count(max_degree, "max_degree", 0)
    return None if limit >= n_units else limit


def random_bits(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fair bits of that shape."""
    count = math.prod(shape)
    drawn = np.frombuffer(rng.bytes(-(-count // 8)), dtype=np.uint8)
    return np.unpackbits(drawn, count=count).reshape(shape)


def uniform_points(count: int, n_units: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Points drawn uniformly from the cube, int8 of shape (count, n_units)."""
    return signs_of(random_bits((count, n_units), rng))


def signs_of(bits: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Bits to a new array of points: bit set <=> -1."""
    return (1 - 2 * bits.view(np.int8)).astype(np.int8, copy=False)


def _as_values(answer: Any, k: int) -> NDArray[np.float64]:
    values = as_array(answer, "the answer of the query")
    if values.dtype.kind not in "iufb":
        raise ValueError(f"query returned dtype {values.dtype}; return one real number for each point")
    if values.shape != (k,):
        raise ValueError(f"query returned shape {values.shape} for {k} points; return shape ({k},), one number a point")
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        first = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ValueError(
            f"query returned {values[first]} at point {first} of a batch of {k}; it must be finite everywhere"
        )
    return values
