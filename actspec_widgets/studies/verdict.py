"""When a claim holds: one rule for every study, in which uncertainty counts for nobody."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isnan

from .curves import Level

VERDICTS = ("holds", "holds under this reading", "undecided", "does not hold")
HOLDS, READING, UNDECIDED, FAILS = VERDICTS
RULE = "by two standard errors"  # the ledger says what this means


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
