"""How often noise is reported, and how often intervals cover the truth.

    python benchmarks/inference.py [--runs 1000] [--out rows.json]

A run on noise reports something or nothing: a row gives the share that does, with its binomial standard error and the
largest true share that gives so few with probability 2.5 % (Clopper and Pearson). A run on a planted problem gives an
interval, value ± 1.96 standard errors, for every subset it reports, and a row the mean share of intervals that hold
the true coefficient, which is 0 for a subset that was not planted. Runs that miss a planted subset are counted, and
left out of the share: what is missing changes what the others stand for.

With one unit there is nothing to correct for and the rate should come close to alpha. With many, p-values are
multiplied by all that was examined though only what was selected is tested, and next to nothing is reported.

Each row is saved to --out as it arrives; rows that are there are not run again. One core, about 40 minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

os.environ.setdefault("ACTSPEC_THREADS", "1")

import numpy as np

from actspec_widgets import Patterns, activation_spectroscopy

ALPHA = 0.05
PLANTED = {(0,): 0.5, (1, 2): -0.7, (3, 4, 5): 0.6}


def independent(rng, m, n):
    return rng.choice(np.array([-1, 1], np.int8), (m, n))


def skewed(rng, m, n):
    """Each unit active with its own probability between 2 % and 50 %."""
    return np.where(rng.random((m, n)) < rng.uniform(0.02, 0.5, n), np.int8(1), np.int8(-1))


def mildly_skewed(rng, m, n):
    """Each unit active with its own probability between 10 % and 50 %: the planted subsets can be found."""
    return np.where(rng.random((m, n)) < rng.uniform(0.1, 0.5, n), np.int8(1), np.int8(-1))


def correlated(rng, m, n):
    """Thresholded mixtures of ten shared causes."""
    hidden = rng.normal(size=(m, 10)) @ rng.normal(size=(10, n)) + rng.normal(size=(m, n))
    return np.where(hidden > 0, np.int8(1), np.int8(-1))


PATTERNS = {f.__name__.replace("_", " "): f for f in (independent, skewed, mildly_skewed, correlated)}
NOISE = {
    "normal": lambda rng, m: rng.normal(size=m),
    "Student t, 2 df": lambda rng, m: rng.standard_t(2, m),
    "Student t, 3 df": lambda rng, m: rng.standard_t(3, m),
    "rare binary, 5 %": lambda rng, m: (rng.random(m) < 0.05) * 1.0,
}


@dataclass(frozen=True)
class Row:
    """One setting, run many times; ``kind`` is "noise" or "planted"."""

    kind: str
    n: int
    m: int
    max_degree: int
    patterns: str
    noise: str
    splits: int = 1

    @property
    def key(self) -> str:
        return (
            f"{self.kind} n={self.n} m={self.m} d<={self.max_degree} {self.patterns}, {self.noise}, "
            f"splits={self.splits}"
        )

    def run(self, number: int) -> tuple[int, int]:
        """``(reports, 1)`` on noise; ``(covered, intervals)`` on a planted problem, (0, 0) where it is missed."""
        rng = np.random.default_rng([zlib.crc32(self.key.encode()), number])
        X, y = PATTERNS[self.patterns](rng, self.m, self.n), NOISE[self.noise](rng, self.m)
        truth = PLANTED if self.kind == "planted" else {}
        y = y + sum((c * X[:, s].prod(axis=1) for s, c in truth.items()), start=np.zeros(self.m))
        settings = {"max_degree": self.max_degree, "alpha": ALPHA, "seed": number, "splits": self.splits}
        try:
            found = activation_spectroscopy(Patterns.from_signs(X), y, **settings)
        except ValueError as refused:  # a rare target can be constant on the part searched
            if "so no subset can explain it" not in str(refused):
                raise
            return 0, 1
        if not truth:
            return int(len(found) > 0), 1
        if not set(truth) <= set(found.subsets):
            return 0, 0
        pairs = zip(found.subsets, found.coefficients, found.standard_errors, strict=True)
        return sum(abs(b - truth.get(s, 0.0)) <= 1.96 * e for s, b, e in pairs), len(found)


def rows() -> list[Row]:
    """The table, quick rows first."""
    single = [Row("noise", 1, m, 1, p, y) for m, p, y in product((100, 400), _THREE, _TARGETS[:2])]
    small = [Row("noise", 50, m, 3, p, y) for m, p, y in product((100, 400, 2000), _THREE, _TARGETS)]
    small += [Row("noise", 50, 400, 3, p, y, 5) for p, y in (("independent", _TARGETS[0]), ("correlated", _TARGETS[1]))]
    planted = [Row("planted", 20, 2000, 3, p, y) for p, y in product(_PLANTED_IN, ("normal", "Student t, 3 df"))]
    planted += [Row("planted", 20, 2000, 3, p, "normal", 5) for p in _PLANTED_IN]
    large = [Row("noise", 784, m, 2, p, y) for m, p, y in product((400, 2000, 100), _THREE, _TARGETS[:2])]
    large += [Row("noise", 784, 400, 2, p, _TARGETS[2]) for p in _THREE]
    return [*planted, *single, *small, *large, Row("noise", 784, 400, 2, "correlated", _TARGETS[1], 5)]


_THREE = ("independent", "skewed", "correlated")
_PLANTED_IN = ("independent", "mildly skewed", "correlated")
_TARGETS = ("normal", "Student t, 2 df", "rare binary, 5 %")


def measure(row: Row, runs: int) -> dict[str, float]:
    """Mean share over the runs, its standard error, the runs that count, and the seconds all took."""
    begun = time.perf_counter()
    counts = np.array([row.run(number) for number in range(runs)])
    counted = counts[counts[:, 1] > 0]
    shares = counted[:, 0] / counted[:, 1]
    return {
        "share": float(shares.mean()) if shares.size else float("nan"),
        "error": float(shares.std() / np.sqrt(shares.size)) if shares.size else float("nan"),
        "counted": len(counted),
        "intervals": int(counted[:, 1].sum()),
        "runs": runs,
        "seconds": round(time.perf_counter() - begun, 1),
    }


def save(path: Path, done: dict[str, dict[str, float]]) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(done, indent=1))
    part.replace(path)


def shown(row: Row, found: dict[str, float]) -> str:
    where = f"{row.n:4d} {row.m:5d}  <= {row.max_degree}  {row.patterns:14s} {row.noise:17s} {row.splits:2d}"
    share = f"{found['share']:7.2%} ± {found['error']:.2%}"
    if row.kind == "noise":
        return f"{where}  {share}   below {_upper(found):.2%}   of {found['runs']} runs"
    return f"{where}  {share}   of {found['intervals']} intervals in {found['counted']} of {found['runs']} runs"


def _upper(found):
    from scipy.special import betaincinv

    hits = round(found["share"] * found["runs"])
    return float(betaincinv(hits + 1, found["runs"] - hits, 0.975)) if hits < found["runs"] else 1.0


def table(done: dict[str, dict[str, float]], all_rows: list[Row], say: Callable[[str], None] = print) -> None:
    titles = {
        "noise": f"runs on pure noise that report something, at alpha = {ALPHA}",
        "planted": "95 % intervals that hold the true coefficient",
    }
    head = f"{'n':>4s} {'m':>5s} degree  {'patterns':14s} {'noise':17s} splits"
    for kind, title in titles.items():
        found = [(row, done[row.key]) for row in all_rows if row.kind == kind and row.key in done]
        if not found:
            continue
        say(f"\n{title}\n{head}")
        for row, numbers in found:
            say(shown(row, numbers))
        for splits in sorted({row.splits for row, _ in found}):
            shares = [numbers["share"] for row, numbers in found if row.splits == splits]
            say(
                f"splits = {splits}: mean {np.mean(shares):.2%}, from {min(shares):.2%} to {max(shares):.2%} "
                f"over {len(shares)} rows"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--out", type=Path, help="file of finished rows, made or continued")
    given = parser.parse_args()
    done = json.loads(given.out.read_text()) if given.out and given.out.exists() else {}
    done = {key: found for key, found in done.items() if found["runs"] == given.runs}
    all_rows = rows()
    for row in all_rows:
        if row.key not in done:
            done[row.key] = measure(row, given.runs)
            print(f"{row.key}: {done[row.key]}", flush=True)
            if given.out:
                save(given.out, done)
    table(done, all_rows)


if __name__ == "__main__":
    main()
