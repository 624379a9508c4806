"""Phases of work on one shared table: the pieces of a phase in any order and thread, the phases one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from ..progress import Progress, tick

Phase = tuple[Callable[[Any], None], Sequence[Any], int]  # work, the pieces it is called with, threads


class Chain(tuple):
    """Pieces of a phase that one thread does one after another."""


def run_phases(phases: Sequence[Phase], progress: Progress | None) -> None:
    """Do every piece of each phase before the next phase begins.

    A phase's sequence holds pieces, or chains of them. The calling thread works too: of two fresh threads both are
    often started on the core that it leaves idle, which costs a quarter of the time of a transform. It alone calls
    ``progress``, after each of its pieces; an exception raised there stops the work once the pieces already begun
    have ended.
    """
    sizes = [sum(len(piece) if isinstance(piece, Chain) else 1 for piece in pieces) for _, pieces, _ in phases]
    total, before = sum(sizes), 0
    tick(progress, 0, total)
    for (work, pieces, threads), size in zip(phases, sizes, strict=True):
        queue = _Queue(work, pieces)

        def tell(queue=queue, before=before, last=size - 1):
            tick(progress, before + min(queue.done, last), total)

        helpers = min(threads, len(pieces)) - 1
        with ThreadPoolExecutor(helpers, "actspec") if helpers > 0 else nullcontext() as pool:
            helping = [pool.submit(queue.work_off) for _ in range(helpers)] if pool else []
            queue.work_off(tell)
            for helper in helping:
                helper.result()
        before += size
        tick(progress, before, total)


class _Queue:
    """Pieces and chains of them that several threads take from the same end."""

    def __init__(self, work: Callable[[Any], None], pieces: Sequence[Any]):
        self.work, self.pieces, self.lock = work, iter(pieces), threading.Lock()
        self.done = 0
        self.closed = False

    def work_off(self, tell: Callable[[], None] | None = None) -> None:
        """Take pieces until there is none left, and call ``tell`` after each; whatever is raised stops all threads."""
        try:
            while True:
                with self.lock:
                    piece = next(self.pieces, _END)
                if piece is _END:
                    return
                for link in piece if isinstance(piece, Chain) else (piece,):
                    if self.closed:
                        return
                    self.work(link)
                    with self.lock:
                        self.done += 1
                    if tell is not None:
                        tell()
        except BaseException:
            self.closed = True
            raise


_END = object()
