"""The one comparison table, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..study import Finding

if TYPE_CHECKING:
    from pandas import DataFrame

APPLIED = ("ok", "timeout", "failed")  # what counts in means; a run without an answer found nothing
_FIRST = "actspec"
_MARGIN = 0.05  # of F1


def table(df: DataFrame) -> DataFrame:
    """For each scene and method: who finds the subsets, who reports wrong ones, at what cost.

    Means over seeds, the standard error of F1 beside it; times and memory are medians. ``found`` is recall,
    ``wrong`` the share of reported subsets that are not true; a timeout or failure found nothing. ``finished`` counts
    problems done. ``told`` marks methods that rank and are told how many subsets are true: their wrong ones are then
    the other side of those that they miss.
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
                "found": used.recall.fillna(0.0).mean(),
                "wrong": (1 - done.precision).mean(),
                "f1": f1.mean() if f1.size else np.nan,
                "f1_error": f1.std(ddof=1) / np.sqrt(f1.size) if f1.size > 1 else np.nan,
                "coefficient_error": done.coefficient_error.mean(),
                "queries": done.queries.median(),
                "samples": done.samples_used.median(),
                "time_s": done.time_s.median(),
                "peak_MiB": done.peak_MiB.median(),
                "note": next(iter(group.note.dropna()), ""),
            }
        )
    return Table(rows)


def findings(df: DataFrame) -> tuple[Finding, ...]:
    """The claims about other methods, and scene by scene who was best.

    Rules, fixed before the numbers: a method wins a scene against another if its mean F1 is larger by more than 0.05
    and by more than two standard errors of the difference.
    """
    summary = table(df)
    found = [_scene(str(scene), rows) for scene, rows in summary.groupby("scene", sort=False)]
    return (*_wrong_importance(summary), *_redundancy(summary), *(f for f in found if f is not None))


def _scene(scene: str, rows: DataFrame) -> Finding | None:
    known = rows.dropna(subset=["f1"])
    ours = known[known.method == _FIRST]
    others = known[known.method != _FIRST]
    if ours.empty or others.empty:
        return None
    own = ours.iloc[0]
    gap = others.f1 - own.f1
    error = np.hypot(others.f1_error.fillna(0.0), 0.0 if np.isnan(own.f1_error) else own.f1_error)
    ahead = others[(gap > _MARGIN) & (gap > 2 * error)].sort_values(["f1", "time_s"], ascending=[False, True])
    level = others[(gap.abs() <= _MARGIN) | (gap.abs() <= 2 * error)].sort_values("time_s")
    quicker = level[level.time_s < own.time_s]
    by_samples = ahead[ahead.access == "samples"]
    verdict = "holds"
    if not ahead.empty:
        verdict = "holds under this reading" if by_samples.empty else "does not hold"
    return Finding(
        f"No other method finds the subsets better than activation spectroscopy ({scene})",
        f"actspec {_text(own)}; "
        + (f"better: {_list(ahead)}" if len(ahead) else "none is better")
        + f"; as good and quicker: {_list(quicker) if len(quicker) else 'none'}",
        verdict,
        "Better means a mean F1 larger by over 0.05 and over two standard errors; it holds under the reading 'from "
        "samples alone' where only methods that ask queries are better. Others that rank are told how many subsets "
        "are true.",
    )


def _wrong_importance(summary: DataFrame) -> tuple[Finding, ...]:
    single = ("shapley_exact", "kernel_shap", "permutation_shapley", "integrated_gradients", "feature_ablation")
    joint = summary[summary.method.isin(single) & (summary.scene != "additive")].dropna(subset=["f1"])
    if joint.empty:
        return ()
    best = joint.groupby("method").f1.mean().max()
    verdict = "holds" if best < 0.5 else "does not hold"
    return (
        Finding(
            "Importances of single units do not show which subsets matter",
            "mean F1 over scenes with joint effects: "
            + ", ".join(f"{name} {value:.2f}" for name, value in joint.groupby("method", sort=False).f1.mean().items()),
            verdict,
            "Holds if none of them reaches a mean F1 of 0.5. They name no subset of two or more by their making.",
        ),
    )


def _redundancy(summary: DataFrame) -> tuple[Finding, ...]:
    rows = summary[summary.scene.isin(("duplicates", "near_copies", "redundant_network"))].dropna(subset=["f1"])
    own, scan = (rows[rows.method == name] for name in (_FIRST, "scan"))
    if own.empty or scan.empty:
        return ()
    gain = own.f1.mean() - scan.f1.mean()
    error = np.sqrt(np.nansum(own.f1_error**2)) / len(own) + np.sqrt(np.nansum(scan.f1_error**2)) / len(scan)
    others = rows[(rows.access == "samples") & ~rows.method.isin((_FIRST, "scan"))].groupby("method").f1.mean()
    text = ", ".join(f"{name} {value:.2f}" for name, value in others.items())
    return (
        Finding(
            "Redundant units mislead a ranking by size, and not the selection",
            f"mean F1 with redundant units: actspec {own.f1.mean():.2f}, largest means alone {scan.f1.mean():.2f} "
            f"(difference {gain:.2f} ± {error:.2f}); others from samples: {text}",
            "holds" if gain > max(_MARGIN, 2 * error) else "does not hold",
            "Holds if the difference of mean F1 is over 0.05 and over two standard errors (errors added, not squared).",
        ),
    )


def _text(row) -> str:
    error = "" if np.isnan(row.f1_error) else f" ± {row.f1_error:.2f}"
    time = "" if np.isnan(row.time_s) else f" in {row.time_s:.2g} s"
    return f"{row.f1:.2f}{error}{time}"


def _list(rows: DataFrame) -> str:
    return ", ".join(f"{row.method} ({row.access}) {_text(row)}" for row in rows.itertuples())
