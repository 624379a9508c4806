"""How often noise is reported, and how often intervals cover the truth.

    python benchmarks/inference.py [--runs 1000]

A run on noise reports something or nothing; a run on a planted problem contributes one interval for each planted
subset that it reports. The last column is the binomial 95 % interval of the share (Wilson).
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np

from actspec_widgets import Patterns, activation_spectroscopy

ALPHA = 0.05
TARGETS = {
    "normal": lambda rng, m: rng.normal(size=m),
    "Student t, 2 degrees": lambda rng, m: rng.standard_t(2, m),
    "rare binary (5 %)": lambda rng, m: (rng.random(m) < 0.05) * 1.0,
}


def balanced(rng, m, n):
    return rng.choice(np.array([-1, 1], np.int8), (m, n))


def skewed(rng, m, n):
    """Each unit active with its own probability between 2 % and 50 %."""
    return np.where(rng.random((m, n)) < rng.uniform(0.02, 0.5, n), np.int8(1), np.int8(-1))


def correlated(rng, m, n):
    """Thresholded mixtures of ten shared causes."""
    hidden = rng.normal(size=(m, 10)) @ rng.normal(size=(10, n)) + rng.normal(size=(m, n))
    return np.where(hidden > 0, np.int8(1), np.int8(-1))


PATTERNS = {"balanced": balanced, "skewed": skewed, "correlated": correlated}


def wilson(hits: int, runs: int) -> str:
    z = 1.96
    centre = (hits + z**2 / 2) / (runs + z**2)
    half = z * np.sqrt(hits * (runs - hits) / runs + z**2 / 4) / (runs + z**2)
    return f"{hits / runs:7.1%}   [{max(centre - half, 0):.1%}, {centre + half:.1%}]"


def noise_table(runs: int) -> None:
    print(f"reports on pure noise at alpha = {ALPHA} ({runs} runs a row)")
    for n, m, (pattern, draw), (target, noise) in product((50, 784), (200, 2000), PATTERNS.items(), TARGETS.items()):
        reports = 0
        for seed in range(runs):
            rng = np.random.default_rng(seed)
            X, y = draw(rng, m, n), noise(rng, m)
            if y[: m // 2].min() == y.max():
                continue
            try:
                reports += (
                    len(activation_spectroscopy(Patterns.from_signs(X), y, max_degree=2, alpha=ALPHA, seed=seed)) > 0
                )
            except ValueError as refused:  # a rare target can be constant on the part searched
                if "so no subset can explain it" not in str(refused):
                    raise
        print(f"  n={n:4d} m={m:5d} {pattern:11s} {target:22s} {wilson(reports, runs)}", flush=True)


def coverage_table(runs: int) -> None:
    print(f"\n95 % intervals that cover the planted coefficient ({runs} runs a row)")
    truth = {(0,): 0.5, (1, 2): -0.7, (3, 4, 5): 0.6}
    for (pattern, draw), (target, noise) in product(PATTERNS.items(), list(TARGETS.items())[:2]):
        covered, intervals = 0, 0
        for seed in range(runs):
            rng = np.random.default_rng(seed)
            X = draw(rng, 2000, 12)
            y = noise(rng, 2000) + sum(c * X[:, s].prod(axis=1) for s, c in truth.items())
            found = activation_spectroscopy(Patterns.from_signs(X), y, seed=seed)
            if set(found.subsets) != set(truth):
                continue  # another collection has other joint coefficients: there is no planted number to cover
            for subset, value, error in zip(found.subsets, found.coefficients, found.standard_errors, strict=True):
                covered += abs(value - truth[subset]) <= 1.96 * error
                intervals += 1
        shown = wilson(covered, intervals) if intervals else "the planted collection never came back"
        print(f"  {pattern:11s} {target:22s} {shown}   of {intervals} intervals", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    noise_table(runs)
    coverage_table(runs)


if __name__ == "__main__":
    main()
