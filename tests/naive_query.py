"""Fourier coefficients and bucket weights by summing over the whole cube; nothing here imports the package."""

import itertools
import math

from naive import chi, mean


def cube(n):
    """Every point of {-1,+1}^n."""
    return list(itertools.product([1, -1], repeat=n))


def all_subsets(n):
    return [s for d in range(n + 1) for s in itertools.combinations(range(n), d)]


def f_hat(f, n):
    """Every coefficient E[f(x) chi_S(x)] over the uniform cube, as a dictionary."""
    values = {x: float(f(x)) for x in cube(n)}
    return {s: mean(v * chi(s, x) for x, v in values.items()) for s in all_subsets(n)}


def bucket_weight(coefficients, J, S):
    """Sum of f_hat(T)^2 over the subsets T with T intersected with J equal to S (O'Donnell 2014, section 3.5)."""
    return math.fsum(c * c for T, c in coefficients.items() if set(T) & set(J) == set(S))


class Planted:
    """A function with known coefficients that counts its evaluations; noise is drawn anew at each."""

    def __init__(self, coefficients, noise=0.0, seed=0):
        import numpy as np

        self.coefficients, self.noise = dict(coefficients), noise
        self.rng = np.random.default_rng(seed)
        self.asked, self.largest = 0, 0

    def __call__(self, points):
        assert points.dtype == "int8" and set(points[:64].ravel().tolist()) <= {-1, 1}
        self.asked += len(points)
        self.largest = max(self.largest, len(points))
        values = self.rng.normal(0.0, self.noise, len(points)) if self.noise else points[:, 0] * 0.0
        for subset, coefficient in self.coefficients.items():
            values = values + coefficient * points[:, list(subset)].prod(axis=1, dtype="int8")
        return values


def planted(n, count, max_degree, seed, noise=0.0, exact_degree=False):
    """``count`` parities of degree 1 to ``max_degree`` with coefficients of size 0.5 to 1."""
    import numpy as np

    rng = np.random.default_rng(seed)
    subsets = set()
    while len(subsets) < count:
        degree = max_degree if exact_degree else int(rng.integers(1, max_degree + 1))
        subsets.add(tuple(sorted(rng.choice(n, degree, replace=False).tolist())))
    sizes = rng.uniform(0.5, 1.0, count) * rng.choice([-1, 1], count)
    return Planted(dict(zip(sorted(subsets), sizes.tolist(), strict=True)), noise, seed)


def spliced_weight(f, samples, signs, decided, S):
    """E over z of (E over x of f(x on the first units, z on the rest) chi_S(x))^2, over all recorded samples.

    ``samples`` are activations and ``signs`` their patterns: this is E[y1 chi_S(x1) y2 chi_S(x2)] of the published
    procedure, for two independent samples x1, x2 that share z.
    """
    inner = []
    for z in samples:
        terms = [f((*x[:decided], *z[decided:])) * chi(S, s) for x, s in zip(samples, signs, strict=True)]
        inner.append(mean(terms))
    return mean(value * value for value in inner)


def screened(signs, gamma):
    """Units left when those with E[x_i]^2 > gamma go, and then those with E[x_i x_j]^2 > gamma, j left before i."""
    kept = []
    for i in range(len(signs[0])):
        if mean(s[i] for s in signs) ** 2 > gamma:
            continue
        if all(mean(s[i] * s[j] for s in signs) ** 2 <= gamma for j in kept):
            kept.append(i)
    return kept


def last_unit_weights(signs, subset):
    """The exact weights of a subset's last unit in the buckets without and with its first, given recorded patterns.

    z supplies the units between; a splice that no sample shows is passed over.
    """
    first, *others, last = subset
    known = {}
    for s in signs:
        known.setdefault((s[first], tuple(s[i] for i in others)), []).append(s[last])
    without, with_first = [], []
    for z in signs:
        rest = tuple(z[i] for i in others)
        for a in signs:
            for b in signs:
                if (a[first], rest) in known and (b[first], rest) in known:
                    product = mean(known[a[first], rest]) * mean(known[b[first], rest])
                    without.append(product)
                    with_first.append(product * a[first] * b[first])
    return (mean(without), mean(with_first)) if without else (0.0, 0.0)
