"""Verdicts on the claims of robustness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Level, mean_of, paired_change
from ..verdict import HOLDS, RULE, UNDECIDED, Verdict, false_reports, judge_level, over_cases
from .run import DISTURBANCES

if TYPE_CHECKING:
    from pandas import DataFrame

GOOD = 0.95  # F1
HARMLESS = 0.02  # F1 lost
OURS = "actspec"


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """For each disturbance one verdict on our method and one on the others; then those on false reports."""
    found: list[Verdict | None] = []
    for disturbance in DISTURBANCES:
        rows = table[table["disturbance"] == disturbance]
        ours = rows[rows["method"] == OURS]
        if ours["level"].nunique() < 2:
            continue
        found.append(_noise(ours, disturbance) if disturbance in ("noise", "flips") else _added(ours, disturbance))
        found.append(_others(rows, disturbance))
    ours = table[table["method"] == OURS]
    near = ours["disturbance"] == "copies"
    near_copies = ours[near & (ours["level"] > 0)]
    for counted in ("wrong_subsets", "false_claims"):
        found += [
            false_reports(near_copies, "near copies of units added", ("level",), counted=counted),
            false_reports(
                ours[~near], "noise, misread signs and other units added", ("disturbance", "level"), counted=counted
            ),
        ]
    return tuple(finding for finding in found if finding is not None)


def _noise(rows, disturbance):
    levels = {level: mean_of(group, "f1") for level, group in rows.groupby("level")}
    # noise as strong as the signal: six coefficients of [0.5, 1] have together a standard deviation of about 1.9
    limit = 2.0 if disturbance == "noise" else 0.1
    verdicts = {level: judge_level(found, least=GOOD) for level, found in levels.items()}
    within = over_cases(verdict for level, verdict in verdicts.items() if level <= limit)
    reached = [level for level in levels if all(verdicts[below] == HOLDS for below in levels if below <= level)]
    return Verdict(
        f"Robust to {DISTURBANCES[disturbance].split(' [')[0]}",
        "F1: " + ", ".join(f"{level:g}: {found.text()}" for level, found in levels.items()),
        within,
        "it holds " + (f"up to {max(reached):g}" if reached else "at no level"),
        f"the mean F1 is {GOOD} or more at all levels up to 2 (noise) or 0.1 (signs misread), {RULE}",
        f"F1 {levels[min(levels)].text()} at {min(levels):g}, {levels[max(levels)].text()} at {max(levels):g}",
    )


def _added(rows, disturbance):
    start, end = rows["level"].min(), rows["level"].max()
    change = paired_change(rows, "level", "f1", start, end)
    return Verdict(
        f"Robust to {DISTURBANCES[disturbance]}",
        f"change of F1 from {start:g} to {end:g} of them, same function and samples: {change.text(sign='+')}",
        judge_level(change, least=-HARMLESS),
        "",
        f"no more than {HARMLESS} of F1 is lost, {RULE}",
        f"change of F1 {change.text(sign='+')}",
    )


def _others(rows, disturbance):
    start, end = rows["level"].min(), rows["level"].max()
    lost = {m: paired_change(g, "level", "f1", start, end) for m, g in rows.groupby("method", sort=False)}
    ours = lost.pop(OURS)
    if not lost:
        return None
    more = {
        name: judge_level(Level(ours.value - change.value, float(np.hypot(change.error, ours.error))), least=HARMLESS)
        for name, change in lost.items()
    }
    worse = [name for name, verdict in more.items() if verdict == HOLDS]
    unknown = [name for name, verdict in more.items() if verdict == UNDECIDED]
    measured = ", ".join(f"{name} {change.text(sign='+')}" for name, change in {OURS: ours, **lost}.items())
    return Verdict(
        f"Others degrade more: {DISTURBANCES[disturbance]}",
        f"change of F1 from {start:g} to {end:g}: {measured}",
        over_cases(more.values()),
        f"this holds for: {', '.join(worse) or 'none'}; undecided for: {', '.join(unknown) or 'none'}",
        f"their loss of F1 exceeds ours by {HARMLESS} or more, {RULE}; all but ours are told how many subsets are true",
        f"ours {ours.value:+.2f}, others {min(lost.values()).value:+.2f} to {max(lost.values()).value:+.2f}",
    )
