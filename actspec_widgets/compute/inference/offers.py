"""Joint parts that no single addition shows: a subset together with all its proper subsets.

What an AND of two seldom active units does lies in three columns, of which none need gain enough by itself. Here every
subset of two or three units is scored by its joint part, its proper subsets being columns of the model at no price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ..kernels import kernel
from .pool import Pool
from .state import State

_LARGEST = 3
_PAIRS = 5e8  # sums over samples that looking at all pairs may take
_BEST = 1000  # of them that are taken
_AT_ONCE = 8192  # that are scored together, some tens of ms


def pairs_to_offer(
    pool: Pool, units: Sequence[int], chosen: Sequence[Subset], hear: Callable[[], None] = lambda: None
) -> list[Subset]:
    """Pairs to take into the pool: the best of all units' where looking at all is cheap, else those in the chosen.

    All pairs are scored in pools of their own, as a search takes as long as its pool is large. ``hear`` is called
    between them and may stop the work.
    """
    count = len(units) * (len(units) - 1) // 2
    if count * pool.n_samples > _PAIRS:
        return list(combinations(sorted({unit for subset in chosen for unit in subset}), 2))
    pairs, scores = list[Subset](), list[float]()
    every = combinations(units, 2)
    while some := list(islice(every, _AT_ONCE)):
        part = Pool(pool.characters, pool.y, pool.min_side, pool.groups)
        part.grow([*((unit,) for unit in units), *some])
        places, squares = joint_squares(part, State(part, part.places(chosen)))
        pairs += part.names(places)
        scores += squares.tolist()
        hear()
    return [pairs[at] for at in np.argsort(-np.array(scores), kind="stable")[:_BEST]]


def joint_squares(pool: Pool, state: State) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates of two or three units whose proper subsets are candidates too, and the squared t of their joint parts.

    For products of signs, whose inner products are sums of other candidates: chi_S chi_T is that of the symmetric
    difference.
    """
    places, tables = families(pool)
    open_ = pool.evidenced[places] & ~np.isin(places, state.chosen)
    places, tables = places[open_], tables[open_]
    sizes = np.where(tables[:, -1] < 0, 2, _LARGEST)
    squares = _joint_squares(
        tables, sizes, pool.shared(state.chosen), state.on_chosen, state.left, pool.totals, pool.norms, state.rss,
        pool.n_samples, len(state.chosen),
    )  # fmt: skip
    return places, squares / pool.weights[places]


def families(pool: Pool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Candidates whose proper subsets are there too, and where all their subsets stand, by the bits of a mask."""
    known = [np.array([at for at, s in enumerate(pool.subsets) if len(s) == size], np.int64) for size in (1, 2, 3)]
    units = [
        np.array([pool.subsets[at] for at in places], np.int64).reshape(places.size, size)
        for size, places in enumerate(known, 1)
    ]
    base = max((int(table.max()) for table in units if table.size), default=0) + 1
    ones, pairs = _Places(units[0][:, 0], known[0]), _Places(units[1][:, 0] * base + units[1][:, 1], known[1])
    places, tables = [], []
    for size, at, table in zip((2, 3), known[1:], units[1:], strict=True):
        a, b = table[:, 0], table[:, 1]
        parts = np.full((at.size, 1 << _LARGEST), -1)
        parts[:, 1], parts[:, 2], parts[:, 3] = ones[a], ones[b], pairs[a * base + b]
        if size == 3:
            c = table[:, 2]
            parts[:, 4], parts[:, 5], parts[:, 6], parts[:, 7] = ones[c], pairs[a * base + c], pairs[b * base + c], at
        whole = (parts[:, 1 : 1 << size] >= 0).all(axis=1)
        places.append(at[whole])
        tables.append(parts[whole])
    found = np.concatenate(places)
    order = np.argsort(found)
    return found[order], np.concatenate(tables)[order]


class _Places:
    """Where keys stand among candidates; -1 for those that do not."""

    def __init__(self, keys: NDArray[np.int64], places: NDArray[np.int64]):
        order = np.argsort(keys)
        self.keys, self.places = np.append(keys[order], np.iinfo(np.int64).max), np.append(places[order], -1)

    def __getitem__(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        at = np.searchsorted(self.keys, keys)
        return np.where(self.keys[at] == keys, self.places[at], -1)


@kernel
def _joint_squares(tables, sizes, shared, on_chosen, left, totals, norms, rss, samples, spent):
    out = np.zeros(sizes.size)
    k = shared.shape[0]
    for row in range(sizes.size):
        table, whole = tables[row], (1 << sizes[row]) - 1
        # inner products of the family with the chosen columns projected out; the last one is the subset itself
        gram, with_y = np.zeros((whole, whole)), np.empty(whole)
        for u in range(1, whole + 1):
            with_y[u - 1] = left[table[u]]
            for v in range(u, whole + 1):
                a, b = table[u], table[v]
                inner = norms[a] if u == v else totals[table[u ^ v]] - totals[a] * totals[b] / samples
                for j in range(k):
                    inner -= shared[j, a] * on_chosen[j, b]
                gram[u - 1, v - 1] = gram[v - 1, u - 1] = inner
        rest, used = rss, spent
        for p in range(whole):
            pivot = gram[p, p]
            if pivot <= 1e-6 * norms[table[p + 1]]:
                continue  # given by the chosen columns, or by the parts before it
            gain = with_y[p] * with_y[p] / pivot
            rest -= gain
            used += 1
            if p == whole - 1:
                out[row] = gain / max(rest, 1e-300) * max(samples - used - 1, 1)
                break
            for i in range(p + 1, whole):
                factor = gram[i, p] / pivot
                with_y[i] -= factor * with_y[p]
                for j in range(p + 1, whole):
                    gram[i, j] -= factor * gram[p, j]
    return out
