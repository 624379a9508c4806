"""Spectra of the same units for several outputs, and the subsets that all of them report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class TargetComparison:
    """Spectra of the same units for several outputs.

    Attributes
    ----------
    names : tuple of str
        What each output is, in words.
    spectra : tuple of Spectrum
    overlaps : ndarray, shape (t, t)
        Of each two spectra the subsets that both report, divided by those that either reports (Jaccard index).
    reported : ndarray of bool, shape (k, t)
        Whether each spectrum reports each subset of the first, itself or an equivalent of it.
    surviving : tuple of tuple of int
        Subsets that every spectrum reports, in the order of the first.
    """

    names: tuple[str, ...]
    spectra: tuple[Spectrum, ...]
    overlaps: NDArray[np.float64]
    reported: NDArray[np.bool_]

    @classmethod
    def of(cls, names: Sequence[str], spectra: Sequence[Spectrum]) -> TargetComparison:
        """Set spectra of the same units side by side."""
        sets = [set(spectrum.subsets) for spectrum in spectra]
        overlaps = [[len(a & b) / len(a | b) if a | b else 1.0 for b in sets] for a in sets]
        known = [
            found | {twin for twins in s.equivalents for twin in twins} for found, s in zip(sets, spectra, strict=True)
        ]
        reported = np.array([[subset in found for found in known] for subset in spectra[0].subsets], bool)
        return cls(tuple(names), tuple(spectra), np.array(overlaps), reported.reshape(-1, len(spectra)))

    @property
    def surviving(self) -> tuple[Subset, ...]:
        everywhere = np.flatnonzero(self.reported.all(axis=1))
        return tuple(self.spectra[0].subsets[i] for i in everywhere)

    def __repr__(self) -> str:
        width = max(map(len, self.names))
        lines = [f"Found for all of {len(self.names)} outputs: {_shown(self.surviving)}"]
        for name, spectrum, overlap in zip(self.names, self.spectra, self.overlaps[0], strict=True):
            lines.append(f"  {name:{width}}  {len(spectrum)} found, overlap with {self.names[0]} {overlap:.2f}")
        return "\n".join(lines)


def _shown(subsets: Sequence[Subset]) -> str:
    return ", ".join("{" + ", ".join(map(str, subset)) + "}" for subset in subsets) or "none"
