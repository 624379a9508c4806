"""What reducing activations to on/off loses: explained variance with and without, rule by rule."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .estimates import frozen_array

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class BinarisationCost:
    """Cross-validated shares of a target's variance: from the activations, and from their patterns by each rule.

    Attributes
    ----------
    rules : tuple of str
        The threshold rules, as they were asked for.
    continuous : float
        Share of the target's variance that the activations themselves explain, on samples left out of fitting;
        below 0 where the mean would have predicted better.
    explained : ndarray, shape (k,)
        The same for the patterns of each rule.
    covariance : ndarray, shape (k + 1, k + 1)
        Of ``continuous`` and ``explained``, in this order; all come from the same samples.
    n_samples, n_units, folds, seed : int
    """

    rules: tuple[str, ...]
    continuous: float
    explained: NDArray[np.float64]
    covariance: NDArray[np.float64]
    n_samples: int
    n_units: int
    folds: int
    seed: int

    def __post_init__(self) -> None:
        k = len(self.rules)
        for name, shape in (("explained", (k,)), ("covariance", (k + 1, k + 1))):
            array = frozen_array(getattr(self, name))
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape} for {k} rules; it must be {shape}")
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def continuous_error(self) -> float:
        """Standard error of ``continuous``."""
        return float(np.sqrt(max(self.covariance[0, 0], 0.0)))

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Of ``explained``, shape (k,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance)[1:], 0.0))

    @property
    def losses(self) -> NDArray[np.float64]:
        """``continuous - explained``: the share of the variance that each rule loses, shape (k,)."""
        return self.continuous - self.explained

    @property
    def loss_errors(self) -> NDArray[np.float64]:
        """Standard errors of ``losses``, paired sample by sample, shape (k,)."""
        return np.array([self._paired_error(0, at + 1) for at in range(len(self))])

    def difference(self, rule: str, other: str) -> tuple[float, float]:
        """How much more of the variance one rule keeps than another, and the paired standard error.

        Raises
        ------
        ValueError
            If a rule is not among those compared.
        """
        for name in (rule, other):
            if name not in self.rules:
                raise ValueError(f"{name!r} was not compared; here are {', '.join(map(repr, self.rules))}")
        a, b = self.rules.index(rule), self.rules.index(other)
        return float(self.explained[a] - self.explained[b]), self._paired_error(a + 1, b + 1)

    def _paired_error(self, a, b):
        v = self.covariance
        return float(np.sqrt(max(v[a, a] + v[b, b] - 2 * v[a, b], 0.0)))

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per rule."""
        import pandas

        columns = {
            "rule": self.rules,
            "explained": self.explained,
            "standard_error": self.standard_errors,
            "loss": self.losses,
            "loss_error": self.loss_errors,
        }
        return pandas.DataFrame(columns)

    def _headline(self):
        return (
            f"activations of {self.n_units:,} units explain {_percent(self.continuous, self.continuous_error)} of the "
            f"target's variance, cross-validated in {self.folds} folds of {self.n_samples:,} samples"
        )

    def _rows(self):
        numbers = zip(self.rules, self.explained, self.standard_errors, self.losses, self.loss_errors, strict=True)
        return [(rule, _percent(kept, error), _percent(lost, of_loss)) for rule, kept, error, lost, of_loss in numbers]

    def __repr__(self) -> str:
        rows = self._rows()
        width = max((len(rule) for rule, _, _ in rows), default=0)
        lines = [f"  {rule:<{width}}  explains {kept}, loses {lost}" for rule, kept, lost in rows]
        return "\n".join([f"BinarisationCost: {self._headline()}", *lines])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in ("a unit is on above", "explains", "loses"))
        rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in self._rows())
        headline = self._headline()
        return f"<p>{html.escape(headline[0].upper() + headline[1:])}.</p><table><tr>{head}</tr>{rows}</table>"


def _percent(share, error):
    return f"{share:.1%} ± {error:.1%}"
