"""Run a study, here or on any executor: finished cells are saved, and the next run goes on with the others."""

from __future__ import annotations

import inspect
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from ..progress import Cancelled, Progress
from .store import Store
from .study import Row, Study, row_of, table_of

if TYPE_CHECKING:
    from pandas import DataFrame

_IN_FLIGHT = 64  # cells handed to an executor at a time: enough to keep it busy, few enough to take back
_POLL = 0.2  # seconds between looks at the cancel button


class StudyIncomplete(RuntimeError):
    """Some cells failed. ``table`` holds what was finished, ``failures`` each failed cell with its error."""

    def __init__(self, message: str, table: DataFrame, failures: tuple[tuple[Any, BaseException], ...]):
        super().__init__(message)
        self.table, self.failures = table, failures


def run(
    study: Study,
    *,
    quick: bool = False,
    cells: tuple[Any, ...] | None = None,
    out: str | os.PathLike | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """The table of a study.

    Parameters
    ----------
    study : Study
    quick : bool
        The small grid in place of the full one.
    cells : tuple of settings, optional
        A grid of your own.
    out : path, optional
        Folder where each cell is kept as it finishes. Run the same again and only what is missing is computed.
    executor : concurrent.futures.Executor, optional
        Where cells run; default here, one after the other. ``distributed.Client(...).get_executor()`` is one.
        The table is the same for all of them, but for measured time and memory.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`. What is finished stays in ``out``.

    Returns
    -------
    pandas.DataFrame
        The rows of each cell, in the order of the grid.

    Raises
    ------
    ValueError
        If the cells do not fit the study, something that it needs is missing, or ``out`` belongs to another run.
    StudyIncomplete
        If cells failed, after all others were finished; the next run tries them again.
    OSError
        If ``out`` can not be written; what was kept before stays.
    """
    cells = tuple(cells) if cells is not None else (study.quick if quick else study.full)
    study.check(cells)
    if missing := study.needs():
        raise ValueError(missing)
    with ExitStack() as stack:
        store = stack.enter_context(Store(out, study, cells)) if out is not None else None
        done = store.finished() if store else {}
        failures: dict[int, BaseException] = {}
        waiting = [at for at in range(len(cells)) if at not in done]
        tell = progress or (lambda done, total: None)
        tell(len(done), len(cells))
        compute = _here if executor is None else partial(_on, executor)
        try:
            for at, outcome in compute(study, cells, waiting, tell):
                if isinstance(outcome, BaseException):
                    failures[at] = outcome
                    continue
                if store:
                    store.append(at, outcome)
                done[at] = outcome
        finally:
            table = table_of(done)
            if store and done:
                store.write_table(table)
    if failures:
        raise StudyIncomplete(_failed(cells, failures, out), table, tuple((cells[a], e) for a, e in failures.items()))
    return table


def _note(cell: Any) -> str:
    """What marks an error as the cell's own, also after it came back from another process."""
    return f"while computing {cell!r}"


def compute_cell(study_run: Any, cell: Any) -> list[Row]:
    """The rows of one cell, as they are kept; an error of the run says in a note which cell it was."""
    try:
        result = study_run(cell)
        return [row_of(cell, row) for row in ([result] if isinstance(result, dict) else result)]
    except Exception as error:
        error.add_note(_note(cell))
        raise


Outcomes = Iterator[tuple[int, list[Row] | BaseException]]


def _here(study: Study, cells: tuple[Any, ...], waiting: list[int], tell: Progress) -> Outcomes:
    """Each waiting cell's rows, or the error that it raised, one after the other."""
    before = len(cells) - len(waiting)
    listens = "progress" in inspect.signature(study.run).parameters
    for count, at in enumerate(waiting, start=before):

        def inside(_done: int, _total: int, whole: int = count) -> None:
            tell(whole, len(cells))

        try:
            yield at, compute_cell(partial(study.run, progress=inside) if listens else study.run, cells[at])
        except Cancelled:
            raise
        except Exception as error:
            yield at, error
        tell(count + 1, len(cells))


def _on(executor: Executor, study: Study, cells: tuple[Any, ...], waiting: list[int], tell: Progress) -> Outcomes:
    """The same from an executor, as the cells come; a cancel takes back the cells that have not begun.

    An error without the cell's note is the executor's: where a worker is lost, dask's can hand over the rows of a
    finished cell as if they were an error, since it reads result and state one after the other. Such a cell is handed
    over once more; so is one whose own error loses its notes on the way, as errors with a ``__reduce__`` can.
    """
    finished = len(cells) - len(waiting)
    queue = deque(waiting)
    again: set[int] = set()
    flying: dict[Future, int] = {}
    try:
        while True:
            while len(flying) < _IN_FLIGHT and queue:
                at = queue.popleft()
                flying[executor.submit(compute_cell, study.run, cells[at])] = at
            if not flying:
                return
            for future in wait(flying, timeout=_POLL, return_when="FIRST_COMPLETED").done:
                at = flying.pop(future)
                error = CancelledError() if future.cancelled() else future.exception()
                if isinstance(error, BrokenProcessPool):
                    raise error
                if error is not None and at not in again and _note(cells[at]) not in getattr(error, "__notes__", ()):
                    again.add(at)
                    queue.append(at)
                    continue
                finished += 1
                yield at, future.result() if error is None else error
            tell(finished, len(cells))
    except BrokenProcessPool:  # a cell's own, or that of the next one to be handed over
        raise RuntimeError(
            "a worker process died, perhaps for lack of memory; finished cells are kept where out= was given: "
            "run the same again to go on, with fewer workers if it happens twice"
        ) from None
    finally:
        for future in flying:
            future.cancel()


def _failed(cells, failures, out) -> str:
    at, error = next(iter(failures.items()))
    kept = f"the others are kept in {out}; run the same again to retry" if out is not None else "see .table, .failures"
    return (
        f"{len(failures)} of {len(cells)} cells failed, the first, {cells[at]!r}, with "
        f"{type(error).__name__}: {error} ({kept})"
    )
