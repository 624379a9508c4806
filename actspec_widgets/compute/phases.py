"""Phases of work on one shared table: the pieces of a phase in any order and thread, the phases one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from ..progress import Progress, tick

Phase = tuple[Callable[[Any], None], Sequence[Any], int]  # work, the pieces it is called with, threads


def run_phases(phases: Sequence[Phase], progress: Progress | None) -> None:
    """Do every piece of each phase before the next phase begins.

    The calling thread works too: of two fresh threads both are often started on the core that it leaves idle, which
    costs a quarter of the time of a transform. It alone calls ``progress``, whose exceptions stop the work once
    the pieces already begun have ended.
    """
    total, before = sum(len(pieces) for _, pieces, _ in phases), 0
    tick(progress, 0, total)
    for work, pieces, threads in phases:
        queue = _Queue(work, pieces)
        helpers = min(threads, len(pieces)) - 1
        with ThreadPoolExecutor(helpers, "actspec") if helpers > 0 else nullcontext() as pool:
            helping = [pool.submit(queue.work_off) for _ in range(helpers)] if pool else []
            try:
                while queue.work_one():
                    tick(progress, before + min(queue.done, len(pieces) - 1), total)
            finally:
                queue.close()
            for helper in helping:
                helper.result()
        before += len(pieces)
        tick(progress, before, total)


class _Queue:
    """Pieces that several threads take from the same end."""

    def __init__(self, work: Callable[[Any], None], pieces: Sequence[Any]):
        self.work, self.pieces, self.lock = work, iter(pieces), threading.Lock()
        self.done = 0

    def work_one(self) -> bool:
        """Do the next piece; False where there is none left."""
        with self.lock:
            piece = next(self.pieces, _END)
        if piece is _END:
            return False
        self.work(piece)
        with self.lock:
            self.done += 1
        return True

    def work_off(self) -> None:
        try:
            while self.work_one():
                pass
        finally:
            self.close()

    def close(self) -> None:
        """Leave the pieces not yet taken."""
        with self.lock:
            self.pieces = iter(())


_END = object()
