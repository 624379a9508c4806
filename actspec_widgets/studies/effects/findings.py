"""Verdicts: how many of the subsets that go with an output have an effect, layer by layer, and how large it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..curves import Level
from ..verdict import RULE, Verdict, judge, judge_level, share
from .places import DIGITS, ENCODER, LINEAR, SMALL

if TYPE_CHECKING:
    from pandas import DataFrame

LEAST = 0.5  # share of subsets that act; and their effect over the prediction
MOST_FALSE = 0.05  # share of subsets said to act where none can
NETWORKS = {"digits": "digits", "small": "small transformer", "encoder": "sentence encoder"}
PLACES = (
    *(("digits", layer) for layer in DIGITS),
    *(("small", layer) for layer in SMALL),
    *(("encoder", layer) for layer in ENCODER),
)
_INTERVAL = "the interval over networks, and that of Clopper and Pearson (1934) where it is wider"


class Share(NamedTuple):
    """So many of all, with an interval of 95 %."""

    some: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.some / self.of

    def text(self) -> str:
        return f"{self.some} of {self.of} ({self.low:.0%} to {self.high:.0%})"


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """Of every layer: how many subsets act, single units beside them, and how large the effects are."""
    found: list[Verdict | None] = []
    for network, layer in PLACES:
        rows = rows_of(table, network, layer)
        where = f"{NETWORKS[network]}, {layer.replace('_', ' ')}"
        if (network, layer) in LINEAR:
            found.append(_control(rows, where))
        else:
            found += [_several(rows, where), _size(rows, where)]
        found.append(_single(rows, where))
    return tuple(verdict for verdict in found if verdict is not None)


def rows_of(table: DataFrame, network: str, layer: str) -> DataFrame:
    """The rows of one layer, whatever dropout and seed."""
    return table[(table["network"] == network) & (table["layer"] == layer)]


def acting(rows: DataFrame, kind: str) -> Share | None:
    """How many subsets act, of all that the rows report; None where they report none."""
    count, of = (rows[f"{kind}_{column}"].to_numpy(float) for column in ("acting", "reported"))
    if not of.sum():
        return None
    low, high = share(int(count.sum()), int(of.sum()))
    if (kept := of > 0).sum() > 2:  # networks differ by more than chance among subsets
        value = count.sum() / of.sum()
        terms = (count - value * of)[kept] / of[kept].mean()
        error = float(terms.std(ddof=1) / np.sqrt(kept.sum()))
        low, high = min(low, max(value - 2 * error, 0.0)), max(high, min(value + 2 * error, 1.0))
    return Share(int(count.sum()), int(of.sum()), low, high)


def slope(rows: DataFrame, kind: str) -> Level | None:
    """Effect over prediction: the mean of networks with its error over them; of one or two, with their own error."""
    rows = rows[rows[f"{kind}_slope"].notna()]
    if rows.empty:
        return None
    values, errors = rows[f"{kind}_slope"].to_numpy(float), rows[f"{kind}_slope_error"].to_numpy(float)
    own = float(np.sqrt((errors**2).sum()) / len(values))
    over = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 2 else 0.0
    return Level(float(values.mean()), max(own, over))


def _networks(rows):
    return "one network" if len(rows) == 1 else f"{len(rows)} networks"


def _several(rows, where):
    if (found := acting(rows, "several")) is None:
        return None
    much, claimed = rows["several_acting_much"].sum(), rows["claimed_joint"].sum()
    return Verdict(
        f"Subsets of two or more units that go with the output act jointly in the network ({where})",
        f"{found.text()} act jointly, {much:.0f} of them by a tenth or more of what recorded samples say; "
        f"claimed as joint on recorded evidence: {claimed:.0f}; {_networks(rows)}",
        judge(found.low, found.high, least=LEAST),
        rule=f"half or more of the subsets reported on recorded evidence act jointly when their units are changed; "
        f"{_INTERVAL}, lies above",
        short=f"{found.some} of {found.of} act, {much:.0f} by a tenth of the prediction or more",
    )


def _size(rows, where):
    if (found := slope(rows, "several")) is None:
        return None
    ratio = rows["several_median_ratio"].median()
    return Verdict(
        f"Joint effects are as large as recorded samples say ({where})",
        f"effect over prediction {found.text(3)}, as the slope of a line through the origin; median over subsets, "
        f"without sign, {ratio:.3f}",
        judge_level(found, least=LEAST),
        rule=f"average effects of subsets of two or more units are half as large as predicted or more, {RULE}",
        short=f"{found.text(3)} of the prediction",
    )


def _control(rows, where):
    if (found := acting(rows, "several")) is None:
        return None
    return Verdict(
        f"Where the output adds up over the units, no subset acts jointly, though some are reported ({where})",
        f"{found.text()} act jointly; claimed as joint on recorded evidence: {rows['claimed_joint'].sum():.0f}; "
        f"{_networks(rows)}",
        judge(found.low, found.high, most=MOST_FALSE),
        rule=f"at most {MOST_FALSE:.0%} of the subsets of two or more units act jointly; {_INTERVAL}, lies below",
        short=f"{found.some} of {found.of}",
    )


def _single(rows, where):
    if (found := acting(rows, "single")) is None:
        return None
    size = slope(rows, "single")
    said = "" if size is None else f"; effect over prediction {size.text()}"
    return Verdict(
        f"Single units that go with the output have an effect ({where})",
        f"{found.text()} have one{said}; {_networks(rows)}",
        judge(found.low, found.high, least=LEAST),
        rule=f"half or more of the single units reported on recorded evidence have an effect; {_INTERVAL}, lies above",
        short=f"{found.some} of {found.of}{'' if size is None else f', {size.value:.2f} of the prediction'}",
    )
