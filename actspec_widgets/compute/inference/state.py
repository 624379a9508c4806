"""Least squares on chosen columns, from inner products alone, and the same with one column more or one fewer.

With M the inverse Gram matrix of the chosen columns and B_t the coefficients of candidate t on them: a column a that
enters leaves ``e_a = a - sum_i B_ia x_i``, and every candidate then has ``c_t = <e_a, t> / |e_a|^2`` on it and
``B_it - B_ia c_t`` on the others. A column i that leaves hands ``B_it M_ji / M_ii`` back to column j. So one move costs
a pass over k x p numbers, and all from the beginning costs k of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .. import dense
from ..kernels import kernel
from .pool import Pool

_BLOCK = 256
_ROWS = 4  # taken at a time: what they are added to is then read and written a quarter as often
_SOUND = 1e-4  # share of a column that the others leave: below, a move would lose digits and all is computed anew


class State:
    """Least squares of ``y`` on chosen columns, and, once asked for, every candidate with them projected out.

    Attributes
    ----------
    chosen : tuple of int
    inverse : ndarray, shape (k, k)
        Of the Gram matrix of the chosen columns.
    beta : ndarray, shape (k,)
        Coefficients.
    rss : float
        Residual sum of squares.
    fresh : bool
        Whether it was computed from the beginning, and not from another one by moves.
    """

    def __init__(self, pool: Pool, chosen: Sequence[int]):
        self.pool, self.chosen, self.fresh = pool, tuple(chosen), True
        where = np.array(self.chosen, np.int64)
        gram = np.array([pool.products(at)[where] for at in self.chosen]).reshape(where.size, where.size)
        self.inverse = dense.inverse(gram) if where.size else gram
        self.beta = dense.times(self.inverse, pool.sums[where]).reshape(where.size)
        self.rss = max(pool.squared - float((self.beta * pool.sums[where]).sum()), 0.0)

    def moved(self, leaves: int, enters: int) -> State:
        """The state without the column in place ``leaves``, then with candidate ``enters`` at the end; -1 for none."""
        state = self
        if leaves >= 0:
            state = state._without(leaves)
        return state._with(enters) if enters >= 0 else state

    def _without(self, i):
        rest = self.chosen[:i] + self.chosen[i + 1 :]
        if self.inverse[i, i] * self.pool.norms[self.chosen[i]] > 1 / _SOUND:
            return State(self.pool, rest)
        rss = self.rss + float(self.beta[i] ** 2 / self.inverse[i, i])
        state = self._next(rest, rss, *fit_without(self.beta, self.inverse, i))
        if "_partialled" in self.__dict__:  # a backward path never asks for the candidates
            state._partialled = without_column(*self._partialled, self.beta[i], self.inverse[i], i)
        return state

    def _with(self, at):
        length = self.length[at]
        if length < _SOUND * self.pool.norms[at]:
            return State(self.pool, (*self.chosen, at))
        rss = max(self.rss - float(self.left[at] ** 2 / length), 0.0)
        given = np.ascontiguousarray(self.on_chosen[:, at])
        state = self._next((*self.chosen, at), rss, *fit_with(self.beta, self.inverse, given, self.left[at], length))
        state._partialled = with_column(*self._partialled, given, self.inner(at), at)
        return state

    def _next(self, chosen, rss, beta, inverse):
        state = State.__new__(State)
        state.pool, state.chosen, state.rss, state.fresh = self.pool, chosen, rss, False
        state.beta, state.inverse = beta, inverse
        return state

    @cached_property
    def _partialled(self):
        pool = self.pool
        return partialled(pool.shared(self.chosen), self.beta, self.inverse, pool.sums, pool.norms)

    @property
    def on_chosen(self) -> NDArray[np.float64]:
        """Coefficients of all candidates on the chosen columns, shape (k, p)."""
        return self._partialled[0]

    @property
    def left(self) -> NDArray[np.float64]:
        """Inner products of all candidates with the residual, shape (p,)."""
        return self._partialled[1]

    @property
    def length(self) -> NDArray[np.float64]:
        """Squared lengths of all candidates, the chosen columns projected out, shape (p,)."""
        return self._partialled[2]

    def losses(self) -> NDArray[np.float64]:
        """What leaving each chosen column out adds to the residual sum of squares."""
        return self.beta**2 / np.diag(self.inverse)

    def residual(self) -> NDArray[np.float64]:
        return self.pool.left_over(self.chosen, self.beta)

    def inner(self, at: int) -> NDArray[np.float64]:
        """Inner product of one candidate with all, the chosen columns projected out, shape (p,)."""
        own = self.pool.products(at)
        return projected(own, own[np.array(self.chosen, np.int64)], self.on_chosen)


@kernel
def partialled(shared, beta, inverse, sums, norms):
    """Each candidate with the chosen columns projected out.

    ``shared`` (k, p) inner products of chosen columns with candidates. Returns coefficients on the chosen columns
    (k, p), inner products with the residual (p,), squared lengths (p,).
    """
    k, p = shared.shape
    on_chosen = np.zeros((k, p))
    left, length = sums.copy(), norms.copy()
    for start in range(0, p, _BLOCK):  # so many candidates at a time stay in the cache
        stop = min(start + _BLOCK, p)
        left_here, length_here = left[start:stop], length[start:stop]
        for i in range(k):
            mine, theirs = on_chosen[i, start:stop], shared[i, start:stop]
            for j in range(0, k - k % _ROWS, _ROWS):
                f0, f1, f2, f3 = inverse[i, j], inverse[i, j + 1], inverse[i, j + 2], inverse[i, j + 3]
                r0, r1 = shared[j, start:stop], shared[j + 1, start:stop]
                r2, r3 = shared[j + 2, start:stop], shared[j + 3, start:stop]
                for t in range(mine.size):
                    mine[t] = mine[t] + f0 * r0[t] + f1 * r1[t] + f2 * r2[t] + f3 * r3[t]
            for j in range(k - k % _ROWS, k):
                factor, row = inverse[i, j], shared[j, start:stop]
                for t in range(mine.size):
                    mine[t] += factor * row[t]
            b = beta[i]
            for t in range(mine.size):
                left_here[t] -= b * theirs[t]
                length_here[t] -= mine[t] * theirs[t]
    return on_chosen, left, length


@kernel
def projected(products, own, on_chosen):
    """Inner products of one candidate with all, the chosen columns projected out, shape (p,).

    ``products`` (p,) with them in, ``own`` (k,) those with the chosen columns, ``on_chosen`` (k, p).
    """
    k, p = on_chosen.shape
    inner = products.copy()
    for start in range(0, p, _BLOCK):
        stop = min(start + _BLOCK, p)
        here = inner[start:stop]
        for i in range(k):
            factor, row = own[i], on_chosen[i, start:stop]
            for t in range(here.size):
                here[t] -= factor * row[t]
    return inner


@kernel
def with_column(on_chosen, left, length, given, inner, at):
    """As :func:`partialled`, once candidate ``at`` has entered.

    ``given`` (k,) are its coefficients on the chosen columns, ``inner`` (p,) as :func:`projected` has it.
    """
    k, p = on_chosen.shape
    own = inner[at]  # the squared length of what the chosen columns leave of it
    step = left[at] / own
    rows, lefts, lengths = np.empty((k + 1, p)), np.empty(p), np.empty(p)
    for start in range(0, p, _BLOCK):
        stop = min(start + _BLOCK, p)
        new, with_it = rows[k, start:stop], inner[start:stop]
        old_left, new_left = left[start:stop], lefts[start:stop]
        old_length, new_length = length[start:stop], lengths[start:stop]
        for t in range(new.size):
            new[t] = with_it[t] / own
            new_left[t] = old_left[t] - step * with_it[t]
            new_length[t] = old_length[t] - new[t] * with_it[t]
        for i in range(k):
            factor, before, after = given[i], on_chosen[i, start:stop], rows[i, start:stop]
            for t in range(new.size):
                after[t] = before[t] - factor * new[t]
    return rows, lefts, lengths


@kernel
def fit_with(beta, inverse, given, left, length):
    """Coefficients and inverse Gram matrix once a candidate has entered, of which ``length`` was left."""
    k = beta.size
    coefficients, matrix = np.empty(k + 1), np.empty((k + 1, k + 1))
    step = left / length
    for i in range(k):
        coefficients[i] = beta[i] - given[i] * step
        for j in range(k):
            matrix[i, j] = inverse[i, j] + given[i] * given[j] / length
        matrix[i, k] = matrix[k, i] = -given[i] / length
    coefficients[k], matrix[k, k] = step, 1 / length
    return coefficients, matrix


@kernel
def without_column(on_chosen, left, length, beta, inverse, leaves):
    """As :func:`partialled`, once the chosen column in place ``leaves`` is out: its coefficient, its row of M."""
    k, p = on_chosen.shape
    own = inverse[leaves]  # one over the squared length of what the others leave of it
    step = beta / own
    rows, lefts, lengths = np.empty((k - 1, p)), np.empty(p), np.empty(p)
    for start in range(0, p, _BLOCK):
        stop = min(start + _BLOCK, p)
        gone = on_chosen[leaves, start:stop]
        old_left, new_left = left[start:stop], lefts[start:stop]
        old_length, new_length = length[start:stop], lengths[start:stop]
        for t in range(gone.size):
            new_left[t] = old_left[t] + step * gone[t]
            new_length[t] = old_length[t] + gone[t] * gone[t] / own
        for i in range(k - 1):
            j = i + (i >= leaves)
            factor, before, after = inverse[j] / own, on_chosen[j, start:stop], rows[i, start:stop]
            for t in range(gone.size):
                after[t] = before[t] - factor * gone[t]
    return rows, lefts, lengths


@kernel
def fit_without(beta, inverse, leaves):
    """Coefficients and inverse Gram matrix once the chosen column in place ``leaves`` is out."""
    k = beta.size
    own = inverse[leaves, leaves]
    coefficients, matrix = np.empty(k - 1), np.empty((k - 1, k - 1))
    for i in range(k - 1):
        a = i + (i >= leaves)
        coefficients[i] = beta[a] - inverse[a, leaves] * beta[leaves] / own
        for j in range(k - 1):
            b = j + (j >= leaves)
            matrix[i, j] = inverse[a, b] - inverse[a, leaves] * inverse[leaves, b] / own
    return coefficients, matrix
