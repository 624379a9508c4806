"""Time alternatives side by side: round robin in shuffled order, so that a busy moment hits all of them alike."""

from __future__ import annotations

import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def interleaved(work: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, list[float]]:
    """Seconds of every call: one untimed call each, then ``rounds`` rounds in shuffled order."""
    order, seconds = list(work), {name: [] for name in work}
    shuffle = random.Random(0).shuffle
    for name in order:
        work[name]()
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            start = time.perf_counter()
            work[name]()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def median(seconds: list[float]) -> float:
    return statistics.median(seconds)


def readable(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def compare(title: str, seconds: dict[str, list[float]], ours: str, units_of_work: float = 0.0, unit: str = "") -> None:
    """Print median and minimum of each, and how many times as long as ``ours`` each takes."""
    print(f"\n{title}")
    base = median(seconds[ours])
    for name, times in sorted(seconds.items(), key=lambda item: median(item[1])):
        rate = f"  {units_of_work / median(times):.3g} {unit}/s" if units_of_work else ""
        ratio = f"{median(times) / base:8.2f} x"
        print(f"  {name:44s} median {readable(median(times)):>9s}  min {readable(min(times)):>9s} {ratio}{rate}")


def machine() -> str:
    """One line about the processor and the threads at hand."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
        flags = next((line for line in lines if line.startswith("flags")), "")
        name += " with vector popcount" if "avx512_vpopcntdq" in flags else " without vector popcount"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
