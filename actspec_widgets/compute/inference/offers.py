"""Joint parts that no single addition shows: a subset together with all its proper subsets.

What an AND of two seldom active units does lies in three columns, of which none need gain enough by itself. Here every
subset of two or three units is scored by its joint part, its proper subsets being columns of the model at no price.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ..kernels import kernel
from .pool import Pool, State

_LARGEST = 3
_PAIRS = 5e8  # sums over samples that looking at all pairs may take


def pairs_to_offer(pool: Pool, units: Sequence[int], chosen: Sequence[Subset]) -> list[Subset]:
    """Pairs to take into the pool: of all units where that is cheap, else of those in the chosen subsets."""
    count = len(units) * (len(units) - 1) // 2
    named = units if count * pool.n_samples <= _PAIRS else sorted({unit for subset in chosen for unit in subset})
    return list(combinations(named, 2))


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
    place = pool.place
    places, tables = [], []
    for at, subset in enumerate(pool.subsets):
        if not 2 <= len(subset) <= _LARGEST:
            continue
        a, b, *more = subset
        parts = [(a,), (b,), (a, b)]
        if more:
            c = more[0]
            parts += [(c,), (a, c), (b, c), subset]
        if all(part in place for part in parts):
            places.append(at)
            tables.append([-1, *(place[part] for part in parts), *[-1] * (7 - len(parts))])
    return np.array(places, np.int64), np.array(tables, np.int64).reshape(len(places), 1 << _LARGEST)


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
