"""Verdicts on the claim that known subsets are recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Level, crossing, curve, mean_of, rows_at
from ..verdict import HOLDS, READING, RULE, Verdict, false_reports, judge_level, over_cases
from .run import Recovery

if TYPE_CHECKING:
    from pandas import DataFrame

GOOD = 0.95  # F1
FACTOR = 1.5  # samples measured over samples predicted, either way
_RULE = f"the mean F1 over seeds is {GOOD} or more at the most samples tried, {RULE}"
RECALL = 0.8  # at which the samples needed are compared with theory
_SAMPLES_RULE = f"within a factor of {FACTOR} for every curve that crosses a recall of {RECALL}, {RULE}"


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """One verdict for each claim that the table has rows for."""
    found = [
        _known(table),
        _higher(table),
        _kinds(table),
        *_false(table),
        _samples(table),
        _awkward(table, "bias", "Skewed units do no harm"),
        _awkward(table, "correlation", "Correlated units do no harm"),
    ]
    return tuple(finding for finding in found if finding is not None)


def groups(table: DataFrame) -> dict[str, DataFrame]:
    """The rows of each curve over samples, on balanced independent units."""
    by_degree = rows_at(table, Recovery, ("degree", "samples"))
    curves = {f"degree {d}, n = 16": rows for d, rows in by_degree.groupby("degree")}
    wider = rows_at(table, Recovery, ("n", "samples"))
    curves |= {f"degree 3, n = {n}": rows for n, rows in wider.groupby("n") if n != Recovery.n}
    return curves | kinds(table)


def kinds(table: DataFrame) -> dict[str, DataFrame]:
    """The rows of each kind of function other than parities."""
    plain = rows_at(table, Recovery, ("kind", "degree", "samples"))
    return {kind: rows for kind, rows in plain.groupby("kind", sort=False) if kind != Recovery.kind}


def _known(table):
    rows = rows_at(table, Recovery, ("degree", "samples"))
    return _all_good("Known subsets are recovered", _most(rows[rows["degree"] <= 3], "degree", "degree {}"), "n = 16")


def _higher(table):
    rows = rows_at(table, Recovery, ("degree", "samples"))
    high = _most(rows[rows["degree"] >= 4], "degree", "degree {}")
    lonely = rows_at(table, Recovery, ("n", "method"), degree=5, terms=1, samples=4096)
    if not high or lonely.empty:
        return None
    ours = _most(lonely[lonely["method"] == "actspec"], "n", "n = {}")
    asked = _most(lonely[lonely["method"] == "sparse_transform"], "n", "n = {}")
    unseen = _not_held({name: judge_level(level, least=GOOD) for name, level in ours.items()})
    verdict = over_cases(judge_level(level, least=GOOD) for level in high.values())
    measured = f"four parities among 16 units, F1: {_list(high)}; one parity of degree 5, from samples: {_list(ours)}"
    return Verdict(
        "Higher-order subsets (4 to 6 units) are recovered too",
        f"{measured}; the same with queries (sparse_transform): {_list(asked)}",
        READING if verdict == HOLDS and unseen else verdict,
        "it holds where every subset of that size can be looked at"
        + (f"; for a single one of 5 units, from samples: {unseen}" if unseen else ""),
        _RULE,
        _lowest(high),
    )


def _kinds(table):
    levels = {
        kind: mean_of(rows[rows["samples"] == rows["samples"].max()], "f1") for kind, rows in kinds(table).items()
    }
    return _all_good("Functions of every kind are recovered", levels, "n = 16, their whole spectra")


def _all_good(claim, levels: dict[str, Level], where):
    if not levels:
        return None
    verdicts = {name: judge_level(level, least=GOOD) for name, level in levels.items()}
    exceptions = _not_held(verdicts)
    reading = where + (f"; {exceptions}" if exceptions else "")
    return Verdict(claim, f"F1: {_list(levels)}", over_cases(verdicts.values()), reading, _RULE, _lowest(levels))


def _lowest(levels: dict[str, Level]) -> str:
    """The smallest F1 of several cases, and where it is."""
    name = min(levels, key=lambda name: levels[name].value)
    if len(levels) > 1 and all(round(level.value, 2) == 1 for level in levels.values()):
        return f"F1 1.00 in all {len(levels)} cases"
    return f"F1 {levels[name].text()}, the lowest ({name})"


def _not_held(verdicts: dict[str, str]) -> str:
    """The cases in which a claim does not hold, and those in which it is undecided."""
    names = {verdict: [name for name, found in verdicts.items() if found == verdict] for verdict in verdicts.values()}
    return "; ".join(f"{verdict}: {', '.join(cases)}" for verdict, cases in names.items() if verdict != HOLDS)


def _false(table):
    ours = table[table["method"] == Recovery.method]
    skewed, correlated = ours["bias"] > 0, ours["correlation"] > 0
    families = (
        (ours[~skewed & ~correlated], "balanced independent units", ("samples",)),
        (ours[skewed], "skewed units", ("bias", "samples")),
        (ours[correlated], "correlated units", ("correlation", "samples")),
    )
    named = [false_reports(rows, family, by, _standing_in(rows)) for rows, family, by in families]
    return named + [false_reports(rows, family, by, counted="false_claims") for rows, family, by in families]


def _standing_in(rows):
    wrong = rows[rows["wrong_subsets"] > 0]
    if wrong.empty:
        return ""
    count = int(wrong["wrong_subsets"].sum())
    likeness = np.average(wrong["wrong_likeness"], weights=wrong["wrong_subsets"])
    return (
        f"; {int(wrong['stand_ins'].sum())} of the {count} wrong subsets stand in for a true one that was missed "
        f"(the most similar one; mean absolute correlation {likeness:.2f})"
    )


def ratios(table: DataFrame) -> dict[str, tuple[Level, Level, Level]]:
    """For each curve the natural logarithm of the samples for a recall of 0.8: measured, predicted, and their gap.

    Curves that do not cross it within the samples tried are left out.
    """
    found = {}
    for name, rows in groups(table).items():
        measured = crossing(curve(rows, "samples", "recall"), RECALL)
        predicted = crossing(curve(rows, "samples", "predicted_recall"), RECALL)
        if measured and predicted:
            found[name] = (measured, predicted, Level(measured.value - predicted.value, measured.error))
    return found


def _samples(table):
    gaps = {name: gap for name, (_, _, gap) in ratios(table).items()}
    if not gaps:
        return None
    limit = float(np.log(FACTOR))
    verdicts = {name: judge_level(gap, least=-limit, most=limit) for name, gap in gaps.items()}
    exceptions = _not_held(verdicts)
    text = "; ".join(f"{name}: {np.exp(g.value):.2f} ± {np.exp(g.value) * g.error:.2f}" for name, g in gaps.items())
    return Verdict(
        "The samples needed are those of the theory, about 2 log(N) V / c²",
        f"samples for a recall of {RECALL}, measured over predicted: {text}",
        over_cases(verdicts.values()),
        exceptions,
        _SAMPLES_RULE,
        f"{np.exp(min(g.value for g in gaps.values())):.2f} to {np.exp(max(g.value for g in gaps.values())):.2f} times "
        "as many",
    )


def _awkward(table, axis, claim):
    rows = rows_at(table, Recovery, (axis, "samples"))
    levels = _most(rows[rows[axis] > 0], axis, axis + " {}")
    if not levels:
        return None
    errors = _most(rows, axis, "{}", "coefficient_error")
    most = int(rows["samples"].max())
    finding = _all_good(claim, levels, f"parities of degree 3 of 16 units, {most} samples")
    costly = {}
    for samples, group in rows[rows["samples"] < most].groupby("samples"):
        found = {value: judge_level(mean_of(part, "f1"), least=GOOD) for value, part in group.groupby(axis)}
        if found.get(0.0) == HOLDS:
            costly |= {f"{axis} {value} ({samples} samples)": verdict for value, verdict in found.items()}
    verdict, reading = finding.outcome, finding.reading
    if exceptions := _not_held(costly):
        verdict = READING if verdict == HOLDS else verdict
        reading += f"; with fewer samples, which are enough at {axis} 0: {exceptions}"
    measured = f"{finding.measured}; coefficient error by {axis}: {_list(errors, 3)}"
    return Verdict(claim, measured, verdict, reading, finding.rule, finding.short)


def _most(rows, axis, name, column="f1") -> dict[str, Level]:
    """For each value of an axis the mean of a column at the most samples tried."""
    return {
        name.format(value): mean_of(group[group["samples"] == group["samples"].max()], column)
        for value, group in rows.groupby(axis)
    }


def _list(levels: dict[str, Level], digits: int = 2) -> str:
    return ", ".join(f"{name}: {level.text(digits)}" for name, level in levels.items())
