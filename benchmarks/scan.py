"""Exhaustive scans and the whole method beside what a user would write instead.

    python benchmarks/scan.py [--quick]

Every ratio compares medians of one run, alternatives in turn. ``sgemm`` is what numpy offers for all pairs,
``(X.T * y) @ X`` in float32; for triples one such product for each last unit, upper blocks only.

What a machine without AVX-512 does can be tried on one that has it (numpy's sgemm keeps AVX-512, the kernels not):

    NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES="+avx2,+fma,+popcnt,+bmi,+bmi2,+sse4.2" \\
        NUMBA_CACHE_DIR=/tmp/avx2 python benchmarks/scan.py
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import tracemalloc

import numpy as np
from numba import njit
from timing import compare, interleaved, machine, median, readable

from actspec_widgets import Patterns, activation_spectroscopy, character_means, scan, scan_targets
from actspec_widgets.compute.parity import popcount
from actspec_widgets.patterns.cube import count_subsets


@njit(nogil=True)
def bare_popcounts(words, repeats):
    total = 0
    for r in range(repeats):
        for w in range(words.size):
            total += popcount(words[w] ^ np.uint64(r))  # else the repetitions would be hoisted
    return total


def popcounts_per_second() -> float:
    """64-bit words counted by a bare loop over an array in the first-level cache, one thread."""
    words = np.arange(2048, dtype=np.uint64)
    bare_popcounts(words, 1)
    best = min(_seconds(lambda: bare_popcounts(words, 2000)) for _ in range(7))
    return words.size * 2000 / best


def peak(work) -> int:
    """Bytes that ``work`` holds at its worst, as numpy and Python allocate them."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def _seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def pairs_by_sgemm(X, y):
    return (X.T * y) @ X


def triples_by_sgemm(X, y, step=1):
    """Every ``step``-th last unit; the caller scales the time up."""
    n = X.shape[1]
    largest = 0.0
    for k in range(step - 1, n, step):
        block = X[:, :k]
        largest = max(largest, float(np.abs((block.T * (y * X[:, k])) @ block).max()))
    return largest


def wide(n: int, m: int, rounds: int, quick: bool) -> None:
    rng = np.random.default_rng(0)
    signs = rng.choice(np.array([-1, 1], np.int8), (m, n))
    patterns, X = Patterns.from_signs(signs), signs.astype(np.float32)
    y = rng.normal(size=m) + signs[:, :3].prod(axis=1)
    y32, binary, ten = (y - y.mean()).astype(np.float32), (y > 0) * 1.0, rng.normal(size=(m, 10))
    words = patterns.planes.shape[1]
    work = {f"scan, {t} thread(s)": lambda t=t: scan(patterns, y, max_degree=2, threads=t) for t in (1, 2)}
    work |= {
        f"scan, binary target, {t} thread(s)": lambda t=t: scan(patterns, binary, max_degree=2, threads=t)
        for t in (1, 2)
    }
    work["scan, ten targets, 2 threads"] = lambda: scan_targets(patterns, ten, max_degree=2, threads=2)
    work["sgemm, numpy's threads"] = lambda: pairs_by_sgemm(X, y32)
    work["sgemm, ten targets"] = lambda: [pairs_by_sgemm(X, column) for column in ten.astype(np.float32).T]
    seconds = interleaved(work, rounds)
    compare(f"every pair of {n} units x {m:,} samples, top 1,000", seconds, "scan, 2 thread(s)")
    ours = peak(lambda: scan_targets(patterns, ten, max_degree=2)) + patterns.planes.nbytes
    theirs = peak(lambda: pairs_by_sgemm(X, y32)) + X.nbytes
    print(f"  memory, inputs included: ten scans {_megabytes(ours)}, one sgemm {_megabytes(theirs)}")

    triples = count_subsets(n, 3)
    step = 16 if quick else 4
    work = {f"scan, {t} thread(s)": lambda t=t: scan(patterns, y, max_degree=3, threads=t) for t in (1, 2)}
    work |= {
        f"scan, binary target, {t} thread(s)": lambda t=t: scan(patterns, binary, max_degree=3, threads=t)
        for t in (1, 2)
    }
    work["sgemm, numpy's threads"] = lambda: triples_by_sgemm(X, y32, step)
    seconds = interleaved(work, rounds)
    seconds["sgemm, numpy's threads"] = [s * step for s in seconds["sgemm, numpy's threads"]]
    title = f"every triple, {triples:,} subsets (sgemm: every {step}th last unit, time multiplied by {step})"
    compare(title, seconds, "scan, 2 thread(s)", triples, "subsets")
    limit = popcounts_per_second()
    share = triples * words / median(seconds["scan, 1 thread(s)"]) / limit
    print(f"  limit: a bare popcount loop counts {limit:.3g} words/s on one thread; the scan runs at {share:.0%} of it")


