"""Rounds of search: each for what the subsets chosen so far leave unexplained."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...progress import Progress, part_of
from ...results import Coverage
from .plans import Plan
from .selection import Collection, Pool


def search_in_rounds(
    collection: Collection, names: tuple[int, ...], plan: Plan, top: int, progress: Progress | None
) -> Coverage:
    """Fill the collection from the units ``names``, until chance would explain the next gain."""
    from scipy.special import ndtr

    distinct, y = collection.characters.searchable(names, collection.min_side), collection.y
    noise = 1e-20 * float(np.mean((y - y.mean()) ** 2))
    coverage = Coverage("exhaustive", len(names), 0, 0, True, notes=("Nothing was left to search for.",))
    pool, outside, examined = None, math.inf, 0
    while len(collection.chosen) < top and float(np.mean(collection.residual**2)) > noise:
        if pool is not None:
            score, gain = pool.scores()
            best = int(np.argmax(gain))
        if pool is None or gain[best] == 0 or abs(score[best]) < outside:
            # What was not in the pool may now matter more than anything in it: look at everything again.
            found = plan.find(
                distinct,
                collection.residual,
                collection.characters.pool_size,
                part_of(progress, len(collection.chosen), top),
            )
            coverage, outside = found.coverage, found.outside
            # A complete search looks at the same subsets in every round, another one may look at more.
            examined = coverage.examined if coverage.complete else examined + coverage.examined
            pool = Pool(collection, tuple(tuple(names[i] for i in subset) for subset in found.subsets))
            score, gain = pool.scores()
            best = int(np.argmax(gain))
        if gain[best] == 0 or 2 * ndtr(-_z(gain[best], collection)) * float(min(examined, 10**300)) > 1:
            break  # as large a gain is expected by chance among so many
        pool.take(best, gain)
    part_of(progress, top - 1, top)(1, 1)
    notes = (plan.reason,) if plan.reason else ()
    return replace(coverage, examined=examined, missed_bound=None, notes=(*notes, *coverage.notes))


def _z(gain, collection):
    m = collection.characters.n_samples
    left = float(np.sum(collection.residual**2)) - gain
    return math.inf if left <= 0 else math.sqrt(gain / (left / max(m - len(collection.subsets) - 1, 1)))
