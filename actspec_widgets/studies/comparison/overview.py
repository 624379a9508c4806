"""The comparison on one page: each method's cost and mistakes, and how well it does on each scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .importance import importance_scores
from .table import f1_text, median_time, table, time_text

if TYPE_CHECKING:
    from pandas import DataFrame

_READING = """Means over the problems that a method applies to; a timeout or failure found nothing. *Found*: share of
the true subsets. *Wrong*: share of the reported ones that are not true. *False claims*: the same of what is claimed,
where "one of these subsets" is one claim (`actspec` says so where the data cannot tell which; others never do). A
subset that is named twice is wrong the second time, but no false claim; one that may be left out is no claim.
Methods that are *told* how many subsets there are report that many, so what they miss they also report wrongly.
*Queries* are values of the function at points that the method chooses, *samples* recorded ones; these, seconds (one
thread, without imports) and MiB are medians over scenes. A timeout counts as longer than any time; after one, or when
its process dies, a method gets no further problem of that scene. Other libraries' methods that learn from samples are
shown neither constant nor repeated units."""
_RANKING = """Does a unit of a true subset have the larger importance? Probability over pairs of one that matters and
one that does not, ± its standard error: 0.5 is chance, 1 is always right. Importances of `actspec` are influences."""


def overview(df: DataFrame) -> str:
    """Two tables in Markdown: what each method costs and gets wrong, and its F1 on each scene."""
    rows = table(df)
    methods = list(dict.fromkeys(rows.method))
    scenes = list(dict.fromkeys(rows.scene))
    cost = [_cost(name, rows[rows.method == name]) for name in methods]
    cells = {(r.method, r.scene): f1_text(r) for r in rows.itertuples()}
    ranking = importance_scores(df)
    head = [
        "method",
        "asks",
        "told",
        "problems done",
        "found",
        "wrong",
        "false claims",
        "queries",
        "samples",
        "seconds",
        "MiB",
    ]
    parts = [_READING, _markdown(head, cost), "F1 on each scene, ± its standard error:"]
    parts.append(_by_scene(cells, methods, scenes))
    if ranking:
        parts += [_RANKING, _by_scene(ranking, [m for m in methods if m in {name for name, _ in ranking}], scenes)]
    if "library" in df and (used := sorted(df.library.dropna().unique())):
        parts.append(f"Libraries: {', '.join(used)}.")
    return "\n\n".join(parts)


def _cost(name: str, rows: DataFrame) -> list[str]:
    done = [tuple(map(int, text.split("/"))) for text in rows.finished]
    used = rows.dropna(subset=["f1"])
    numbers = [
        "queries" if rows.access.iloc[0] == "queries" else "samples",
        "yes" if bool(rows.told.iloc[0]) else "no",
        f"{sum(d for d, _ in done)} of {sum(n for _, n in done)}",
        _number(used.found.mean(), "{:.2f}"),
        _number(used.wrong.mean(), "{:.2f}"),
        _number(used.false_claim_share.mean(), "{:.2f}"),
        _number(used.queries.median(), "{:,.0f}"),
        _number(used.samples.median(), "{:,.0f}"),
        time_text(median_time(used.time_s), used.allowed_s.max()),
        _number(used.peak_MiB.median(), "{:,.0f}"),
    ]
    return [f"`{name}`", *numbers]


def _by_scene(cells: dict[tuple[str, str], str], methods: list[str], scenes: list[str]) -> str:
    rows = [[f"`{name}`", *(cells.get((name, scene), "–") for scene in scenes)] for name in methods]
    return _markdown(["method", *scenes], rows)


def _number(value: float, form: str) -> str:
    return "–" if np.isnan(value) else form.format(value)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
