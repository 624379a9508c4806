"""Least squares with errors that hold: HC3, or by groups CR2, each with its degrees of freedom.

The column given the others, ``w_j``, decides both: the coefficient is ``w_j . y / |w_j|^2``, and its error rests on as
many samples as ``(sum w^2)^2 / sum w^4``. A sample that the fit must pass through (leverage 1) shows no residual, so
that a coefficient which leans on it has no error: it is infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import dense
from ..kernels import kernel

_ALONE = 1e-8  # leverage closer to 1 than this: the fit passes through the sample
_BLOCK = 256  # samples at a time
_SHARE = 1e-10  # part of a squared weight that counts as leaning on a sample


@dataclass(frozen=True)
class RobustFit:
    """Coefficients of some columns beside an intercept, with their errors.

    ``freedom`` are the degrees of freedom of each t value; ``covariance`` is that of the coefficients.
    """

    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    freedom: NDArray[np.float64]
    covariance: NDArray[np.float64]
    residual: NDArray[np.float64]
    intercept: float

    @property
    def t(self) -> NDArray[np.float64]:
        return t_values(self.coefficients, self.standard_errors)

    @property
    def p(self) -> NDArray[np.float64]:
        """Two-sided p-values, of each coefficient alone."""
        return two_sided(self.t, self.freedom)


def t_values(coefficients: NDArray, errors: NDArray) -> NDArray[np.float64]:
    """Coefficient over error; 0 without an error, infinite where nothing is left over."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((coefficients == 0) | ~np.isfinite(errors), 0.0, coefficients / errors)


def two_sided(t: NDArray, freedom: NDArray) -> NDArray[np.float64]:
    from scipy.special import stdtr

    return np.minimum(2 * stdtr(freedom, -np.abs(t)), 1.0)


@kernel(fastmath={"reassoc", "contract"})
def products(columns, weights):
    """``sum_i weights_i x_ai x_bi`` for all pairs of rows, in one thread."""
    k, m = columns.shape
    out = np.empty((k, k))
    scaled = np.empty(m)
    for a in range(k):
        for i in range(m):
            scaled[i] = columns[a, i] * weights[i]
        for b in range(a, k):
            total = 0.0
            for i in range(m):
                total += scaled[i] * columns[b, i]
            out[a, b] = out[b, a] = total
    return out


@kernel
def combined(matrix, columns):
    """``matrix @ columns`` in a fixed order."""
    k, m = columns.shape
    out = np.zeros((matrix.shape[0], m))
    for a in range(matrix.shape[0]):
        for b in range(k):
            factor = matrix[a, b]
            if factor != 0.0:
                for i in range(m):
                    out[a, i] += factor * columns[b, i]
    return out


def robust_fit(
    columns: NDArray[np.float64],
    y: NDArray[np.float64],
    groups: NDArray[np.intp] | None = None,
    floor: float = 0.0,
) -> RobustFit:
    """Fit ``y`` on the rows of ``columns``, shape (k, m), and an intercept.

    HC3 (MacKinnon and White 1985) with Satterthwaite's freedom, less one; with ``groups``, numbers of the samples'
    groups, CR2 with that of Bell and McCaffrey (2002). ``floor``: a residual's mean square below this is rounding, and
    no error is smaller than what it would give.
    """
    k, m = columns.shape
    means = columns.mean(axis=1)
    centred = np.ascontiguousarray(columns - means[:, None])
    gram = products(centred, np.ones(m)) if k else np.empty((0, 0))
    inverse = dense.inverse(gram) if k else gram
    weights = combined(inverse, centred)
    middle = y.mean()
    beta = (weights * (y - middle)).sum(axis=1)
    residual = (y - middle) - (beta[:, None] * centred).sum(axis=0)
    leverage = 1 / m + (weights * centred).sum(axis=0)
    if groups is None:
        covariance, errors, freedom = _hc3(weights, residual, leverage, m - k - 1)
    else:
        covariance, errors, freedom = _cr2(centred, inverse, weights, residual, groups)
    errors = np.maximum(errors, np.sqrt(floor * (weights**2).sum(axis=1)))
    return RobustFit(beta, errors, freedom, covariance, residual, float(middle - (beta * means).sum()))


