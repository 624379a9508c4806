"""The verdicts, by the same fixed rules for every claim, layer and kind of dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..curves import paired_change
from ..verdict import FAILS, HOLDS, READING, RULE, UNDECIDED, Verdict, both, judge_level
from .trends import (
    MOST_PREDICTED,
    Trend,
    measured_decay,
    product_decay,
    ratio_to,
    reached_level,
    rows_of,
    told_apart,
    trend,
)

if TYPE_CHECKING:
    from pandas import DataFrame

WORDS = {"input": "pixels dropped", "hidden": "hidden units dropped"}
_TREND_RULE = (
    "all measures that the row names move as claimed; under a reading where only some do; not where none does and one "
    "moves the other way (a slope counts at the 0.01 level, two-sided, by Student's t over seeds)"
)
_DECAY_RULE = "the change is that of the theory (compared with 0 and with 1 at the 0.01 level, t over seeds)"
LAYERS = ("pixels", "hidden1", "hidden2")
DROPPED = (("input", "pixels"), ("hidden", "hidden1"), ("hidden", "hidden2"))  # the layers that the theory is about
LEAST_SEEDS = 4
MOST_LOST = 0.01  # share of the test digits
Reading = tuple[str, Trend | None, int]  # in words, the trend, digits to print


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """One verdict for each claim, kind of dropout and layer, then the theory's decay; none from fewer than four seeds.

    A trend counts where its slope over the rate differs from zero at the level of 0.01, two-sided, by Student's t
    over the seeds. A claim holds where all the measures named there move as claimed, and under a reading where only
    some do; where none does, it does not hold if one moves the other way, and is undecided otherwise.
    """
    found: list[Verdict | None] = []
    if table["seed"].nunique() < LEAST_SEEDS:
        return ()  # by Student's t nearly everything would be undecided
    for kind in WORDS:
        found.append(_accurate(rows_of(table, kind), f"({WORDS[kind]})"))
        for layer in LAYERS:
            rows, wide = rows_of(table, kind, layer=layer), rows_of(table, kind, layer=layer, search="beam")
            if rows.empty or rows["rate"].nunique() < 2:
                continue
            where = f"({WORDS[kind]}, {layer})"
            found += [_fewer(rows, where), _smaller(rows, wide, where), _redundant(rows, layer, where)]
            found += [_explained(rows, where), _stable(rows, where)]
    for kind, layer in DROPPED:
        rows = rows_of(table, kind, layer=layer)
        if rows.empty or rows["rate"].nunique() < 2:
            continue
        where = f"({WORDS[kind]}, {layer})"
        found += [_theory(rows, layer, where), _theory_on_data(rows, where)]
    return tuple(finding for finding in found if finding is not None)


def _fewer(rows, where):
    level, first = _at_level(rows, "subsets_for")
    readings = [
        (f"subsets for {level}", trend(rows, first), 1),
        ("subsets for 80 % of what the collection itself explains", trend(rows, "subsets_for_own"), 1),
        ("effective number of subsets, exp of the entropy of squared coefficients", trend(rows, "effective_number"), 1),
    ]
    return _verdict(f"Information concentrates in fewer subsets {where}", readings, -1)


def _smaller(rows, wide, where):
    level, first = _at_level(rows, "size_for")
    degree, wide_degree = int(rows["max_degree"].max()), int(wide["max_degree"].max()) if len(wide) else 0
    readings = [
        (f"mean size of the subsets for {level}, sizes up to {degree}", trend(rows, first), 2),
        ("mean size by squared coefficient", trend(rows, "effective_degree"), 2),
    ]
    if len(wide):
        name = f"the first by a beam search of sizes up to {wide_degree}, one logit"
        readings.append((name, trend(wide, _at_level(wide, "size_for")[1]), 2))
    return _verdict(f"Subsets get smaller {where}", readings, -1)


def _redundant(rows, layer, where):
    readings = [
        ("mean absolute correlation of two units", trend(rows, "unit_correlation"), 3),
        ("mean of |E chi_S chi_T| over the collection's pairs", trend(rows, "subset_redundancy"), 3),
        ("equivalents listed for a subset", trend(rows, "equivalents_per_subset"), 2),
    ]
    if layer == "pixels":  # the pixels are the same whatever was trained on them
        readings = readings[1:]
    return _verdict(f"Redundancy grows {where}", readings, +1)


def _accurate(rows, where):
    rates = sorted(rows["rate"].unique())
    if len(rates) < 2:
        return None
    cells = rows.drop_duplicates(["seed", "rate"])
    lost = [paired_change(cells, "rate", "accuracy", rates[0], rate) for rate in rates[1:]]
    means = cells.groupby("rate")["accuracy"].agg(["mean", "sem"])
    by_rate = ", ".join(f"{rate:g}: {100 * mean:.2f} ± {100 * sem:.2f}" for rate, mean, sem in means.itertuples())
    change = lost[-1]
    return Verdict(
        f"The networks stay as accurate {where}",
        f"test digits classified correctly, in %, by rate: {by_rate}; change at rate {rates[-1]:g}: "
        f"{100 * change.value:+.2f} ± {100 * change.error:.2f} points",
        both(*(judge_level(level, least=-MOST_LOST) for level in lost)),
        "",
        f"no more than {100 * MOST_LOST:g} point is lost at any rate, same seed, {RULE}",
        f"{100 * change.value:+.2f} ± {100 * change.error:.2f} points at rate {rates[-1]:g}",
    )


def _explained(rows, where):
    readings = [("variance of the target that the collection explains", trend(rows, "explained_variance"), 3)]
    return _verdict(f"The subsets explain more {where}", readings, +1)


def _stable(rows, where):
    readings = [("share of half-samples in which a subset returns", trend(rows, "stability"), 3)]
    return _verdict(f"Subsets get more stable {where}", readings, +1)


def _at_level(rows, column):
    level = reached_level(rows)
    return ("80 % of what the collection itself explains", f"{column}_own") if level is None else (
        f"{level} % of the target's variance", f"{column}_{level}"
    )  # fmt: skip


def _verdict(claim: str, readings: Sequence[Reading], wanted: int) -> Verdict | None:
    measured = [(name, found, digits) for name, found, digits in readings if found is not None]
    if not measured or measured[0][0] != readings[0][0]:
        return None
    names = {way: [name for name, found, _ in measured if found.direction == way * wanted] for way in (1, 0, -1)}
    if names[1]:
        verdict = HOLDS if len(names[1]) == len(measured) else READING
        reading = "it holds for: " + "; ".join(names[1])
    else:
        verdict = FAILS if names[-1] else UNDECIDED
        reading = "it holds in none of the readings measured"
    if names[0]:
        reading += "; no trend in: " + "; ".join(names[0])
    if names[-1]:
        reading += "; the opposite holds for: " + "; ".join(names[-1])
    text = "; ".join(f"{name}: {found.text(digits)}" for name, found, digits in measured)
    return Verdict(claim, text, verdict, reading, _TREND_RULE, measured[0][1].in_short(measured[0][2]))


def _theory(rows, layer, where):
    note = ""
    if layer == "hidden2":  # a logit is linear in the last hidden layer, so there is no higher weight to decay
        rows, note = rows[rows["target"] == "margin"], "; margins only, as logits are linear in this layer"
    measured, predicted = product_decay(rows)
    if measured.shape != predicted.shape:
        return None
    return _decay_verdict(
        f"Training with dropout at rate p thins out degree k by (1-p)^k {where}",
        ratio_to(measured, predicted),
        "units drawn independently at their own frequencies (product measure), ln of weight of degree 2 and more over "
        "weight of degree 1, its change from the same seed's network without dropout, against the change that the "
        f"noise operator T_(1-p) makes in that network, rates up to {MOST_PREDICTED:g}{note}; the operator "
        "describes one network whose units are dropped, while here another network was trained for each rate",
    )


def _theory_on_data(rows, where):
    claim = f"Weight of the reported subsets decays by degree as (1-p)^(2k) {where}"
    reading = (
        "on data, collections as reported: ln of W^2/W^1 (squared coefficients, summed over "
        f"{_targets(rows)}), its change from the same seed's network without dropout, against 2 ln(1-p)"
    )
    measured = measured_decay(rows)
    rates = measured.columns.to_numpy(dtype=float)
    without = [rate for rate in sorted(rows["rate"].unique()) if rate not in rates]
    finding = None if measured.empty else _decay_verdict(claim, ratio_to(measured, 2 * np.log1p(-rates)), reading)
    if not without:
        return finding
    # An infinite ratio is the opposite of what the theory says, whatever the other rates do.
    lack = [(rows.loc[rows["rate"] == rate, "weight_1"] == 0).mean() for rate in without]
    said = "; ".join(
        f"no ratio at rate {rate:g}, where {share:.0%} of the collections hold no single unit"
        for rate, share in zip(without, lack, strict=True)
    )
    said += "; by the theory single units would be the last to go"
    if finding is not None:
        said = f"{finding.measured} (rates {', '.join(f'{rate:g}' for rate in rates)}); {said}"
    return Verdict(claim, said, FAILS, reading, _DECAY_RULE, "no single unit is left at the highest rate")


def _targets(rows):
    names = rows[["target", "digit"]].drop_duplicates()
    return ", ".join(f"{target} of {digit}" for target, digit in names.itertuples(index=False))


_DECAYS = {
    "theory": (HOLDS, "as predicted within the error"),
    "other decay": (READING, "higher degrees do lose weight, at another rate than predicted"),
    "either": (UNDECIDED, "rules out neither the theory nor no decay"),
    "growth": (FAILS, "higher degrees gain weight"),
    "no decay": (FAILS, "no decay is seen, and the theory does not fit"),
}


def _decay_verdict(claim, ratio, reading):
    if ratio is None:
        return None
    value, error, _ = ratio
    verdict, said = _DECAYS[told_apart(*ratio)]
    measured = f"measured over predicted change {value:+.2f} ± {error:.2f} (1: the theory, 0: no decay): {said}"
    return Verdict(
        claim, measured, verdict, reading, _DECAY_RULE, f"{value:+.2f} ± {error:.2f} of the predicted change"
    )
