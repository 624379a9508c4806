"""The comparison as one table: how many subsets each method finds, how many it reports wrongly, and its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .run import allowed

if TYPE_CHECKING:
    from pandas import DataFrame, Series

APPLIED = ("ok", "timeout", "failed")  # what counts in means; a run without an answer found nothing
OURS = "actspec"


def table(df: DataFrame) -> DataFrame:
    """A row for each scene and method: what it finds, what it reports wrongly, and its cost.

    Means over the seeds that were tried, the standard error of F1 beside it where there was an answer; times and memory
    are medians. ``found`` is recall, ``wrong`` the share of reported subsets that are not true; a timeout or failure
    found nothing. A timeout counts as longer than any time: where the median is one, ``time_s`` is infinite, and
    ``allowed_s`` is after how long the method was stopped. ``finished`` counts problems done, ``silent`` says how many
    runs gave no answer. ``claims_f1`` and ``false_claim_share`` count "one of these" as one claim. ``told`` marks
    methods that rank and are told how many subsets are true: what they miss they also report wrongly.
    """
    from pandas import DataFrame as Table

    rows = []
    for (scene, name), group in df.groupby(["scene", "method"], sort=False):
        used = group[group.status.isin(APPLIED)]
        done = group[group.status == "ok"]
        f1 = used.f1.fillna(0.0).to_numpy(float)
        rows.append(
            {
                "scene": scene,
                "method": name,
                "access": group.access.iloc[0],
                "told": group.told.iloc[0],
                "finished": f"{len(done)}/{len(group)}",
                "silent": _silent(used),
                "found": used.recall.fillna(0.0).mean(),
                "wrong": (1 - done.precision).mean(),
                "claims_f1": used.claims_f1.fillna(0.0).mean(),
                "false_claim_share": (done.false_claims / done.claims.where(done.claims > 0, 1)).mean(),
                "f1": f1.mean() if f1.size else np.nan,
                "f1_error": f1.std(ddof=1) / np.sqrt(f1.size) if f1.size > 1 and len(done) else np.nan,
                "coefficient_error": done.coefficient_error.mean(),
                "queries": done.queries.median(),
                "samples": done.samples_used.median(),
                "time_s": median_time(used.time_s.mask(used.status == "timeout", np.inf)),
                "allowed_s": allowed(float(group.limit.iloc[0])),
                "peak_MiB": done.peak_MiB.median(),
                "note": next(iter(group.note.dropna()), ""),
            }
        )
    return Table(rows)


def f1_text(row) -> str:
    """F1 and its error as text; words where a method gave no answer."""
    if np.isnan(row.f1):
        return "–"
    if row.finished.startswith("0/"):
        return row.silent
    error = "" if np.isnan(row.f1_error) else f" ± {row.f1_error:.2f}"
    return f"{row.f1:.2f}{error}" + (f" ({row.silent})" if row.silent else "")


def median_time(seconds: Series) -> float:
    """The median of times, infinite ones among them, unknown ones left out."""
    known = np.sort(seconds.dropna().to_numpy(float))
    if known.size == 0:
        return float("nan")
    low, high = known[(known.size - 1) // 2], known[known.size // 2]
    return float(high if np.isinf(high) else (low + high) / 2)


def time_text(seconds: float, allowed_s: float) -> str:
    """Seconds as text, with two digits."""
    if np.isnan(seconds):
        return "–"
    return f"> {allowed_s:.2g}" if np.isinf(seconds) else f"{seconds:.2g}"


def _silent(used: DataFrame) -> str:
    """How many runs gave no answer, in words."""
    counts = [(status, int((used.status == status).sum())) for status in ("timeout", "failed")]
    return ", ".join(f"{status} ({count} run{'s' * (count > 1)})" for status, count in counts if count)
