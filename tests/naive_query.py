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
