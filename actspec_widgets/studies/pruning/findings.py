"""Verdicts: which order of units costs least accuracy, and which codes lose more of it under noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..curves import Level, level_of, mean_of
from ..verdict import RULE, Verdict, judge, judge_level

if TYPE_CHECKING:
    from pandas import DataFrame

ALIKE = 1e-3  # networks that differ no more than this say nothing
NOISE = {"lost_pixels": "flipped pixels", "lost_units": "noise on the layer's units"}
RIVALS = {
    "random": "units at random",
    "magnitude": "those of the smallest weights",
    "contribution": "those whose activations and outgoing weights vary the output least",
}
AXES = {
    "mean_degree": ("A more joint code breaks earlier", 1),
    "effective_units": ("A code of more units breaks later", -1),
}


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """Of each layer: influence against other orders, then what goes with the accuracy lost under noise."""
    found = []
    for layer in dict.fromkeys(table["layer"]):
        rows = table[table["layer"] == layer]
        found += [_order(rows, layer, rival) for rival in RIVALS]
        for axis in AXES:
            if rows[axis].std() > ALIKE:  # over the last hidden layer logits add up in every network
                found += [_breaks(rows, layer, axis, noise) for noise in NOISE]
    return tuple(found)


def gained(rows: DataFrame, rival: str) -> Level:
    """Accuracy with units of most influence kept, less that with the rival's, mean over shares and networks."""
    return level_of(rows["influence_kept"] - rows[f"{rival}_kept"])


def _order(rows, layer, rival):
    found = gained(rows, rival)
    kept = mean_of(rows, "influence_kept")
    return Verdict(
        f"Units of least influence can be removed at less cost than {RIVALS[rival]} ({layer})",
        f"accuracy {found.value:+.3f} ± {found.error:.3f} against that order of removal, mean of 75 to 12.5 % of "
        f"units kept; {kept.text(3)} with influence, {mean_of(rows, 'accuracy').text(3)} with all units; {len(rows)} "
        "networks",
        judge_level(found, least=0.0),
        rule=f"more test digits are read correctly when the units of most influence are kept, {RULE}",
        short=f"{found.value:+.3f} ± {found.error:.3f} of accuracy",
    )


def among(rows: DataFrame, axis: str, noise: str) -> tuple[float, float, float]:
    """Rank correlation of a measure with the accuracy lost among networks trained alike, with its interval of 95 %.

    Both are ranked, and the mean rank of each dropout rate is taken off. The interval is Fisher's, with as many
    degrees of freedom as these means leave.
    """
    first, second = (_within(rows, column) for column in (axis, noise))
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    value = float((first * second).sum()) / scale if scale else 0.0
    freedom = len(rows) - rows["dropout"].nunique() - 2
    if freedom < 1 or not scale:
        return value, float("nan"), float("nan")
    middle, reach = np.arctanh(np.clip(value, -0.999999, 0.999999)), 1.96 * (1.06 / freedom) ** 0.5
    return value, float(np.tanh(middle - reach)), float(np.tanh(middle + reach))


def overall(rows: DataFrame, axis: str, noise: str) -> float:
    """The rank correlation over all networks, dropout rates mixed."""
    return float(rows[axis].rank().corr(rows[noise].rank()))


def _within(rows, column) -> NDArray[np.float64]:
    ranks = rows[column].rank()
    return (ranks - ranks.groupby(rows["dropout"]).transform("mean")).to_numpy(float)


def _breaks(rows, layer, axis, noise):
    claim, sign = AXES[axis]
    value, low, high = among(rows, axis, noise)
    interval = "interval unknown" if np.isnan(low) else f"{low:+.2f} to {high:+.2f}"
    signed = (low, high) if sign > 0 else (-high, -low)
    return Verdict(
        f"{claim} under {NOISE[noise]} ({layer})",
        f"rank correlation of {axis.replace('_', ' ')} with the accuracy lost {value:+.2f} ({interval}) among networks "
        f"of one dropout rate, {overall(rows, axis, noise):+.2f} over all rates; {len(rows)} networks",
        judge(*signed, least=0.0),
        rule="the 95 % interval of the rank correlation among networks of one dropout rate lies "
        + ("above zero" if sign > 0 else "below zero"),
        short=f"{value:+.2f} ({interval})",
    )