def first_of_fit(
    columns: NDArray[np.float64],
    gram: NDArray[np.float64],
    y: NDArray[np.float64],
    groups: NDArray[np.intp] | None = None,
    floor: float = 0.0,
) -> tuple[float, float, float, float]:
    """Coefficient, error, degrees of freedom and p-value of the first row, as :func:`robust_fit` has them, but sooner.

    ``gram``: inner products of the rows, each less its mean.
    """
    k, m = columns.shape
    if groups is not None:
        fit = robust_fit(columns, y, groups, floor)
        return float(fit.coefficients[0]), float(fit.standard_errors[0]), float(fit.freedom[0]), float(fit.p[0])
    inverse = dense.inverse(gram)
    target = y - y.mean()
    beta = dense.times(inverse, (columns * target).sum(axis=1))
    weight, residual, leverage = _of_first(
        columns, columns.mean(axis=1), dense.cholesky(gram), inverse[0], beta, target
    )
    _, errors, freedom = _hc3(weight[None], residual, leverage, m - k - 1)
    errors = np.maximum(errors, np.sqrt(floor * (weight**2).sum()))
    p = two_sided(t_values(beta[:1], errors), freedom)
    return float(beta[0]), float(errors[0]), float(freedom[0]), float(p[0])


@kernel
def _of_first(columns, means, lower, first, beta, target):
    """The first column given the others, over its squared length; the residual; each sample's leverage."""
    k, m = columns.shape
    weight, residual, leverage = np.zeros(m), target.copy(), np.full(m, 1 / m)
    basis = np.empty((k, _BLOCK))  # columns made orthonormal: their squares add up to the leverage
    for start in range(0, m, _BLOCK):
        size = min(_BLOCK, m - start)
        for i in range(k):
            for s in range(size):
                value = columns[i, start + s] - means[i]
                weight[start + s] += first[i] * value
                residual[start + s] -= beta[i] * value
                basis[i, s] = value
            for j in range(0, i - 3, 4):  # four at a time, in the same order: fewer loads and stores
                f, g, h, last = lower[i, j], lower[i, j + 1], lower[i, j + 2], lower[i, j + 3]
                for s in range(size):
                    value = basis[i, s] - f * basis[j, s] - g * basis[j + 1, s]
                    basis[i, s] = value - h * basis[j + 2, s] - last * basis[j + 3, s]
            for j in range(i - i % 4, i):
                factor = lower[i, j]
                for s in range(size):
                    basis[i, s] -= factor * basis[j, s]
            scale = 1 / lower[i, i]
            for s in range(size):
                basis[i, s] *= scale
                leverage[start + s] += basis[i, s] * basis[i, s]
    return weight, residual, leverage


def _hc3(weights, residual, leverage, most):
    room = 1 - leverage
    alone = room < _ALONE
    spread = np.where(alone, 0.0, residual / np.where(alone, 1.0, room)) ** 2
    covariance = products(weights, spread)
    squares = weights**2
    total = squares.sum(axis=1)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    leaning = squares[:, alone].sum(axis=1) > _SHARE * total
    return covariance, np.where(leaning, np.inf, errors), effective_freedom(weights, most)


def effective_freedom(weights: NDArray, most: int) -> NDArray[np.float64]:
    """``(sum w^2)^2 / sum w^4 - 1``, at most what the samples leave."""
    squares = (weights / np.maximum(np.abs(weights).max(axis=1, keepdims=True, initial=0.0), 1e-300)) ** 2
    effective = squares.sum(axis=1) ** 2 / np.maximum((squares**2).sum(axis=1), 1e-300)
    return np.maximum(np.minimum(effective - 1, most), 1e-3)


