"""The scan of long recordings: partial sums of many subsets, added up block after block of samples.

The bits lie in a file, sorted by the target, and so many samples are read at a time as fit. Of a block, a few units and
a stretch of words stay in the cache while every prefix goes over them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.packing import words_for
from ...patterns.stretches import stretches, words_of
from ...progress import Progress, part_of
from ..kernels import kernel
from ..parity import parity_words
from ..threads import in_order
from .scan_kernel import advance, replace_smallest, screen_rows, unrank
from .screen import Levels, quantised
from .search import Search

Chunk = tuple[int, int, int]  # degree, rank of the first prefix, number of prefixes
_SCORES = 10_000_000  # subsets whose sums are held at a time
_LINE = 8  # words
_TILE = 32  # units of which a stretch of words stays in the cache
_STRETCH = 2048  # words of it


class BlockSearch(Search):
    """Every subset, in groups of chunks whose partial sums fit into memory; for each group the bits are read once.

    ``source`` holds the bits of ``rows`` in the order of ``levels``.
    """

    def __init__(self, source: Patterns, rows: Sequence[int], levels: Levels, *problem: Any):
        super().__init__(*problem)
        self.source, self.rows, self.levels = source, rows, levels

    def groups(self, chunks: Iterable[Chunk]) -> list[list[Chunk]]:
        """Chunks one after another whose sums fit into memory together; one chunk at least."""
        groups: list[list[Chunk]] = []
        room = 0
        for chunk in chunks:
            size = entries(len(self.rows), *chunk)
            if not groups or size > room:
                groups.append([])
                room = _SCORES
            groups[-1].append(chunk)
            room -= size
        return groups

    @property
    def words_at_a_time(self) -> int:
        """How many words of each unit are read at a time."""
        start, stop = next(stretches(self.source, len(self.rows), _LINE))
        return stop - start

    def _here(self, chunks, threads, progress):
        for number, group in enumerate(chunks):
            self.threads, self.progress = threads, part_of(progress, number, len(chunks))
            self.run(group)
            self.thin_out()

    threads: int = 1
    progress: Progress | None = None

    def screened(self, chunk, heap):
        n, levels, group = len(self.rows), self.levels, chunk
        scores = [np.zeros(entries(n, *part)) for part in group]
        blocks = list(stretches(self.source, n, _LINE))
        for number, (start, stop) in enumerate(blocks):
            planes = words_of(self.source, start, stop, self.rows)
            signs, weights = levels.signs[0, start:stop], levels.weights[0, start:stop]

            def add(at, planes=planes, signs=signs, weights=weights):
                add_scores(planes, signs, weights, *group[at], scores[at])

            told = part_of(self.progress, number, len(blocks))
            for _ in in_order(add, range(len(group)), len(group), self.threads, told):
                pass
        for part, sums in zip(group, scores, strict=True):
            self.scores = sums
            yield from super().screened(part, heap)

    def screen_prefixes(self, degree, rank, count, heap, found, bounds):
        base, error = self.levels.bases[0], self.levels.errors[0]
        done, length, used = sift_scores(
            self.scores, base, error, len(self.rows), degree, rank, count, self.floor, heap, found, bounds
        )
        self.scores = self.scores[used:]
        return done, length


@contextmanager
def in_target_order(
    patterns: Patterns, rows: Sequence[int], y: NDArray, hear: Callable[[], None] = lambda: None
) -> Iterator[tuple[Patterns, Any, Levels]]:
    """Bits of some units sorted by a target: in a temporary file where they have to be sorted, which goes at the end.

    Yields these patterns, the numbers that the units have in them, and the target as levels. ``hear`` is called after
    each unit.

    Raises
    ------
    OSError
        If the file does not fit on the disk.
    """
    levels = quantised(y, words_for(patterns.n_samples), 1, hear)
    if levels.order is None:
        yield patterns, rows, levels
        return
    order = levels.order
    levels = Levels(None, levels.signs, levels.weights, levels.bases, levels.errors)
    with tempfile.TemporaryDirectory(prefix="actspec-") as folder:
        path = os.path.join(folder, "sorted.safetensors")
        needed, free = 8 * words_for(y.size) * len(rows), shutil.disk_usage(folder).free
        if needed > free:
            raise OSError(
                f"a copy of the bits sorted by the target takes {needed / 2**30:.2f} GiB and {tempfile.gettempdir()} "
                f"has {free / 2**30:.2f}; set TMPDIR to a folder with more room"
            )

        def sorted_rows(order=order):
            row = np.empty(words_for(patterns.n_samples), np.uint64)
            for unit in rows:
                hear()
                reorder_row(words_of(patterns, 0, row.size, [unit])[0], order, row)
                yield row

        Patterns.write(path, patterns.n_samples, None, len(rows), sorted_rows())
        yield Patterns.open(path), range(len(rows)), levels


@kernel
def reorder_row(row, order, out):
    """Bit j of ``out`` is bit ``order[j]`` of ``row``."""
    for w in range(out.size):
        word = np.uint64(0)
        for bit in range(min(64, max(0, order.size - 64 * w))):
            at = np.uint64(order[64 * w + bit])
            word |= ((row[at >> np.uint64(6)] >> (at & np.uint64(63))) & np.uint64(1)) << np.uint64(bit)
        out[w] = word


@kernel
def entries(n, degree, rank, count):
    """How many subsets are made of ``count`` prefixes and one larger unit each."""
    prefix = np.empty(degree - 1, np.int64)
    unrank(rank, n, prefix)
    total = 0
    for _ in range(count):
        total += n - (prefix[degree - 2] + 1 if degree > 1 else 0)
        advance(prefix, n)
    return total


@kernel
def add_scores(planes, signs, weights, degree, rank, count, scores):
    """Add ``sum_w weights[w] * popcount(...)`` over these words to the score of each subset, prefix after prefix."""
    n, n_words = planes.shape
    prefix = np.empty(degree - 1, np.int64)
    words, partial = np.empty(_STRETCH, np.uint64), np.empty(n)
    for start in range(0, n_words, _STRETCH):
        stop = min(start + _STRETCH, n_words)
        some, mine, weight = planes[:, start:stop], words[: stop - start], weights[start:stop]
        for low in range(0, n, _TILE):
            high = min(low + _TILE, n)
            tile = some[:high]
            unrank(rank, n, prefix)
            at = 0
            for _ in range(count):
                first = prefix[degree - 2] + 1 if degree > 1 else 0
                if first < high:
                    parity_words(some, prefix, mine)
                    for w in range(stop - start):
                        mine[w] ^= signs[start + w]
                    begin = max(first, low)
                    screen_rows(mine, tile, begin, weight, partial)
                    for k in range(begin, high):
                        scores[at + k - first] += partial[k]
                at += n - first
                advance(prefix, n)


@kernel
def sift_scores(scores, base, error, n, degree, rank, count, floor, heap, found, bounds):
    """As :func:`scan_prefixes`, from scores that are known; also returns how many of them were used."""
    n_found = at = 0
    prefix = np.empty(degree - 1, np.int64)
    unrank(rank, n, prefix)
    need = max(floor, heap[0])
    for done in range(count):
        first = prefix[degree - 2] + 1 if degree > 1 else 0
        if bounds.size - n_found < n - first:
            return done, n_found, at
        for k in range(first, n):
            size = abs(base - 2.0 * scores[at])
            at += 1
            if size + error >= need:
                found[n_found, : degree - 1] = prefix
                found[n_found, degree - 1] = k
                bounds[n_found] = size + error
                n_found += 1
                if size - error > heap[0]:
                    replace_smallest(heap, size - error)
                    need = max(floor, heap[0])
        advance(prefix, n)
    return count, n_found, at
