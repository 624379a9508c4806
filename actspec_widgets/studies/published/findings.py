"""What the four measures say of dropout, and where they agree, by one rule for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dropout.trends import Trend, trend_of
from ..verdict import FAILS, HOLDS, READING, UNDECIDED, Verdict

if TYPE_CHECKING:
    from pandas import DataFrame

LEAST_SEEDS = 4
LAYERS = ("pixels", "hidden")
# Column, the measure in words, digits to print. The paper's words are "smaller subsets" and "fewer".
SIZES = (
    ("published_size", "published procedure, mean size", 2),
    ("careful_size", "the same with ten times the draws", 2),
    ("recorded_size", "recorded evidence, mean size", 2),
    ("experiment_size", "experiment, mean size", 2),
    ("mean_degree_class", "mean degree of the class", 2),
    ("mean_degree_logit", "mean degree of the centred logit", 3),
)
NUMBERS = (
    ("published_subsets", "published procedure, subsets (at most 128)", 1),
    ("careful_subsets", "the same with ten times the draws", 1),
    ("recorded_left", "recorded evidence, share of variance that ten subsets leave", 3),
    ("experiment_subsets", "experiment, subsets (at most 20)", 1),
    ("effective_units_class", "effective units of the class", 1),
    ("effective_units_logit", "effective units of the centred logit", 1),
)
_RULE = (
    "all measures fall with the rate; under a reading where only some do; not where none falls and one grows (a slope "
    "counts at the 0.01 level, by Student's t over seeds)"
)
_WAYS = {1: "grows", 0: "no trend", -1: "falls"}


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """One verdict for each claim and layer; none from fewer than four seeds.

    A trend counts where its slope over the rate differs from zero at the level of 0.01, two-sided, by Student's t over
    the seeds. A claim holds where all measures fall, under a reading where only some do; it does not hold where none
    falls and one grows, and is undecided otherwise.
    """
    if table["seed"].nunique() < LEAST_SEEDS:
        return ()
    found = []
    for layer in LAYERS:
        rows = _rows(table, layer)
        for claim, readings in (("Subsets get smaller", SIZES), ("Information concentrates in fewer", NUMBERS)):
            found.append(_verdict(f"{claim} with dropout, by the paper's experiment ({layer})", rows, readings))
    return tuple(verdict for verdict in found if verdict is not None)


def _rows(table, layer):
    rows = table[table["layer"] == layer]
    return rows.assign(recorded_left=1 - rows["recorded_explained"])


def trends(rows: DataFrame, column: str) -> Trend | None:
    """The trend of a column over the rate, among seeds that have all rates; None where there are too few."""
    return trend_of(rows.pivot_table(index="seed", columns="dropout", values=column, aggfunc="mean").dropna())


def _verdict(claim, rows, readings) -> Verdict | None:
    known = [
        (name, found, digits)
        for column, name, digits in readings
        # logits are linear in the hidden layer, and a mean degree of 1 has no trend but that of rounding
        if (column, rows["layer"].iloc[0]) != ("mean_degree_logit", "hidden")
        and (found := trends(rows, column)) is not None
    ]
    if not known:
        return None
    ways = [found.direction for _, found, _ in known]
    if -1 in ways:
        outcome = HOLDS if set(ways) == {-1} else READING
    else:
        outcome = FAILS if 1 in ways else UNDECIDED
    measured = "; ".join(f"{name}: {found.text(digits)}" for name, found, digits in known)
    said = "; ".join(f"{_WAYS[way]} by {_joined(known, ways, way)}" for way in (-1, 0, 1) if way in ways)
    short = f"of {len(ways)} measures {ways.count(-1)} fall, {ways.count(1)} grow"
    return Verdict(claim, measured, outcome, said, _RULE, short)


def _joined(known, ways, way):
    return ", ".join(name for (name, _, _), other in zip(known, ways, strict=True) if other == way)


def overview(table: DataFrame) -> str:
    """The table of all measures: means over seeds with their standard errors, by layer and rate."""
    rates = sorted(table["dropout"].unique())
    lines = [
        f"Means over seeds ± one standard error; {int(table['digits'].median())} digits, half taken for a 7, half "
        'for a 1; target "the class is 7" unless said otherwise.',
        "",
        "| layer | measure | " + " | ".join(f"dropout {rate:g}" for rate in rates) + " |",
        "| --- " * (len(rates) + 2) + "|",
    ]
    for layer in LAYERS:
        rows = _rows(table, layer)
        for column, name, digits in (("accuracy", "accuracy", 4), *NUMBERS, *SIZES):
            groups = rows.groupby("dropout")[column].agg(["mean", "sem"])
            cells = [f"{groups['mean'][rate]:.{digits}f} ± {groups['sem'][rate]:.{digits}f}" for rate in rates]
            lines.append(f"| {layer} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
