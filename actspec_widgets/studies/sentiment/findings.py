"""Verdicts: each claim needs an effect of a stated size, not only one that differs from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Level, mean_of
from ..verdict import RULE, Verdict, both, judge_level

if TYPE_CHECKING:
    from pandas import DataFrame

LEAST_GAIN = 0.01  # share of the logit's variance
SLOPES = (0.5, 2.0)  # of measured over predicted change; 1 is predicted
LEAST_FIT = 0.5  # R2 of the same
LEAST_DIFFERENCE = -0.01  # share of sentences judged rightly, the transformer's less that of word counts
NAMES = {"feed_forward": "feed-forward units", "hidden": "hidden units", "words": "words present"}


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """Verdicts for each depth of the transformer that was trained with three seeds or more."""
    found: list[Verdict] = []
    for blocks, rows in table.groupby("blocks"):
        if rows["seed"].nunique() < 3:
            continue
        depth = f"{blocks} block{'s' if blocks > 1 else ''}"
        found.append(_accuracy(rows, depth))
        for (name, threshold), part in rows.groupby(["representation", "threshold"], sort=False):
            where = f"{NAMES[name]}, {threshold}; {depth}"
            found.append(_works(part, where))
            if part["causal_slope"].notna().all():
                found.append(_causes(part, where))
    return tuple(found)


def _works(rows, where):
    explained, single = mean_of(rows, "unseen_variance"), mean_of(rows, "single_variance")
    gain = _with_sentences(rows, "joint_gain")
    beyond = mean_of(rows.assign(beyond=rows["unseen_variance"] - rows["single_variance"]), "beyond")
    joint = 1 - (rows["subsets_of_1"] / rows["subsets"]).mean()
    return Verdict(
        claim=f"Activation Spectroscopy works on a transformer for sentiment ({where})",
        measured=f"{rows['subsets'].mean():.0f} subsets, {joint:.0%} of them of two or more units, explain "
        f"{_percent(explained)} of the logit's variance on unseen sentences; all single units {_percent(single)} "
        f"(difference {_percent(beyond, '+')}); the subsets of two or more add {_percent(gain)} to those",
        outcome=both(judge_level(beyond, least=0.0), judge_level(gain, least=LEAST_GAIN)),
        reading=f"{len(rows)} seeds",
        rule="on unseen sentences the subsets explain at least what a ridge regression on all single units does, and "
        f"those of two or more units add {LEAST_GAIN:.0%} of the variance or more to it, {RULE}; errors over seeds; "
        "the error of what is added also counts the sentences",
        short=f"{explained.value:.1%}, single units {single.value:.1%}; joint ones add {_percent(gain)}",
    )


def _causes(rows, where):
    slope, fit = _with_sentences(rows, "causal_slope"), _with_sentences(rows, "causal_r_squared")
    joint = mean_of(rows.dropna(subset=["causal_slope_joint"]), "causal_slope_joint")
    least, most = SLOPES
    return Verdict(
        claim=f"The subsets that explain the logit drive it ({where})",
        measured=f"turning over one unit of a subset inside the network changes the logit as predicted with slope "
        f"{slope.text(3)} and R2 {fit.text()}; subsets of two or more: slope {joint.text(3)}",
        outcome=both(judge_level(slope, least=least, most=most), judge_level(fit, least=LEAST_FIT)),
        reading=f"{len(rows)} seeds",
        rule=f"slope between {least:g} and {most:g} (1 is predicted), and R2 of {LEAST_FIT:g} or more, {RULE}; errors "
        "over seeds and over sentences",
        short=f"slope {slope.text(3)}",
    )


def _accuracy(rows, depth):
    cells = rows.drop_duplicates("seed")
    own, other = mean_of(cells, "accuracy"), cells["tfidf_accuracy"].mean()
    gap = _with_sentences(cells, "accuracy_difference")
    return Verdict(
        claim=f"The small transformer judges sentences as well as a bag of words ({depth})",
        measured=f"{_percent(own)} of {cells['test_texts'].iloc[0]:,} unseen sentences right, TF-IDF with logistic "
        f"regression {other:.1%} ± {cells['tfidf_accuracy_error'].mean():.1%}; difference {100 * gap.value:+.1f} ± "
        f"{100 * gap.error:.1f} points",
        outcome=judge_level(gap, least=LEAST_DIFFERENCE),
        rule=f"no more than {-100 * LEAST_DIFFERENCE:g} point less, {RULE}; errors of seeds and sentences together",
        short=f"{100 * gap.value:+.1f} ± {100 * gap.error:.1f} points",
    )


def _with_sentences(rows: DataFrame, column: str) -> Level:
    """Mean over seeds; its error has two sources, the seeds and the sentences that all of them share."""
    over_seeds = mean_of(rows, column)
    return Level(over_seeds.value, float(np.hypot(over_seeds.error, rows[f"{column}_error"].mean())))


def _percent(level: Level, sign: str = "") -> str:
    return f"{level.value:{sign}.1%} ± {level.error:.1%}"