def numpy_correlations(X, y):
    """All coefficients up to degree 3 by matrix products in float32; the 1,000 largest."""
    n = X.shape[1]
    y = y - y.mean()
    parts = [y @ X, ((X.T * y) @ X)[np.triu_indices(n, 1)]]
    for k in range(2, n):
        block = X[:, :k]
        parts.append(((block.T * (y * X[:, k])) @ block)[np.triu_indices(k, 1)])
    values = np.abs(np.concatenate(parts))
    return np.argpartition(values, -1000)[-1000:]


def parities(rng, eligible):
    sizes = [1, 2, 2, 2, 3, 3, 3, 3]
    subsets = set()
    while len(subsets) < 8:
        subsets.add(tuple(sorted(rng.choice(eligible, sizes[len(subsets)], replace=False).tolist())))
    return sorted(subsets), rng.uniform(0.5, 1.0, 8) * rng.choice([-1, 1], 8)


def planted_problem(copies: bool, seed: int):
    """The two sample-only tasks: 100 independent units, or 40 and 20 copies with 5 % of signs flipped."""
    rng = np.random.default_rng(seed)
    n, m = (60, 20_000) if copies else (100, 20_000)
    signs = rng.choice(np.array([-1, 1], np.int8), (m, n))
    eligible = np.arange(n)
    if copies:
        shuffled = rng.permutation(n)
        signs[:, shuffled[:20]] = signs[:, shuffled[20:40]] * np.where(rng.random((m, 20)) < 0.05, -1, 1)
        eligible = shuffled[20:]
    subsets, coefficients = parities(rng, eligible)
    y = sum(c * signs[:, s].prod(axis=1) for s, c in zip(subsets, coefficients, strict=True)) + rng.normal(size=m)
    return Patterns.from_signs(signs), signs.astype(np.float32), y, set(subsets)


def planted(rounds: int, problems: int) -> None:
    for copies in (False, True):
        patterns, X, y, _ = planted_problem(copies, 0)
        y32 = y.astype(np.float32)
        work = {
            "activation_spectroscopy": lambda p=patterns, y=y: activation_spectroscopy(p, y),
            "scan, degree 3": lambda p=patterns, y=y: scan(p, y, max_degree=3),
            "numpy: correlate everything": lambda X=X, y=y32: numpy_correlations(X, y),
        }
        name = "60 units, 20 of them flipped copies" if copies else "100 units"
        title = f"{name}, 20,000 samples, eight parities up to degree 3, noise 1"
        compare(title, interleaved(work, rounds), "activation_spectroscopy")
        ours, theirs = (peak(work[k]) for k in ("activation_spectroscopy", "numpy: correlate everything"))
        print(f"  memory: {_megabytes(ours)} against {_megabytes(theirs)}, on top of the data")
        false, missed = 0, 0
        for seed in range(problems):
            patterns, _, y, truth = planted_problem(copies, seed)
            found = set(activation_spectroscopy(patterns, y, seed=seed).subsets)
            false, missed = false + len(found - truth), missed + len(truth - found)
        print(f"  over {problems} problems of 8 subsets: {missed} missed, {false} false")


def cold_start() -> None:
    print("\ncold start (a new process each, kernels already in the cache on disk)")
    for name, code in {
        "import actspec_widgets": "import actspec_widgets",
        "import and reach the method": "from actspec_widgets import activation_spectroscopy",
    }.items():
        times = [_seconds(lambda code=code: subprocess.run([sys.executable, "-c", code], check=True)) for _ in range(5)]
        empty = [_seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)) for _ in range(5)]
        print(f"  {name:32s} {readable(median(times) - median(empty))} beyond an empty interpreter")


def _megabytes(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer units, samples and rounds")
    quick = parser.parse_args().quick
    print(machine())
    tiny = Patterns.from_signs(np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]))
    character_means(tiny, [0.0, 1.0, 2.0, 3.0], [(0,)])  # compiles
    wide(*((300, 4000) if quick else (784, 10_000)), rounds=5, quick=quick)
    planted(rounds=5, problems=5 if quick else 50)
    cold_start()
    print(f"\npeak memory of this process: {_megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)}")


if __name__ == "__main__":
    main()
