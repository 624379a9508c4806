"""What is read off a collection of coefficients: weight by degree, influence, concentration, locality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset

LEVELS = (0.5, 0.8, 0.9)  # shares of the squared weight for which the subsets are counted


def degree_weights(
    subsets: Sequence[Subset], coefficients: NDArray, max_degree: int | None = None
) -> NDArray[np.float64]:
    """W^k: the sum of squared coefficients over the subsets of size k, for k = 0 .. ``max_degree`` (the largest size).

    References
    ----------
    O'Donnell, *Analysis of Boolean Functions* (2014), section 1.4.

    Examples
    --------
    >>> degree_weights([(0,), (1,), (0, 1)], np.array([0.5, 0.5, -0.5])).tolist()
    [0.0, 0.5, 0.25]
    """
    sizes = np.array([len(s) for s in subsets], dtype=np.intp)
    if max_degree is None:
        max_degree = int(sizes.max(initial=0))
    found = np.bincount(sizes, weights=np.square(coefficients), minlength=max_degree + 1)
    return found[: max_degree + 1].astype(np.float64)


def explained_by_first(gains: NDArray, n_samples: int) -> NDArray[np.float64]:
    """Share of variance that the first 1, 2, ... subsets explain, corrected for their number (adjusted R squared).

    Parameters
    ----------
    gains : ndarray, shape (k,)
        Share of the variance of the samples that each subset adds to those before it.
    n_samples : int

    Examples
    --------
    >>> explained_by_first(np.array([0.5, 0.25]), 101).round(3).tolist()
    [0.495, 0.745]
    """
    count = np.arange(1, len(gains) + 1)
    return 1 - (1 - np.cumsum(gains)) * (n_samples - 1) / (n_samples - count - 1)


def influences(subsets: Sequence[Subset], coefficients: NDArray, n_units: int) -> NDArray[np.float64]:
    """Inf_i: the sum of squared coefficients over the subsets that contain unit i, shape (n_units,).

    References
    ----------
    O'Donnell (2014), section 2.2, theorem 2.20.
    """
    units = np.array([unit for subset in subsets for unit in subset], dtype=np.intp)
    squares = np.repeat(np.square(coefficients), [len(subset) for subset in subsets])
    return np.bincount(units, weights=squares, minlength=n_units).astype(np.float64)


def shares(coefficients: NDArray) -> NDArray[np.float64]:
    """Squared coefficients scaled to sum to one: the chance of each subset in the spectral sample.

    All zero where there is no weight.

    References
    ----------
    O'Donnell (2014), section 1.4.
    """
    squares = np.square(np.asarray(coefficients, dtype=np.float64))
    return squares / (squares.sum() or 1.0)


def mean_over_weight(numbers: NDArray, coefficients: NDArray) -> float:
    """Mean of one number for each subset under the spectral sample; NaN where there is no weight."""
    chances = shares(coefficients)
    return float((numbers * chances).sum()) if chances.any() else float("nan")


def effective_degree(subsets: Sequence[Subset], coefficients: NDArray) -> float:
    """Mean size of a subset drawn by squared weight: the sum of ``k W^k`` over the sum of ``W^k``.

    It is the total influence over the total weight; NaN where there is no weight.

    References
    ----------
    O'Donnell (2014), section 1.4 (spectral sample) and theorem 2.38 (``I[f]`` is the sum of ``k W^k``).

    Examples
    --------
    >>> effective_degree([(0,), (1,), (2,), (0, 1, 2)], np.array([0.5, 0.5, 0.5, -0.5]))
    1.5
    """
    return mean_over_weight(np.array([len(s) for s in subsets], dtype=np.float64), coefficients)


def locality(subsets: Sequence[Subset], coefficients: NDArray) -> float:
    """Share of the squared weight on single units: ``W^1`` over the sum of ``W^k``; NaN where there is no weight.

    1 for a sum of single units, however many (the effective number tells), and 0 where units matter only jointly.

    Notes
    -----
    Our own choice among several that would do: ``W^1`` is the weight of the best linear part (O'Donnell 2014,
    section 1.4), and what a sum over single units cannot hold is what "distributed" means here.

    Examples
    --------
    >>> locality([(0,), (1,), (2,), (0, 1, 2)], np.array([0.5, 0.5, 0.5, -0.5]))
    0.75
    """
    return mean_over_weight(np.array([len(s) == 1 for s in subsets], dtype=np.float64), coefficients)


@dataclass(frozen=True)
class Extent:
    """Over how many units the squared weight of a collection is spread, and how large its subsets are.

    Attributes
    ----------
    effective_units : float
        ``(sum Inf)^2 / sum Inf^2`` over the influences of units: n for n units of equal influence, 1 for a single one.
    mean_degree : float
        Sum of ``k W^k`` over the sum of ``W^k``, k from 1: 1 for single units, k for subsets of k units.
    """

    effective_units: float
    mean_degree: float


def extent(subsets: Sequence[Subset], coefficients: NDArray) -> Extent:
    """Effective units and mean degree of a collection; NaN where it has no weight. The empty subset takes no part.

    Examples
    --------
    >>> extent([(0,), (1, 2)], np.array([1.0, 1.0]))
    Extent(effective_units=3.0, mean_degree=1.5)
    """
    found = influences(subsets, coefficients, 1 + max((max(subset) for subset in subsets if subset), default=0))
    if not (total := float(found.sum())):
        return Extent(float("nan"), float("nan"))
    weight = float(degree_weights(subsets, coefficients)[1:].sum())
    return Extent(total**2 / float(np.square(found).sum()), total / weight)


def redundancy(gram: NDArray) -> float:
    """Mean of ``|E[chi_S chi_T]|`` over the pairs of a collection; 0 for fewer than two subsets.

    Unrelated subsets have about ``sqrt(2 / (pi m))`` on m samples, by chance.

    References
    ----------
    The mean coherence of a dictionary: Tropp (2004), IEEE Transactions on Information Theory 50, has the largest
    entry in place of the mean, which here is below ``rho_max`` by selection.
    """
    k = len(gram)
    return float(np.abs(gram[np.triu_indices(k, 1)]).mean()) if k > 1 else 0.0


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
    ordered = shares(np.sort(np.abs(coefficients))[::-1])
    if not ordered.any():
        return Concentration(0.0, 0.0, dict.fromkeys(LEVELS, 0))
    positive = ordered[ordered > 0]
    entropy = float(-(positive * np.log(positive)).sum())
    return Concentration(entropy, float(np.exp(entropy)), dict(zip(LEVELS, counts(ordered).tolist(), strict=True)))


def counts(ordered: NDArray) -> NDArray[np.int64]:
    """How many of the shares, largest first along the last axis, reach each of ``LEVELS``; shape (..., 3)."""
    reached = np.cumsum(ordered, axis=-1) + 1e-12  # rounding must not ask for one subset more
    return np.stack([(reached < level).sum(axis=-1) + 1 for level in LEVELS], axis=-1)