def _cr2(centred, inverse, weights, residual, groups):
    k, m = centred.shape
    count = int(groups.max()) + 1
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(count + 1))
    # columns of the design, intercept first, brought to orthonormal form: their inner products are leverages
    lower = np.linalg.cholesky(inverse) if k else inverse
    basis = np.vstack([np.full((1, m), m**-0.5), combined(np.ascontiguousarray(lower.T), centred)])
    scores = np.empty((count, k))
    shares, sizes = np.empty((k, count, k + 1)), np.empty((k, count))
    leaning = np.zeros(k, bool)
    total = (weights**2).sum(axis=1)
    for g in range(count):
        at = order[bounds[g] : bounds[g + 1]]
        inside = basis[:, at]
        values, vectors = np.linalg.eigh(products(np.ascontiguousarray(inside), np.ones(at.size)))
        live = values > 1e-12
        alone = values > 1 - _ALONE
        stretch = np.where(alone, 0.0, 1 / np.sqrt(np.maximum(1 - values, _ALONE))) - 1
        left = (vectors.T[:, :, None] * inside[None]).sum(axis=1)  # rows: directions, squared lengths are the values
        own = weights[:, at]
        along = (own[:, None, :] * left[None]).sum(axis=2)  # (k, k + 1)
        factor = np.where(live, stretch / np.where(live, values, 1.0), 0.0)
        adjusted = own + ((along * factor)[:, :, None] * left[None]).sum(axis=1)
        scores[g] = (adjusted * residual[at]).sum(axis=1)
        sizes[:, g] = (adjusted**2).sum(axis=1)
        shares[:, g] = (adjusted[:, None, :] * inside[None]).sum(axis=2)
        lost = (along[:, alone & live] ** 2 / np.maximum(values[alone & live], 1e-300)).sum(axis=1)
        leaning |= lost > _SHARE * total
    covariance = (scores[:, :, None] * scores[:, None, :]).sum(axis=0)
    freedom = np.empty(k)
    for j in range(k):
        inner = (shares[j][:, None, :] * shares[j][None]).sum(axis=2)
        table = np.diag(sizes[j]) - inner
        square = (table**2).sum()
        freedom[j] = np.trace(table) ** 2 / square if square > 0 else 0.0
    errors = np.where(leaning, np.inf, np.sqrt(np.maximum(np.diag(covariance), 0.0)))
    return covariance, errors, np.maximum(freedom, 1e-3)


def selected_intervals(
    coefficients: NDArray, errors: NDArray, freedom: NDArray, level: float, cover: float = 0.95
) -> NDArray[np.float64]:
    """Intervals for coefficients that are only reported because their p-value is at most ``level``.

    The t value is taken as a normal one of the same p-value, cut off where it would not have been reported; the limits
    are the means at which what was seen has the tail probabilities of the interval (Lee, Sun, Sun and Taylor 2016, in
    one dimension). Shape (k, 2). One that was reported whatever its p-value gets the plain interval.
    """
    from scipy.special import log_ndtr, ndtri, ndtri_exp, stdtr, stdtrit

    out = np.empty((len(coefficients), 2))
    cut = -float(ndtri(max(level, 1e-300) / 2))
    tail = (1 - cover) / 2
    for j, (beta, error, df) in enumerate(zip(coefficients, errors, freedom, strict=True)):
        if not np.isfinite(error):
            out[j] = -np.inf, np.inf
            continue
        if error == 0 or beta == 0:
            reach = error * -float(stdtrit(df, tail))
            out[j] = beta - reach, beta + reach
            continue
        p = float(stdtr(df, -abs(beta / error)))
        z = -float(ndtri_exp(np.log(p))) if p > 0 else abs(beta / error)
        if z < cut:  # asked for by name
            reach = error * -float(stdtrit(df, tail))
            out[j] = beta - reach, beta + reach
            continue

        def above(mean, z=z):
            """P(Z >= z given abs(Z) >= cut) for Z of this mean."""
            kept = np.logaddexp(log_ndtr(mean - cut), log_ndtr(-mean - cut))
            return float(np.exp(log_ndtr(mean - z) - kept))

        limits = []
        for wanted in (tail, 1 - tail):
            low, high = z - 40.0, z + 40.0
            for _ in range(80):
                middle = (low + high) / 2
                low, high = (middle, high) if above(middle) < wanted else (low, middle)
            limits.append((low + high) / 2)
        # the interval of the mean in units of z, brought back to those of the coefficient
        ends = sorted(beta * limit / z for limit in limits)
        out[j] = ends
    return out
