"""The numbers read off a spectrum, each with the error that the coefficients' errors give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import weights

if TYPE_CHECKING:
    from .spectrum import Spectrum

_DRAWS = 1000  # of the coefficients, for the errors of counts
_SEED = 0x5EED


@dataclass(frozen=True, eq=False)
class Measure:
    """A number, or an array of numbers, read off a spectrum.

    Attributes
    ----------
    value : float or ndarray
    standard_error : float or ndarray
        NaN where the spectrum does not carry what it takes: one put together by hand, or an old file.
    corrected : float, ndarray or None
        The value less the bias that squaring noisy coefficients adds; None where there is no simple formula.
    """

    value: float | NDArray[np.float64]
    standard_error: float | NDArray[np.float64]
    corrected: float | NDArray[np.float64] | None = None

    def __float__(self) -> float:
        """The value, where it is one number."""
        return float(self.value)


def measures(spectrum: Spectrum) -> dict[str, Measure]:
    """Every number read off ``spectrum``, by name; :meth:`Spectrum.summary_numbers` says what they are."""
    sizes = np.array([len(s) for s in spectrum.subsets], dtype=np.float64)
    return {
        "degree_weights": degree_weights(spectrum),
        "influences": influences(spectrum),
        "effective_degree": _mean(spectrum, sizes),
        "locality": _mean(spectrum, sizes == 1),
        **_concentration(spectrum),
        "redundancy": redundancy(spectrum),
    }


def degree_weights(spectrum: Spectrum) -> Measure:
    """Sum of squared coefficients by subset size; the index is the size."""
    sizes = np.array([len(s) for s in spectrum.subsets])
    return _sums(spectrum, (np.arange(sizes.max(initial=0) + 1)[:, None] == sizes).astype(np.float64))


def influences(spectrum: Spectrum, units: Sequence[int] | None = None) -> Measure:
    """Sum of squared coefficients over the subsets that hold each of some units, of all when None."""
    holding = _holding(spectrum.subsets, spectrum.n_units)
    return _sums(spectrum, holding if units is None else holding[list(units)])


def _holding(subsets, n):
    """Which subsets hold each unit, sparse: of 100,000 subsets of 784 units the full table would take 600 MB."""
    from scipy.sparse import csr_array

    units = np.array([unit for subset in subsets for unit in subset], dtype=np.intp)
    columns = np.repeat(np.arange(len(subsets)), [len(subset) for subset in subsets])
    return csr_array((np.ones(len(units)), (units, columns)), shape=(n, len(subsets)))


def redundancy(spectrum: Spectrum) -> Measure:
    """Mean size of the entries of ``gram`` off its diagonal."""
    error = spectrum.redundancy_error
    value = float("nan") if spectrum.gram is None else weights.redundancy(spectrum.gram)
    return Measure(value, float("nan") if error is None else error)


def _errors(spectrum, slopes):
    """Delta method, for numbers with these derivatives by the squared coefficients, shape (numbers, k)."""
    if spectrum.covariance is None:
        return np.full(len(slopes), 0.0 if spectrum.exact else np.nan)
    gradients = 2 * spectrum.coefficients * slopes
    return np.sqrt(np.maximum(np.einsum("ai,ij,aj->a", gradients, spectrum.covariance, gradients), 0.0))


def _unbiased_squares(spectrum):
    return spectrum.coefficients**2 - spectrum.standard_errors**2  # E[c_hat^2] = c^2 + Var(c_hat)


def _sums(spectrum, members):
    """Sums of squared coefficients; row a of ``members`` has ones at those that take part in sum a."""
    values = members @ spectrum.coefficients**2
    if spectrum.covariance is None:
        errors = np.full(len(values), 0.0 if spectrum.exact else np.nan)
    else:
        errors = _errors(spectrum, members if isinstance(members, np.ndarray) else members.toarray())
    return Measure(values, errors, members @ _unbiased_squares(spectrum))


def _mean(spectrum, numbers):
    """A mean of one number for each subset, weighted with its squared coefficient."""
    value = weights.mean_over_weight(numbers, spectrum.coefficients)
    if np.isnan(value):
        return Measure(value, value, value)
    slopes = (numbers - value) / np.square(spectrum.coefficients).sum()
    squares = _unbiased_squares(spectrum)
    corrected = float((numbers * squares).sum() / squares.sum()) if squares.sum() > 0 else float("nan")
    return Measure(value, float(_errors(spectrum, slopes[None])[0]), corrected)


def _concentration(spectrum):
    found = spectrum.concentration()
    shares = weights.shares(spectrum.coefficients)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    slopes = -(logs + found.entropy) / (np.square(spectrum.coefficients).sum() or 1.0)
    error = float(_errors(spectrum, slopes[None])[0])
    return {
        "entropy": Measure(found.entropy, error),
        "effective_number": Measure(found.effective_number, found.effective_number * error),
        "subsets_for": Measure(np.array(list(found.subsets_for.values()), dtype=np.float64), _count_errors(spectrum)),
    }


def _count_errors(spectrum):
    """A count has no derivative: its spread over draws of the coefficients from their normal limit."""
    levels = len(weights.LEVELS)
    if spectrum.covariance is None and not spectrum.exact:
        return np.full(levels, np.nan)
    if spectrum.exact or not len(spectrum):
        return np.zeros(levels)
    size, axes = np.linalg.eigh(spectrum.covariance)
    normal = np.random.default_rng(_SEED).standard_normal((_DRAWS, len(spectrum)))
    draws = spectrum.coefficients + np.einsum("dj,ij->di", normal * np.sqrt(np.maximum(size, 0.0)), axes)
    ordered = np.sort(draws**2, axis=1)[:, ::-1]
    return weights.counts(ordered / ordered.sum(axis=1, keepdims=True)).std(axis=0)
