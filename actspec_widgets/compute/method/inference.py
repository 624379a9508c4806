"""Held-out estimates of a chosen collection: joint coefficients, robust errors, corrected p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from .. import dense
from .characters import Characters, as_characters


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
    gram: NDArray[np.float64]  # cosines
    covariance: NDArray[np.float64]  # HC3, of the coefficients
    redundancy_error: float
    explained_variance: float
    explained_variance_error: float


def usable(data: Patterns | Characters, subsets: tuple[Subset, ...], min_side: int) -> tuple[Subset, ...]:
    """The subsets whose characters rest on enough samples and are not sums of those before them."""
    characters = as_characters(data)
    ones = characters.rows(((),))[0]
    kept: list[Subset] = []
    for subset in subsets:
        rows = characters.rows((subset,))
        if characters.balanced(rows, characters.inner(rows, ones), min_side)[0]:
            trial = ((), *kept, subset)
            if np.linalg.cond(_cosines(characters.products(trial, np.ones(characters.n_samples)))) < 1e8:
                kept.append(subset)
    return tuple(kept)


def fit(data: Patterns | Characters, y: NDArray[np.float64], subsets: tuple[Subset, ...], examined: int) -> JointFit:
    """Estimate all ``subsets`` jointly.

    Errors are heteroscedasticity-robust (HC3: MacKinnon and White 1985). P-values come from Student's t with as
    many degrees of freedom as the rarer sign of the character has samples, less one, which is what Welch's test
    comes down to at worst, and for products of standardised units as the character has effective samples, less one
    (Satterthwaite); they are multiplied by ``examined``, the number of subsets searched (Bonferroni).
    """
    from scipy.special import stdtr

    characters = as_characters(data)
    m, k = y.size, len(subsets)
    columns = ((), *subsets)
    gram = characters.products(columns, np.ones(m)) / m
    inverse = dense.inverse(gram * m)
    moments = characters.sums(characters.rows(columns), y)
    beta = dense.times(inverse, moments)
    chis = [characters.column(s) for s in columns]
    fitted, leverage = np.zeros(m), np.zeros(m)
    for j, chi in enumerate(chis):
        fitted += beta[j] * chi
        weighted = np.zeros(m)
        for other, chi_other in enumerate(chis):
            weighted += inverse[j, other] * chi_other
        leverage += chi * weighted
    residual = y - fitted
    spread = (residual / np.maximum(1 - leverage, 1e-9)) ** 2
    meat = characters.products(columns, spread)
    covariance = dense.sandwich(inverse, meat)[1:, 1:]
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    evidence = characters.evidence(subsets, gram[0, 1:])
    freedom = np.maximum(np.minimum(evidence, m - k) - 1, 1)
    sizes = np.sqrt(np.diag(gram)[1:])
    cosines = _cosines(gram)[1:, 1:]
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
        gram=cosines,
        covariance=covariance,
        redundancy_error=_redundancy_error(cosines, [chi / size for chi, size in zip(chis[1:], sizes, strict=True)]),
        explained_variance=explained,
        explained_variance_error=explained_error,
    )


def fit_significant(
    data: Patterns | Characters,
    y: NDArray[np.float64],
    subsets: tuple[Subset, ...],
    examined: int,
    alpha: float,
    kept: int = 0,
) -> JointFit:
    """Drop the least significant subset and estimate the rest again, until all are below ``alpha``.

    The first ``kept`` stay whatever their p-values.
    """
    characters = as_characters(data)
    while True:
        result = fit(characters, y, subsets, examined)
        p_values = result.p_values[kept:]
        if not p_values.size or p_values.max() <= alpha:
            return result
        # of several that are certain chance (p = 1) the last one chosen goes first
        worst = len(subsets) - 1 - int(np.argmax(p_values[::-1]))
        subsets = subsets[:worst] + subsets[worst + 1 :]


def _cosines(gram):
    """A Gram matrix of columns brought to the same length."""
    sizes = np.sqrt(np.diag(gram))
    return gram / np.maximum(np.outer(sizes, sizes), 1e-300)


def _gains(gram, moments, y):
    """Share of variance that each column adds to those before it."""
    projections = dense.sequential_projections(gram, moments)
    total = ((y - y.mean()) ** 2).sum()
    return projections[1:] ** 2 / total if total > 0 else np.zeros(len(projections) - 1)


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
    if not total.any():
        return 0.0, 0.0  # the target never changes here: there is nothing to explain
    share = residual**2
    ratio = share.mean() / total.mean()
    influence = (share - ratio * total) / total.mean()
    m = y.size
    return float(1 - ratio * (m - 1) / (m - k - 1)), float(influence.std() / np.sqrt(m))
