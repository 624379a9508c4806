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

from ...patterns.cube import Subset
from ...progress import Progress, tick
from ..distinct import words
from ..kernels import kernel
from .search import Search, as_float
from .state import State

_STEPS, _BLOCK = 240_000, 4_000
_BEFORE = 48_000  # steps that are not counted
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
    once = (first == at) | (at < len(chosen))
    where, length, gram = where[once], length[once], np.ascontiguousarray(gram[once][:, once])
    sums = pool.sums[where] / length / math.sqrt(pool.squared)
    n = pool.n_samples / float(pool.weights[chosen].mean())
    floor = max(search.floor / pool.squared, 1e-15)
    most = search.prices.size - 1
    prior = log_prior(as_float(search.penalty.examined), most)
    log_g = g_values(n, max(fit.rss / pool.squared, floor))
    likely = np.cumsum(reach[where] / reach[where].sum() + 1 / len(where)) / 2
    near = gram**4  # many columns that hardly correlate weigh less so than a few that do
    np.fill_diagonal(near, 0.0)
    near = np.cumsum(near, axis=1)
    subsets = hashed(pool.names(where), pool.characters.n_units)
    members = np.zeros(most + 1, np.int64)
    members[: len(chosen)] = np.arange(len(chosen))
    held, state = np.zeros(len(where)), np.array([len(chosen), log_g.size // 2])
    rng = np.random.default_rng(seed)
    for done in range(0, _STEPS, _BLOCK):
        tick(progress, done, _STEPS)
        if done == _BEFORE:
            held[:] = 0.0
        walk(gram, sums, likely, near, *subsets, prior, log_g, n, floor, len(kept), members, state, held,
             rng.random((_BLOCK, 7)))  # fmt: skip
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


def hashed(subsets: Sequence[Subset], n_units: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """The words of each subset's units, shape (p, s), 0 where it has fewer; hashes in order; whose each of them is.

    The empty subset is among these, as number -1.
    """
    word = words(n_units)
    units = np.zeros((len(subsets), max(map(len, subsets))), np.uint64)
    for row, subset in zip(units, subsets, strict=True):
        row[: len(subset)] = word[list(subset)]
    hashes = np.concatenate([np.zeros(1, np.uint64), np.bitwise_xor.reduce(units, axis=1)])
    order = np.argsort(hashes, kind="stable")
    return units, hashes[order], order - 1


@kernel
def left_by(gram, sums, members, count, floor, known, factor, added, lefts):
    """Share of the target that a set leaves; -1 where the set is nearly dependent.

    Least squares column by column: ``known`` are those of the set before, ``factor`` the Cholesky factor of their Gram
    matrix, ``added`` the target along what each adds to those before it, ``lefts`` the shares left after each. They
    hold up to the first column that is another one now.
    """
    same = 0
    while same < count and known[same] == members[same]:
        same += 1
    if same < count:
        known[same:] = -1
    for i in range(same, count):
        at = members[i]
        diagonal, rest = 1.0, sums[at]
        for j in range(i):
            inner = gram[at, members[j]]
            for t in range(j):
                inner -= factor[i, t] * factor[j, t]
            inner /= factor[j, j]
            factor[i, j] = inner
            diagonal -= inner * inner
            rest -= inner * added[j]
        if diagonal < _DEPENDENT:
            return -1.0
        known[i], factor[i, i] = at, np.sqrt(diagonal)
        added[i] = rest / factor[i, i]
        lefts[i] = (lefts[i - 1] if i else 1.0) - added[i] * added[i]
    return max(lefts[count - 1], floor) if count else 1.0


@kernel
def log_posterior(left, count, n, log_g, prior):
    """Of a set of ``count`` that leaves such a share, but for a constant."""
    g = np.exp(log_g)
    return (n - 1 - count) / 2 * np.log1p(g) - (n - 1) / 2 * np.log1p(g * left) + prior[count]


@kernel
def walk(gram, sums, likely, near, units, hashes, whose, prior, log_g, n, floor, fixed, members, state, held, chance):
    """Steps of the walk, seven random numbers each: another g, then one of four moves to another set.

    ``likely`` are cumulative chances of the columns to be proposed, ``near`` cumulative weights of those to stand in
    for each; ``units``, ``hashes`` and ``whose`` are those of :func:`hashed`. The first ``fixed`` members stay.
    ``members`` and ``state``, their number and the place of g, are those of the last set; ``held`` counts for each
    column the sets that hold it.
    """
    count, at_g, room = state[0], state[1], members.size
    known, factor, added, lefts = np.full(room, -1), np.zeros((room, room)), np.zeros(room), np.zeros(room)
    left = left_by(gram, sums, members, count, floor, known, factor, added, lefts)
    now = log_posterior(left, count, n, log_g[at_g], prior) if left >= 0 else -np.inf
    other = np.zeros(room + 1, np.int64)
    for step in range(chance.shape[0]):
        next_g = at_g + (1 if chance[step, 0] < 0.5 else -1)
        if 0 <= next_g < log_g.size:
            then = log_posterior(left, count, n, log_g[next_g], prior)
            if np.log(chance[step, 1]) < then - now:
                now, at_g = then, next_g
        other[:count] = members[:count]
        move, (one, two, three) = int(4 * chance[step, 2]), chance[step, 3:6]
        if move == 0:
            size, turn = in_or_out(likely, other, count, fixed, one)
        elif move == 1:
            size, turn = one_for_another(likely, other, count, fixed, one, two)
        elif move == 2:
            size, turn = one_for_a_neighbour(near, other, count, fixed, one, two)
        else:
            size, turn = regrouped(units, hashes, whose, other, count, fixed, one, two, three)
        if 0 <= size < prior.size:
            rest = left_by(gram, sums, other, size, floor, known, factor, added, lefts)
            then = log_posterior(rest, size, n, log_g[at_g], prior) if rest >= 0 else -np.inf
            if np.log(chance[step, 6]) < then - now + turn:
                now, left, count = then, rest, size
                members[:count] = other[:count]
        for i in range(count):
            held[members[i]] += 1.0
    state[0], state[1] = count, at_g


# Each move changes ``members`` and returns how many there are then, -1 where it is none, and the logarithm of the
# chance of the way back over that of the way there.


@kernel
def in_or_out(likely, members, count, fixed, which):
    """A column joins, or leaves if it is there."""
    new = _drawn(likely, which)
    for i in range(count):
        if members[i] == new:
            members[i] = members[count - 1]
            return (-1 if i < fixed else count - 1), 0.0
    members[count] = new
    return count + 1, 0.0


@kernel
def one_for_another(likely, members, count, fixed, which, leaves):
    """A column takes the place of another one."""
    new = _drawn(likely, which)
    if count == fixed or _among(members[:count], new):
        return -1, 0.0
    at = fixed + int(leaves * (count - fixed))
    turn = np.log(_chance(likely, members[at])) - np.log(_chance(likely, new))
    members[at] = new
    return count, turn


@kernel
def one_for_a_neighbour(near, members, count, fixed, which, leaves):
    """A column takes the place of one that it correlates with."""
    if count == fixed:
        return -1, 0.0
    at = fixed + int(leaves * (count - fixed))
    old = members[at]
    if near[old, -1] == 0.0:
        return -1, 0.0
    new = min(np.searchsorted(near[old], which * near[old, -1], side="right"), near.shape[0] - 1)
    if _among(members[:count], new):
        return -1, 0.0
    members[at] = new
    return count, np.log(near[old, -1]) - np.log(near[new, -1])


@kernel
def regrouped(units, hashes, whose, members, count, fixed, one, two, which):
    """Two subsets, of which one may be the empty one, share out anew the units that only one of them has.

    Where units are nearly always on, a parity is nearly a sum, which other groups of the same units make too.
    """
    free = count - fixed
    if free == 0:
        return -1, 0.0
    i, j = int(one * (free + 1)), int(two * free)
    j += 1 if j >= i else 0
    i, j = fixed + min(i, j), fixed + max(i, j)
    own = units[members[i]]
    others = units[members[j]] if j < count else own[:0]
    change = np.uint64(0)
    for mine, theirs in ((own, others), (others, own)):
        for unit in mine:
            if unit != 0 and not _among(theirs, unit):
                which *= 2
                if which >= 1:
                    which -= 1
                    change ^= unit
    a, b = _found(hashes, whose, _hash(own) ^ change), _found(hashes, whose, _hash(others) ^ change)
    if a == -2 or b == -2:
        return -1, 0.0
    if a < 0:
        a, b = b, a
    members[i] = a
    if b >= 0:
        members[j] = b
    elif j < count:
        members[j] = members[count - 1]
    then = free + (1 if b >= 0 else 0) - (1 if j < count else 0)
    return fixed + then, np.log(free * (free + 1)) - np.log(then * (then + 1))


@kernel
def _among(row, one):
    for other in row:
        if other == one:
            return True
    return False


@kernel
def _hash(units):
    found = np.uint64(0)
    for unit in units:
        found ^= unit
    return found


@kernel
def _found(hashes, whose, one):
    """Whose hash it is: -1 for the empty subset, -2 for one that is no candidate."""
    at = np.searchsorted(hashes, one)
    return whose[at] if at < hashes.size and hashes[at] == one else -2


@kernel
def _drawn(likely, which):
    return min(np.searchsorted(likely, which), likely.size - 1)


@kernel
def _chance(likely, at):
    return likely[at] - likely[at - 1] if at else likely[at]
