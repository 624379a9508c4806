"""Scans where a recording outgrows the memory, or the patience, of one machine, beside what a user would write instead.

    python benchmarks/scale.py [--quick] [sparse] [wide] [file] [workers] [cancel]
    python benchmarks/scale.py file --units 4096 --samples 20000000 --folder /data   # 10 GB of bits, and a copy

Every part runs in a process of its own, so that its peak of resident memory is its own.
"""

from __future__ import annotations

import _thread
import argparse
import heapq
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from scipy import sparse
from timing import machine, median, readable

from actspec_widgets import Cancelled, Patterns, activation_spectroscopy, coactive, scan
from actspec_widgets.compute.exhaustive.scan import chunks_of
from actspec_widgets.compute.exhaustive.search import ScreenedSearch
from actspec_widgets.patterns.packing import WORD, words_for
from actspec_widgets.patterns.stretches import words_of

ACTIVE = 40  # latents in a sample
_HELD = 2 << 30  # bytes of bits that are scanned in memory too
WORKERS = (1, 2, 4, 8, 16, 32, 64)


def latents(n: int, m: int, seed: int = 0):
    """A sparse matrix of latents whose rates fall like the root of their rank, and a noisy sum of eight of them."""
    rng = np.random.default_rng(seed)
    ends = np.cumsum(1 / np.sqrt(np.arange(1, n + 1)))
    drawn = np.searchsorted(ends, rng.random((m, ACTIVE)) * ends[-1]).astype(np.int32)
    drawn.sort(axis=1)
    new = np.ones(drawn.shape, bool)
    new[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    starts = np.concatenate([[0], np.cumsum(new.sum(axis=1))])
    table = sparse.csr_matrix((np.ones(starts[-1], bool), drawn[new], starts), (m, n))
    truth = np.geomspace(20, n / 16, 8).astype(int)
    y = 0.5 * rng.normal(size=m)
    for unit, size in zip(truth, np.linspace(0.5, 1.5, 8), strict=True):
        y += size * (drawn == unit).any(axis=1)
    return table, y, truth


def timed(name: str, work, rounds: int = 1):
    """Print the median of the wall and processor seconds, and return what the last call gave."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    print(f"  {name:58s} {readable(median(walls)):>9s} wall {readable(median(cpus)):>9s} processor", flush=True)
    return found, median(walls), median(cpus)


def peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB resident at most"


def sparse_part(quick: bool) -> None:
    n, m = (4096, 20_000) if quick else (16_384, 200_000)
    table, y, truth = latents(n, m)
    patterns = Patterns.from_signs(table)
    print(f"\n{n:,} latents x {m:,} tokens, {table.nnz / m:.1f} active, {n * (n - 1) // 2:,} pairs")
    scan(patterns, y, max_degree=2, top=5)
    for threads in (1, 2):
        timed(f"scan, every pair, {threads} thread(s)", lambda t=threads: scan(patterns, y, max_degree=2, threads=t), 3)
    print(f"  {peak()}")
    pairs, _, _ = timed("coactive, biased pairs, 1 thread", lambda: coactive(patterns, y, max_degree=2, threads=1))
    for kind in ("biased", "and", "signs"):
        found, _, _ = timed(
            f"coactive, triples, {kind}, 10 samples or more, 1 thread",
            lambda k=kind: coactive(patterns, y, max_degree=3, kind=k, least=10, threads=1),
        )
    print(f"  {found.coverage.examined:,} subsets of up to three; {pairs.coverage.examined:,} of up to two; {peak()}")
    whole, _, _ = timed("activation_spectroscopy", lambda: activation_spectroscopy(patterns, y, max_degree=2))
    single = sum(len(subset) == 1 for subset in whole.subsets)
    print(f"  {single} single units, {sum(whole.joint)} joint; planted {truth.tolist()}; {peak()}")
    centred = (y - y.mean()).astype(np.float32)
    A = table.astype(np.float32)
    timed("scipy: sparse product of all pairs", lambda: (A.T.multiply(centred).tocsr() @ A).max())
    print(f"  {peak()}")
    part = 1000
    dense = A[:part].toarray()
    _, wall, _ = timed(f"numpy: sgemm, {part:,} tokens", lambda: ((dense.T * centred[:part]) @ dense).max())
    table_size = f"the table alone takes {4e-9 * n * m:.3g} GB"
    print(f"  that times {m / part:g}, for all tokens: {wall * m / part:.3g} s; {table_size}")


def wide_part(quick: bool) -> None:
    n, m = (16_384, 50_000) if quick else (65_536, 1_000_000)
    table, y, _ = latents(n, m)
    patterns = Patterns.from_signs(table)
    del table
    print(f"\n{n:,} latents x {m:,} tokens, {n * (n - 1) // 2:,} pairs")
    timed("scan, every pair, 2 threads", lambda: scan(patterns, y, max_degree=2, threads=2))
    print(f"  {peak()}")


def file_part(quick: bool, units: int | None = None, samples: int | None = None, folder: str | None = None) -> None:
    """Every pair from a mapped file of any size; in memory, and by others, as far as they go."""
    n, m = (256, 500_000) if quick else (1024, 8_000_000)
    n, m = units or n, samples or m
    if folder:
        tempfile.tempdir = folder  # for the sorted copy, too
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bits.safetensors")
        rng, words = np.random.default_rng(0), -(-m // 512) * 8

        def rows():
            for _ in range(n):
                row = rng.integers(0, 2**64, words, dtype=np.uint64)
                row[m // 64 :] = 0  # what lies past the last sample is clear
                yield row

        Patterns.write(path, m, None, n, rows())
        y = rng.normal(size=m)
        print(f"\n{n:,} units x {m:,} samples, {os.path.getsize(path) / 2**30:.2f} GiB of bits, every pair, 1 thread")
        scan(Patterns.open(path), y, max_degree=1, top=5)
        asked = {"max_degree": 2, "top": 100, "threads": 1}
        found, _, cpu = timed("scan of the file", lambda: scan(Patterns.open(path), y, **asked))
        print(f"  {peak()}; {n * (n + 1) // 2 * m / cpu:.2g} combinations x samples a processor second")
        if os.path.getsize(path) > _HELD:
            print(f"  not in memory, as there are more than {_HELD / 2**30:g} GiB of bits")
        else:
            held = Patterns(np.array(Patterns.open(path).planes), m)
            inside, _, other = timed("scan in memory", lambda: scan(held, y, **asked))
            print(f"  {peak()}; the file takes {cpu / other:.2f} times the processor time of memory")
            same = found.subsets == inside.subsets and np.array_equal(found.values, inside.values)
            print(f"  the same list, bit for bit: {same}")
        others(Patterns.open(path), y)


def others(patterns: Patterns, y) -> None:
    """What scipy, numpy and sgemm take for the same pairs, from a part of the samples: they go with their number."""
    m = patterns.n_samples
    part = min(m, 20_480)
    signs = Patterns(words_of(patterns, 0, words_for(part)), part).signs().astype(np.float32)
    centred = (y[:part] - y[:part].mean()).astype(np.float32)
    on = sparse.csr_matrix(signs > 0, dtype=np.float32)

    def by_rows():
        return max(
            float(np.abs(signs[:, i + 1 :].T @ (centred * signs[:, i])).max()) for i in range(signs.shape[1] - 1)
        )

    for name, work in (
        ("scipy: sparse product", lambda: (on.T.multiply(centred).tocsr() @ on).max()),
        ("numpy: one unit with all later ones", by_rows),
        ("numpy: sgemm", lambda: ((signs.T * centred) @ signs).max()),
    ):
        _, _, cpu = timed(f"{name}, {part:,} samples", work)
        print(f"    that times {m / part:g}, for all samples: {readable(cpu * m / part)} processor")


def workers_part(quick: bool, picture: str | None = None) -> None:
    n, m = (200, 4000) if quick else (784, 10_000)
    rng = np.random.default_rng(0)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (m, n))), rng.normal(size=m)
    print(f"\nevery triple of {n} units x {m:,} samples on the processes of an executor")
    scan(patterns, y, max_degree=3, threads=1, top=5)
    timed("here, 1 thread", lambda: scan(patterns, y, max_degree=3, threads=1), 3)
    for count in (1, 2):
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            scan(patterns, y, max_degree=3, executor=pool)  # processes start
            timed(f"{count} process(es)", lambda pool=pool: scan(patterns, y, max_degree=3, executor=pool), 3)
    cases = (n, m), (n, 10 * m)
    curves = {f"{n} units x {m:,} samples": simulated(n, m) for n, m in cases}
    if picture:
        draw(curves, picture)


def simulated(n: int, m: int) -> list[float]:
    """How many times as fast as one a number of workers would be, by the seconds that each task takes by itself."""
    rng = np.random.default_rng(0)
    patterns = Patterns(rng.integers(0, 2**64, (n, words_for(m)), dtype=np.uint64), WORD * words_for(m))
    y = rng.normal(size=patterns.n_samples)
    search = ScreenedSearch(patterns, y - y.mean(), 1000, 3, range(n))
    start = time.process_time()
    search.screen  # noqa: B018
    begin = time.process_time() - start
    chunks = list(chunks_of(n, patterns.planes.shape[1], 3))
    seconds = []
    for part in search.parts(chunks):
        start = time.process_time()
        _, _, heap = search.task((part, search.floor))
        seconds.append(time.process_time() - start)
        if heap.size == search.top:
            search.floor = max(search.floor, float(heap.min()))
    print(
        f"  simulated, {patterns.n_samples:,} samples: {len(seconds)} tasks of {readable(median(seconds))}, "
        f"{readable(begin)} for each worker to begin"
    )
    curve = []
    for count in WORKERS:
        free = [begin] * count
        for task in seconds:
            heapq.heapreplace(free, free[0] + task)
        curve.append((begin + sum(seconds)) / max(free))
        print(f"    {count:3d} workers {readable(max(free)):>9s}, {curve[-1]:.1f} times as fast as one")
    return curve


def draw(curves: dict[str, list[float]], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(4.8, 3.6), layout="constrained")
    axis.loglog(WORKERS, WORKERS, "--", color="gray", label="as many times as workers")
    for (name, curve), mark in zip(curves.items(), "so", strict=True):
        axis.loglog(WORKERS, curve, f"{mark}-", label=f"triples of {name}")
    axis.set(xlabel="workers (simulated)", ylabel="times as fast as one worker")
    axis.set_xticks(WORKERS, [str(count) for count in WORKERS])
    axis.set_yticks(WORKERS, [str(count) for count in WORKERS])
    axis.minorticks_off()
    axis.legend(frameon=False)
    figure.savefig(path, dpi=110)
    print(f"  drawn: {path}")


def cancel_part(quick: bool) -> None:
    rng = np.random.default_rng(0)
    signs = rng.choice([-1, 1], (10_000, 784))
    few, y_few, _ = latents(4096, 100_000)
    with tempfile.TemporaryDirectory() as folder:
        Patterns.from_signs(signs).save(f"{folder}/a.safetensors")
        dense, y = Patterns.from_signs(signs), rng.normal(size=10_000)
        mapped, lists = Patterns.open(f"{folder}/a.safetensors"), Patterns.from_signs(few)
        cases = {
            "scan of triples": lambda tell: scan(dense, y, max_degree=3, progress=tell),
            "scan of a file": lambda tell: scan(mapped, y, max_degree=3, progress=tell),
            "coactive triples": lambda tell: coactive(lists, y_few, max_degree=3, progress=tell),
        }
        print("\nfrom a cancel, and from Ctrl-C, to its end")
        for name, work in cases.items():
            asked = threading.Event()
            when = []

            def stop(done, total, asked=asked):
                if asked.is_set():
                    raise Cancelled

            def press(asked=asked, when=when):
                when.append(time.perf_counter())
                asked.set()

            timer = threading.Timer(0.7, press)
            timer.start()
            try:
                work(stop)
                print(f"  {name}: over before the cancel")
            except Cancelled:
                print(f"  {name:20s} cancel {readable(time.perf_counter() - when[0])}", end="")
            timer.join()
            timer = threading.Timer(0.7, lambda when=when: (when.append(time.perf_counter()), _thread.interrupt_main()))
            timer.start()
            try:
                work(None)
                timer.join()
                time.sleep(0.1)
            except KeyboardInterrupt:
                print(f"   Ctrl-C {readable(time.perf_counter() - when[-1])}")


PARTS = {"sparse": sparse_part, "wide": wide_part, "file": file_part, "workers": workers_part, "cancel": cancel_part}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--quick", action="store_true", help="small")
    parser.add_argument("--picture", metavar="FILE", help="of more workers (needs matplotlib)")
    parser.add_argument("--units", type=int, help="of the part file")
    parser.add_argument("--samples", type=int, help="of the part file")
    parser.add_argument("--folder", help="of the part file: where it and its sorted copy lie")
    options = parser.parse_args()
    if len(options.parts) == 1:
        print(machine(), flush=True)
        of_file = {"units": options.units, "samples": options.samples, "folder": options.folder}
        more = {"workers": {"picture": options.picture}, "file": of_file}.get(options.parts[0], {})
        PARTS[options.parts[0]](options.quick, **more)
        return
    for part in options.parts or PARTS:
        subprocess.run([sys.executable, __file__, part, *(["--quick"] if options.quick else [])], check=True)


if __name__ == "__main__":
    main()
