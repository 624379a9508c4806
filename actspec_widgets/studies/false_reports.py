"""The claim that hardly any run reports something false, over one family of runs after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .study import Finding
from .verdict import FAILS, HOLDS, READING, judge

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_FALSE = 0.05  # share of runs that may report anything false: the level of the method


def share(count: int, runs: int) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) at 95 % for a share of which ``count`` in ``runs`` were seen."""
    from scipy.stats import binomtest

    low, high = binomtest(count, runs).proportion_ci(0.95)
    return float(low), float(high)


def false_reports(rows: DataFrame, family: str, by: Sequence[str], note: str = "") -> Finding | None:
    """The verdict on the claim that hardly any run reports something false, over one family of runs.

    Parameters
    ----------
    rows : DataFrame
        One line for each run, with the column ``wrong_subsets``.
    family : str
        What the runs have in common.
    by : sequence of str
        Columns that name a setting; one whose own interval lies above the bound is told, and the claim then holds
        under the reading "on average" at best.
    note : str
        Said after the numbers.
    """
    if rows.empty:
        return None
    wrong = rows["wrong_subsets"] > 0
    low, high = share(int(wrong.sum()), len(wrong))
    verdict = judge(low, high, most=MOST_FALSE)
    seen, above = [], []
    for values, group in wrong.groupby([rows[name] for name in by]):
        count = int(group.sum())
        name = ", ".join(f"{column} {value}" for column, value in zip(by, values, strict=True))
        if count:
            seen.append(f"{name}: {count} of {len(group)}")
        if judge(*share(count, len(group)), most=MOST_FALSE) == FAILS:
            above.append(name)
    reading = (
        f"share of runs with any wrong subset at level {MOST_FALSE}, beside true ones: its interval of Clopper and "
        f"Pearson (1934) at 95 % must lie below {MOST_FALSE} to hold, above it not to hold; else undecided"
    )
    if above and verdict == HOLDS:
        verdict = READING
        reading += "; read as: on average over the settings"
    if above:
        reading += f"; by itself it fails at {'; '.join(above)}"
    measured = f"{int(wrong.sum())} of {len(wrong)} runs; share between {low:.4f} and {high:.4f}"
    measured += f" ({'; '.join(seen)})" if seen else ""
    return Finding(f"At most 5 % of runs report anything false ({family})", measured + note, verdict, reading)
