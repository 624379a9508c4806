"""The answer of the whole method: the subsets of units that matter jointly."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..patterns import Patterns
from ..patterns.cube import Subset
from . import spectrum_file, weights
from .coverage import Coverage
from .estimates import frozen_array
from .summary import summarise

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Subsets found on one part of the samples, measured on the other.

    Attributes
    ----------
    subsets : tuple of tuples of int
        In the order in which they were chosen.
    coefficients, standard_errors : ndarray, shape (k,)
        Joint least squares of the target on the subsets' characters and an intercept, over the
        held-out samples, with heteroscedasticity-robust (HC3) errors; units of the target.
    character_means : ndarray, shape (k,)
        ``E[y chi_S]`` over the held-out samples; units of the target.
    p_values : ndarray, shape (k,)
        Two-sided, for a coefficient of zero, corrected for the number of subsets examined.
    gains : ndarray, shape (k,)
        Share of the held-out variance that each subset adds to those before it.
    equivalents : tuple of tuples of subsets
        For each subset, others that carry the same information on these data.
    explained_variance, explained_variance_error : float
        Held-out share of the target's variance, adjusted for the number of subsets, and its standard error.
    intercept : float
    gram : ndarray, shape (k, k)
        ``E[chi_S chi_T]`` over the held-out samples: how redundant the subsets are with each other.
    coverage : Coverage
        What the search looked at.
    n_units, n_search, n_estimate : int
        Units, and samples used to search and to estimate.
    unit_names : tuple of str or None
    constant_units : tuple of int
        Units that never change in these data; they take no part.
    settings : dict
        The arguments that reproduce this answer.
    """

    subsets: tuple[Subset, ...]
    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    character_means: NDArray[np.float64]
    p_values: NDArray[np.float64]
    gains: NDArray[np.float64]
    equivalents: tuple[tuple[Subset, ...], ...]
    explained_variance: float
    explained_variance_error: float
    intercept: float
    gram: NDArray[np.float64]
    coverage: Coverage
    n_units: int
    n_search: int
    n_estimate: int
    unit_names: tuple[str, ...] | None = None
    constant_units: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        k = len(self.subsets)
        for name in ("coefficients", "standard_errors", "character_means", "p_values", "gains"):
            array = frozen_array(getattr(self, name))
            if array.shape != (k,):
                raise ValueError(f"{name} has shape {array.shape} for {k} subsets")
            object.__setattr__(self, name, array)
        object.__setattr__(self, "gram", frozen_array(np.reshape(self.gram, (k, k))))
        if len(self.equivalents) != k:
            raise ValueError(f"{len(self.equivalents)} lists of equivalents came for {k} subsets")

    def __len__(self) -> int:
        return len(self.subsets)

    def degree_weights(self) -> NDArray[np.float64]:
        """Sum of squared coefficients by subset size; the index is the size."""
        return weights.degree_weights(self.subsets, self.coefficients)

    def influences(self) -> NDArray[np.float64]:
        """Sum of squared coefficients over the subsets that hold each unit, shape (n_units,)."""
        return weights.influences(self.subsets, self.coefficients, self.n_units)

    def concentration(self) -> weights.Concentration:
        """How few subsets carry the squared weight."""
        return weights.concentration(self.coefficients)

    def predict(self, patterns: Patterns) -> NDArray[np.float64]:
        """The target that the subsets predict for other patterns of the same units, shape (m,).

        Raises
        ------
        ValueError
            If the patterns have another number of units.
        """
        if patterns.n_units != self.n_units:
            raise ValueError(
                f"the patterns have {patterns.n_units} units, this spectrum {self.n_units}; record the same layer"
            )
        result = np.full(patterns.n_samples, self.intercept)
        for subset, coefficient in zip(self.subsets, self.coefficients, strict=True):
            result += coefficient * patterns.select(subset).signs().prod(axis=1, dtype=np.int8)
        return result

    def label(self, subset: Iterable[int]) -> str:
        """A subset in words: ``{3, 17}``, or with the units' names where they have any."""
        names = self.unit_names
        return "{" + ", ".join(str(i) if names is None else names[i] for i in subset) + "}"

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per subset."""
        import pandas

        columns = {
            "subset": self.subsets,
            "units": [self.label(s) for s in self.subsets],
            "degree": [len(s) for s in self.subsets],
            "coefficient": self.coefficients,
            "standard_error": self.standard_errors,
            "p_value": self.p_values,
            "gain": self.gains,
            "character_mean": self.character_means,
            "equivalents": self.equivalents,
        }
        return pandas.DataFrame(columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one ``.npz`` file (no pickle); an existing file is replaced only when done."""
        spectrum_file.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Spectrum:
        """Read a file written by :meth:`save`.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is no such file, or it is damaged, of another kind, or of a newer version.
        """
        return cls(**spectrum_file.load(path))

    def summary(self, language: str = "en") -> str:
        """The findings in plain sentences, in English ("en") or Japanese ("ja")."""
        return summarise(self, language)

    def __repr__(self) -> str:
        rows = [f"  {self.label(s)}  {c:+.4f} ± {e:.4f}" for s, c, e in self._head()]
        more = [f"  ... {len(self) - 20} more"] if len(self) > 20 else []
        return "\n".join([f"Spectrum: {self._headline()}", *rows, *more])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{html.escape(self.label(s))}</td><td>{c:+.4f} ± {e:.4f}</td></tr>" for s, c, e in self._head()
        )
        head = "<tr><th>units</th><th>coefficient</th></tr>"
        return f"<p>{html.escape(self._headline())}</p><table>{head}{cells}</table>"

    def _head(self):
        return list(zip(self.subsets, self.coefficients, self.standard_errors, strict=True))[:20]

    def _headline(self):
        share = f"{self.explained_variance:.1%} ± {self.explained_variance_error:.1%} of the target's variance"
        return f"{len(self)} subsets of {self.n_units} units, {share} on {self.n_estimate:,} held-out samples"
