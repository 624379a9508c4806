"""Query access: sparse_transform and goldreich_levin beside shapiq's SPEX, all in one run.

    python benchmarks/query_access.py [--problems 200]

SPEX needs Python 3.12 with ``shapiq>=1.8`` and ``sparse-transform``; without them it is left out, and said so.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from timing import compare, interleaved, machine, median, readable  # noqa: E402

COUNT, DEGREE, NOISE = 8, 5, 0.1
FIRST_CALL = """
import time
start = time.perf_counter()
import {module}
loaded = time.perf_counter()
import query_access
found = query_access.{search}(query_access.problem(30, 0))
print(loaded - start, time.perf_counter() - loaded)
"""


class Counted:
    """The planted function; counts its evaluations."""

    def __init__(self, n, coefficients, seed):
        self.n, self.coefficients, self.asked = n, coefficients, 0
        self.rng = np.random.default_rng(seed)

    def __call__(self, points):
        self.asked += len(points)
        values = self.rng.normal(0.0, NOISE, len(points))
        for subset, coefficient in self.coefficients.items():
            values += coefficient * points[:, list(subset)].prod(axis=1, dtype=np.int8)
        return values


def problem(n, seed):
    """Eight parities of degree 1 to 5, coefficients of size 0.5 to 1, noise 0.1."""
    rng = np.random.default_rng(seed)
    coefficients = {}
    while len(coefficients) < COUNT:
        subset = rng.choice(n, rng.integers(1, DEGREE + 1), replace=False)
        coefficients[tuple(sorted(subset.tolist()))] = float(rng.uniform(0.5, 1.0) * rng.choice([-1, 1]))
    return Counted(n, coefficients, seed)


def ours(function, **options):
    from actspec_widgets.compute.queries.sparse_transform import sparse_transform

    found = sparse_transform(function, function.n, sparsity=COUNT, seed=0, **options)
    return dict(zip(found.subsets, found.values, strict=True))


def ours_degree_told(function):
    return ours(function, max_degree=DEGREE)


def spex(function):
    from shapiq.approximator import SPEX

    # SPEX cannot return Fourier coefficients: f_hat(S) = BII(S) (-1/2)^|S| for x = 1 - 2 z.
    options = {} if function.n <= 30 else {"decoder_type": "hard"}
    approximator = SPEX(n=function.n, index="BII", max_order=DEGREE, random_state=0, **options)
    values = approximator.approximate(2000 if function.n <= 30 else 5000, lambda z: function(1 - 2 * z.astype(np.int8)))
    fourier = {s: v * (-0.5) ** len(s) for s, v in values.dict_values.items() if s}
    return {s: v for s, v in fourier.items() if abs(v) > 0.25}


def tree(function):
    from actspec_widgets.compute.queries.goldreich_levin import goldreich_levin

    found = goldreich_levin(function, function.n, tau=0.45, seed=0)
    return dict(zip(found.subsets, found.values, strict=True))


def quality(name, search, n, problems):
    """One line: how often everything and nothing else is found, precision, recall, queries, milliseconds."""
    right, precision, recall, asked, seconds, error = 0, [], [], [], [], []
    search(problem(n, 10**6))
    for seed in range(problems):
        function = problem(n, seed)
        start = time.perf_counter()
        found = search(function)
        seconds.append(time.perf_counter() - start)
        truth = function.coefficients
        hits = set(found) & set(truth)
        right += set(found) == set(truth)
        precision.append(len(hits) / max(1, len(found)))
        recall.append(len(hits) / len(truth))
        asked.append(function.asked)
        error.append(max((abs(found[s] - truth[s]) for s in hits), default=np.nan))
    print(
        f"  {name:34s} all and only: {right:3d} of {problems:3d}   "
        f"P {np.mean(precision):.3f} R {np.mean(recall):.3f}   "
        f"queries median {np.median(asked):,.0f}, most {max(asked):,}   "
        f"median {readable(median(seconds))}   largest error {np.nanmax(error):.3f}"
    )


def first_call(name, search, module):
    """A fresh process with no kernel compiled yet: import, then the first answer."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": f"{ROOT}:{ROOT / 'benchmarks'}"}
        code = FIRST_CALL.format(search=search, module=module)
        out = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    imported, answered = map(float, out.stdout.split()[-2:])
    print(f"  {name:34s} import {readable(imported)}, first answer after that {readable(answered)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=200)
    problems = parser.parse_args().problems
    peers = all(importlib.util.find_spec(name) for name in ("shapiq", "sparse_transform"))
    print(machine())
    if not peers:
        print("shapiq (1.8, Python 3.12) or sparse-transform is not installed here: SPEX is left out of this run.")
    for n in (30, 784):
        print(f"\nn = {n}: {COUNT} parities of degree 1-{DEGREE}, coefficients 0.5-1, noise {NOISE}, not told")
        quality("sparse_transform", ours, n, problems)
        quality("sparse_transform, max_degree=5", ours_degree_told, n, problems)
        if n == 30:
            quality("goldreich_levin, tau=0.45", tree, n, max(1, problems // 20))
        work = {
            "sparse_transform": lambda n=n: ours(problem(n, 0)),
            "sparse_transform, max_degree=5": lambda n=n: ours_degree_told(problem(n, 0)),
        }
        if peers:
            quality("shapiq SPEX", spex, n, max(1, problems // 20))
            work["shapiq SPEX"] = lambda n=n: spex(problem(n, 0))
        compare("one problem, interleaved", interleaved(work, 7), "sparse_transform, max_degree=5")
    print("\nfirst call of a process, nothing compiled before")
    first_call("sparse_transform", "ours_degree_told", "actspec_widgets.compute.queries.sparse_transform")
    first_call("goldreich_levin", "tree", "actspec_widgets.compute.queries.goldreich_levin")
    if peers:
        first_call("shapiq SPEX", "spex", "shapiq")


if __name__ == "__main__":
    main()
