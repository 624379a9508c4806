"""Do importances of single units put the units that matter first, and how many subsets can they name at best?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..compute.method.relations import UnitClasses
from ..patterns.cube import Subset
from .scoring import canonical


def outranking(importances: Sequence[float], truth: Iterable[Subset], classes: UnitClasses) -> float | None:
    """Probability that a unit of a true subset has a larger importance than a unit of none.

    Parameters
    ----------
    importances : sequence of float
        One for each unit; their sizes are compared, whatever the signs.
    truth : iterable of tuples of int
    classes : UnitClasses
        Equal units say the same and count as one, with the largest importance of them; constants belong to no subset.

    Returns
    -------
    float or None
        0.5 where importances are blind to what matters, 1 where all units that matter come first; a tie counts half.
        None where all units matter.

    Examples
    --------
    Unit 3 repeats unit 0. Unit 1 is ahead of one of the two units that do not matter, unit 0 of both.

    >>> classes = UnitClasses((0, 1, 2, 4), ((0, 3), (1,), (2,), (4,)), ())
    >>> outranking([0.1, -0.4, 0.5, 0.9, 0.2], [(0, 1)], classes)
    0.75
    """
    size = np.abs(np.asarray(importances, float))
    relevant = {unit for subset in truth for unit in canonical(subset, classes)}
    inside = np.array([size[list(group)].max() for group in classes.members if group[0] in relevant])
    outside = np.array(
        [size[list(group)].max() for group in classes.members if group[0] not in relevant]
        + [size[unit] for unit in classes.constants]
    )
    if inside.size == 0 or outside.size == 0:
        return None
    ahead = (inside[:, None] > outside).mean() + 0.5 * (inside[:, None] == outside).mean()
    return float(ahead)


def single_unit_ceiling(truth: Iterable[Subset], classes: UnitClasses) -> float:
    """The best F1 of a method that names as many single units as there are true subsets.

    Examples
    --------
    >>> single_unit_ceiling([(0,), (1, 2)], UnitClasses((0, 1, 2), ((0,), (1,), (2,)), ()))
    0.5
    """
    names = {canonical(subset, classes) for subset in truth} - {()}
    return sum(len(name) == 1 for name in names) / len(names)
