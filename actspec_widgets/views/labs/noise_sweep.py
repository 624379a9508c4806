"""A sweep that can be stopped at any moment and continued; its finished cells are kept in memory, and in a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

from ...studies.methods import method
from ...studies.noise import STUDY
from ...studies.noise.run import Nuisance, run
from ...studies.running import compute_cell
from ...studies.store import Store, grid_hash
from ...studies.study import Row, table_of
from ...studies.worker import Tell, WorkerProcess

_SETTINGS = [field.name for field in fields(Nuisance)]


class Sweep:
    """Finished cells, whatever grid they belong to.

    Parameters
    ----------
    out : path, optional
        Folder in which each grid keeps its finished cells, in a folder of its own as
        :func:`actspec_widgets.studies.run` makes them. All that is there already is known from the start, and what
        such a run has left in ``out`` itself.

    Attributes
    ----------
    known : dict of Nuisance to row

    Raises
    ------
    ValueError
        If the folder is none, or results in it are damaged.
    """

    def __init__(self, out: str | os.PathLike[str] | None = None):
        self.out = None if out is None else Path(out)
        self.known: dict[Nuisance, Row] = {}
        if self.out is None:
            return
        if self.out.exists() and not self.out.is_dir():
            raise ValueError(f"{self.out} is a file; give a folder for the results")
        for folder in (self.out, *sorted(p for p in self.out.glob("*") if p.is_dir())):
            self._read(folder)

    def _read(self, folder):
        try:
            about = json.loads((folder / "study.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return  # no folder of a study
        if not isinstance(about, dict) or (about.get("study"), about.get("version")) != (STUDY.name, STUDY.version):
            return
        for rows in Store(folder, STUDY, ()).finished().values():
            for row in rows:
                settings: Any = {name: row[name] for name in _SETTINGS}
                self.known[Nuisance(**settings)] = row

    def folder(self, cells: tuple[Nuisance, ...]) -> Path | None:
        """Where the cells of a grid are kept."""
        return None if self.out is None else self.out / f"{cells[0].disturbance}-{grid_hash(cells)}"

    def rows(self, cells: tuple[Nuisance, ...]) -> tuple[Row, ...]:
        """Those of a grid that are finished."""
        return tuple(self.known[cell] for cell in cells if cell in self.known)

    def run(
        self,
        cells: tuple[Nuisance, ...],
        progress: Callable[[int, int], None],
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Compute what is missing of a grid.

        Parameters
        ----------
        cells : tuple of Nuisance
        progress : callable
            Gets (cells done, cells in all) several times a second; may raise to stop. Other libraries' methods, which
            could not be stopped otherwise, run in a process of their own.
        finished : callable
            Called after each cell that was computed.
        """
        with ExitStack() as stack:
            folder = self.folder(cells)
            store = None if folder is None else stack.enter_context(Store(folder, STUDY, cells))
            on_disk = store.finished() if store else {}
            process: WorkerProcess | None = None
            try:
                for at, cell in enumerate(cells):
                    progress(at, len(cells))
                    if cell not in self.known:

                        def heard(*_: int, at: int = at) -> None:
                            progress(at, len(cells))

                        if method(cell.method).library is None:
                            self.known[cell] = compute_cell(partial(run, progress=heard), cell)[0]
                        else:
                            process = process or stack.enter_context(WorkerProcess(tell_cell))
                            self.known[cell] = _elsewhere(process, cell, heard)
                        finished()
                    if store and at not in on_disk:
                        store.append(at, [self.known[cell]])
                        on_disk[at] = [self.known[cell]]
            finally:
                if store and on_disk:
                    store.write_table(table_of(on_disk))


def _elsewhere(process, cell, tell):
    process.ask(asdict(cell))
    try:
        row = process.answer(tell=tell)
        process.answer(tell=tell)
    except RuntimeError as error:
        raise ValueError(f"{cell.method} failed: {error}") from None
    return row


def tell_cell(settings: dict[str, Any], tell: Tell) -> None:
    """What the process does: answer with the row of one cell."""
    tell(compute_cell(run, Nuisance(**settings))[0])
