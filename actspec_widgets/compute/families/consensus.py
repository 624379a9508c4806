"""Families of subsets that say nearly the same, from the lists that many halves of the samples give."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, order_key
from ...progress import Progress, tick
from ...results import Family
from ..method.characters import Characters, relation
from .halves import Rows, complementary_halves

LEVEL = 0.7  # correlation at which two subsets say nearly the same
LEAST = 0.3  # share of half-samples that a family is reported with
Select = Callable[[Rows], Sequence[Subset]]


def consensus(
    select: Select,
    characters: Characters,
    *,
    pairs: int,
    level: float,
    least: float,
    rng: np.random.Generator,
    within: Rows | None = None,
    groups: NDArray[np.intp] | None = None,
    progress: Progress | None = None,
) -> tuple[tuple[Family, ...], tuple[tuple[Subset, ...], ...]]:
    """The families that at least a share ``least`` of half-samples agree on, and the lists of the half-samples.

    Parameters
    ----------
    select : callable
        Sample indices -> subsets, strongest first; sees no other sample.
    characters : Characters
        On all samples: what the subsets say there tells which are nearly the same.
    pairs : int
        Pairs of complementary halves; twice as many lists.
    level : float
        Least correlation with a family's best member, in size.
    least : float
        Least share of the half-samples in which a family returns.
    rng : numpy.random.Generator
        Draws the halves.
    within : array of int, optional
        Samples to draw halves of; default all.
    groups : array of int, optional
        One number for each sample in ``within``; halves keep groups together.
    """
    rows = np.arange(characters.n_samples) if within is None else within
    lists: list[tuple[Subset, ...]] = []
    for pair in complementary_halves(rows.size, pairs, rng, groups):
        for half in pair:
            tick(progress, len(lists), 2 * pairs)
            lists.append(tuple(select(rows[half])))
    tick(progress, 2 * pairs, 2 * pairs)
    return families_of(characters, lists, level, least), tuple(lists)


def families_of(
    characters: Characters, lists: Sequence[Sequence[Subset]], level: float, least: float
) -> tuple[Family, ...]:
    """Group the subsets of several lists around best members, no two of which correlate by ``level`` or more.

    The best member of the first family is the subset that the most lists agree with: they hold one that correlates
    with it by ``level`` or more. Those subsets are its members and leave the lists; the next family is found in the
    same way in what is left, until fewer than a share ``least`` of all lists agree. There is no chaining: every member
    is near the best one. Ties go to the subset nearer to its members, then to the simpler one.
    """
    known = sorted({subset for found in lists for subset in found}, key=order_key)
    if not known:
        return ()
    place = {subset: at for at, subset in enumerate(known)}
    held = np.zeros((len(lists), len(known)), dtype=bool)
    for row, found in zip(held, lists, strict=True):
        row[[place[subset] for subset in found]] = True
    nearness = correlations(characters, known, known)
    near = nearness >= level
    near_numbers = near.astype(np.float32)  # small whole numbers: their products are exact
    times = held.sum(axis=0)
    left = np.ones(len(known), dtype=bool)
    families = []
    while left.any():
        agreeing = (near_numbers @ (held & left).T.astype(np.float32) > 0).sum(axis=1)
        closeness = np.round((nearness * near) @ (times * left), 9)
        best = int(np.lexsort((np.arange(len(known)), -closeness, -agreeing, ~left))[0])
        if agreeing[best] < max(least * len(lists), 1):
            break
        members = np.flatnonzero(near[best] & left)
        left[members] = False
        others = sorted((m for m in members.tolist() if m != best), key=lambda m: (-times[m], m))
        families.append(
            Family(known[best], tuple(known[m] for m in others), float(agreeing[best] / len(lists)), len(lists))
        )
    return tuple(families)


def correlations(characters: Characters, subsets: Sequence[Subset], others: Sequence[Subset]) -> NDArray[np.float64]:
    """Sizes of the correlations of characters over the samples, shape (subsets, others); 0 for a constant."""
    rows, table = characters.rows(subsets), characters.rows(others)
    ones = characters.rows(((),))[0]
    norms, totals = characters.norms(rows), characters.inner(rows, ones)
    other_norms, other_totals = characters.norms(table), characters.inner(table, ones)
    sizes = np.empty((len(subsets), len(others)))
    for at, row in enumerate(rows):
        inner = characters.inner(table, row)
        sizes[at] = np.abs(relation(inner, other_norms, norms[at], other_totals, totals[at], characters.n_samples)[1])
    return sizes


def near_any(
    characters: Characters, subsets: Sequence[Subset], others: Sequence[Subset], level: float
) -> NDArray[np.bool_]:
    """Which subsets correlate with one of the others by ``level`` or more, shape (subsets,)."""
    if not len(others):
        return np.zeros(len(subsets), dtype=bool)
    near: NDArray[np.bool_] = correlations(characters, subsets, others) >= level
    return np.any(near, axis=1)
