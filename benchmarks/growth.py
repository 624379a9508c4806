"""Time and memory of exhaustive scans as the work grows, beside what theory says.

    python benchmarks/growth.py [--picture growth.png]

Every point is a process of its own (one thread, kernels compiled before). Memory is the most that arrays and Python
objects of the scan hold at once, on top of the packed patterns. The slope is that of a line through the logarithms.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import numpy as np
from timing import machine, readable

CASES = {
    # what grows: (its values, a case for each, the slope that theory says for time)
    "samples m": ([25_000, 50_000, 100_000, 200_000], lambda v: {"n": 300, "m": v, "degree": 3}, 1.0),
    "units n, degree 2": ([1000, 2000, 4000, 8000], lambda v: {"n": v, "m": 8192, "degree": 2}, 2.0),
    "units n, degree 3": ([200, 400, 800, 1200], lambda v: {"n": v, "m": 4096, "degree": 3}, 3.0),
    "degree d (subsets)": ([1, 2, 3, 4], lambda v: {"n": 130, "m": 8192, "degree": v}, 1.0),
}
CHILD = """
import json, sys, time, tracemalloc
import numpy as np
from actspec_widgets import Patterns, scan
case = json.loads(sys.argv[1])
rng = np.random.default_rng(0)
scan(Patterns.from_signs(rng.choice(np.array([-1, 1], np.int8), (600, 5))), rng.normal(size=600), 2, top=2)
batches = (rng.random((min(512, case["m"] - at), case["n"]), np.float32) < 0.5 for at in range(0, case["m"], 512))
patterns = Patterns.from_batches(batches)
y = rng.normal(size=case["m"])
start = time.perf_counter()
found = scan(patterns, y, case["degree"], top=100, threads=1)
seconds = time.perf_counter() - start
tracemalloc.start()
scan(patterns, y, case["degree"], top=100, threads=1)
added = tracemalloc.get_traced_memory()[1] / 2**20
print(json.dumps([seconds, added, patterns.planes.nbytes / 2**20, found.coverage.examined]))
"""


def measure(case: dict[str, int], rounds: int) -> list[float]:
    """Median seconds, MiB added, MiB of patterns, subsets."""
    runs = [
        json.loads(
            subprocess.run([sys.executable, "-c", CHILD, json.dumps(case)], capture_output=True, check=True).stdout
        )
        for _ in range(rounds)
    ]
    return np.median(runs, axis=0).tolist()


def slope(x: list[float], y: list[float]) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def draw(results: dict, path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, len(results), figsize=(3.2 * len(results), 5.6), layout="constrained")
    for column, (name, (x, seconds, added, patterns, theory)) in enumerate(results.items()):
        time_axis, memory_axis = axes[0, column], axes[1, column]
        time_axis.loglog(x, seconds, "o-", label="measured")
        anchor = seconds[-1]
        time_axis.loglog(x, [anchor * (v / x[-1]) ** theory for v in x], "--", color="gray", label=f"slope {theory:g}")
        time_axis.set(title=name, ylabel="seconds" if not column else "")
        time_axis.legend(frameon=False)
        memory_axis.semilogx(x, added, "o-", label="added by the scan")
        memory_axis.semilogx(x, patterns, "s--", color="gray", label="packed patterns")
        memory_axis.set(
            ylabel="MiB" if not column else "", xlabel="subsets" if "degree d" in name else name.split(",")[0]
        )
        memory_axis.set_ylim(bottom=0)
        memory_axis.legend(frameon=False)
        for axis in (time_axis, memory_axis):
            axis.set_xticks(x, [f"{v:,.0f}" if v < 1e6 else f"{v:.0e}" for v in x], fontsize=8)
            axis.minorticks_off()
    figure.savefig(path, dpi=110)
    print(f"\ndrawn: {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw the curves (needs matplotlib)")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(machine())
    results = {}
    for name, (values, case, theory) in CASES.items():
        rows = [measure(case(v), arguments.rounds) for v in values]
        seconds, added, patterns, subsets = (list(column) for column in zip(*rows, strict=True))
        x = subsets if "degree d" in name else values
        tail = slice(1, None) if "degree d" in name else slice(None)  # a scan of degree 1 is over before it begins
        print(f"\n{name}: slope of time {slope(x[tail], seconds[tail]):.2f}, theory {theory:g}")
        for v, s, a, p in zip(values, seconds, added, patterns, strict=True):
            print(f"  {v:>8,}  {readable(s):>9s}   memory: {a:6.1f} MiB on top of {p:.1f} MiB of patterns")
        results[name] = (x, seconds, added, patterns, theory)
    if arguments.picture:
        draw(results, arguments.picture)


if __name__ == "__main__":
    main()
