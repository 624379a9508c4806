"""Values and interactions of a game straight from their definitions; nothing here imports the package.

A game is a list of 2^n values, indexed by a mask whose bit i is set where unit i is present.
"""

import itertools
import math
from fractions import Fraction

import naive


def mask(units):
    return sum(1 << i for i in units)


def parts(units, lowest=0, highest=None):
    """Subsets of ``units`` by size."""
    units = tuple(units)
    highest = len(units) if highest is None else min(highest, len(units))
    return [part for size in range(lowest, highest + 1) for part in itertools.combinations(units, size)]


def game(n, subsets, coefficients):
    """v(T): the sum of c_S chi_S(x) with x_i = +1 for i in T and -1 for all others."""
    points = [[1 if T >> i & 1 else -1 for i in range(n)] for T in range(1 << n)]
    return [math.fsum(c * naive.chi(S, x) for S, c in zip(subsets, coefficients, strict=True)) for x in points]


def derivative(v, T, A):
    """Delta_T v(A): the sum of (-1)^(|T| - |L|) v(A with L) over L inside T; T and A are disjoint."""
    return math.fsum((-1) ** (len(T) - len(L)) * v[mask(A) | mask(L)] for L in parts(T))


def others(n, T):
    return [i for i in range(n) if i not in T]


def shapley_by_orders(v, n):
    """Mean marginal contribution over all orders in which the units can arrive (Shapley 1953)."""
    result = [0.0] * n
    for arrival in itertools.permutations(range(n)):
        for place, i in enumerate(arrival):
            result[i] += derivative(v, (i,), arrival[:place]) / math.factorial(n)
    return result


def moebius(v, T):
    """m(T): the sum of (-1)^(|T| - |L|) v(L) over L inside T (Rota 1964; Grabisch & Roubens 1999)."""
    return derivative(v, T, ())


def shapley_interaction(v, n, T):
    """Grabisch & Roubens (1999): derivatives weighted by (n - a - t)! a! / (n - t + 1)!, a the units present."""
    t = len(T)
    return math.fsum(
        math.factorial(n - len(A) - t) * math.factorial(len(A)) / math.factorial(n - t + 1) * derivative(v, T, A)
        for A in parts(others(n, T))
    )


def banzhaf_interaction(v, n, T):
    """Grabisch & Roubens (1999): the plain mean of the derivatives."""
    return naive.mean(derivative(v, T, A) for A in parts(others(n, T)))


def shapley_taylor(v, n, T, order):
    """Sundararajan, Dhamdhere & Agarwal (2020): m(T) below the order, derivatives weighted by size at it."""
    if len(T) < order:
        return derivative(v, T, ())
    weighted = (derivative(v, T, A) / math.comb(n - 1, len(A)) for A in parts(others(n, T)))
    return order / n * math.fsum(weighted)


def bernoulli(j):
    """B_j with B_1 = -1/2, from their recurrence."""
    numbers = [Fraction(1)]
    for i in range(1, j + 1):
        numbers.append(-sum(math.comb(i + 1, h) * numbers[h] for h in range(i)) / Fraction(i + 1))
    return numbers[j]


def n_shapley(v, n, T, order):
    """Bordt & von Luxburg (2023): each order's SII corrects the lower orders, by Bernoulli's numbers."""
    if len(T) == order:
        return shapley_interaction(v, n, T)
    larger = [(*T, *K) for K in itertools.combinations(others(n, T), order - len(T))]
    correction = math.fsum(shapley_interaction(v, n, R) for R in larger)
    return n_shapley(v, n, T, order - 1) + float(bernoulli(order - len(T))) * correction


def faith_shapley(v, n, order):
    """Tsai, Yeh & Ravikumar (2023): weighted least squares, exact at no unit and at all units; ``{T: value}``.

    A set of s units weighs (n - 1) / (C(n, s) s (n - s)); two Lagrange multipliers keep the two ends exact.
    """
    terms = parts(range(n), 0, order)
    size = len(terms) + 2
    system, right = [[0.0] * size for _ in range(size)], [0.0] * size
    for units in parts(range(n)):
        held = [j for j, T in enumerate(terms) if set(T) <= set(units)]
        s, value = len(units), v[mask(units)]
        if s in (0, n):
            row = size - 2 + (s == n)
            right[row] = value
            for j in held:
                system[row][j] = system[j][row] = 1.0
            continue
        weight = (n - 1) / (math.comb(n, s) * s * (n - s))
        for j in held:
            right[j] += weight * value
            for h in held:
                system[j][h] += weight
    return dict(zip(terms, naive.solve(system, right), strict=False))


def interactions(v, n, index, order):
    """``{T: value}`` for every non-empty T of up to ``order`` units."""
    terms = parts(range(n), 1, order)
    if index == "FSII":
        found = faith_shapley(v, n, order)
        return {T: found[T] for T in terms}
    one = {
        "SII": lambda T: shapley_interaction(v, n, T),
        "BII": lambda T: banzhaf_interaction(v, n, T),
        "Moebius": lambda T: moebius(v, T),
        "STII": lambda T: shapley_taylor(v, n, T, order),
        "k-SII": lambda T: n_shapley(v, n, T, order),
    }[index]
    return {T: one(T) for T in terms}
