"""What the chunks of an exhaustive search share, and the order of its list."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...progress import Progress
from ..means import signed_totals
from ..ranking import TIE
from ..threads import Workers, in_order, is_executor
from .scan_kernel import scan_prefixes
from .screen import Screen, build_screen

_LIST_LIMIT = 200_000  # candidates held before they are thinned out
_TASKS, _MOST_CHUNKS = 64, 32  # tasks for an executor, unless that makes more chunks to a task: about half a second
_OTHERS = -1  # stands for all workers of an executor in the place of a thread


class Search:
    """What the chunks of one scan share: the sum that a subset must reach, and those that may reach it.

    Units are numbered by their places in ``names``, those that take part. Other processes get the patterns as a path.
    """

    def __init__(self, patterns: Patterns, centred: NDArray, top: int, max_degree: int, names: Sequence[int]):
        self.patterns, self.centred, self.names = patterns, centred, names
        self.top, self.max_degree = top, max_degree
        self._begin()

    def _begin(self):
        self.floor = -1.0  # a proven lower bound on the top-th largest sum
        self.lock = threading.Lock()
        self.local = threading.local()  # each thread's heap of lower bounds; two heaps never hold the same subset
        self.heaps: dict[int, NDArray] = {}
        self.kept: list[tuple[NDArray, NDArray]] = []
        self.n_kept = 0

    def __getstate__(self):
        own = ("floor", "lock", "local", "heaps", "kept", "n_kept", "hear", *self._made_again)
        state = {name: value for name, value in self.__dict__.items() if name not in own}
        return state | {"patterns": self.patterns.shared()}

    def __setstate__(self, state):
        self.__dict__.update(state | {"patterns": Patterns.open(state["patterns"])})
        self._begin()

    _made_again: tuple[str, ...] = ()  # what another process makes of the patterns and the target itself

    hear: Callable[[], None] = staticmethod(lambda: None)

    def over(
        self,
        chunks: Sequence[Any],
        workers: Workers,
        progress: Progress | None,
        hear: Callable[[], None] = lambda: None,
    ) -> NDArray[np.int64]:
        """A list that certainly holds the ``top`` largest, after all chunks in threads or on an executor.

        ``hear`` is called every few milliseconds while candidates are summed up; what it raises stops the work.
        """
        self.hear = hear
        if not is_executor(workers):
            self._here(chunks, workers, progress)
            return self.alive()[0]
        parts = self.parts(chunks)
        tasks = ((part, self.floor) for part in parts)  # as the floor is when a task is sent
        for found, bounds, heap in in_order(self.task, tasks, len(parts), None, progress, workers):
            others = self.heaps.get(_OTHERS, np.empty(0))
            self._keep(found, bounds, _OTHERS, np.sort(np.concatenate([others, heap]))[-self.top :])
            self.thin_out()
        return self.alive()[0]

    @staticmethod
    def parts(chunks: Sequence[Any]) -> list[Sequence[Any]]:
        """The chunks as the tasks that an executor gets."""
        size = min(_MOST_CHUNKS, max(1, len(chunks) // _TASKS))
        return [chunks[at : at + size] for at in range(0, len(chunks), size)]

    def _here(self, chunks, threads, progress):
        for _ in in_order(self.run, chunks, len(chunks), threads, progress):
            self.thin_out()

    def run(self, chunk: Any) -> None:
        heap = self.local.__dict__.setdefault("heap", np.full(self.top, -1.0))
        for found, bounds in self.screened(chunk, heap):
            with self.lock:
                self._keep(found, bounds, threading.get_ident(), heap)

    def task(self, part_and_floor: tuple[Sequence[Any], float]) -> tuple[NDArray, NDArray, NDArray]:
        """Some chunks with a heap of their own: the list, its bounds, and the lower bounds above the floor."""
        for name in self._made_again:
            getattr(self, name)
        own = object.__new__(type(self))  # other threads may be at other tasks
        own.__dict__.update(self.__dict__)
        part, own.floor = part_and_floor
        heap = np.full(self.top, -1.0)
        lists = [found for chunk in part for found in own.screened(chunk, heap)]
        found, bounds = (np.concatenate(arrays) for arrays in zip(*lists, strict=True))
        alive = bounds >= max(own.floor, heap[0])
        return found[alive], bounds[alive], heap[heap > own.floor]

    def screened(self, chunk: tuple[int, int, int], heap: NDArray) -> Iterator[tuple[NDArray, NDArray]]:
        """Subsets of a chunk that may be among the largest, and upper bounds of their sums."""
        degree, rank, count = chunk
        room = max(2 * len(self.names), 2 * self.top, 1 << 14)
        while count:
            found, bounds = np.full((room, self.max_degree), -1), np.empty(room)
            done, length = self.screen_prefixes(degree, rank, count, heap, found, bounds)
            rank, count = rank + done, count - done
            yield found[:length], bounds[:length]

    def screen_prefixes(
        self, degree: int, rank: int, count: int, heap: NDArray, found: NDArray, bounds: NDArray
    ) -> tuple[int, int]:
        """Fill ``found`` and ``bounds``; how many of ``count`` prefixes were done, and the length of the list."""
        raise NotImplementedError

    def largest(self, found, threads, bounds=None):
        """The ``top`` of ``found`` by their exact sums, and these; ties by lower degree, then smaller indices.

        ``bounds`` are what the sums are not above; a search whose sums take long uses them.
        """
        subsets = as_tuples(found, self.names)
        values = signed_totals(self.patterns, subsets, self.centred, threads=threads, hear=self.hear)[:, 0]
        return in_list_order(found, values, np.abs(self.centred).sum(), self.top)

    def _keep(self, found, bounds, owner, heap):
        self.heaps[owner] = heap.copy()
        lower = np.concatenate(list(self.heaps.values()))
        if lower.size >= self.top:
            self.floor = max(self.floor, float(np.partition(lower, -self.top)[-self.top]))
        alive = bounds >= self.floor
        self.kept.append((found[alive], bounds[alive]))
        self.n_kept += int(alive.sum())

    def thin_out(self) -> None:
        """Leave out of a long list what cannot be among the largest, in the calling thread, which hears Ctrl-C."""
        with self.lock:
            if self.n_kept <= _LIST_LIMIT + 2 * self.top:
                return
            found, bounds = self.alive()
            self.kept, self.n_kept = [], 0
        if len(found) > _LIST_LIMIT // 2 + self.top:  # many ties: only summing them up can thin them out
            found, values = self.largest(found, 1, bounds)
            bounds = np.abs(values) + TIE * np.abs(self.centred).sum()
        with self.lock:
            self.kept.append((found, bounds))
            self.n_kept += len(found)

    def alive(self):
        if not self.kept:
            return np.empty((0, self.max_degree), np.int64), np.empty(0)
        found = np.concatenate([f for f, _ in self.kept])
        bounds = np.concatenate([b for _, b in self.kept])
        alive = bounds >= self.floor
        return found[alive], bounds[alive]


class ScreenedSearch(Search):
    """Every subset, screened by popcounts against a quantised target."""

    _made_again = ("screen",)

    @cached_property
    def screen(self) -> Screen:
        return build_screen(self.patterns, self.centred, self.names)

    def screen_prefixes(self, degree, rank, count, heap, found, bounds):
        s = self.screen
        return scan_prefixes(
            s.planes, s.signs, s.weights, s.bases, s.errors, degree, rank, count, self.floor, heap, found, bounds
        )


def pieces(work: NDArray, size: float) -> Iterator[slice]:
    """Stretches of rows of about so much work each, given the work of each row."""
    ends = np.cumsum(work)
    cuts = np.searchsorted(ends, np.arange(size, ends[-1] if len(ends) else 0, size))
    bounds = np.unique(np.concatenate([[0], cuts, [len(ends)]])).tolist()
    return (slice(a, b) for a, b in pairwise(bounds))


def in_list_order(found, values, scale, top):
    """The ``top`` rows of ``found`` with the largest values; ties by lower degree, then smaller indices."""
    order = list_order(found, values, scale)[:top]
    return found[order], values[order]


def list_order(found, values, scale):
    """Which rows of ``found`` come first, second, ... in a list."""
    size = np.rint(np.abs(values) / (TIE * scale))
    return np.lexsort((*found.T[::-1], (found >= 0).sum(axis=1), -size))


def as_tuples(found, names=None):
    """Rows of units, padded with -1, as subsets; with ``names`` rows of places in it."""
    if names is not None:
        found = np.where(found < 0, -1, np.asarray(names)[found])
    return [tuple(row[: row.index(-1)] if row[-1] < 0 else row) for row in found.tolist()]
