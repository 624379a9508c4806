"""Progress: how long work reports where it is, draws a bar, and is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]


class Cancelled(Exception):
    """Raised by a ``progress`` callable to stop the work; nothing half-finished is returned."""


def tick(progress: Progress | None, done: int, total: int) -> None:
    """Report ``done`` of ``total`` steps; whatever ``progress`` raises stops the caller."""
    if progress is not None:
        progress(done, total)


class Heard:
    """A progress callable that can be called again between its steps, so that a cancel is heard there too."""

    def __init__(self, progress: Progress | None):
        self._progress, self._where = progress, (0, 1)

    def __call__(self, done: int, total: int) -> None:
        self._where = done, total
        tick(self._progress, done, total)

    def again(self) -> None:
        """Report the last step once more."""
        tick(self._progress, *self._where)


_STEPS = 1000  # resolution of progress reported in parts


def part_of(progress: Progress | None, part: int, parts: int) -> Progress:
    """A progress callable for one of ``parts`` equal parts of a longer work."""

    reached = 0.0

    def report(done: int, total: int) -> None:
        nonlocal reached
        reached = max(reached, done / max(total, 1))  # a total that grows takes nothing back
        tick(progress, round(_STEPS * (part + reached) / parts), _STEPS)

    return report


@contextmanager
def shown(progress: Progress | bool | None, title: str, unit: str) -> Iterator[Progress | None]:
    """``progress`` as a callable or None: True draws a bar, which counts in ``unit`` ("B" is bytes)."""
    if progress is not True:
        yield progress if callable(progress) else None
        return
    from tqdm.auto import tqdm

    with tqdm(desc=title, unit=unit, unit_scale=unit == "B") as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report
