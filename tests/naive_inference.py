"""The steps of the inference, each from its definition: whole least squares fits, one for every candidate."""

import itertools
import math
from statistics import NormalDist

import numpy as np


def proper_subsets(subset):
    return [part for size in range(1, len(subset)) for part in itertools.combinations(subset, size)]


def columns(X, subsets):
    return np.array([[math.prod(row[i] for i in subset) for row in X] for subset in subsets], float).reshape(
        len(subsets), len(X)
    )


def residual(rows, y):
    """What an intercept and some columns leave of y."""
    design = np.vstack([np.ones(len(y)), *rows]).T
    return y - design @ np.linalg.lstsq(design, y, rcond=None)[0]


def rss(rows, y):
    return float((residual(rows, y) ** 2).sum())


def cost(rows, y, prices):
    """``m log RSS`` and the price of so many columns."""
    return len(y) * math.log(rss(rows, y)) + prices[len(rows)]


def moves(chosen, candidates, most):
    """All sets that one addition, omission or exchange makes of some."""
    for out in [None, *chosen]:
        kept = [one for one in chosen if one != out]
        if out is not None:
            yield kept
        if len(kept) < most:
            yield from ([*kept, new] for new in candidates if new not in chosen)


def lasso_conditions(rows, y, prices, beta):
    """How far a solution of the Lasso is from its optimality conditions, in units of the prices.

    Each column's inner product with the residual is its price, with the sign of the coefficient, where that is not
    zero, and at most its price in size elsewhere.
    """
    rows = rows - rows.mean(axis=1, keepdims=True)
    left = rows @ (y - y.mean() - beta @ rows)
    off = np.where(beta != 0, np.abs(left - np.sign(beta) * prices), np.maximum(np.abs(left) - prices, 0))
    return float((off / prices).max(initial=0.0))


def given_others(rows, j):
    """A column with an intercept and the other columns projected out."""
    return residual([row for i, row in enumerate(rows) if i != j], np.asarray(rows[j], float))


def hc3(rows, y, j):
    """Coefficient, standard error and degrees of freedom of column j: every sample left out once."""
    w = given_others(rows, j)
    m = len(y)
    design = np.vstack([np.ones(m), *rows]).T
    total = 0.0
    for i in range(m):
        rest = np.arange(m) != i
        fit = np.linalg.lstsq(design[rest], y[rest], rcond=None)[0]
        total += (w[i] * (y[i] - design[i] @ fit)) ** 2
    square = (w**2).sum()
    return (w @ y) / square, math.sqrt(total) / square, square**2 / (w**4).sum() - 1


def cr2(rows, y, groups, j):
    """Coefficient, standard error and degrees of freedom of Bell and McCaffrey, with whole matrices."""
    m = len(y)
    design = np.vstack([np.ones(m), *rows]).T
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    annihilator = np.eye(m) - hat
    weights = (np.linalg.inv(design.T @ design) @ design.T)[j + 1]
    e = annihilator @ y
    variance, vectors = 0.0, []
    for g in sorted(set(groups)):
        at = np.flatnonzero(np.asarray(groups) == g)
        values, basis = np.linalg.eigh(annihilator[np.ix_(at, at)])
        root = basis @ np.diag([value**-0.5 if value > 1e-9 else 0.0 for value in values]) @ basis.T
        variance += float(weights[at] @ root @ e[at]) ** 2
        vectors.append(annihilator[:, at] @ root @ weights[at])
    inner = np.array(vectors) @ np.array(vectors).T
    return weights @ y, math.sqrt(variance), np.trace(inner) ** 2 / (inner**2).sum()


def joint_part(X, subset, others, y):
    """Coefficient of chi_S beside all its proper subsets and the others, by HC3."""
    model = [subset, *proper_subsets(subset), *(s for s in others if s != subset and not set(s) < set(subset))]
    return hc3(list(columns(X, model)), y, 0)


def intraclass(values, groups):
    """Share of the variance between groups: analysis of variance with groups of unequal size."""
    members = [[v for v, h in zip(values, groups, strict=True) if h == g] for g in sorted(set(groups))]
    m, count, mean = len(values), len(members), sum(values) / len(values)
    within = sum((v - sum(part) / len(part)) ** 2 for part in members for v in part) / (m - count)
    between = sum(len(part) * (sum(part) / len(part) - mean) ** 2 for part in members) / (count - 1)
    size = (m - sum(len(part) ** 2 for part in members) / m) / (count - 1)
    above = max((between - within) / size, 0.0)
    return above / (above + within) if above else 0.0


def spread(column, groups):
    """Squared length of the group sums of a centred column over that of the column."""
    mean = sum(column) / len(column)
    sums = {}
    for value, g in zip(column, groups, strict=True):
        sums[g] = sums.get(g, 0.0) + value - mean
    return sum(s * s for s in sums.values()) / sum((v - mean) ** 2 for v in column)


def says_the_same(rows, y, rest, at, other, critical):
    """Whether column ``at`` adds nothing significant once ``other`` stands in its place beside the rest."""
    beside = [rows[i] for i in rest] + [rows[other]]
    before, after = rss(beside, y), rss([*beside, rows[at]], y)
    freedom = len(y) - len(rest) - 3
    return (before - after) / (after / freedom) <= critical**2


def selected_interval(z, cut, cover=0.95):
    """Means at which a normal value beyond +-cut is as large as z, or as small, with half the uncovered probability."""

    def at_least(mean):
        normal = NormalDist(mean)
        kept = normal.cdf(-cut) + 1 - normal.cdf(cut)
        return (1 - normal.cdf(z)) / kept

    limits = []
    for wanted in ((1 - cover) / 2, (1 + cover) / 2):
        low, high = -15.0, 15.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if at_least(middle) < wanted else (low, middle)
        limits.append(middle)
    return tuple(limits)
