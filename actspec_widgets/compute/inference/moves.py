"""Kernels of the search: all ways to add, drop or swap one subset, from inner products alone, and the Lasso.

With G the Gram matrix of the chosen columns, M its inverse, b the coefficients and e_i the part of column i that the
others do not give, ``|e_i|^2 = 1 / M_ii``. Leaving i out adds ``b_i^2 / M_ii`` to the residual sum of squares, and a
candidate t with coefficients B_t on the chosen columns then has ``r_t + B_it b_i / M_ii`` as its inner product with the
residual and ``n_t + B_it^2 / M_ii`` as its squared length, so that all swaps cost no more than all additions.
"""

from __future__ import annotations

import numpy as np

from ..kernels import kernel

_BLOCK = 64  # candidates that are compared without a branch
_BEATEN = 1 + 1e-8  # a sum of squares this much larger is beaten by more than a tie and all rounding
_LESS = 1 - 1e-12  # for the rounding of a comparison without a division
TIE = 1e-10  # gains closer than this share are equal: the simpler subset goes first


@kernel
def best_candidate(left, length, norms, usable, least, rank):
    """The candidate with the largest gain ``left^2 / length``; of equal ones the one of lowest rank; -1 without any.

    Candidates of which the chosen columns leave a share below ``least`` take no part.
    """
    best, gain = -1, 0.0
    for t in range(left.size):
        if not usable[t] or length[t] <= least * norms[t]:
            continue
        own = left[t] * left[t] / length[t]
        if own > gain * (1 + TIE) or (own > gain * (1 - TIE) and best >= 0 and rank[t] < rank[best]):
            best, gain = t, max(own, gain)
    return best


@kernel
def value_of(rss, count, weight, samples, floor, penalties):
    """``samples log rss + penalty``, the penalty of ``count`` terms times the mean ``weight`` of the terms."""
    penalty = penalties[count] * weight / count if count else 0.0
    return samples * np.log(max(rss, floor)) + penalty


@kernel
def _any_swap(on_chosen, left, length, shares, weights, back, shift, enough, lightest):
    """Whether any of a block could be better than the best so far, which takes ``enough`` off: without a division."""
    count = 0
    for t in range(left.size):
        n = length[t] + on_chosen[t] * on_chosen[t] * back
        r = left[t] + on_chosen[t] * shift
        count += (n > shares[t]) & ((r * r >= enough * n * _LESS) | (weights[t] < lightest))
    return count > 0


@kernel
def best_move(
    chosen,
    fixed,
    on_chosen,
    left,
    length,
    beta,
    inverse,
    norms,
    usable,
    weights,
    least,
    rank,
    rss,
    samples,
    floor,
    penalties,
):
    """The move that lowers the value most: which of the chosen leaves, and which candidate enters; -1 for none.

    ``fixed`` ones never leave; ``weights`` are design effects; see :func:`best_candidate` for ``least`` and ``rank``.
    """
    k, p = on_chosen.shape
    total = 0.0
    for i in range(k):
        total += weights[chosen[i]]
    value, leaves, enters = value_of(rss, k, total, samples, floor, penalties), -1, -1
    slack = 1e-9 * samples
    # A logarithm costs more than all the rest: a sum of squares that is beaten at no larger price needs none.
    smallest, lightest = np.inf, np.inf
    shares = np.empty(p)  # what has to be left of a candidate
    for t in range(p):
        shares[t] = least * norms[t] if usable[t] else np.inf
    if k + 1 < penalties.size:
        lowest = np.inf
        for t in range(p):
            if usable[t] and length[t] > least * norms[t]:
                gain = left[t] * left[t] / length[t]
                if rss - gain > smallest and weights[t] >= lightest:
                    continue
                own = value_of(rss - gain, k + 1, total + weights[t], samples, floor, penalties)
                if own < lowest - slack or (own < lowest + slack and enters >= 0 and rank[t] < rank[enters]):
                    lowest, enters = min(own, lowest), t
                    smallest, lightest = max(rss - gain, floor) * _BEATEN, weights[t]
        if lowest < value - slack:
            value = lowest
        else:
            enters = -1
    for i in range(k):
        if fixed[i]:
            continue
        mine = weights[chosen[i]]
        without = rss + beta[i] * beta[i] / inverse[i, i]
        own = value_of(without, k - 1, total - mine, samples, floor, penalties)
        if own < value - slack:
            value, leaves, enters = own, i, -1
        best, found = -1, np.inf
        smallest, lightest = np.inf, np.inf
        back, shift = 1 / inverse[i, i], beta[i] / inverse[i, i]
        for start in range(0, p, _BLOCK):
            stop = min(start + _BLOCK, p)
            if not _any_swap(
                on_chosen[i, start:stop],
                left[start:stop],
                length[start:stop],
                shares[start:stop],
                weights[start:stop],
                back,
                shift,
                max(without - smallest, -1.0),  # at first anything is better
                lightest,
            ):
                continue
            for t in range(start, stop):
                n = length[t] + on_chosen[i, t] * on_chosen[i, t] * back
                if n <= shares[t]:
                    continue
                r = left[t] + on_chosen[i, t] * shift
                left_over = without - r * r / n
                if left_over > smallest and weights[t] >= lightest:
                    continue
                own = value_of(left_over, k, total - mine + weights[t], samples, floor, penalties)
                if own < found - slack or (own < found + slack and best >= 0 and rank[t] < rank[best]):
                    best, found = t, min(own, found)
                    smallest, lightest = max(left_over, floor) * _BEATEN, weights[t]
        if best >= 0 and found < value - slack:
            value, leaves, enters = found, i, best
    return leaves, enters


@kernel
def descend(gram, sums, penalty, coefficients, sweeps, tolerance):
    """Coordinate descent for ``|y - X b|^2 / 2 + penalty |b|_1``, in place, columns of any length.

    Stops when a sweep moves no fitted value by ``tolerance`` (length of a column times the change of its coefficient).
    """
    k = sums.size
    left = sums.copy()
    for j in range(k):
        if coefficients[j] != 0:
            for i in range(k):
                left[i] -= gram[i, j] * coefficients[j]
    for _ in range(sweeps):
        moved = 0.0
        for j in range(k):
            old = coefficients[j]
            target = left[j] + gram[j, j] * old
            size = max(abs(target) - penalty[j], 0.0) / gram[j, j]
            new = size if target > 0 else -size
            if new != old:
                step = new - old
                coefficients[j] = new
                for i in range(k):
                    left[i] -= gram[i, j] * step
                moved = max(moved, abs(step) * np.sqrt(gram[j, j]))
        if moved <= tolerance:
            break
