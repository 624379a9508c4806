"""Verdicts of the comparison: whether another method was better on each scene, and what the selection adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..curves import Level, level_of
from ..verdict import FAILS, HOLDS, READING, RULE, UNDECIDED, Verdict, both, judge_level
from .importance import importance_verdict
from .table import APPLIED, OURS, table, time_text

if TYPE_CHECKING:
    from pandas import DataFrame

LEAST_GAIN = 0.05  # of F1, that selection must bring
_RULE = (
    f"F1 of others less ours, problem by problem: the claim holds if that is 0 or less for each of them, {RULE}, and "
    "does not hold if one is better; it holds under the reading 'from samples alone' if only methods that ask queries "
    "are; where others find everything, as we do, none is better and nothing is decided"
)


class Rival(NamedTuple):
    """Another method on the problems of one scene, and its F1 less ours."""

    name: str
    access: str
    told: bool
    f1: float
    gap: Level
    queries: float
    time_s: float
    allowed_s: float
    perfect: bool

    @property
    def no_better(self) -> str:
        """The outcome for the claim that it is no better than ours."""
        return judge_level(self.gap, most=0.0)

    @property
    def worse(self) -> bool:
        return self.no_better == HOLDS and self.gap.value < 0

    def text(self) -> str:
        """The method with its F1, the paired difference and what it cost."""
        told = ", told how many" if self.told else ""
        asked = f", {self.queries:,.0f} queries" if self.queries > 0 else ""
        seconds = time_text(self.time_s, self.allowed_s)
        return f"{self.name} ({self.access}{told}) {self.f1:.2f}, {self.gap.text(sign='+')}, {seconds} s{asked}"


def findings(df: DataFrame) -> tuple[Verdict, ...]:
    """The claims about other methods, then one verdict for each scene."""
    summary = table(df)
    scenes = [_scene(str(scene), rows, summary) for scene, rows in df.groupby("scene", sort=False)]
    return (*importance_verdict(df), *_redundancy(summary), *(found for found in scenes if found is not None))


def _scene(scene: str, df: DataFrame, summary: DataFrame) -> Verdict | None:
    tried = df[df.status.isin(APPLIED)]
    scores = tried.assign(f1=tried.f1.fillna(0.0)).pivot_table(index="seed", columns="method", values="f1")
    if OURS not in scores or scores.shape[1] < 2:
        return None
    costs = summary[summary.scene == scene].set_index("method")
    answered = [name for name in costs.index if name != OURS and name in set(tried[tried.status == "ok"].method)]
    rivals = [_rival(name, scores, costs.loc[name]) for name in answered]
    own, cost = scores[OURS].dropna(), costs.loc[OURS]
    better = [r for r in rivals if r.no_better == FAILS]
    everything = [r for r in rivals if r.perfect] if (own == 1).all() else []
    level = [r for r in rivals if r not in better and not r.worse]
    verdict = both(*(r.no_better for r in rivals))
    if better and all(r.access == "queries" for r in better):
        verdict = READING
    elif everything:
        verdict = UNDECIDED
    claims = f"F1 of its claims {cost.claims_f1:.2f}, {cost.false_claim_share:.0%} of them false"
    said = [f"actspec {level_of(own).text()} ({claims}), {cost.time_s:.2g} s", f"better: {_list(better)}"]
    if everything:
        said.append(f"undecided, as these find everything too: {', '.join(r.name for r in everything)}")
        said.append(f"no difference shown, and quicker: {_list([r for r in level if r.time_s < cost.time_s])}")
    else:
        said.append(f"no difference shown: {_list(level)}")
    return Verdict(
        f"No other method finds the subsets better than activation spectroscopy ({scene})",
        "; ".join(said),
        verdict,
        rule=_RULE,
        short=f"ours {own.mean():.2f}, {_best(better, len(everything))}",
    )


def _best(better: list[Rival], perfect: int) -> str:
    """The best of those that are better; else how many find everything, as we do."""
    if better:
        first = max(better, key=lambda rival: rival.f1)
        return f"{first.name} {first.f1:.2f}"
    return f"{perfect} others find everything too" if perfect else "none is better"


def _rival(name: str, scores: DataFrame, cost) -> Rival:
    own = scores[name].dropna()
    return Rival(
        name=name,
        access=cost.access,
        told=bool(cost.told),
        f1=float(own.mean()),
        gap=level_of((scores[name] - scores[OURS]).dropna()),
        queries=float(cost.queries),
        time_s=float(cost.time_s),
        allowed_s=float(cost.allowed_s),
        perfect=bool((own == 1).all()),
    )


def _list(rivals: list[Rival]) -> str:
    return ", ".join(r.text() for r in sorted(rivals, key=lambda r: (-r.f1, r.time_s))) or "none"


def _redundancy(summary: DataFrame) -> tuple[Verdict, ...]:
    rows = summary[summary.scene.isin(("duplicates", "near_copies", "redundant_network"))].dropna(subset=["f1"])
    own, scan = (rows[rows.method == name] for name in (OURS, "scan"))
    if own.empty or scan.empty:
        return ()
    gain = own.f1.mean() - scan.f1.mean()
    error = np.sqrt(np.nansum(own.f1_error**2)) / len(own) + np.sqrt(np.nansum(scan.f1_error**2)) / len(scan)
    others = rows[(rows.access == "samples") & ~rows.method.isin((OURS, "scan"))].groupby("method").f1.mean()
    text = ", ".join(f"{name} {value:.2f}" for name, value in others.items())
    return (
        Verdict(
            "Redundant units mislead a ranking by size, but not the selection",
            f"mean F1 with redundant units: actspec {own.f1.mean():.2f}, largest means alone {scan.f1.mean():.2f} "
            f"(difference {gain:.2f} ± {error:.2f}); others from samples, which are shown distinct units: {text}",
            judge_level(Level(gain, error), least=LEAST_GAIN),
            "the largest means are taken of all units as recorded",
            f"the difference of mean F1 is {LEAST_GAIN} or more, {RULE} (errors added, not squared)",
            f"F1 {own.f1.mean():.2f} against {scan.f1.mean():.2f}",
        ),
    )
