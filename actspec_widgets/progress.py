"""How long work tells where it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]


class Cancelled(Exception):
    """Raised by a ``progress`` callable to stop the work; nothing half-finished is returned."""


def tick(progress: Progress | None, done: int, total: int) -> None:
    """Report ``done`` of ``total`` steps; whatever ``progress`` raises stops the caller."""
    if progress is not None:
        progress(done, total)
