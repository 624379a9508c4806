"""Points of the cube {-1,+1}^n, subsets of its coordinates, and the characters chi_S.

Every encoding decision of the package is made here: active <=> ``x_i = +1`` <=> bit clear,
inactive <=> ``x_i = -1`` <=> bit set, so that the parity of the bits in S is the sign of chi_S.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import as_array

Subset = tuple[int, ...]


def as_subset(subset: Iterable[int], n_units: int, called: str = "subset") -> Subset:
    """Sort and check one subset of unit indices; sentences about it call it ``called``.

    Raises
    ------
    TypeError
        If an index is not an integer.
    ValueError
        If an index is repeated or outside ``0 .. n_units - 1``.

    Examples
    --------
    >>> as_subset([3, 1], 4)
    (1, 3)
    """
    try:
        indices = tuple(sorted(operator.index(i) for i in subset))
    except TypeError:
        raise TypeError(f"{called} {subset!r} is not a collection of integer unit indices; give e.g. (0, 3)") from None
    if len(set(indices)) != len(indices):
        raise ValueError(f"{called} {indices} repeats a unit; name each unit once")
    if indices and (indices[0] < 0 or indices[-1] >= n_units):
        raise ValueError(f"{called} {indices} has a unit outside 0..{n_units - 1}; the patterns have {n_units} units")
    return indices


def as_subsets(subsets: Iterable[Iterable[int]], n_units: int) -> tuple[Subset, ...]:
    """Sort and check several subsets; their order is kept."""
    return tuple(as_subset(s, n_units) for s in subsets)


def as_units(units: Iterable[int] | None, n_units: int) -> Subset:
    """Sort and check the units that may take part; None stands for all of them."""
    if units is None:
        return tuple(range(n_units))
    chosen = as_subset(units, n_units, "units")
    if not chosen:
        raise ValueError(f"units is empty; name one or more of the {n_units} units, or leave it out for all")
    return chosen


def count_subsets(n_units: int, max_degree: int | None = None, least: int = 1) -> int:
    """Number of subsets of ``least`` to ``max_degree`` units; None stands for every size.

    Examples
    --------
    >>> count_subsets(4, 2), count_subsets(4), count_subsets(4, least=0)
    (10, 15, 16)
    """
    if max_degree is None or max_degree >= n_units:  # all but the smallest, whatever n_units: no long sum
        return (1 << n_units) - sum(math.comb(n_units, size) for size in range(least))
    return sum(math.comb(n_units, size) for size in range(least, max_degree + 1))


def subset_of(mask: int) -> Subset:
    """The units whose bit is set.

    Examples
    --------
    >>> subset_of(0b101)
    (0, 2)
    """
    return tuple(i for i in range(int(mask).bit_length()) if mask >> i & 1)


def order_key(subset: Subset) -> tuple[int, Subset]:
    """Sort key of "simplest first": lowest degree, then smallest indices."""
    return len(subset), subset


def as_signs(X: ArrayLike) -> NDArray[np.int8]:
    """Check patterns given as -1/+1 or bool (True = active) and return int8 of shape (m, n).

    Raises
    ------
    ValueError
        If ``X`` is not two-dimensional, is empty, or holds a value other than -1 and +1.
    """
    X = as_array(X, "the table of patterns")
    if X.ndim != 2:
        raise ValueError(f"patterns have shape {X.shape}; give a table of shape (samples, units)")
    if 0 in X.shape:
        raise ValueError(f"patterns have shape {X.shape}: nothing was recorded; give at least one sample and one unit")
    if X.dtype == bool:
        return np.where(X, np.int8(1), np.int8(-1))
    if X.dtype.kind not in "iuf":
        raise ValueError(f"patterns have dtype {X.dtype}; give -1/+1 numbers, or bool with True = active")
    wrong = ~((X == 1) | (X == -1))
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"patterns hold {X[row, column]} at sample {row}, unit {column}; only -1 and +1 fit. "
            "For float activations use Patterns.from_activations"
        )
    return X.astype(np.int8)


def as_target(y: ArrayLike, n_samples: int) -> NDArray[np.float64]:
    """Check a target and return it as float64 of shape (n_samples,).

    Raises
    ------
    ValueError
        If the length does not match or a value is NaN or infinite.
    """
    y = as_array(y, "the target")
    if y.dtype.kind not in "iufb":
        raise ValueError(f"the target has dtype {y.dtype}; give one real number for each sample")
    if y.shape != (n_samples,):
        raise ValueError(
            f"the target has shape {y.shape}, the patterns hold {n_samples} samples; give shape ({n_samples},)"
        )
    y = y.astype(np.float64)
    if not np.isfinite(y).all():
        first = int(np.flatnonzero(~np.isfinite(y))[0])
        raise ValueError(f"the target is {y[first]} at sample {first}; drop or repair such samples first")
    return y


def varying_target(y: ArrayLike, n_samples: int) -> NDArray[np.float64]:
    """As :func:`as_target`, and refuse a target that never changes."""
    y = as_target(y, n_samples)
    if y.min() == y.max():
        raise ValueError(
            f"the target is {y[0]:g} for all {n_samples} samples, so no subset can explain it; "
            "choose another output or more varied samples"
        )
    return y


def points_from_index(index: ArrayLike, n: int) -> NDArray[np.int8]:
    """Points of the cube from their indices: bit i of the index is set where ``x_i = -1``.

    Examples
    --------
    >>> points_from_index([0, 1, 2], 2)
    array([[ 1,  1],
           [-1,  1],
           [ 1, -1]], dtype=int8)
    """
    index = np.asarray(index, dtype=np.int64)
    bits = (index[:, None] >> np.arange(n, dtype=np.int64)) & 1
    return (1 - 2 * bits).astype(np.int8)


def chi(subset: Iterable[int], points: ArrayLike) -> NDArray[np.int8]:
    """The character chi_S: the product over ``i`` in S of ``x_i``, for points of shape (k, n).

    Examples
    --------
    >>> chi((0, 1), [[1, 1], [-1, 1], [-1, -1]])
    array([ 1, -1,  1], dtype=int8)
    """
    points = np.asarray(points, dtype=np.int8)
    return points[:, list(subset)].prod(axis=1, dtype=np.int8)
