"""Chunks of work in threads, with results in a fixed order, progress and cancelling."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, TypeVar

from ..progress import Cancelled, Progress, part_of, tick

Chunk = TypeVar("Chunk")
First = TypeVar("First")
Second = TypeVar("Second")


def thread_count(threads: int | None) -> int:
    """Threads to use: as asked, else ``ACTSPEC_THREADS``, else the cores this process may run on."""
    if threads is None:
        text = os.environ.get("ACTSPEC_THREADS", "")
        if text and not (text.isdecimal() and int(text)):
            raise ValueError(f"ACTSPEC_THREADS={text!r} is not a number of threads; set 1 or more, or leave it out")
        available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return int(text) if text else available
    if threads < 1:
        raise ValueError(f"threads={threads}; give 1 or more, or None for all cores")
    return int(threads)


def in_order(
    work: Callable[[Chunk], Any],
    chunks: Iterable[Chunk],
    total: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Any]:
    """``map(work, chunks)``, results in the order of the chunks, a few chunks ahead in threads.

    ``progress`` is called from the calling thread before the first chunk and after each; what it raises stops
    the work once the chunks already running (some tens of milliseconds each) have ended.
    """
    tick(progress, 0, total)
    workers = min(thread_count(threads), max(total, 1))
    if workers == 1:
        for done, chunk in enumerate(chunks, 1):
            yield work(chunk)
            tick(progress, done, total)
        return
    pending: list[Future] = []
    source = iter(chunks)
    with ThreadPoolExecutor(workers, thread_name_prefix="actspec") as pool:
        try:
            pending = [pool.submit(work, chunk) for chunk in islice(source, 2 * workers)]
            done = 0
            while pending:
                result = pending.pop(0).result()
                pending.extend(pool.submit(work, chunk) for chunk in islice(source, 1))
                yield result
                done += 1
                tick(progress, done, total)
        finally:
            for future in pending:
                future.cancel()


def side_by_side(
    first: Callable[[Progress], First],
    second: Callable[[Progress], Second],
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[First, Second]:
    """What two pieces of work return that do not depend on each other, done at the same time where threads allow.

    Each gets a callable to report to. ``progress`` is called from the calling thread only; what it raises, or the
    first piece, stops the second at its next report.
    """
    halves = part_of(progress, 0, 2), part_of(progress, 1, 2)
    if thread_count(threads) == 1:
        return first(halves[0]), second(halves[1])
    stop = threading.Event()
    where = 0, 1

    def report(done: int, total: int) -> None:
        nonlocal where
        where = done, total
        if stop.is_set():
            raise Cancelled

    with ThreadPoolExecutor(1, thread_name_prefix="actspec") as pool:
        other = pool.submit(second, report)
        try:
            found = first(halves[0])
            while not wait((other,), timeout=0.05).done:
                halves[1](*where)
        finally:
            stop.set()
        return found, other.result()
