"""When a claim holds: one rule for every study, in which uncertainty counts neither for a claim nor against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isnan
from typing import TYPE_CHECKING

from .curves import Level

if TYPE_CHECKING:
    from pandas import DataFrame

OUTCOMES = ("holds", "holds under this reading", "undecided", "does not hold")
HOLDS, READING, UNDECIDED, FAILS = OUTCOMES
RULE = "by two standard errors"  # the ledger says what this means
MOST_FALSE = 0.05  # share of runs that may report anything false: the level of the method


@dataclass(frozen=True)
class Verdict:
    """One claim beside what was measured.

    Attributes
    ----------
    claim : str
        As it was made.
    measured : str
        The numbers, with their errors.
    outcome : str
        One of ``OUTCOMES``.
    reading : str
        Under which reading of the claim this is the verdict, and in which cases it is another.
    rule : str
        When the claim holds; the ledger gives each rule once, at its end.
    short : str
        The number that tells most, for a cell of a table; the whole of ``measured`` where there is no such number.
    """

    claim: str
    measured: str
    outcome: str
    reading: str = ""
    rule: str = ""
    short: str = ""

    def __post_init__(self) -> None:
        if not self.short:
            object.__setattr__(self, "short", self.measured)
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome={self.outcome!r}; give one of {', '.join(OUTCOMES)}")


def judge(low: float, high: float, *, least: float = -inf, most: float = inf) -> str:
    """Whether something known to lie between ``low`` and ``high`` lies between ``least`` and ``most``.

    Returns
    -------
    str
        "holds" where all of the interval does, "does not hold" where none of it does, "undecided" otherwise; also
        where an end of the interval is not a number.

    Examples
    --------
    >>> judge(0.96, 0.99, least=0.95), judge(0.93, 0.97, least=0.95), judge(0.90, 0.94, least=0.95)
    ('holds', 'undecided', 'does not hold')
    """
    if isnan(low) or isnan(high):
        return UNDECIDED
    if low >= least and high <= most:
        return HOLDS
    return FAILS if high < least or low > most else UNDECIDED


def judge_level(level: Level, *, least: float = -inf, most: float = inf) -> str:
    """:func:`judge` on two standard errors either way; undecided where there is no error, as from a single seed."""
    return judge(level.value - 2 * level.error, level.value + 2 * level.error, least=least, most=most)


def both(*verdicts: str) -> str:
    """The verdict on a claim that makes several conditions: they must all hold, and any that fails refutes it.

    Examples
    --------
    >>> both("holds", "undecided"), both("undecided", "does not hold")
    ('undecided', 'does not hold')
    """
    if FAILS in verdicts:
        return FAILS
    return HOLDS if set(verdicts) == {HOLDS} else UNDECIDED


def over_cases(verdicts: Iterable[str]) -> str:
    """The verdict on a claim about several cases: it holds if it does in each.

    It holds under a reading, "in those cases", where it does in half of them or more. Otherwise it does not hold if it
    fails in any, and is undecided if it fails in none.

    Examples
    --------
    >>> over_cases(["holds", "undecided"]), over_cases(["undecided"] * 2), over_cases(["undecided", "does not hold"])
    ('holds under this reading', 'undecided', 'does not hold')
    """
    known = list(verdicts)
    held = known.count(HOLDS)
    if held == len(known):
        return HOLDS
    if 2 * held >= len(known):
        return READING
    return UNDECIDED if FAILS not in known else FAILS


def share(count: int, runs: int) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) at 95 % for a share of which ``count`` in ``runs`` were seen."""
    from scipy.stats import binomtest

    low, high = binomtest(count, runs).proportion_ci(0.95)
    return float(low), float(high)


# Column -> what a run does with it, and when that is false.
_FALSE = {
    "wrong_subsets": ("report", "report any subset that is not true"),
    "false_claims": (
        "claim",
        "claim anything false (a claim is 'one of these subsets', false where none of them is true)",
    ),
}


def false_reports(
    rows: DataFrame, family: str, by: Sequence[str], note: str = "", counted: str = "wrong_subsets"
) -> Verdict | None:
    """The verdict on the claim that hardly any run reports something false, over one family of runs.

    Parameters
    ----------
    rows : DataFrame
        One line for each run, with the column ``counted``.
    family : str
        What the runs have in common.
    by : sequence of str
        Columns that name a setting; one whose own interval lies above the bound is named, and the claim then holds
        at best under the reading "on average".
    note : str
        Added after the numbers.
    counted : str
        "wrong_subsets", or "false_claims" where classes count as claims.
    """
    if rows.empty:
        return None
    does, rule = _FALSE[counted]
    wrong = rows[counted] > 0
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
    readings = []
    if above and verdict == HOLDS:
        verdict = READING
        readings.append("it holds on average over the settings")
    if above:
        readings.append(f"it does not hold for these alone: {'; '.join(above)}")
    runs = f"{int(wrong.sum())} of {len(wrong):,} runs"
    measured = f"{runs}; share between {low:.4f} and {high:.4f}" + (f" ({'; '.join(seen)})" if seen else "")
    return Verdict(
        f"At most 5 % of runs {does} anything false ({family})",
        measured + note,
        verdict,
        "; ".join(readings),
        f"the 95 % interval of Clopper and Pearson (1934) for the share of runs that {rule} at level "
        f"{MOST_FALSE} lies below {MOST_FALSE}; it does not hold where that lies above, else it is undecided",
        runs,
    )
