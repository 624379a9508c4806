"""How a quantity moves with the dropout rate, each seed giving one slope, and how weight should decay in theory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..curves import Curve, Level, level_of
from .reading import LEVELS

if TYPE_CHECKING:
    from pandas import DataFrame

KINDS = {"input": "input_dropout", "hidden": "hidden_dropout"}
PERCENTS = tuple(sorted((round(100 * level) for level in LEVELS), reverse=True))  # the most telling first
LEAST_SEEDS = 2
MOST_PREDICTED = 0.5
ERROR_RATE = 0.01  # two-sided: at most one trend in a hundred comes from the choice of seeds alone


@dataclass(frozen=True, eq=False)
class Trend:
    """Slopes of one quantity over the rate.

    Attributes
    ----------
    curve : Curve
        Mean over seeds at each rate, and its standard error.
    slope : Level
        Mean of the seeds' least-squares slopes, per unit of rate, and its standard error over seeds.
    limit : float
        Student's t beyond which the slope over its error counts.
    """

    curve: Curve
    slope: Level
    limit: float

    @property
    def direction(self) -> int:
        """+1 where it rises, -1 where it falls, 0 where these seeds cannot decide."""
        return int(np.sign(self.slope.value)) if abs(self.slope.value) > self.limit * self.slope.error else 0

    def text(self, digits: int = 2) -> str:
        rates, means, errors = self.curve
        first, last = (f"{means[i]:.{digits}f} ± {errors[i]:.{digits}f}" for i in (0, -1))
        return f"{first} without dropout, {last} at rate {rates[-1]:g}, slope {self.slope.text(digits, '+')}"

    def in_short(self, digits: int = 2) -> str:
        rates, means, _ = self.curve
        way = {1: "up", 0: "no trend", -1: "down"}[self.direction]
        return f"{means[0]:.{digits}f} at {rates[0]:g}, {means[-1]:.{digits}f} at {rates[-1]:g}: {way}"


def rows_of(table: DataFrame, kind: str, *, layer: str | None = None, search: str = "exhaustive") -> DataFrame:
    """Rows in which nothing but this kind of dropout was used, with its rate as column ``rate``."""
    other = next(column for name, column in KINDS.items() if name != kind)
    rows = table[(table[other] == 0) & (table["search"] == search)]
    if layer is not None:
        rows = rows[rows["layer"] == layer]
    return rows.assign(rate=rows[KINDS[kind]])


def by_seed(rows: DataFrame, column: str) -> DataFrame:
    """Mean over targets and digits: one line for each seed, one column for each rate; incomplete seeds left out."""
    return rows.pivot_table(index="seed", columns="rate", values=column, aggfunc="mean").dropna()


def trend(rows: DataFrame, column: str) -> Trend | None:
    """The trend of one column; None where fewer than two seeds or rates have it."""
    if column not in rows:
        return None
    # a mean over fewer targets at one rate than at another would compare different things
    return trend_of(by_seed(_complete(rows, column), column))


def trend_of(grid: DataFrame) -> Trend | None:
    """The trend of a table with one line for each seed and one column for each rate."""
    from scipy.stats import t

    if len(grid) < LEAST_SEEDS or grid.shape[1] < 2:
        return None
    rates, values = grid.columns.to_numpy(dtype=float), grid.to_numpy(dtype=float)
    centred = rates - rates.mean()
    slopes = values @ centred / (centred @ centred)
    seeds = len(slopes)
    return Trend(
        Curve(rates, values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(seeds)),
        level_of(slopes),
        float(t.ppf(1 - ERROR_RATE / 2, seeds - 1)),
    )


def reached_level(rows: DataFrame) -> int | None:
    """The highest level, in %, that every collection of these rows reaches; None where none is."""
    return next((level for level in PERCENTS if rows[f"subsets_for_{level}"].notna().all()), None)


def _complete(rows, column):
    """Rows of those targets and digits that have this number in every cell."""
    return rows.groupby(["target", "digit"]).filter(lambda group: bool(group[column].notna().all()))


def measured_decay(rows: DataFrame) -> DataFrame:
    """ln of W^2 / W^1 of the collections less its value without dropout: one line per seed, one column per rate.

    Weights are summed over targets and digits; the theory says ``2 ln(1-p)``. Rates at which the collections of some
    seed hold no single unit, or no pair, have no logarithm and are left out; the table is empty where fewer than two
    rates are left.
    """
    sums = rows.groupby(["seed", "rate"])[["weight_1", "weight_2"]].sum().unstack("rate").dropna()
    ratio = (_log(sums["weight_2"]) - _log(sums["weight_1"])).dropna(axis="columns")
    if rows["rate"].min() not in ratio or ratio.shape[1] < 2:
        return ratio.iloc[:0, :0]
    return _less_first(ratio)


def product_decay(rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Measured and predicted change of ln(W^{>=2} / W^1) under the product measure, by seed and rate.

    The prediction is ``T_{1-p}`` of that seed's network without dropout: ``sum_{k>=2} (1-p)^(2k) W^k`` over
    ``(1-p)^2 W^1``. Weights are summed over targets and digits, for rates up to 0.5: beyond, the predicted higher
    weight is below a hundredth of the whole, less than the error of its estimate.
    """
    rows = rows[rows["rate"] <= MOST_PREDICTED]
    columns = [c for c in rows if c == "product_variance" or c.startswith(("product_weight", "noisy_variance"))]
    sums = rows.groupby(["seed", "rate"])[columns].sum()
    first = sums["product_weight_1"].unstack("rate")
    measured = _log((sums["product_variance"].unstack("rate") - first) / first).dropna()
    predicted = measured.copy()
    for rate in [rate for rate in measured.columns if rate > 0]:
        left = (1 - rate) ** 2 * first[0.0]
        noisy = sums[f"noisy_variance_{rate:g}"].xs(0.0, level="rate")
        predicted[rate] = _log((noisy - left) / left)
    return _less_first(measured.loc[predicted.dropna().index]), _less_first(predicted.dropna())


def _log(values):
    return np.log(values.where(values > 0))


def _less_first(grid):
    return grid.sub(grid.iloc[:, 0], axis=0) if grid.shape[1] else grid


def ratio_to(measured: DataFrame, predicted: DataFrame | NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Least-squares factor through zero from predicted to measured: its mean over seeds, error, and t limit.

    1 is the theory, 0 no decay at all.
    """
    from scipy.stats import t

    if len(measured) < LEAST_SEEDS or measured.shape[1] < 2:
        return None
    y = measured.to_numpy(dtype=float)
    x = np.broadcast_to(np.asarray(predicted, dtype=float), y.shape)
    if not (x**2).sum(axis=1).all():
        return None
    factors = (x * y).sum(axis=1) / (x**2).sum(axis=1)
    return *level_of(factors), float(t.ppf(1 - ERROR_RATE / 2, len(factors) - 1))


def told_apart(value: float, error: float, limit: float) -> str:
    """What :func:`ratio_to` says: "theory", "other decay", "growth", "either" (no decay or the theory) or "no decay".

    Examples
    --------
    >>> [told_apart(value, 0.1, 3.0) for value in (1.1, 0.5, -0.5, 0.0)], told_apart(0.5, 0.3, 3.0)
    (['theory', 'other decay', 'growth', 'no decay'], 'either')
    """
    decays, as_predicted = value > limit * error, abs(value - 1) <= limit * error
    if decays:
        return "theory" if as_predicted else "other decay"
    if value < -limit * error:
        return "growth"
    return "either" if as_predicted else "no decay"
