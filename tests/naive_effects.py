"""Efron-Stein decomposition by summing over every mixture of recorded values; nothing here imports the package."""

import itertools

import numpy as np


def subsets(n):
    return [s for d in range(n + 1) for s in itertools.combinations(range(n), d)]


def component_variances(function, table):
    """W(S) for every non-empty subset: units independent, each uniform over its column of ``table`` (m, n)."""
    m, n = table.shape
    rows = np.array(list(itertools.product(range(m), repeat=n)))
    values = np.asarray(function(table[rows, np.arange(n)]), float).reshape((m,) * n)
    given = {}  # E[f | the units of S], as an array that does not depend on the others
    for s in subsets(n):
        others = tuple(i for i in range(n) if i not in s)
        given[s] = np.broadcast_to(values.mean(axis=others, keepdims=True), values.shape) if others else values
    out = {}
    for s in subsets(n)[1:]:
        part = sum((-1) ** (len(s) - len(r)) * given[r] for r in subsets(n) if set(r) <= set(s))
        out[s] = float((part**2).mean())
    return out


def at_share(weights, share):
    """E over which units are in play of (total influence, variance): a term counts if it holds a unit in play."""
    influence = sum(w * len(s) * share for s, w in weights.items())
    variance = sum(w * (1 - (1 - share) ** len(s)) for s, w in weights.items())
    return influence, variance


def joint_effect(function, table, on, subset):
    """Mean over bases and donors in each state of the alternating sum over the subset's states, over 2^|S|."""
    total, count = 0.0, 0
    states = [
        ([r for r in range(len(table)) if on[r, i]], [r for r in range(len(table)) if not on[r, i]]) for i in subset
    ]
    for base in range(len(table)):
        for donors in itertools.product(*(itertools.product(high, low) for high, low in states)):
            for corner in itertools.product((0, 1), repeat=len(subset)):
                row = table[base].copy()
                for unit, pair, low in zip(subset, donors, corner, strict=True):
                    row[unit] = table[pair[low], unit]
                total += (-1) ** sum(corner) * float(function(row[None])[0])
            count += 1
    return total / count / 2 ** len(subset)


def superset_importance(weights, subset):
    """Sum of W(T) over the subsets T that hold the given one (Liu and Owen 2006)."""
    return sum(w for t, w in weights.items() if set(subset) <= set(t))
