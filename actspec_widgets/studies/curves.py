"""Means over seeds with their standard errors, curves of them, where a curve crosses a level, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#222222", "#7f3c8d", "#999999", "#a33b20")
MARKERS = "osD^vPX*<>"


class Curve(NamedTuple):
    """Means over seeds at each place of an axis, with standard errors (not-a-number from a single seed)."""

    at: NDArray[np.float64]
    mean: NDArray[np.float64]
    error: NDArray[np.float64]


class Level(NamedTuple):
    """A number with its standard error."""

    value: float
    error: float

    def text(self, digits: int = 2, sign: str = "") -> str:
        spread = "error unknown from one seed" if np.isnan(self.error) else f"± {self.error:.{digits}f}"
        return f"{self.value:{sign}.{digits}f} {spread}"


def rows_at(table: DataFrame, settings: type, but: tuple[str, ...] = (), **changes: Any) -> DataFrame:
    """The rows whose settings are the defaults with ``changes``; ``but`` and ``seed`` may have any value."""
    keep = np.ones(len(table), dtype=bool)
    for field in fields(settings):
        if field.name not in (*but, "seed"):
            keep &= (table[field.name] == changes.get(field.name, field.default)).to_numpy()
    return table[keep]


def level_of(values: ArrayLike) -> Level:
    """Mean of independent values, with its standard error (not-a-number for a single one)."""
    values = np.asarray(values, dtype=np.float64)
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return Level(float(values.mean()), float(error))


def curve(rows: DataFrame, axis: str, column: str) -> Curve:
    """Mean of a column at each value of ``axis``."""
    groups = rows.groupby(axis, sort=True)[column]
    means, errors = groups.mean(), groups.std() / np.sqrt(groups.count())
    return Curve(means.index.to_numpy(float), means.to_numpy(float), errors.to_numpy(float))


def mean_of(rows: DataFrame, column: str) -> Level:
    """Mean of a column over all rows, each a run of its own."""
    return level_of(rows[column])


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
    """Mean over seeds of the change of a column from ``start`` to ``end`` of ``axis``."""
    table = rows.pivot_table(index="seed", columns=axis, values=column)
    return level_of((table[end] - table[start]).dropna())


def style(i: int) -> dict[str, Any]:
    """Colour and marker of the ``i``-th line of a picture."""
    return {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "markersize": 4, "linewidth": 1.2}


def draw(axes: Axes, found: Curve, label: str, style: Mapping[str, Any]) -> None:
    """The curve, with bars of one standard error."""
    axes.errorbar(found.at, found.mean, np.nan_to_num(found.error), label=label, **({"capsize": 2} | dict(style)))


def dress(axes: Axes, title: str = "", across: str = "", up: str = "") -> None:
    """Titles; a frame only where there is an axis."""
    if title:
        axes.set_title(title, fontsize=10)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
