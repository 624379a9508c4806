"""Whether importances of single units put the units of true subsets before all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import mean_of
from ..verdict import OUTCOMES, RULE, Verdict, both, judge_level, over_cases
from .table import OURS

if TYPE_CHECKING:
    from pandas import DataFrame

GOOD = 0.95  # mean probability that a unit that matters is ahead of one that does not


def ranked(df: DataFrame) -> DataFrame:
    """The rows of methods that rank all units, where some units matter and some do not."""
    if "outranking" not in df:
        return df.iloc[:0].assign(outranking=np.nan, single_unit_ceiling=np.nan)
    return df[(df.status == "ok") & df.outranking.notna()]


def importance_verdict(df: DataFrame) -> tuple[Verdict, ...]:
    """The verdict on importances of single units, beside our influences and the best F1 of single units."""
    joint = ranked(df[df.scene != "additive"])
    others = list(dict.fromkeys(joint[joint.method != OURS].method))
    if not others or OURS not in set(joint.method):
        return ()
    own = joint[joint.method == OURS].set_index(["scene", "seed"]).outranking
    said, rights, verdicts = [], [], {}
    for name in others:
        rows = joint[joint.method == name]
        right = mean_of(rows, "outranking")
        gap = (rows.set_index(["scene", "seed"]).outranking - own).dropna().to_frame()
        behind = judge_level(mean_of(gap, "outranking"), most=0.0)
        rights.append(right.value)
        verdicts[name] = both(judge_level(right, most=GOOD), behind)
        ceiling = rows.single_unit_ceiling.mean()
        said.append(f"{name} {right.text()} (F1 {rows.f1.mean():.2f}, at best {ceiling:.2f})")
    ours = mean_of(joint[joint.method == OURS], "outranking")
    by_verdict = "; ".join(
        f"{verdict} for {', '.join(names)}"
        for verdict in OUTCOMES
        if (names := [name for name, said in verdicts.items() if said == verdict])
    )
    return (
        Verdict(
            "Importances of single units are wrong where effects are joint: units that matter do not come first",
            "probability that a unit of a true subset has a larger importance than a unit of none, over scenes with "
            f"joint effects: {', '.join(said)}; our influences {ours.text()}",
            over_cases(verdicts.values()),
            f"it {by_verdict}. F1: of as many single units as there are true subsets, beside the best that single "
            "units can reach",
            f"0.5 is chance, 1 is always right; an importance is wrong if its mean is {GOOD} or less and no more than "
            f"that of our influences on the same problems, {RULE}",
            f"right in {min(rights):.2f} to {max(rights):.2f} of pairs, ours {ours.value:.2f}",
        ),
    )


def importance_scores(df: DataFrame) -> dict[tuple[str, str], str]:
    """For each method that ranks units and each scene the probability, with its error, as it is printed."""
    found = {}
    for (name, scene), rows in ranked(df).groupby(["method", "scene"], sort=False):
        level = mean_of(rows, "outranking")
        error = "" if np.isnan(level.error) else f" ± {level.error:.2f}"
        found[str(name), str(scene)] = f"{level.value:.2f}{error}"
    return found
