"""Held-out estimates of a chosen collection: joint coefficients, robust errors, corrected p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from .. import dense
from ..means import signed_totals
from .selection import character


@dataclass(frozen=True)
class JointFit:
    """Least squares of a target on characters and an intercept, on data that took no part in choosing them."""

    subsets: tuple[Subset, ...]
    intercept: float
    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    character_means: NDArray[np.float64]
    p_values: NDArray[np.float64]  # two-sided, corrected
    gains: NDArray[np.float64]
    gram: NDArray[np.float64]
    covariance: NDArray[np.float64]  # HC3, of the coefficients
    redundancy_error: float
    explained_variance: float
    explained_variance_error: float


def usable(patterns: Patterns, subsets: tuple[Subset, ...], min_side: int) -> tuple[Subset, ...]:
    """The subsets whose characters take both signs often enough and are not sums of those before them."""
    kept: list[Subset] = []
    for subset in subsets:
        total = abs(signed_totals(patterns, (subset,), np.ones(patterns.n_samples))[0, 0])
        trial = (*kept, subset)
        if patterns.n_samples - total >= 2 * min_side and np.linalg.cond(_gram(patterns, ((), *trial))) < 1e8:
            kept.append(subset)
    return tuple(kept)


def fit(patterns: Patterns, y: NDArray[np.float64], subsets: tuple[Subset, ...], examined: int) -> JointFit:
    """Estimate all ``subsets`` jointly.

    Errors are heteroscedasticity-robust (HC3: MacKinnon and White 1985). P-values come from Student's t with as
    many degrees of freedom as the rarer sign of the character has samples, less one, which is what Welch's test
    comes down to at worst; they are multiplied by ``examined``, the number of subsets searched (Bonferroni).
    """
    from scipy.special import stdtr

    m, k = y.size, len(subsets)
    columns = ((), *subsets)
    gram = _gram(patterns, columns)
    inverse = dense.inverse(gram * m)
    moments = signed_totals(patterns, columns, y)[:, 0]
    beta = dense.times(inverse, moments)
    signs = [character(patterns, s) for s in columns]
    fitted, leverage = np.zeros(m), np.zeros(m)
    for j, chi in enumerate(signs):
        fitted += beta[j] * chi
        weighted = np.zeros(m)
        for other, chi_other in enumerate(signs):
            weighted += inverse[j, other] * chi_other
        leverage += chi * weighted
    residual = y - fitted
    spread = (residual / np.maximum(1 - leverage, 1e-9)) ** 2
    meat = _products(columns, lambda pairs: signed_totals(patterns, pairs, spread)[:, 0])
    covariance = dense.sandwich(inverse, meat)[1:, 1:]
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    rarer = m * (1 - np.abs(gram[0, 1:])) / 2
    freedom = np.maximum(np.minimum(rarer, m - k) - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(beta[1:] == 0, 0.0, np.abs(beta[1:]) / errors)
    explained, explained_error = _explained(y, residual, k)
    return JointFit(
        subsets=subsets,
        intercept=float(beta[0]),
        coefficients=beta[1:],
        standard_errors=errors,
        character_means=moments[1:] / m,
        p_values=np.minimum(2 * stdtr(freedom, -t) * float(min(examined, 10**300)), 1.0),
        gains=_gains(gram * m, moments, y),
        gram=gram[1:, 1:],
        covariance=covariance,
        redundancy_error=_redundancy_error(gram[1:, 1:], signs[1:]),
        explained_variance=explained,
        explained_variance_error=explained_error,
    )


def fit_significant(patterns, y, subsets, examined: int, alpha: float, kept: int = 0) -> JointFit:
    """Drop the least significant subset and estimate the rest again, until all are below ``alpha``.

    The first ``kept`` stay whatever their p-values.
    """
    while True:
        result = fit(patterns, y, subsets, examined)
        p_values = result.p_values[kept:]
        if not p_values.size or p_values.max() <= alpha:
            return result
        # of several that are certain chance (p = 1) the last one chosen goes first
        worst = len(subsets) - 1 - int(np.argmax(p_values[::-1]))
        subsets = subsets[:worst] + subsets[worst + 1 :]


def _products(columns, totals):
    """Symmetric table of ``totals`` of chi_S chi_T = chi_{S xor T}."""
    upper = [(a, b) for a in range(len(columns)) for b in range(a, len(columns))]
    values = totals(tuple(tuple(sorted(set(columns[a]) ^ set(columns[b]))) for a, b in upper))
    table = np.empty((len(columns), len(columns)))
    for (a, b), value in zip(upper, values, strict=True):
        table[a, b] = table[b, a] = value
    return table


def _gram(patterns, columns):
    ones = np.ones(patterns.n_samples)
    return _products(columns, lambda pairs: signed_totals(patterns, pairs, ones)[:, 0]) / patterns.n_samples


def _gains(gram, moments, y):
    """Share of variance that each column adds to those before it."""
    projections = dense.sequential_projections(gram, moments)
    return projections[1:] ** 2 / ((y - y.mean()) ** 2).sum()


def _redundancy_error(gram, signs):
    """Standard error of the mean of ``|gram|`` over the pairs: that of a mean over samples with the signs fixed."""
    k = len(signs)
    if k < 2:
        return 0.0
    influence = np.zeros(signs[0].size)
    for a in range(1, k):
        direction = np.sign(gram[a, :a])
        influence += signs[a] * sum(direction[b] * signs[b] for b in range(a))
    return float(influence.std() / (k * (k - 1) / 2) / np.sqrt(influence.size))


def _explained(y, residual, k):
    """Adjusted share of variance and its delta-method error (from the influence values of a ratio of means)."""
    total = (y - y.mean()) ** 2
    share = residual**2
    ratio = share.mean() / total.mean()
    influence = (share - ratio * total) / total.mean()
    m = y.size
    return float(1 - ratio * (m - 1) / (m - k - 1)), float(influence.std() / np.sqrt(m))
