"""What the table of the study says about the claims of robustness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Level, mean_of, paired_change
from ..study import Finding
from .cells import DISTURBANCES

if TYPE_CHECKING:
    from pandas import DataFrame

GOOD = 0.95  # F1, two standard errors allowed
HARMLESS = 0.02  # F1 lost
OURS = "actspec"


def findings(table: DataFrame) -> tuple[Finding, ...]:
    """One verdict for each disturbance, and one for what it does to the others."""
    found: list[Finding] = []
    for disturbance in DISTURBANCES:
        rows = table[table["disturbance"] == disturbance]
        ours = rows[rows["method"] == OURS]
        if ours["level"].nunique() < 2:
            continue
        found.append(_noise(ours, disturbance) if disturbance in ("noise", "flips") else _added(ours, disturbance))
        if others := _others(rows, disturbance):
            found.append(others)
    return tuple(found)


def _noise(rows, disturbance):
    levels = {level: mean_of(group, "f1") for level, group in rows.groupby("level")}
    # noise as strong as the signal: six coefficients of [0.5, 1] have together a standard deviation of about 1.9
    limit = 2.0 if disturbance == "noise" else 0.1
    within = [level for level in levels if level <= limit]
    good = [level for level in levels if levels[level].value + 2 * np.nan_to_num(levels[level].error) >= GOOD]
    reached = 0
    while reached < len(levels) and list(levels)[reached] in good:
        reached += 1
    holds = all(level in good for level in within)
    verdict = "holds" if holds else "holds under this reading" if reached > 1 else "does not hold"
    upto = f"up to {list(levels)[reached - 1]:g}" if reached else "at no level"
    return Finding(
        f"Robust to {DISTURBANCES[disturbance].split(' [')[0]}",
        "F1: " + ", ".join(f"{level:g}: {found.text()}" for level, found in levels.items()),
        verdict,
        f"the mean F1 is {GOOD} or more, two standard errors allowed, at all levels up to {limit:g}; it is {upto}",
    )


def _added(rows, disturbance):
    start, end = rows["level"].min(), rows["level"].max()
    change = paired_change(rows, "level", "f1", start, end)
    harmless = change.value + 2 * np.nan_to_num(change.error) >= -HARMLESS
    return Finding(
        f"Robust to {DISTURBANCES[disturbance]}",
        f"change of F1 from {start:g} to {end:g} of them, same function and samples: {_signed(change)}",
        "holds" if harmless else "does not hold",
        f"no more than {HARMLESS} of F1 is lost, two standard errors allowed",
    )


def _others(rows, disturbance):
    start, end = rows["level"].min(), rows["level"].max()
    lost = {m: paired_change(g, "level", "f1", start, end) for m, g in rows.groupby("method", sort=False)}
    ours = lost.pop(OURS)
    if not lost:
        return None
    worse = []
    for name, change in lost.items():
        gap = change.value - ours.value
        if gap < -2 * np.hypot(np.nan_to_num(change.error), np.nan_to_num(ours.error)) and gap < -HARMLESS:
            worse.append(name)
    verdict = "holds" if len(worse) == len(lost) else "holds under this reading" if worse else "does not hold"
    measured = ", ".join(f"{name} {_signed(change)}" for name, change in {OURS: ours, **lost}.items())
    return Finding(
        f"Others degrade more: {DISTURBANCES[disturbance]}",
        f"change of F1 from {start:g} to {end:g}: {measured}",
        verdict,
        f"their loss exceeds ours by two standard errors and {HARMLESS}; so it is for: {', '.join(worse) or 'none'}; "
        "all but ours are told how many subsets are true",
    )


def _signed(level: Level) -> str:
    return ("+" if level.value >= 0 else "") + level.text()
