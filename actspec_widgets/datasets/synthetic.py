"""Functions whose subsets are known: what a search should find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns import Patterns
from ..patterns.cube import Subset, as_subsets, chi
from ..progress import Progress, tick

_PIECE = 1 << 21  # signs drawn, or packed, between two ticks: some ten milliseconds


@dataclass(frozen=True, eq=False)
class Planted:
    """Patterns, a target, and the truth behind it.

    Attributes
    ----------
    patterns : Patterns
        The ``n`` units that the target may use, then the constant units, then the duplicates.
    target : ndarray, shape (samples,)
    subsets : tuple of tuples of int
    coefficients : ndarray, shape (k,)
        One for each subset.
    constants, duplicates : tuple of int
        Units added that never change, and that repeat an earlier unit.
    duplicate_of : tuple of int
        For each duplicate the unit that it repeats.
    """

    patterns: Patterns
    target: NDArray[np.float64]
    subsets: tuple[Subset, ...]
    coefficients: NDArray[np.float64]
    constants: tuple[int, ...]
    duplicates: tuple[int, ...]
    duplicate_of: tuple[int, ...]


def planted(
    n: int,
    subsets: Sequence[Sequence[int]],
    coefficients: Sequence[float],
    *,
    samples: int,
    noise: float = 0.0,
    bias: float = 0.0,
    constants: int = 0,
    duplicates: int = 0,
    seed: int,
    progress: Progress | None = None,
) -> Planted:
    """Draw independent units and a target that is a sum of given parities and Gaussian noise.

    Parameters
    ----------
    n : int
        Units that the target may use.
    subsets, coefficients
        The parities and their weights; the empty subset adds a constant.
    samples : int
    noise : float
        Standard deviation of the noise, in units of the target.
    bias : float
        Mean of every unit, between -1 and 1: 0 is balanced.
    constants, duplicates : int
        Units added that are always active, and that repeat one of the first ``n`` units drawn at random.
    seed : int
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Raises
    ------
    ValueError
        If a subset leaves ``0 .. n - 1``, the lengths differ, or a number is out of range.

    Examples
    --------
    >>> problem = planted(5, [(0, 1), (3,)], [1.0, -0.5], samples=100, seed=0)
    >>> problem.patterns
    Patterns(100 samples, 5 units)
    """
    if n < 1 or samples < 1:
        raise ValueError(f"n={n} units and samples={samples}; both must be 1 or more")
    if constants < 0 or duplicates < 0 or noise < 0:
        raise ValueError(f"constants={constants}, duplicates={duplicates}, noise={noise:g}; none may be negative")
    if not -1 < bias < 1:
        raise ValueError(f"bias={bias:g}; the mean of a unit lies between -1 and 1")
    truth = as_subsets(subsets, n)
    weights = np.asarray(coefficients, dtype=np.float64)
    if weights.shape != (len(truth),):
        raise ValueError(f"{len(truth)} subsets came with coefficients of shape {weights.shape}; give one for each")
    rng = np.random.default_rng(seed)
    signs = np.empty((samples, n), np.int8)
    pieces = _pieces(samples, n)
    for at, rows in enumerate(pieces):
        tick(progress, at, 2 * len(pieces))
        part = signs[rows]
        part[:] = np.where(rng.random(part.shape) < (1 + bias) / 2, np.int8(1), np.int8(-1))
    target = noise * rng.normal(size=samples)
    for subset, weight in zip(truth, weights, strict=True):
        target += weight * chi(subset, signs)
    source = tuple(int(i) for i in rng.integers(0, n, duplicates))

    def with_added():
        for at, rows in enumerate(pieces, start=len(pieces)):
            tick(progress, at, 2 * len(pieces))
            part = signs[rows]
            yield np.concatenate([part, np.ones((len(part), constants), np.int8), part[:, list(source)]], axis=1)

    return Planted(
        patterns=Patterns.from_batches(with_added()),
        target=target,
        subsets=truth,
        coefficients=weights,
        constants=tuple(range(n, n + constants)),
        duplicates=tuple(range(n + constants, n + constants + duplicates)),
        duplicate_of=source,
    )


def _pieces(samples: int, n: int) -> list[slice]:
    rows = max(1, _PIECE // n)
    return [slice(start, start + rows) for start in range(0, samples, rows)]
