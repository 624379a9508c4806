"""How often the answer is wrong, what it finds, whether it returns, and how long it takes.

    python benchmarks/inference.py [part ...] [--runs 200] [--out rows.json]

Parts, all by default:

noise     runs on pure noise that report something, with independent, skewed and correlated units, heavy tails and rare
          targets, and with noise that groups of samples share
joint     targets additive in the bits: runs with a claim of something joint, which a sum is not
planted   an AND, an OR, a parity beside single units: runs that find it, and runs in which the same test at the same
          level finds it when it is told the model
scenes    F1 of the study's scenes beside Lasso and orthogonal matching pursuit, both told how many subsets are true;
          share of false ones in the list at a false discovery rate of 10 %; runs with a false claim of a class
coverage  95 % intervals, given that a subset was selected, that hold the true coefficient
return    families on disjoint halves of the bundled digits, beside those of another logit and of random subsets
seconds   the three sizes whose time is promised

A share stands with its 95 % interval (Clopper and Pearson 1934), a mean with its standard error. "first" is the first
version, commit 0733d75, in the same rows (``inference_first.json``; where it has none it had no such answer). Rows go
to --out as they are done, and those that are there are not run again. One core; with 200 runs some hours, with 20 some
minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("ACTSPEC_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from inference_rows import PARTS, SHARES, Row
from scipy.special import betaincinv

FIRST = json.loads((Path(__file__).parent / "inference_first.json").read_text())  # part -> row -> column -> value


def measured(row: Row, runs: int) -> dict:
    begun = time.perf_counter()
    found = [row.run(number) for number in range(min(runs, row.most))]
    columns = {name: [one[name] for one in found] for name in found[0]}
    return {"columns": columns, "runs": len(found), "seconds": round(time.perf_counter() - begun, 1)}


def shown(name: str, values: list[float]) -> str:
    known = np.array([value for value in values if value == value])
    if not known.size:
        return f"{name} -"
    if name in SHARES:
        n, hits = known.size, round(known.sum())
        low = betaincinv(hits, n - hits + 1, 0.025) if hits else 0.0
        high = betaincinv(hits + 1, n - hits, 0.975) if hits < n else 1.0
        return f"{name} {hits}/{n} ({low:.1%} to {high:.1%})"
    error = f" ± {known.std(ddof=1) / np.sqrt(known.size):.3f}" if known.size > 1 else ""
    return f"{name} {known.mean():.3f}{error}"


def table(part: str, done: dict[str, dict]) -> None:
    print(f"\n{part}")
    for key, found in done.items():
        if key.startswith(f"{part}: "):
            name = key.partition(": ")[2]
            first = FIRST.get(part, {}).get(name, {})
            cells = [
                shown(column, values) + (f" [first {first[column]:.3g}]" if column in first else "")
                for column, values in found["columns"].items()
            ]
            print(f"  {name}: " + "; ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", default="", help="rows with this text in their name")
    parser.add_argument("--out", type=Path, help="file of finished rows, made or continued")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"{unknown.pop()} is not a part; choose from {', '.join(PARTS)}")
    done = json.loads(given.out.read_text()) if given.out and given.out.exists() else {}
    for part in given.parts or PARTS:
        here = {}
        for row in PARTS[part]():
            if given.only not in row.name:
                continue
            if done.get(row.key, {}).get("runs") != min(given.runs, row.most):
                done[row.key] = measured(row, given.runs)
                if given.out:
                    given.out.write_text(json.dumps(done))
            here[row.key] = done[row.key]
        table(part, here)


if __name__ == "__main__":
    main()
