"""How well an answer fits the truth: subsets that were found, and importances of single units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..patterns.cube import Subset
from .methods import Found

if TYPE_CHECKING:
    from ..compute.method.relations import UnitClasses


def canonical(subset: Subset, classes: UnitClasses | None) -> Subset:
    """The simplest subset of the same information: constants dropped, equal units replaced by the first of them.

    Two equal units cancel, as their product is constant.

    Examples
    --------
    >>> from actspec_widgets.compute.method.relations import UnitClasses
    >>> canonical((1, 2, 4), UnitClasses((0, 1, 3), ((0,), (1, 4), (3,)), (2,)))
    ()
    """
    if classes is None:
        return tuple(sorted(subset))
    first = {unit: group[0] for group in classes.members for unit in group}
    units: set[int] = set()
    for unit in subset:
        if unit in first:
            units ^= {first[unit]}
    return tuple(sorted(units))


def score(found: Found, truth: Mapping[Subset, float], classes: UnitClasses | None = None) -> dict[str, float | int]:
    """Precision, recall and F1 on non-empty subsets, by name and as claims, and the error of the coefficients.

    Parameters
    ----------
    found : Found
    truth : mapping
        Subset -> coefficient; the empty one, if there, is left out.
    classes : UnitClasses, optional
        Constant and equal units. A subset found that equals a true one but for these counts as that one; it counts
        once, and a second report of the same feature as wrong. Signs are not followed: equal units are taken to
        agree and constant ones to be active.

    Returns
    -------
    dict
        ``precision`` (1 where nothing was found: nothing reported is wrong, as in the false discovery rate of Benjamini
        and Hochberg 1995; a repeated one is wrong), ``recall``, ``f1`` (twice the hits over found plus true),
        ``coefficient_error`` (root of the mean square over the true subsets, a missing one counting as zero; units of
        the target), ``found_subsets``, ``true_subsets``, ``wrong_subsets``; ``claims``, ``false_claims`` (no subset of
        the group is true) and ``claims_f1``, the same F1 where a claim finds one true subset of its group, each true
        one once.

    Raises
    ------
    ValueError
        If there is no true subset.

    Examples
    --------
    >>> result = score(Found(((0, 1), (2,)), (0.9, 0.1)), {(0, 1): 1.0, (3,): 0.5})
    >>> result["precision"], result["recall"], result["f1"]
    (0.5, 0.5, 0.5)

    "One of (2,) and (3,)" is true where (2,) is not.

    >>> result = score(Found(((2,),), (0.1,), claims=(((2,), (3,)),)), {(3,): 0.5})
    >>> result["f1"], result["claims_f1"], result["false_claims"]
    (0.0, 1.0, 0)
    """
    wanted: dict[Subset, float] = {}
    for subset, value in truth.items():
        if name := canonical(subset, classes):
            wanted[name] = wanted.get(name, 0.0) + value
    if not wanted:
        raise ValueError("the truth holds no subset that ever changes; give at least one")
    reported = [(canonical(s, classes), value) for s, value in zip(found.subsets, found.scores, strict=True) if s]
    values: dict[Subset, float] = {}
    for name, value in reported:
        if name in wanted:
            values.setdefault(name, value)
    hits = len(values)
    errors = [values.get(name, 0.0) - value for name, value in wanted.items()]
    return {
        "precision": hits / len(reported) if reported else 1.0,
        "recall": hits / len(wanted),
        "f1": 2 * hits / (len(reported) + len(wanted)),
        "coefficient_error": float(np.sqrt(np.mean(np.square(errors)))),
        "found_subsets": len(reported),
        "true_subsets": len(wanted),
        "wrong_subsets": len(reported) - hits,
        **_claims(found, list(wanted), classes),
    }


def _claims(found: Found, wanted: list[Subset], classes: UnitClasses | None) -> dict[str, float | int]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    groups = [(s,) for s in found.subsets] if found.claims is None else found.claims
    named = [{canonical(s, classes) for s in group} for group in groups if group[0]]
    fits = np.array([[name in names for name in wanted] for names in named], bool).reshape(len(named), len(wanted))
    hits = int((maximum_bipartite_matching(csr_array(fits)) >= 0).sum()) if named else 0
    return {
        "claims": len(named),
        "false_claims": int((~fits.any(axis=1)).sum()),
        "claims_f1": 2 * hits / (len(named) + len(wanted)),
    }


def outranking(importances: Sequence[float], truth: Iterable[Subset], classes: UnitClasses) -> float | None:
    """Probability that a unit of a true subset has a larger importance than a unit of none.

    Parameters
    ----------
    importances : sequence of float
        One for each unit; their sizes are compared, whatever the signs.
    truth : iterable of tuples of int
    classes : UnitClasses
        Equal units count as one, with the largest importance of them; constants belong to no subset.

    Returns
    -------
    float or None
        0.5 where importances are blind to what matters, 1 where all units that matter come first; a tie counts half.
        None where all units matter.

    Examples
    --------
    Unit 3 repeats unit 0. Unit 1 is ahead of one of the two units that do not matter, unit 0 of both.

    >>> from actspec_widgets.compute.method.relations import UnitClasses
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
    >>> from actspec_widgets.compute.method.relations import UnitClasses
    >>> single_unit_ceiling([(0,), (1, 2)], UnitClasses((0, 1, 2), ((0,), (1,), (2,)), ()))
    0.5
    """
    names = {canonical(subset, classes) for subset in truth} - {()}
    return sum(len(name) == 1 for name in names) / len(names)
