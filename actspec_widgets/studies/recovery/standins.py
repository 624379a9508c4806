"""Whether wrong subsets stand in for true ones that were missed, or come from chance."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...compute.method.relations import UnitClasses
from ...patterns import Patterns
from ...patterns.cube import Subset, chi
from ..methods import Found
from ..scoring import canonical
from ..study import Row


def stand_ins(found: Found, truth: Iterable[Subset], patterns: Patterns, classes: UnitClasses) -> Row:
    """How the wrong subsets relate to the true ones on these patterns.

    Returns
    -------
    dict
        ``stand_ins``: wrong subsets whose most similar true subset, that of the largest absolute correlation between
        the two products of signs, was not found. ``wrong_likeness``: the mean of that correlation over the wrong
        subsets; None where nothing is wrong.

    Examples
    --------
    Unit 2 is nearly always on, so that the pair is nearly the triple, which was missed.

    >>> signs = np.array([[1, 1, 1], [1, -1, 1], [-1, 1, 1], [-1, -1, 1]] * 5, np.int8)
    >>> signs[0, 2] = -1
    >>> one_by_one = UnitClasses((0, 1, 2), ((0,), (1,), (2,)), ())
    >>> row = stand_ins(Found(((0, 1),), (1.0,)), [(0, 1, 2)], Patterns.from_signs(signs), one_by_one)
    >>> row["stand_ins"], round(row["wrong_likeness"], 2)
    (1, 0.9)
    """
    wanted = {name for subset in truth if (name := canonical(subset, classes))}
    missed = set(wanted)
    wrong = []
    for subset in found.subsets:
        name = canonical(subset, classes)
        if name in missed:
            missed.remove(name)
        elif subset:
            wrong.append(name)
    if not wrong:
        return {"stand_ins": 0, "wrong_likeness": None}
    signs = patterns.signs()
    likest = [max((_likeness(chi(name, signs), chi(true, signs)), true) for true in wanted) for name in wrong]
    return {
        "stand_ins": sum(true in missed for _, true in likest),
        "wrong_likeness": float(np.mean([likeness for likeness, _ in likest])),
    }


def _likeness(one, other) -> float:
    """Absolute correlation; 0 where one of the two never changes."""
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(abs(np.corrcoef(one, other)[0, 1]))
