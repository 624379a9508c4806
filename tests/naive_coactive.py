"""Subsets active together, written from the definition; nothing imports the package."""

import itertools
import math


def factor(kind, states, at):
    """The column of one unit: signs, indicators less their mean, or indicators."""
    a = [1 if row[at] == 1 else 0 for row in states]
    if kind == "signs":
        return [2 * v - 1 for v in a]
    return [v - sum(a) / len(a) for v in a] if kind == "biased" else a


def coactive(X, y, kind, degree, least):
    """``[(subset, value, standard error, count), ...]``, largest first, ties (to eleven digits) simplest first."""
    m, n = len(X), len(X[0])
    centre = math.fsum(y) / m
    r = [v - centre for v in y]
    scale = math.fsum(map(abs, r)) / m
    columns = [factor(kind, X, i) for i in range(n)]
    rows = []
    for size in range(1, degree + 1):
        for subset in itertools.combinations(range(n), size):
            count = sum(all(row[i] == 1 for i in subset) for row in X)
            if count < least:
                continue
            f = [math.prod(columns[i][j] for i in subset) for j in range(m)]
            mean = math.fsum(f) / m
            value = math.fsum(u * v for u, v in zip(r, f, strict=True)) / m
            spread = [u * (v - mean) for u, v in zip(r, f, strict=True)]
            error = math.sqrt(max(math.fsum(s * s for s in spread) / m - value**2, 0) / (m - 1))
            rows.append((subset, value, error, count))
    return sorted(rows, key=lambda row: (-round(abs(row[1]) / scale, 11), len(row[0]), row[0]))
