"""Which subset is it? All that the data cannot tell from a chosen one, and whether any of them is needed.

A model is *plausible* where the chosen one adds nothing to it that a search among N subsets could not find by chance:
an F test of the j columns that it lacks, at the level ``alpha 2^-j / C(N, j)``. A true model is plausible with
probability ``1 - alpha`` or more whatever the search did, since no search fits noise better with j columns than the
best j of all do. So where no plausible model avoids a class, the class holds a true subset; and all such claims hold
together. A class begins with what could stand in the chosen one's place, and takes in one subset of each plausible
model that avoids it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...patterns.cube import Subset, order_key
from ...progress import Progress, part_of, tick
from .search import Search, as_float, critical_value
from .state import State

_LENIENT = 1.0  # false columns that a model without the class may hold by chance: a true model is often a larger one
MOST = 20  # members; of more than that nothing is claimed
_DEPENDENT = 1e-6  # share of a column that others leave: below, they give it
_SAME = 1e-4  # share of a column that another one leaves: below, they are one column


def classes_of(
    search: Search, chosen: Sequence[int], progress: Progress | None = None
) -> tuple[tuple[Subset, ...], ...]:
    """For each chosen column, the subsets one of which is needed, itself first; empty where nothing is claimed."""
    found = []
    for number, at in enumerate(chosen):
        search.progress = part_of(progress, number, len(chosen))
        found.append(_class_of(search, list(chosen), at))
    search.progress = None
    tick(progress, 1, 1)
    return tuple(found)


def _class_of(search, chosen, at):
    pool = search.pool
    members = set(replacements(search, chosen, at))
    for _ in range(MOST):
        tick(search.progress, 0, 1)
        if len(members) > MOST:
            break
        other = plausible_without(search, chosen, members)
        if other is None:
            names = sorted((pool.subsets[t] for t in members if t != at), key=order_key)
            return (pool.subsets[at], *names)
        new = [t for t in other if t not in chosen]
        if not new:
            break  # the answer does without it
        likeness = np.abs(pool.products(at)[new]) / np.sqrt(pool.norms[new])
        several = [len(pool.subsets[t]) > 1 for t in new]  # any of them will do, and single units say less of a class
        members.add(new[int(np.lexsort((likeness, several))[-1])])
    return ()


def replacements(search: Search, model: Sequence[int], at: int) -> list[int]:
    """Candidates that leave nothing for column ``at`` to add once they stand in its place; itself is one."""
    pool, rest = search.pool, [t for t in model if t != at]
    state = State(pool, rest)
    own, norm = state.inner(at), state.length[at]
    may = pool.evidenced & (state.length > 0.01 * pool.norms)
    may[rest] = False
    length = np.where(may, state.length, 1.0)
    alone = norm - own**2 / length  # what a candidate leaves of the column
    same = alone <= _SAME * norm
    gain = np.where(same, 0.0, (state.left[at] - own * state.left / length) ** 2 / np.where(same, 1.0, alone))
    left = np.maximum(state.rss - state.left**2 / length - gain, search.floor)
    squared = gain * max(pool.n_samples - len(rest) - 3, 1) / left / pool.weights[at]
    level = search.penalty.alpha / 2 / _examined(search, len(model))
    may &= same | (squared <= critical_value(min(level, 0.999), search.freedom(len(rest) + 1)) ** 2)
    may[at] = True
    return [int(t) for t in np.flatnonzero(may)]


def plausible_without(search: Search, chosen: Sequence[int], members: set[int]) -> list[int] | None:
    """A plausible model without the members, if there is one: improved from the chosen ones left, or from nothing."""
    pool = search.pool
    usable, kept, prices = pool.usable, search.kept, search.prices
    lenient = replace(search.penalty, alpha=_LENIENT, error_rate="fwer").prices()
    pool.usable = pool.evidenced.copy()
    pool.usable[list(members)] = False
    search.kept = tuple(t for t in kept if t not in members)
    try:
        for price in (prices, lenient):
            search.prices = price
            for start in ([t for t in chosen if t not in members], None):
                model = search.improved(search.backward(search.forward() if start is None else start))
                if plausible(search, model, chosen):
                    return model
        return None
    finally:
        pool.usable, search.kept, search.prices = usable, kept, prices


def plausible(search: Search, model: Sequence[int], chosen: Sequence[int]) -> bool:
    """Whether the chosen columns add nothing to a model that a search could not find by chance."""
    from scipy.special import fdtrc, gammaln

    pool = search.pool
    lacking = [t for t in chosen if t not in model]
    j = len(lacking)
    if not j:
        return True
    small, whole = State(pool, model), State(pool, [*model, *_rest(search, model, lacking)])
    spent = len(whole.chosen) + 1
    noise = max(whole.rss, search.floor) / max(pool.n_samples - spent, 1)
    ratio = max(small.rss - whole.rss, 0.0) / j / noise / float(pool.weights[lacking].mean())
    n = max(_examined(search, len(chosen)), j)
    level = math.log(search.penalty.alpha) - j * math.log(2) - (gammaln(n + 1) - gammaln(j + 1) - gammaln(n - j + 1))
    p = float(fdtrc(j, max(search.penalty.freedom - spent, 1), ratio))
    return p > 0 and math.log(p) > level


def _rest(search, model, lacking):
    """Those of the lacking columns that the model and each other do not give."""
    usable, pool = search.pool.usable, search.pool
    pool.usable = np.ones(len(pool), bool)
    try:
        return [t for t in search.apart_from_each_other([*model, *lacking], _DEPENDENT) if t not in model]
    finally:
        pool.usable = usable


def _examined(search, count):
    """Subsets that a claim is corrected for; for the false discovery rate their number over that of the claims."""
    n = min(as_float(search.penalty.examined), 1e15)
    return max(n / max(count, 1), 1.0) if search.penalty.error_rate == "fdr" else n
