"""A lesson's last table: each claim beside the number that the lesson has just measured."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np


class ClaimTable:
    """Claims with their measured numbers; a table in a notebook, lines of text elsewhere."""

    def __init__(self, rows: tuple[tuple[str, str], ...]):
        self.rows = rows

    def _repr_markdown_(self) -> str:
        lines = ["| claim | measured here |", "| --- | --- |"]
        return "\n".join(lines + [f"| {claim} | {measured} |" for claim, measured in self.rows])

    def __repr__(self) -> str:
        return "\n".join(f"{claim}: {measured}" for claim, measured in self.rows)


def what_we_measured(*rows: tuple[Any, ...]) -> ClaimTable:
    """Set each claim beside its number and its error.

    Parameters
    ----------
    *rows : (claim, value), (claim, value, error) or (claim, value, "exact")
        The value is a number, or text for what is not one number. A count stands without an error; "exact" says of a
        number that it was computed and not estimated.

    Examples
    --------
    >>> what_we_measured(("the pair", 0.0, "exact"), ("the winner again", 1.2345, 0.0321), ("seeds of five", 3))
    the pair: 0 (exact)
    the winner again: 1.234 ± 0.032
    seeds of five: 3
    """
    return ClaimTable(tuple((row[0], _measured(*row[1:])) for row in rows))


def _measured(value: Any, error: float | Literal["exact"] | None = None) -> str:
    if isinstance(value, str):
        return value
    if error is None or error == "exact":
        plain = f"{value:,}" if isinstance(value, (int, np.integer)) else f"{value:.4g}"
        return plain if error is None else f"{plain} (exact)"
    if not error > 0:
        return f"{value:.4g} ± {error:.2g}"
    digits = max(0, 1 - math.floor(math.log10(error)))  # two figures of the error
    return f"{value:.{digits}f} ± {error:.{digits}f}"
