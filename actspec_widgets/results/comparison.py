"""Two spectra of the same units, subset by subset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .estimates import frozen_array
from .spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between spectra a and b.

    Standard errors of differences are those of independent estimates. Where both come from the same samples, part of
    the noise is shared and a difference is rather more certain than its error says.

    Attributes
    ----------
    subsets : tuple of tuples of int
        Reported by either; those that both report come first, then those of a only, then those of b only, each by
        falling size of the coefficient.
    coefficients, standard_errors : ndarray, shape (k, 2)
        Of a and of b; NaN where one does not report the subset, which is not the same as zero.
    twins : tuple of (tuple of int or None)
        For a subset that one spectrum only reports, an equivalent of it that the other reports in its place.
    explained_variance, explained_variance_error : ndarray, shape (2,)
    """

    subsets: tuple[Subset, ...]
    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    twins: tuple[Subset | None, ...]
    explained_variance: NDArray[np.float64]
    explained_variance_error: NDArray[np.float64]

    @property
    def differences(self) -> NDArray[np.float64]:
        """Coefficient of a less that of b, shape (k,)."""
        return self.coefficients[:, 0] - self.coefficients[:, 1]

    @property
    def difference_errors(self) -> NDArray[np.float64]:
        return np.hypot(self.standard_errors[:, 0], self.standard_errors[:, 1])

    @property
    def in_both(self) -> NDArray[np.bool_]:
        return np.isfinite(self.differences)

    @property
    def in_a(self) -> NDArray[np.bool_]:
        return np.isfinite(self.coefficients[:, 0])

    def __len__(self) -> int:
        return len(self.subsets)


def compare_spectra(a: Spectrum, b: Spectrum) -> Comparison:
    """Set two spectra beside each other.

    Raises
    ------
    ValueError
        If they are of different numbers of units, or their characters of different kinds: their subsets or their
        coefficients do not compare.

    Examples
    --------
    Subsets that both report with a difference and its error, those of one only with NaN::

        found = compare_spectra(before, after)
        list(zip(found.subsets, found.differences, found.difference_errors))
    """
    if a.n_units != b.n_units:
        raise ValueError(
            f"one spectrum is of {a.n_units:,} units, the other of {b.n_units:,}, so their subsets do not correspond; "
            "compare spectra of the same units"
        )
    if a.encoding.kind != b.encoding.kind:
        raise ValueError(
            f"one spectrum has basis={a.encoding.kind!r}, the other {b.encoding.kind!r}, whose coefficients do "
            "not compare; compute both with the same characters"
        )
    places = [{subset: at for at, subset in enumerate(s.subsets)} for s in (a, b)]
    both = [s for s in a.subsets if s in places[1]]
    only = [[s for s in one.subsets if s not in other] for one, other in ((a, places[1]), (b, places[0]))]

    def size(subset):
        found = [abs(s.coefficients[at[subset]]) for s, at in zip((a, b), places, strict=True) if subset in at]
        return -max(found)

    subsets = [*sorted(both, key=size), *sorted(only[0], key=size), *sorted(only[1], key=size)]
    values, errors = np.full((2, len(subsets), 2), np.nan)
    for column, (s, at) in enumerate(zip((a, b), places, strict=True)):
        for row, subset in enumerate(subsets):
            if subset in at:
                values[row, column] = s.coefficients[at[subset]]
                errors[row, column] = s.standard_errors[at[subset]]
    twins = [None] * len(both)
    twins += [_twin(subset, a, b) for subset in subsets[len(both) : len(both) + len(only[0])]]
    twins += [_twin(subset, b, a) for subset in subsets[len(both) + len(only[0]) :]]
    return Comparison(
        tuple(subsets),
        frozen_array(values),
        frozen_array(errors),
        tuple(twins),
        frozen_array([a.explained_variance, b.explained_variance]),
        frozen_array([a.explained_variance_error, b.explained_variance_error]),
    )


def _twin(subset, own, other):
    """What the other spectrum reports and either lists as equivalent to ``subset``."""
    listed = own.equivalents[own.subsets.index(subset)]
    for candidate, others in zip(other.subsets, other.equivalents, strict=True):
        if candidate in listed or subset in others:
            return candidate
    return None
