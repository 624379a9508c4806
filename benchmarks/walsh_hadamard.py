"""The exact transform beside what a user would call instead.

    python benchmarks/walsh_hadamard.py [--quick]

Two comparisons with fht-cpu (C, SIMD, one thread). *Same work*: the input is left untouched and the result is
divided by 2^n; fht-cpu copies, transforms and is divided by numpy. *Bare*: both in place, nothing divided, on a
table of zeros, so that repeating it overflows nothing. The limit is one pass over memory: numpy's copy of the
table into one that exists already; a new result also pays for its pages. Two threads need both cores to
themselves, so on Linux a measurement in which other processes had more than a twentieth of a core is repeated.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import time
from pathlib import Path

import numpy as np
from timing import interleaved, machine, median, readable

from actspec_widgets import walsh_hadamard
from actspec_widgets.compute.transform.wht import aligned_empty, transform

PEERS = {name: importlib.util.find_spec(name) is not None for name in ("fht_cpu", "pyfwht")}
_BATCH = 0.06  # seconds of one measurement: the system counts in hundredths
COLUMNS = (
    "ours, 1 thread",
    "ours, 2 threads",
    "fht-cpu",
    "ours bare, 1 thread",
    "ours bare, 2 threads",
    "fht-cpu bare",
    "pyfwht bare",
    "numpy",
    "copy",
)


def numpy_butterflies(values):
    table = values * values.dtype.type(1 / values.size)
    stride = 1
    while stride < table.size:
        pairs = table.reshape(-1, 2, stride)
        low, high = pairs[:, 0], pairs[:, 1]
        pairs[:, 0], pairs[:, 1] = low + high, low - high
        stride *= 2
    return table


def fht_same_work(values):
    from fht_cpu import fht

    out = fht(values, inplace=False)
    out *= 1 / values.size
    return out


def work_at(n: int, dtype: type, numpy_up_to: int) -> dict:
    values = np.random.default_rng(n).normal(size=1 << n).astype(dtype)
    zeros, target = aligned_empty(1 << n, dtype), aligned_empty(1 << n, dtype)
    zeros[:] = target[:] = 0
    work = {
        "ours, 1 thread": lambda: walsh_hadamard(values, threads=1),
        "ours, 2 threads": lambda: walsh_hadamard(values, threads=2),
        "ours bare, 1 thread": lambda: transform(zeros, zeros, 1.0, 1),
        "ours bare, 2 threads": lambda: transform(zeros, zeros, 1.0, 2),
        "copy": lambda: np.copyto(target, values),
    }
    if n <= numpy_up_to:
        work["numpy"] = lambda: numpy_butterflies(values)
    if PEERS["fht_cpu"]:
        from fht_cpu import fht

        work |= {"fht-cpu": lambda: fht_same_work(values), "fht-cpu bare": lambda: fht(zeros)}
        assert np.allclose(walsh_hadamard(values), fht_same_work(values), atol=1e-5 if dtype == np.float32 else 1e-12)
    if PEERS["pyfwht"] and dtype == np.float64:
        import pyfwht

        work["pyfwht bare"] = lambda: pyfwht.transform(zeros, backend=pyfwht.Backend.CPU)
    return work


def others_seconds() -> float:
    """Processor seconds that other processes have used so far; 0 where the system does not tell."""
    counts = Path("/proc/stat")
    if not counts.exists():
        return 0.0
    user, nice, system, _, _, irq, softirq, steal = map(int, counts.read_text().split()[1:9])
    own = os.times()
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK") - own.user - own.system


def undisturbed(call, times: int) -> float:
    """Seconds of one call, from ``times`` in a row; a try that others disturbed is repeated, five times at most."""
    for _ in range(5):
        before, start = others_seconds(), time.perf_counter()
        for _ in range(times):
            call()
        elapsed = time.perf_counter() - start
        if others_seconds() - before <= max(0.05 * elapsed, 0.015):
            break
    return elapsed / times


def row(n: int, dtype: type, rounds: int, numpy_up_to: int) -> dict[str, list[float]]:
    """Seconds of one call each, round robin in shuffled order; short ones are timed many at a time."""
    work = work_at(n, dtype, numpy_up_to)
    once = interleaved(work, 3)
    times = {name: max(1, round(_BATCH / min(once[name]))) for name in work}
    order, seconds = list(work), {name: [] for name in work}
    shuffle = random.Random(n).shuffle
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            seconds[name].append(undisturbed(work[name], times[name]))
    return seconds


def print_table(dtype: type, sizes: list[int], rounds: int, numpy_up_to: int) -> None:
    rows = {n: row(n, dtype, rounds, numpy_up_to) for n in sizes}
    shown = [name for name in COLUMNS if any(name in seconds for seconds in rows.values())]
    print(f"\n{np.dtype(dtype).name}: median / minimum of {rounds} rounds")
    print("   n  " + "".join(f"{name:>22s}" for name in shown))
    for n, seconds in rows.items():
        cells = [f"{readable(median(t))} / {readable(min(t))}" if (t := seconds.get(name)) else "" for name in shown]
        print(f"  {n:2d}  " + "".join(f"{cell:>22s}" for cell in cells))
    print(
        "\n  how many times as long others take (medians; in brackets minima), and our share of the one-pass limit\n"
        "   n    fht-cpu / ours    .. 2 threads   bare: fht-cpu / ours   .. 2 threads    limit   1 thread  2 threads"
    )
    for n, seconds in rows.items():
        print(f"  {n:2d}  {ratios(seconds)}   {limits(seconds, (2 * np.dtype(dtype).itemsize) << n)}")


def ratios(seconds: dict[str, list[float]]) -> str:
    pairs = [("fht-cpu", "ours, 1 thread"), ("fht-cpu", "ours, 2 threads")]
    pairs += [("fht-cpu bare", "ours bare, 1 thread"), ("fht-cpu bare", "ours bare, 2 threads")]
    cells = []
    for theirs, ours in pairs:
        if theirs in seconds:
            medians, minima = (f(seconds[theirs]) / f(seconds[ours]) for f in (median, min))
            cells.append(f"{medians:8.2f} ({minima:.2f})  ")
    return " ".join(cells)


def limits(seconds: dict[str, list[float]], traffic: int) -> str:
    one_pass = min(seconds["copy"])
    shares = [one_pass / min(seconds[name]) for name in ("ours, 1 thread", "ours, 2 threads")]
    return f"{traffic / one_pass / 1e9:4.0f} GB/s" + "".join(f"{100 * share:9.0f} %" for share in shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="even sizes, five rounds, numpy up to 2^20 only")
    quick = parser.parse_args().quick
    sizes = list(range(10, 25, 2)) if quick else list(range(10, 25))
    print(machine())
    print("threads are used from 32 MiB on: n = 22 in float64, 23 in float32")
    for name, found in PEERS.items():
        if not found:
            print(f"{name} is not installed and is left out")
    for dtype in (np.float64, np.float32):
        print_table(dtype, sizes, 5 if quick else 9, 20 if quick else 22)


if __name__ == "__main__":
    main()
