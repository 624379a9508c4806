"""Subsets, each with a value and its standard error."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .coverage import Coverage

if TYPE_CHECKING:
    import pandas

_SHOWN = 20


def frozen_array(values: Any, dtype: Any = np.float64) -> NDArray[Any]:
    """A read-only copy."""
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Estimates:
    """One number per subset, such as a character mean over data.

    Attributes
    ----------
    subsets : tuple of tuples of int
    values, standard_errors : ndarray, shape (k,)
        In units of the target. An error is infinite where one sample says nothing about it.
    n_samples : int or None
        Recorded samples behind the values.
    coverage : Coverage or None
        What the search that found them has looked at.
    counts : ndarray of int, shape (k,), or None
        From :func:`actspec_widgets.coactive`: samples in which all units of a subset are active.

    Examples
    --------
    >>> from actspec_widgets import Patterns, scan
    >>> patterns = Patterns.from_signs([[1, 1], [-1, 1], [1, -1], [-1, -1]])
    >>> found = scan(patterns, [1.0, -1.0, -1.0, 1.0], max_degree=2, top=1)
    >>> found.subsets, found.values.tolist(), found.coverage.examined
    (((0, 1),), [1.0], 3)
    """

    subsets: tuple[Subset, ...]
    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    n_samples: int | None = None
    coverage: Coverage | None = None
    counts: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "subsets", tuple(self.subsets))
        object.__setattr__(self, "values", frozen_array(self.values))
        object.__setattr__(self, "standard_errors", frozen_array(self.standard_errors))
        if self.counts is not None:
            object.__setattr__(self, "counts", frozen_array(self.counts, np.int64))
        k = len(self.subsets)
        if self.values.shape != (k,) or self.standard_errors.shape != (k,):
            raise ValueError(f"{k} subsets need {k} values and {k} standard errors")

    def __len__(self) -> int:
        return len(self.subsets)

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per subset."""
        import pandas

        columns = {
            "subset": self.subsets,
            "degree": [len(s) for s in self.subsets],
            "value": self.values,
            "standard_error": self.standard_errors,
        }
        if self.counts is not None:
            columns["count"] = self.counts
        return pandas.DataFrame(columns)

    def _rows(self) -> list[tuple[str, str]]:
        pairs = zip(self.subsets[:_SHOWN], self.values, self.standard_errors, strict=False)
        rows = [("{" + ", ".join(map(str, s)) + "}", f"{v:+.4f} ± {e:.4f}") for s, v, e in pairs]
        if self.counts is not None:
            rows = [(s, f"{v}, in {count:,} samples") for (s, v), count in zip(rows, self.counts, strict=False)]
        if len(self) > _SHOWN:
            rows.append(("...", f"{len(self) - _SHOWN:,} more"))
        return rows

    def _headline(self) -> str:
        return f"{len(self):,} subsets"

    def _said(self) -> str:
        """What a reader of a list by :func:`actspec_widgets.coactive` has to know."""
        return "" if self.counts is None or self.coverage is None else " ".join(self.coverage.notes)

    def __repr__(self) -> str:
        lines = [f"Estimates: {self._headline()}", *(f"  {s}  {v}" for s, v in self._rows()), self._said()]
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        body = "".join(f"<tr><td>{html.escape(s)}</td><td>{html.escape(v)}</td></tr>" for s, v in self._rows())
        head = "<tr><th>subset</th><th>value</th></tr>"
        said = f"<p>{html.escape(self._said())}</p>" if self._said() else ""
        return f"<p>{html.escape(self._headline())}</p><table>{head}{body}</table>{said}"
