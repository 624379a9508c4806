"""The honest share of variance: the same search and fit on a part of the samples, judged on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...progress import Progress, part_of, tick
from ..method.characters import Characters
from .select import Selection, select
from .settings import Settings


def explained_elsewhere(
    selection: Selection,
    characters: Sequence[Characters],
    y: Sequence[NDArray[np.float64]],
    settings: Settings,
    units: Sequence[int],
    groups: Sequence[NDArray[np.intp]] | None,
    progress: Progress | None = None,
) -> tuple[float, float, float]:
    """Share of the variance of the second part that the answer of the first part explains.

    ``characters``, ``y`` and ``groups`` are those of the two parts.

    The search on the first part picks among the subsets that the search on all samples considered.

    Returns
    -------
    tuple of float
        The share, its standard error, and the share that single units explain: the same with ``max_degree=1``.
    """
    first, second = characters
    inside = None if groups is None else groups[0]
    scale = float(np.abs(y[1]).max()) or 1.0
    values = y[1] / scale

    def judged(at: Settings, examined: int, half: Progress) -> NDArray[np.float64]:
        pool = [s for s in selection.pool if len(s) <= at.max_degree or s in at.must_include]
        part = select(first, y[0], at, units=units, groups=inside, pool=pool, examined=examined, progress=half)
        fit = part.checks.fit(part.subsets)
        left = values
        size = (y[0] / scale).std() or 1.0  # the coefficients are of a target of mean square 1
        for value, subset in zip(fit.coefficients, part.subsets, strict=True):
            left = left - size * value * second.column(subset)
        return left

    if values.min() == values.max():
        tick(progress, 1, 1)
        return 0.0, 0.0, 0.0
    left = judged(settings, selection.examined, part_of(progress, 0, 2))
    share, error = explained(values, left, None if groups is None else groups[1])
    alone = share
    if any(len(s) > 1 for s in selection.subsets):
        single = replace(settings, max_degree=1, must_include=(), search="auto")
        alone = explained(values, judged(single, len(units), part_of(progress, 1, 2)))[0]
    tick(progress, 1, 1)
    return share, error, alone


def explained(
    y: NDArray[np.float64], left: NDArray[np.float64], groups: NDArray[np.intp] | None = None
) -> tuple[float, float]:
    """``1 - Var(left) / Var(y)`` and its standard error, from the influence values of a ratio of means."""
    total = (y - y.mean()) ** 2
    if not total.any():
        return 0.0, 0.0  # the target never changes here: there is nothing to explain
    rest = (left - left.mean()) ** 2
    ratio = rest.mean() / total.mean()
    influence = (rest - ratio * total) / total.mean()
    if groups is not None:
        influence = np.bincount(np.unique(groups, return_inverse=True)[1], influence)
        error = np.sqrt((influence**2).sum()) / y.size
    else:
        error = influence.std() / np.sqrt(y.size)
    return float(1 - ratio), float(error)
