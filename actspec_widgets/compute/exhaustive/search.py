"""What the chunks of an exhaustive search share, and the order of its list."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ..means import signed_totals
from ..ranking import TIE
from .scan_kernel import scan_prefixes
from .screen import Screen

_LIST_LIMIT = 200_000  # candidates held before they are thinned out


class Search:
    """What the chunks of one scan share: the sum that a subset must reach, and those that may reach it."""

    def __init__(self, patterns: Patterns, centred: NDArray, top: int, max_degree: int):
        self.patterns, self.centred = patterns, centred
        self.top, self.max_degree = top, max_degree
        self.floor = -1.0  # a proven lower bound on the top-th largest sum
        self.lock = threading.Lock()
        self.local = threading.local()  # each thread's heap of lower bounds; two heaps never hold the same subset
        self.heaps: dict[int, NDArray] = {}
        self.kept: list[tuple[NDArray, NDArray]] = []
        self.n_kept = 0

    def run(self, chunk: tuple[int, int, int]) -> None:
        degree, rank, count = chunk
        heap = self.local.__dict__.setdefault("heap", np.full(self.top, -1.0))
        room = max(2 * self.patterns.n_units, 2 * self.top, 1 << 14)
        while count:
            found, bounds = np.full((room, self.max_degree), -1), np.empty(room)
            done, length = self.screen_prefixes(degree, rank, count, heap, found, bounds)
            rank, count = rank + done, count - done
            with self.lock:
                self._keep(found[:length], bounds[:length], heap)

    def screen_prefixes(
        self, degree: int, rank: int, count: int, heap: NDArray, found: NDArray, bounds: NDArray
    ) -> tuple[int, int]:
        """Fill ``found`` and ``bounds``; how many of ``count`` prefixes were done, and the length of the list."""
        raise NotImplementedError

    def largest(self, found, threads):
        """The ``top`` of ``found`` by their exact sums, and these; ties by lower degree, then smaller indices."""
        values = signed_totals(self.patterns, as_tuples(found), self.centred, threads=threads)[:, 0]
        return in_list_order(found, values, np.abs(self.centred).sum(), self.top)

    def _keep(self, found, bounds, heap):
        self.heaps[threading.get_ident()] = heap.copy()
        lower = np.concatenate(list(self.heaps.values()))
        self.floor = max(self.floor, float(np.partition(lower, -self.top)[-self.top]))
        alive = bounds >= self.floor
        self.kept.append((found[alive], bounds[alive]))
        self.n_kept += int(alive.sum())
        if self.n_kept > _LIST_LIMIT + 2 * self.top:
            found, bounds = self.alive()
            if len(found) > _LIST_LIMIT // 2 + self.top:  # many ties: only summing them up can thin them out
                found, values = self.largest(found, 1)
                bounds = np.abs(values) + TIE * np.abs(self.centred).sum()
            self.kept, self.n_kept = [(found, bounds)], len(found)

    def alive(self):
        found = np.concatenate([f for f, _ in self.kept])
        bounds = np.concatenate([b for _, b in self.kept])
        alive = bounds >= self.floor
        return found[alive], bounds[alive]


class ScreenedSearch(Search):
    """Every subset, screened by popcounts against a quantised target."""

    def __init__(self, screen: Screen, *problem: Any):
        super().__init__(*problem)
        self.screen = screen

    def screen_prefixes(self, degree, rank, count, heap, found, bounds):
        s = self.screen
        return scan_prefixes(
            s.planes, s.signs, s.weights, s.bases, s.errors, degree, rank, count, self.floor, heap, found, bounds
        )


def in_list_order(found, values, scale, top):
    """The ``top`` rows of ``found`` with the largest values; ties by lower degree, then smaller indices."""
    size = np.rint(np.abs(values) / (TIE * scale))
    order = np.lexsort((*found.T[::-1], (found >= 0).sum(axis=1), -size))[:top]
    return found[order], values[order]


def as_tuples(found):
    return [tuple(row[: row.index(-1)] if row[-1] < 0 else row) for row in found.tolist()]
