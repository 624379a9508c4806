"""Definitions behind the searches on recorded samples, written straight and slow; nothing imports the package."""

import math

import naive


def bucket_bound(X, y, decided, inside):
    """Group the samples by the undecided units; sum over groups of |sum of (y - mean y) chi_S|, per sample."""
    centre = naive.mean(y)
    groups = {}
    for x, v in zip(X, y, strict=True):
        key = tuple(x[i] for i in range(len(x)) if i not in decided)
        groups.setdefault(key, []).append((v - centre) * naive.chi(inside, x))
    return math.fsum(abs(math.fsum(group)) for group in groups.values()) / len(y)


def bucket_members(n, decided, inside):
    """Every subset that looks like ``inside`` on the decided units."""
    return [s for s in naive.subsets_up_to(n, n) if set(s) & set(decided) == set(inside)]


def ranked(X, y, subsets):
    """Largest first, ties (to eleven digits) simplest first."""
    scale = naive.mean(abs(v - naive.mean(y)) for v in y)
    rows = [(s, naive.covariance(X, y, s)) for s in subsets]
    return sorted(rows, key=lambda row: (-round(abs(row[1]) / scale, 11), len(row[0]), row[0]))


def beam(X, y, start, width, max_degree, rounds=None):
    """All subsets scored, best first: each round flips every unit of the best ``width`` that were not flipped yet."""
    n = len(X[0])
    scored, expanded = set(start), set()
    while rounds is None or rounds > 0:
        best = [s for s, _ in ranked(X, y, scored)[:width]]
        if all(s in expanded for s in best):
            break
        for s in best:
            if s not in expanded:
                expanded.add(s)
                flips = (tuple(sorted(set(s) ^ {i})) for i in range(n))
                scored.update(t for t in flips if 1 <= len(t) <= max_degree)
        rounds = None if rounds is None else rounds - 1
    return ranked(X, y, scored)
