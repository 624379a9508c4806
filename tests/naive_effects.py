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
