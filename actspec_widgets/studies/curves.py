"""Curves over seeds: means with their standard errors, and where such a curve crosses a level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


class Curve(NamedTuple):
    """Means over seeds at each place of an axis, with standard errors (not-a-number from a single seed)."""

    at: NDArray[np.float64]
    mean: NDArray[np.float64]
    error: NDArray[np.float64]


class Level(NamedTuple):
    """A number with its standard error."""

    value: float
    error: float

    def text(self, digits: int = 2) -> str:
        spread = "error unknown from one seed" if np.isnan(self.error) else f"± {self.error:.{digits}f}"
        return f"{self.value:.{digits}f} {spread}"


def rows_at(table: DataFrame, settings: type, but: tuple[str, ...] = (), **changes: Any) -> DataFrame:
    """The rows whose settings are the defaults, with ``changes``, whatever ``but`` and ``seed`` are."""
    keep = np.ones(len(table), dtype=bool)
    for field in fields(settings):
        if field.name not in (*but, "seed"):
            keep &= (table[field.name] == changes.get(field.name, field.default)).to_numpy()
    return table[keep]


def curve(rows: DataFrame, axis: str, column: str) -> Curve:
    """Mean of a column at each value of ``axis``."""
    groups = rows.groupby(axis, sort=True)[column]
    means, errors = groups.mean(), groups.std() / np.sqrt(groups.count())
    return Curve(means.index.to_numpy(float), means.to_numpy(float), errors.to_numpy(float))


def mean_of(rows: DataFrame, column: str) -> Level:
    """Mean of a column over all rows, each a run of its own."""
    values = rows[column].to_numpy(float)
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return Level(float(values.mean()), float(error))


def crossing(found: Curve, level: float) -> Level | None:
    """Natural logarithm of the place where a curve first rises to ``level``; None where it does not within its range.

    Between two places the curve is taken as straight over the logarithm; the error is that of the curve over its slope.
    """
    for i in range(1, found.at.size):
        low, high = found.mean[i - 1], found.mean[i]
        if low < level <= high:
            share = (level - low) / (high - low)
            step = np.log(found.at[i] / found.at[i - 1])
            error = np.hypot((1 - share) * found.error[i - 1], share * found.error[i])
            return Level(float(np.log(found.at[i - 1]) + share * step), float(error * step / (high - low)))
    return None


def paired_change(rows: DataFrame, axis: str, column: str, start: float, end: float) -> Level:
    """Mean over seeds of a column at ``end`` less the same at ``start`` of ``axis``."""
    table = rows.pivot_table(index="seed", columns=axis, values=column)
    change = (table[end] - table[start]).dropna().to_numpy(float)
    error = change.std(ddof=1) / np.sqrt(change.size) if change.size > 1 else np.nan
    return Level(float(change.mean()), float(error))


def draw(axes: Axes, found: Curve, label: str, style: Mapping[str, Any]) -> None:
    """The curve, with bars of one standard error."""
    axes.errorbar(found.at, found.mean, np.nan_to_num(found.error), label=label, capsize=2, **style)


def dress(axes: Axes, title: str, across: str, up: str) -> None:
    """Titles, and no frame where no axis is."""
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
