"""How many digits of a number its error bears."""

from __future__ import annotations

import math


def decimals(error: float) -> int:
    """Digits after the point that show an error with two digits; 4 where there is none.

    Examples
    --------
    >>> decimals(0.041), decimals(12.0), decimals(0.0)
    (3, 0, 4)
    """
    return min(max(1 - math.floor(math.log10(error)), 0), 12) if error > 0 and math.isfinite(error) else 4
