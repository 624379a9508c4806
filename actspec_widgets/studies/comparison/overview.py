"""The comparison on one page: each method's cost and mistakes, and how well it does on each scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .table import table

if TYPE_CHECKING:
    from pandas import DataFrame

_READING = """Means over the problems that a method applies to; a timeout or failure found nothing. *Found*: share of
the true subsets. *Wrong*: share of the reported ones that are not true. Methods that are *told* how many subsets there
are report that many, so what they miss they also report wrongly. *Queries* are values of the function at points that
the method chooses, *samples* recorded ones; seconds (one thread, without imports) and MiB are medians over scenes."""


def overview(df: DataFrame) -> str:
    """Two tables in Markdown: what each method costs and gets wrong, and its F1 on each scene."""
    rows = table(df)
    methods = list(dict.fromkeys(rows.method))
    scenes = list(dict.fromkeys(rows.scene))
    cost = [_cost(name, rows[rows.method == name]) for name in methods]
    cells = {(r.scene, r.method): _score(r) for r in rows.itertuples()}
    scores = [[f"`{name}`", *(cells.get((scene, name), "–") for scene in scenes)] for name in methods]
    head = ["method", "asks", "told", "problems done", "found", "wrong", "queries", "samples", "seconds", "MiB"]
    parts = [_READING, _markdown(head, cost), "F1 on each scene, ± its standard error:"]
    parts.append(_markdown(["method", *scenes], scores))
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
        _number(used.queries.median(), "{:,.0f}"),
        _number(used.samples.median(), "{:,.0f}"),
        _number(used.time_s.median(), "{:.2g}"),
        _number(used.peak_MiB.median(), "{:,.0f}"),
    ]
    return [f"`{name}`", *numbers]


def _score(row) -> str:
    if np.isnan(row.f1):
        return "–"
    return f"{row.f1:.2f}" + ("" if np.isnan(row.f1_error) else f" ± {row.f1_error:.2f}")


def _number(value: float, form: str) -> str:
    return "–" if np.isnan(value) else form.format(value)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
