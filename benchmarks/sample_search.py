"""Searches of any degree on recorded samples: best-first with its certificate, and the beam.

    python benchmarks/sample_search.py [--quick]

Best-first is timed beside what else gives every coefficient of every degree: the samples folded into a table of
2^n sums, one Walsh-Hadamard transform, and the largest entries picked. The beam is timed beside the same search
with each round's flips scored by one float32 matrix product.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from timing import compare, interleaved, machine

from actspec_widgets import Patterns, walsh_hadamard
from actspec_widgets.compute.exhaustive.scan import scan
from actspec_widgets.compute.samples.beam import beam
from actspec_widgets.compute.samples.best_first import best_first


def recorded(kind, n, m, rng):
    """Independent fair units; skewed ones; half-spaces of six hidden signs, 3 % flipped; copies with 2 % flipped."""
    if kind == "fair":
        return rng.choice(np.array([-1, 1], np.int8), (m, n))
    if kind == "skewed":
        return np.where(rng.random((m, n)) < rng.uniform(0.005, 0.5, n), -1, 1).astype(np.int8)
    if kind == "correlated":
        X = np.where(rng.choice([-1, 1], (m, 6)) @ rng.normal(size=(6, n)) > 0, 1, -1)
        return np.where(rng.random((m, n)) < 0.03, -X, X).astype(np.int8)
    X = rng.choice([-1, 1], (m, n // 2))
    return np.concatenate([X, np.where(rng.random(X.shape) < 0.02, -X, X)], axis=1).astype(np.int8)


def planted(X, degrees, rng):
    subsets = [tuple(sorted(rng.choice(X.shape[1], d, replace=False).tolist())) for d in degrees]
    return subsets, sum(X[:, s].prod(axis=1) / (k + 1) for k, s in enumerate(subsets)) + rng.normal(size=len(X))


def whole_table(X, y, top):
    index = (X < 0) @ (1 << np.arange(X.shape[1]))
    table = np.bincount(index, weights=y - y.mean(), minlength=1 << X.shape[1])
    sizes = np.abs(walsh_hadamard(table))
    return np.argpartition(sizes, -top)[-top:]


def certificates(m, rng):
    print("\nThe certificate: largest value found, and the largest that may still be missed, as the search goes on")
    for kind, n, tau in (("fair", 24, 0.0), ("correlated", 36, 0.4), ("skewed", 40, 0.1), ("fair", 60, 0.0)):
        X = recorded(kind, n, m, rng)
        subsets, y = planted(X, (7, 5), rng)
        patterns = Patterns.from_signs(X)
        print(f"  {n} {kind} units, {m:,} samples, parities of degree 7 and 5 planted, tau = {tau:g}")
        for max_nodes in (100, 1_000, 10_000, 100_000, 1_000_000):
            start = time.perf_counter()
            found = best_first(patterns, y, top=20, tau=tau, max_nodes=max_nodes)
            seconds = time.perf_counter() - start
            largest = f"{abs(found.values[0]):.3f} {found.subsets[0]}" if len(found) else "nothing"
            hits = sum(s in found.subsets for s in subsets)
            print(
                f"    {max_nodes:9,} buckets {seconds:7.2f} s  largest {largest}, planted {hits}/2, "
                f"missed at most {found.coverage.missed_bound:.3f}{' (exact)' if found.coverage.complete else ''}"
            )
            if found.coverage.complete:
                break
        print(f"    {found.coverage}")


def beside_the_whole_table(m, rounds, rng):
    for kind, n in (("fair", 20), ("fair", 24), ("skewed", 24), ("correlated", 24), ("copies", 24)):
        X = recorded(kind, n, m, rng)
        _, y = planted(X, (6,), rng)
        patterns = Patterns.from_signs(X)
        found = best_first(patterns, y, top=20)
        title = f"Every subset of {n} {kind} units, {m:,} samples, top 20 (exact: {found.coverage.complete})"
        work = {
            "best-first": lambda p=patterns, y=y: best_first(p, y, top=20),
            "best-first, tau = 0.3": lambda p=patterns, y=y: best_first(p, y, top=20, tau=0.3),
            "fold, transform, pick": lambda X=X, y=y: whole_table(X, y, 20),
        }
        compare(title, interleaved(work, rounds), "best-first")
        print(f"  {found.coverage.notes[0]}")


def beam_by_sgemm(patterns, X, y, width, top):
    """The same beam; scores in float32, no survivors summed again, no errors."""
    centred = (y - y.mean()).astype(np.float32)
    found = scan(patterns, y, max_degree=2, top=top)
    scores = dict(zip(found.subsets, np.abs(found.values).tolist(), strict=True))
    expanded = set()
    while True:
        frontier = [s for s in sorted(scores, key=scores.__getitem__)[: -width - 1 : -1] if s not in expanded]
        if not frontier:
            return scores
        expanded.update(frontier)
        signs = np.array([X[:, s].prod(axis=1) for s in frontier])
        products = np.abs((signs * centred) @ X) / len(y)
        least = sorted(scores.values())[-top] if len(scores) >= top else -1.0
        for s, unit in np.argwhere(products > least).tolist():
            if subset := tuple(sorted({unit}.symmetric_difference(frontier[s]))):
                scores[subset] = float(products[s, unit])


def beams(sizes, rounds, rng):
    for n, m in sizes:
        X = recorded("fair", n, m, rng)
        chains = [rng.choice(n, 6, replace=False).tolist() for _ in range(3)]
        y = rng.normal(size=m)
        for chain in chains:
            for k in range(1, 7):
                y += (0.2 + 0.1 * k) * X[:, chain[:k]].prod(axis=1)
        patterns, floats = Patterns.from_signs(X), X.astype(np.float32)
        found = beam(patterns, y)
        hits = sum(tuple(sorted(chain)) in found.subsets for chain in chains)
        work = {
            "beam": lambda p=patterns, y=y: beam(p, y),
            "the same by sgemm": lambda p=patterns, X=floats, y=y: beam_by_sgemm(p, X, y, 200, 1000),
            "of these, the scan up to degree 2": lambda p=patterns, y=y: scan(p, y, max_degree=2, top=1000),
        }
        compare(f"Beam of 200 over {n:,} units, {m:,} samples, degree 6", interleaved(work, rounds), "beam")
        print(f"  chains climbed to degree 6: {hits}/3. {found.coverage}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller problems, fewer rounds")
    quick = parser.parse_args().quick
    rng = np.random.default_rng(0)
    print(machine())
    certificates(4_000 if quick else 20_000, rng)
    rounds = 2 if quick else 5
    beside_the_whole_table(4_000 if quick else 20_000, rounds, rng)
    beams([(300, 6_000)] if quick else [(300, 6_000), (784, 10_000), (4096, 10_000)], rounds, rng)


if __name__ == "__main__":
    main()
