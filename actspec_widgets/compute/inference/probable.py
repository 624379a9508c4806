"""How probable is each chosen subset, when all sets of candidates are considered?

A random walk over sets visits each as often as it is probable given the data: normal noise, coefficients of Zellner's
g-prior with log g uniform, beforehand all numbers of subsets as probable as each other and all sets of one number too
(Liang, Paulo, Molina, Clyde and Berger 2008, *Journal of the American Statistical Association* 103; Scott and Berger
2010, *Annals of Statistics* 38). A subset is as probable as the share of the walk in which it is in the set. Those more
probable than not are the median probability model (Barbieri and Berger 2004, *Annals of Statistics* 32).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...progress import Progress, tick
from ..kernels import kernel
from .search import Search, as_float
from .state import State

_STEPS, _BLOCK = 120_000, 4_000
_BEFORE = 24_000  # steps that are not counted
_CANDIDATES = 800  # the walk visits those that can explain most
_LEAST_G = 4.0
_SAME = 1 - 1e-6  # correlation of columns of which nobody could tell which it is, however many samples there were
_DEPENDENT = 0.02  # share of a column that others leave: below, no set holds them all


def probabilities(
    search: Search, chosen: Sequence[int], seed: int = 0, progress: Progress | None = None
) -> NDArray[np.float64]:
    """Probability of each chosen column, shape (k,); 1 for those that are kept in every set.

    With groups the samples count as so many independent ones as they are worth to the chosen columns.
    """
    pool, kept = search.pool, list(search.kept)
    free = [at for at in chosen if at not in kept]
    if not free:
        return np.ones(len(chosen))
    fit = State(pool, [*kept, *free])
    reach = _reach(fit, progress)
    open_ = pool.evidenced.copy()
    open_[[*kept, *free]] = False
    others = np.flatnonzero(open_)
    others = others[np.lexsort((pool.rank[others], -reach[others]))][: max(_CANDIDATES - len(chosen), 0)]
    where = np.concatenate([kept, free, others]).astype(np.int64)

    length = np.sqrt(pool.norms[where])
    gram = pool.gram(where, partial(tick, progress, 0, 1)) / length / length[:, None]
    first = (np.abs(gram) > _SAME).argmax(axis=1)  # columns that are one count as one, by the name that is reported
    at = np.arange(len(where))
    own = (first == at) | (at < len(chosen))
    where, length, gram = where[own], length[own], np.ascontiguousarray(gram[own][:, own])
    sums = pool.sums[where] / length / math.sqrt(pool.squared)
    n = pool.n_samples / float(pool.weights[chosen].mean())
    floor = max(search.floor / pool.squared, 1e-15)
    most = search.prices.size - 1
    prior = log_prior(as_float(search.penalty.examined), most)
    log_g = g_values(n, max(fit.rss / pool.squared, floor))
    likely = np.cumsum(reach[where] / reach[where].sum() + 1 / len(where)) / 2

    members = np.zeros(most + 1, np.int64)
    members[: len(chosen)] = np.arange(len(chosen))
    held, state = np.zeros(len(where)), np.array([len(chosen), log_g.size // 2])
    rng = np.random.default_rng(seed)
    for done in range(0, _STEPS, _BLOCK):
        tick(progress, done, _STEPS)
        if done == _BEFORE:
            held[:] = 0.0
        walk(gram, sums, likely, prior, log_g, n, floor, len(kept), members, state, held,
             rng.random((_BLOCK, 6)))  # fmt: skip
    tick(progress, 1, 1)
    share = dict(zip(where.tolist(), held / (_STEPS - _BEFORE), strict=True))
    return np.array([share[at] for at in chosen])


def log_prior(examined: float, most: int) -> NDArray[np.float64]:
    """Of a set of 0 .. ``most`` among so many subsets: one over the number of such sets."""
    k = np.arange(most)
    return -np.concatenate([[0.0], np.cumsum(np.log(np.maximum(examined - k, 1.0) / (k + 1)))])


def g_values(n: float, left: float) -> NDArray[np.float64]:
    """Logarithms of g, a factor of two apart, up to what a target needs of which so large a share is left."""
    return np.arange(math.log(_LEAST_G), max(math.log(n / left), math.log(4 * _LEAST_G)), math.log(2))


def _reach(fit, progress):
    """How much of the target a candidate can explain: alone, beside the chosen ones, or beside all but one of them."""
    pool = fit.pool
    most = np.maximum(pool.sums**2, fit.left**2)
    for i in range(len(fit.chosen)):
        tick(progress, 0, 1)
        np.maximum(most, fit.moved(i, -1).left ** 2, out=most)
    return most / np.maximum(pool.norms, 1e-300) / pool.squared


@kernel
def left_by(gram, sums, members, count, floor):
    """Share of the target that a set leaves; -1 where the set is nearly dependent."""
    factor, own = np.zeros((count, count)), np.zeros(count)
    left = 1.0
    for i in range(count):
        for j in range(i + 1):
            inner = gram[members[i], members[j]]
            for t in range(j):
                inner -= factor[i, t] * factor[j, t]
            if i > j:
                factor[i, j] = inner / factor[j, j]
            elif inner < _DEPENDENT:
                return -1.0
            else:
                factor[i, i] = np.sqrt(inner)
        inner = sums[members[i]]
        for t in range(i):
            inner -= factor[i, t] * own[t]
        own[i] = inner / factor[i, i]
        left -= own[i] * own[i]
    return max(left, floor)


@kernel
def log_posterior(left, count, n, log_g, prior):
    """Of a set of ``count`` that leaves such a share, but for a constant."""
    g = np.exp(log_g)
    return (n - 1 - count) / 2 * np.log1p(g) - (n - 1) / 2 * np.log1p(g * left) + prior[count]


@kernel
def walk(gram, sums, likely, prior, log_g, n, floor, fixed, members, state, held, chance):
    """Steps of the walk, six random numbers each: another g, then a column in or out, or one for another.

    ``likely`` are cumulative chances of the columns to be proposed. The first ``fixed`` members stay. ``members`` and
    ``state``, their number and the place of g, are those of the last set; ``held`` counts for each column the sets that
    hold it.
    """
    count, at_g = state[0], state[1]
    left = left_by(gram, sums, members, count, floor)
    now = log_posterior(left, count, n, log_g[at_g], prior) if left >= 0 else -np.inf
    other = members.copy()
    for step in range(chance.shape[0]):
        next_g = at_g + (1 if chance[step, 0] < 0.5 else -1)
        if 0 <= next_g < log_g.size:
            then = log_posterior(left, count, n, log_g[next_g], prior)
            if np.log(chance[step, 1]) < then - now:
                now, at_g = then, next_g
        new = min(np.searchsorted(likely, chance[step, 2]), likely.size - 1)
        place = -1
        for i in range(count):
            if members[i] == new:
                place = i
        other[:count] = members[:count]
        size, turn, possible = count, 0.0, place < 0 or place >= fixed
        if chance[step, 3] < 0.5:
            if place >= 0:
                size = count - 1
                other[place] = other[size]
            elif count + 1 < prior.size:
                size = count + 1
                other[count] = new
            else:
                possible = False
        elif place >= 0 or count == fixed:
            possible = False
        else:
            leaves = fixed + int(chance[step, 4] * (count - fixed))
            old = other[leaves]
            other[leaves] = new
            turn = np.log(_chance(likely, old)) - np.log(_chance(likely, new))
        if possible:
            rest = left_by(gram, sums, other, size, floor)
            then = log_posterior(rest, size, n, log_g[at_g], prior) if rest >= 0 else -np.inf
            if np.log(chance[step, 5]) < then - now + turn:
                now, left, count = then, rest, size
                members[:count] = other[:count]
        for i in range(count):
            held[members[i]] += 1.0
    state[0], state[1] = count, at_g


@kernel
def _chance(likely, at):
    return likely[at] - likely[at - 1] if at else likely[at]
