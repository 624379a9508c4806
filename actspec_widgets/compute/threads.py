"""Chunks of work in threads or on an executor, with results in a fixed order, progress and cancelling."""

from __future__ import annotations

import os
import pickle
import tempfile
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from ..progress import Cancelled, Progress, part_of, tick
from .device import import_torch

Chunk = TypeVar("Chunk")
First = TypeVar("First")
Second = TypeVar("Second")


@dataclass(frozen=True)
class Device:
    """A torch device that screens scans; what it does not do is done in so many threads."""

    name: str
    threads: int | None = None


Workers = int | Executor | Device | None  # threads of this process (None: every core), an executor, or a device

_IN_FLIGHT = 64  # chunks handed to an executor at a time: enough to keep it busy, few enough to take back
_POLL = 0.1  # seconds between looks at a cancel button
_DEAD = ("KilledWorker", "CommClosedError", "FutureCancelledError")  # dask's names for a worker that is gone


def thread_count(threads: Workers) -> int:
    """Threads to use: as asked, else ``ACTSPEC_THREADS``, else the cores this process may run on."""
    if isinstance(threads, Device):
        threads = threads.threads
    if threads is None or is_executor(threads):
        text = os.environ.get("ACTSPEC_THREADS", "")
        if text and not (text.isdecimal() and int(text)):
            raise ValueError(f"ACTSPEC_THREADS={text!r} is not a number of threads; set 1 or more, or leave it out")
        available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return int(text) if text else available
    if threads < 1:  # type: ignore[operator]
        raise ValueError(f"threads={threads}; give 1 or more, or None for all cores")
    return int(threads)  # type: ignore[arg-type]


def is_executor(workers: Any) -> bool:
    return hasattr(workers, "submit")


def workers_of(threads: Workers, executor: Executor | None, device: str | None = None) -> Workers:
    """An executor or a device where one is given, else a number of threads."""
    if device is not None:
        check_one_place(executor, device)
        import_torch(device)
        return Device(str(device), thread_count(threads))
    if executor is None:
        return threads if is_executor(threads) or isinstance(threads, Device) else thread_count(threads)
    if not is_executor(executor):
        raise TypeError(
            f"executor is a {type(executor).__name__}; give one of concurrent.futures, or dask's Client.get_executor()"
        )
    return executor


def check_one_place(executor: Executor | None, device: str | None) -> None:
    """Refuse an executor and a device together: the processes of one do not share the memory of the other.

    Raises
    ------
    ValueError
    """
    if executor is not None and device is not None:
        raise ValueError(f"executor= and device={device!r} both say where the work is done; give one of them")


def in_order(
    work: Callable[[Chunk], Any],
    chunks: Iterable[Chunk],
    total: int,
    threads: Workers = None,
    progress: Progress | None = None,
    executor: Any = None,
) -> Iterator[Any]:
    """``map(work, chunks)``, results in the order of the chunks, a few chunks ahead in threads or on an executor.

    ``progress`` is called from the calling thread before the first chunk and after each; what it raises stops
    the work once the chunks already running (some tens of milliseconds each) have ended. With an executor it is called
    ten times a second as well, and nothing is waited for.

    For an executor ``work`` is pickled once into a temporary file, which each of its processes reads once; it must be
    a folder that all of them see. What a process that dies had not finished is done in this one, with a warning.
    """
    tick(progress, 0, total)
    if executor is not None:
        yield from _on(executor, work, chunks, total, progress)
        return
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
    threads: Workers = None,
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


def _on(executor, work, chunks, total, progress):
    source, flying, done = iter(chunks), deque(), 0
    with tempfile.TemporaryDirectory(prefix="actspec-", ignore_cleanup_errors=True) as folder:
        there = work if isinstance(executor, ThreadPoolExecutor) else _Held(_written(work, folder))

        def sent(chunk):
            nonlocal executor
            try:
                return None if executor is None else executor.submit(there, chunk)
            except BrokenExecutor:
                return _here()

        def _here():
            nonlocal executor
            if executor is not None:
                executor = None
                warnings.warn(
                    "a worker process died, perhaps for lack of memory; what it had not finished is done in this "
                    "process, more slowly",
                    stacklevel=5,
                )

        try:
            while True:
                flying.extend((chunk, sent(chunk)) for chunk in islice(source, _IN_FLIGHT - len(flying)))
                if not flying:
                    return
                chunk, future = flying[0]
                while future is not None and not wait([future], _POLL).done:
                    tick(progress, done, total)
                try:
                    result = work(chunk) if future is None else future.result()
                except (BrokenExecutor, CancelledError):
                    _here()
                    result = work(chunk)
                except Exception as error:
                    if type(error).__name__ not in _DEAD:
                        raise
                    _here()
                    result = work(chunk)
                flying.popleft()
                yield result
                done += 1
                tick(progress, done, total)
        finally:
            for _, future in flying:
                if future is not None:
                    future.cancel()


def _written(work, folder):
    """The path of a file that holds the work."""
    try:
        text = pickle.dumps(work)
    except Exception as error:
        try:
            import cloudpickle

            text = cloudpickle.dumps(work)
        except Exception:
            raise TypeError(
                f"the work cannot be sent to other processes ({type(error).__name__}: {error}); define what is called "
                "in a module, not in a cell or as a lambda, or leave executor out"
            ) from error
    path = os.path.join(folder, "work")
    with open(path, "wb") as file:
        file.write(text)
    return path


class _Held:
    """Work that a process has read once; all that is sent is where."""

    def __init__(self, path: str):
        self.path = path

    def __call__(self, chunk: Any) -> Any:
        return _read(self.path)(chunk)


@lru_cache(maxsize=2)
def _read(path):
    try:
        with open(path, "rb") as file:
            return pickle.load(file)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"a worker does not see {path}; set TMPDIR to a folder that all machines see, and start again"
        ) from None
