"""How many samples a subset needs to be found, in theory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...patterns.cube import Subset


def predicted_recall(
    truth: Mapping[Subset, float], noise: float, samples: int, searched: int, alpha: float = 0.05
) -> float:
    """Share of the true subsets that the whole method should report, on balanced independent units.

    Parameters
    ----------
    truth : mapping
        Non-empty subset -> coefficient c.
    noise : float
        Standard deviation of what no subset explains, in units of the target.
    samples : int
    searched : int
        Number N of subsets that the search looks at.
    alpha : float
        As of the method.

    Notes
    -----
    On balanced independent units the characters are orthonormal, so that on m samples an estimate of c has the
    standard error ``sqrt(V / m)``, with V the variance left unexplained by the other subsets fitted with it. Subsets
    come in one after another, the largest first: each where its estimate exceeds what N estimates of nothing reach
    once on average, ``z(1 / (2 N))``, V being all smaller coefficients and the noise. It is reported where its p-value
    times N (Bonferroni) is at most alpha: Student's ``t(alpha / (2 N))`` with as many degrees of freedom as the method
    counts, the samples less one, V being the noise and the coefficients not found. Each estimate is taken as normal;
    both are made on the same samples, so that the rarer of the two decides. As ``z(1 / (2 N))^2`` is about
    ``2 log N``, the samples needed are about ``2 log(N) V / c^2``: the rate ``d log(n) / c^2`` of estimating all
    coefficients of size up to d at once by Hoeffding's bound and the union bound (O'Donnell 2014, section 3.4).

    Examples
    --------
    >>> round(predicted_recall({(0,): 1.0}, 1.0, 100, 1000), 3)
    1.0
    """
    from scipy.special import ndtr, stdtrit

    z_search, _ = _levels(searched, alpha)
    t_report = -float(stdtrit(max(samples - 1, 1), alpha / 2 / searched))
    values, smaller = _largest_first(truth)
    squares = values**2
    chosen = ndtr(_signal(values, noise**2 + smaller, samples) - z_search)
    missed = squares * (1 - chosen)
    significant = ndtr(_signal(values, noise**2 + missed.sum() - missed, samples) - t_report)
    return float(np.mean(np.minimum(chosen, significant)))


def needed_samples(truth: Mapping[Subset, float], noise: float, searched: int, alpha: float = 0.05) -> float:
    """Samples at which every true subset is chosen and reported with even odds or better, each on its own.

    The closed form beside :func:`predicted_recall`, with z in place of t and nothing missed: the largest of
    ``z^2 V / c^2`` over the subsets and the two conditions.
    """
    z_search, z_report = _levels(searched, alpha)
    values, smaller = _largest_first(truth)
    search = z_search**2 * (noise**2 + smaller) / values**2
    report = z_report**2 * noise**2 / values**2
    return float(max(search.max(), report.max()))


def _levels(searched: int, alpha: float) -> tuple[float, float]:
    from scipy.special import ndtri

    return -float(ndtri(0.5 / searched)), -float(ndtri(alpha / 2 / searched))


def _largest_first(truth):
    """Sizes of the coefficients, and for each the sum of squares of the smaller ones."""
    values = np.sort(np.abs(np.array(list(truth.values()), float)))[::-1]
    return values, np.concatenate([np.cumsum(values[::-1] ** 2)[::-1][1:], [0.0]])


def _signal(values, variance, samples):
    with np.errstate(divide="ignore"):
        return values * np.sqrt(samples / variance)
