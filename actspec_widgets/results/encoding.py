"""How the state of a unit becomes the number that characters multiply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..patterns import Patterns
from ..patterns.arrays import as_array

KINDS = ("signs", "biased", "continuous")
_ARRAYS = ("thresholds", "centres", "scales")


@dataclass(frozen=True, eq=False)
class Encoding:
    """The characters of a spectrum: the product over the units of a subset of one number for each unit.

    Attributes
    ----------
    kind : {"signs", "biased", "continuous"}
        "signs": ``x_i``, +1 where the unit is active and -1 elsewhere; "biased": ``(x_i - centre) / scale``
        (O'Donnell 2014, chapter 8); "continuous": ``(a_i - centre) / scale`` of the activation ``a_i`` itself.
    thresholds : ndarray, shape (n_units,), or None
        A unit is active above it; None where patterns were given, or for "continuous".
    centres, scales : ndarray, shape (n_units,), or None
        Means and standard deviations over the samples that were searched; None for "signs". A unit that never
        changes there has scale 1.
    """

    kind: str = "signs"
    thresholds: NDArray[np.float64] | None = None
    centres: NDArray[np.float64] | None = None
    scales: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"basis={self.kind!r} is not known; use one of {', '.join(map(repr, KINDS))}")
        for name in _ARRAYS:
            given = getattr(self, name)
            if given is not None:
                array = np.array(given, dtype=np.float64)
                if array.ndim != 1 or not np.isfinite(array).all():
                    raise ValueError(f"{name} has shape {array.shape} or is not finite; give one number for each unit")
                array.setflags(write=False)
                object.__setattr__(self, name, array)
        standardised = self.kind != "signs"
        if (self.centres is None, self.scales is None) != (not standardised, not standardised):
            raise ValueError(f"characters of kind {self.kind!r} have {'' if standardised else 'no '}centres and scales")
        if self.kind == "continuous" and self.thresholds is not None:
            raise ValueError("characters of kind 'continuous' have no thresholds")
        if self.scales is not None and not (self.scales > 0).all():
            raise ValueError("a scale is not above 0")
        if len({array.size for array in (self.thresholds, self.centres, self.scales) if array is not None}) > 1:
            raise ValueError("thresholds, centres and scales are for different numbers of units")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Encoding):
            return NotImplemented
        pairs = [(getattr(self, name), getattr(other, name)) for name in _ARRAYS]
        same = all((a is None) == (b is None) and (a is None or np.array_equal(a, b)) for a, b in pairs)
        return self.kind == other.kind and same

    __hash__ = None  # type: ignore[assignment]

    @property
    def n_units(self) -> int | None:
        """Units that it is for; None where it fits any number."""
        return next((a.size for a in (self.thresholds, self.centres, self.scales) if a is not None), None)

    def read(self, data: Patterns | ArrayLike, n_units: int) -> Patterns | NDArray:
        """Patterns or activations of ``n_units`` units in the form that :meth:`values` takes.

        Raises
        ------
        ValueError
            If they are of another number of units, or do not tell what these characters need.
        """
        if isinstance(data, Patterns):
            if self.kind == "continuous":
                raise ValueError(
                    "this spectrum multiplies activations, and Patterns hold only on and off; give the activations"
                )
            recorded: Patterns | NDArray = data
            width = data.n_units
        else:
            recorded = as_array(data, "the table of activations")
            if recorded.ndim != 2 or recorded.dtype.kind not in "iufb":
                raise ValueError(
                    f"the activations have shape {recorded.shape} and dtype {recorded.dtype}; "
                    "give a table of real numbers of shape (samples, units)"
                )
            width = recorded.shape[1]
        if width != n_units:
            what = "patterns" if isinstance(data, Patterns) else "activations"
            raise ValueError(f"the {what} have {width} units, this spectrum {n_units}; record the same layer")
        if isinstance(recorded, Patterns):
            return recorded
        if self.kind != "continuous":
            if self.thresholds is None:
                raise ValueError(
                    "this spectrum was computed from Patterns and knows no thresholds for activations; "
                    "give Patterns, made with the same threshold"
                )
            return Patterns.from_activations(recorded, self.thresholds)
        if recorded.dtype.kind == "f" and not np.isfinite(recorded).all():
            row, column = (int(i) for i in np.argwhere(~np.isfinite(recorded))[0])
            raise ValueError(
                f"activations hold {recorded[row, column]} at sample {row}, unit {column}; repair or drop it first"
            )
        return recorded

    def values(self, recorded: Patterns | NDArray, units: Sequence[int]) -> NDArray[Any]:
        """The numbers of some units in every sample, shape (units, m); signs are int8, others float64."""
        chosen = list(units)
        if isinstance(recorded, Patterns):
            table = recorded.select(chosen).signs().T
        else:
            table = recorded[:, chosen].T.astype(np.float64)
        if self.centres is None or self.scales is None:
            return table
        return np.ascontiguousarray((table - self.centres[chosen, None]) / self.scales[chosen, None])

    def describe(self, language: str = "en") -> str:
        """The characters in one sentence, in English ("en") or Japanese ("ja")."""
        return _SENTENCES[language][self.kind]


_SENTENCES = {
    "en": {
        "signs": "Characters are products of signs.",
        "biased": (
            "Characters are biased: products of signs less their means, over their standard deviations, "
            "both from the samples searched."
        ),
        "continuous": (
            "Characters are continuous: products of activations less their means, over their standard deviations, "
            "both from the samples searched."
        ),
    },
    "ja": {
        "signs": "指標は符号の積です。",
        "biased": "指標は、検索用標本での平均と標準偏差で標準化した符号の積です。",
        "continuous": "指標は、検索用標本での平均と標準偏差で標準化した活性値の積です。",
    },
}
