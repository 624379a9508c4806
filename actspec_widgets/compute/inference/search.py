"""The search: a penalised fit from two starts, improved until no addition, omission or exchange helps.

A set of k columns costs ``m log RSS`` plus a penalty that grows by ``m log(1 + c_j^2 / (m - j - 1))`` with the j-th
column: one more lowers the cost exactly where its t value exceeds ``c_j``, the critical value of the test that it has
to pass in the end. For the family-wise rate ``c_j`` is that of ``alpha / N``, for the false discovery rate that of
``alpha j / N`` (Abramovich, Benjamini, Donoho and Johnstone 2006, *Annals of Statistics* 34), N the subsets examined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...progress import Progress, tick
from ...results.evidence import joint_level
from ..method.independence import Span
from .feed import Feed
from .moves import best_candidate, best_move, descend, value_of
from .pool import Pool
from .state import State

_FORWARD = 30  # columns that the first start may take before it goes back
_LASSO = 60  # columns that the second start may take before it goes back
_ACTIVE = 240  # columns that the Lasso may hold at once
_GENERATIONS = 4  # scans that may add columns to the Lasso
# The rate holds for p-values that do not depend on the search; the best of many sets has somewhat more false ones
# (measured: 11 to 12 % at a rate of 10 %).
_EXCHANGES = 0.8
_ROUNDS = 200  # moves of one local improvement; each lowers the cost


@dataclass(frozen=True)
class Penalty:
    """The price of up to ``most`` columns, and the level that each must reach.

    ``freedom``: of the test, so many as there are samples, or groups; ``floor``: a share of the variance that is
    rounding.
    """

    n_samples: int
    examined: int
    alpha: float
    error_rate: str
    most: int
    freedom: int
    floor: float

    def level(self, count: int) -> float:
        """Two-sided level of each of ``count`` columns."""
        times = _EXCHANGES * max(count, 1) if self.error_rate == "fdr" else 1
        return min(self.alpha * times / as_float(self.examined), 0.999)

    @property
    def joint_level(self) -> float:
        """Two-sided level of each joint claim."""
        return joint_level(self.alpha, self.error_rate) / as_float(self.examined)

    def prices(self) -> NDArray[np.float64]:
        """Penalties of 0 .. ``most`` columns."""
        m = self.n_samples
        cuts = [critical_value(self.level(j), max(self.freedom - j - 1, 1)) for j in range(1, self.most + 1)]
        steps = [m * math.log1p(cut**2 / max(m - j, 1)) for j, cut in enumerate(cuts, 2)]
        return np.concatenate([[0.0], np.cumsum(steps)])


def as_float(count: int) -> float:
    """A number of subsets that may be beyond floats."""
    return float(min(count, 10**300))


def critical_value(level: float, freedom: float) -> float:
    """|t| that chance exceeds with probability ``level``, both sides together."""
    from scipy.special import ndtri_exp, stdtrit

    value = -float(stdtrit(freedom, level / 2)) if level > 1e-200 else math.inf
    return value if math.isfinite(value) else -float(ndtri_exp(math.log(level / 2)))


class Search:
    """Sets of columns of one pool at one penalty.

    ``kept`` are in every one of them: those ``asked`` for, and later what goes with a joint part. With ``apart`` no
    subset may be the symmetric difference of others. Each move calls ``progress``, which may raise Cancelled.
    """

    def __init__(self, pool: Pool, penalty: Penalty, rho_max: float, kept: Sequence[int] = (), apart: bool = False):
        self.pool, self.apart = pool, apart
        self.asked = self.kept = tuple(kept)
        self.least = max(1 - rho_max**2, 1e-9)
        self.penalty, self.prices = penalty, penalty.prices()
        self.progress: Progress | None = None

    @property
    def floor(self) -> float:
        return self.penalty.floor * self.pool.squared

    def examine(self, count: int) -> None:
        """So many subsets have been examined by now."""
        if count != self.penalty.examined:
            self.penalty = replace(self.penalty, examined=count)
            self.prices = self.penalty.prices()

    def cost(self, chosen: Sequence[int]) -> float:
        return self._cost_of(State(self.pool, chosen))

    def _cost_of(self, state):
        weight = float(self.pool.weights[list(state.chosen)].sum())
        return float(value_of(state.rss, len(state.chosen), weight, self.pool.n_samples, self.floor, self.prices))

    # the two starts

    def forward(self, feed: Feed | None = None) -> list[int]:
        """The best addition again and again, until chance would explain the next one; without a feed, from the pool."""
        state = State(self.pool, self.kept)
        scanned = feed is None or feed.complete
        # Without a feed a step costs one pass over the pool: as many as a set may hold, and few moves are left to make.
        most = _FORWARD + len(self.kept) if feed is not None else max(self.prices.size - 1, len(self.kept))
        while len(state.chosen) < most:
            tick(self.progress, 0, 1)
            best, squared = self.best_addition(state)
            if state.rss <= self.floor:
                break
            chance = best < 0 or self._by_chance(squared, len(state.chosen))
            if feed is not None and not scanned and (chance or feed.may_hold_better(state, best)):
                feed.look([state.residual()])
                self.examine(feed.examined)
                state, scanned = State(self.pool, state.chosen), True  # the pool has grown
                continue
            if chance:
                break
            state = state.moved(-1, best)
            scanned = feed is None or feed.complete
        return list(state.chosen)

    def best_addition(self, state: State) -> tuple[int, float]:
        """The candidate that gains most, and its squared t value; (-1, 0) without any."""
        pool = self.pool
        left = state.left / np.sqrt(pool.weights)
        best = best_candidate(left, state.length, pool.norms, self._open(state.chosen), self.least, pool.rank)
        return (int(best), self.squared_t(state, int(best))) if best >= 0 else (-1, 0.0)

    def squared_t(self, state: State, at: int) -> float:
        """Squared t value of a candidate added to a model, its design effect allowed for."""
        gain = state.left[at] ** 2 / state.length[at]
        rest = max(state.rss - gain, self.floor) / max(self.pool.n_samples - len(state.chosen) - 2, 1)
        return float(gain / rest / self.pool.weights[at])

    def freedom(self, count: int) -> int:
        """Degrees of freedom of the t value of one more beside ``count`` columns."""
        return max(self.penalty.freedom - count - 2, 1)

    def _by_chance(self, squared, count):
        """Whether among all that was examined chance gives as large a t value once or more."""
        from scipy.special import stdtr

        return 2 * float(stdtr(self.freedom(count), -math.sqrt(squared))) * as_float(self.penalty.examined) > 1

    def lasso(self, feed: Feed) -> list[int]:
        """The Lasso at half the universal penalty; columns outside the pool that break its conditions are scanned for.

        Columns count by their lengths, so that the penalty does not depend on how often a unit is active.
        """
        pool, m = self.pool, self.pool.n_samples
        universal = math.sqrt(2 * math.log(as_float(self.penalty.examined) + 1) / m)
        scale = 0.5 * universal * math.sqrt(pool.squared)
        beta: dict[int, float] = {}
        for _ in range(_GENERATIONS):
            before = len(pool)
            beta = self._shrunk(scale * np.sqrt(pool.norms * pool.weights), beta)
            if feed.complete:
                break
            feed.look([pool.left_over(list(beta), np.array(list(beta.values())))])
            self.examine(feed.examined)
            new = slice(before, None)
            left = pool.sums - (np.array(list(beta.values()))[:, None] * pool.shared(list(beta))).sum(axis=0)
            over = np.abs(left[new]) > 1.02 * scale * np.sqrt(pool.norms[new] * pool.weights[new])
            if not (over & pool.usable[new]).any():
                break
        sizes = {at: abs(value) * math.sqrt(pool.norms[at]) for at, value in beta.items() if value}
        ordered = sorted(sizes, key=lambda at: (-sizes[at], int(pool.rank[at])))
        return self.apart_from_each_other([*self.kept, *ordered[: min(_LASSO, max(m // 5, 1))]])

    def _shrunk(self, price, start):
        """Coefficients by column: coordinate descent on columns that break the conditions, until none does."""
        pool = self.pool
        active = list(dict.fromkeys([*self.kept, *start]))
        beta = np.array([start.get(at, 0.0) for at in active])
        while True:
            tick(self.progress, 0, 1)
            shared = pool.shared(active)
            where = np.array(active, np.int64)
            prices = np.where(np.isin(where, self.kept), 0.0, price[where])
            gram = np.ascontiguousarray(shared[:, where]).reshape(where.size, where.size)
            descend(gram, pool.sums[where], prices, beta, 1000, 1e-4 * math.sqrt(pool.squared))
            left = pool.sums - (beta[:, None] * shared).sum(axis=0)
            over = np.where(pool.usable, np.abs(left) / np.maximum(price, 1e-300), 0.0)
            over[where] = 0.0
            found = np.flatnonzero(over > 1.02)
            if not found.size or where.size >= _ACTIVE:
                return dict(zip(active, beta.tolist(), strict=True))
            added = found[np.lexsort((pool.rank[found], -over[found]))][:40]
            active += added.tolist()
            beta = np.concatenate([beta, np.zeros(added.size)])

    # from a start to a set

    def best_of(self, starts: Sequence[Sequence[int]]) -> list[int]:
        """The set of least cost that a backward path and local improvement reach from any of these."""
        reached = [self.improved(self.backward(start)) for start in starts]
        return min(reached, key=self.cost)

    def apart_from_each_other(self, chosen: Sequence[int], least: float | None = None) -> list[int]:
        """The columns of which those before leave a share above ``least``, in order; by default that of the search."""
        pool = self.pool
        kept: list[int] = []
        least = self.least if least is None else least
        basis = np.empty((0, 0))  # the Cholesky factor of those kept, grown row by row
        span = Span() if self.apart else None
        for at in dict.fromkeys([*self.kept, *chosen]):
            inner = pool.products(at)[kept]
            row = np.zeros(len(kept))
            for i in range(len(kept)):
                row[i] = (inner[i] - float((basis[i, :i] * row[:i]).sum())) / basis[i, i]
            rest = pool.norms[at] - float((row**2).sum())
            free = pool.usable[at] and rest > least * pool.norms[at]
            if at not in self.kept and not (free and (span is None or pool.subsets[at] not in span)):
                continue
            basis = np.vstack([np.hstack([basis, np.zeros((len(kept), 1))]), [*row, math.sqrt(max(rest, 1e-300))]])
            kept.append(at)
            if span is not None:
                span.add(pool.subsets[at])
        return kept

    def backward(self, chosen: Sequence[int]) -> list[int]:
        """Leave out the least useful column again and again; of the sets met, the one of least cost."""
        state = State(self.pool, self.apart_from_each_other(chosen))
        best, least = list(self.kept), math.inf
        while True:
            tick(self.progress, 0, 1)
            left = state.chosen
            if len(left) < self.prices.size and (cost := self._cost_of(state)) < least:
                best, least = list(left), cost
            free = [i for i, at in enumerate(left) if at not in self.kept]
            if not free:
                return best
            losses = state.losses() / self.pool.weights[list(left)]
            state = state.moved(min(free, key=lambda i: (losses[i], -int(self.pool.rank[left[i]]))), -1)

    def improved(self, chosen: Sequence[int]) -> list[int]:
        """Best addition, omission or exchange until none lowers the cost."""
        pool, state = self.pool, State(self.pool, chosen)
        for _ in range(_ROUNDS):
            tick(self.progress, 0, 1)
            fixed = np.array([at in self.kept for at in state.chosen], bool)
            leaves, enters = best_move(
                np.array(state.chosen, np.int64), fixed, state.on_chosen, state.left, state.length, state.beta,
                state.inverse, pool.norms, self._open(state.chosen), pool.weights, self.least, pool.rank, state.rss,
                pool.n_samples, self.floor, self.prices,
            )  # fmt: skip
            if leaves >= 0 or enters >= 0:
                state = state.moved(int(leaves), int(enters))
            elif state.fresh:
                break
            else:
                state = State(pool, state.chosen)  # no rounding of the moves decides where the search stops
        return list(state.chosen)

    def _open(self, chosen):
        """Which candidates may enter."""
        usable = self.pool.usable.copy()
        usable[list(chosen)] = False
        if self.apart:
            span = Span(self.pool.names(chosen))
            usable &= np.array([subset not in span for subset in self.pool.subsets], bool)
        return usable
