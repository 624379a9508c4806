"""The folder of a run: its finished cells, one line each, and the table made of them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import write_whole
from .study import Row, Study

if TYPE_CHECKING:
    from pandas import DataFrame


class Store:
    """Finished cells of one run of one study.

    ``study.json`` says which study, version and grid; ``rows.jsonl`` gets a line as each cell finishes; ``table.csv``
    is the table in the order of the grid. Used as a context: two runs never write into one folder.

    Raises
    ------
    ValueError
        If the folder belongs to another study, version or grid, or is being written by another run.
    """

    def __init__(self, folder: str | os.PathLike, study: Study, cells: tuple[Any, ...]):
        self.folder = Path(folder)
        self.rows_file = self.folder / "rows.jsonl"
        self._kept = 0
        self.identity = {"study": study.name, "version": study.version, "cells": len(cells), "grid": grid_hash(cells)}

    def __enter__(self) -> Store:
        from filelock import FileLock, Timeout

        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"{self.folder} is a file; give a folder for the results")
        self._check_identity()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                error.errno, f"cannot keep results in {self.folder} ({error.strerror}); give a folder you can write to"
            ) from None
        self._lock = FileLock(self.folder / ".lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise ValueError(
                f"{self.folder} is being written by another run; wait for it, or give another folder"
            ) from None
        if not (self.folder / "study.json").exists():
            write_whole(self.folder / "study.json", json.dumps(self.identity, indent=1) + "\n")
        return self

    def __exit__(self, *exc: object) -> None:
        self._lock.release()

    def _check_identity(self) -> None:
        said = self.folder / "study.json"
        if not said.exists():
            if self.folder.exists() and any(p.name != ".lock" for p in self.folder.iterdir()):
                raise ValueError(f"{self.folder} holds other files and no study; give a new or empty folder")
            return
        try:
            found = json.loads(said.read_text(encoding="utf-8"))
            pairs = [(name, found[name], wanted) for name, wanted in self.identity.items()]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{said} is damaged ({error}); give another folder, or delete this one") from None
        for name, is_there, wanted in pairs:
            if is_there != wanted:
                raise ValueError(
                    f"{self.folder} holds results of another {'grid' if name == 'cells' else name} "
                    f"({is_there!r}, this run: {wanted!r}); give another folder, or delete this one"
                )

    def finished(self) -> dict[int, list[Row]]:
        """Rows of each finished cell by its place in the grid; half a line left by a crash is cut off."""
        if not self.rows_file.exists():
            return {}
        text = self.rows_file.read_bytes()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            with self.rows_file.open("r+b") as file:
                file.truncate(whole)
        done: dict[int, list[Row]] = {}
        for number, line in enumerate(text[:whole].splitlines(), start=1):
            try:
                entry = json.loads(line)
                done[int(entry["cell"])] = [dict(row) for row in entry["rows"]]
            except (ValueError, KeyError, TypeError):
                raise ValueError(
                    f"line {number} of {self.rows_file} is damaged; delete that line and run again: "
                    "its cell is computed anew, the others are kept"
                ) from None
        self._kept = len(done)
        return done

    def append(self, cell: int, rows: list[Row]) -> None:
        """Keep one finished cell; a line that does not fit on the disk leaves no half of it behind."""
        line = json.dumps({"cell": cell, "rows": rows}, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        with self._writing(), self.rows_file.open("ab") as file:
            before = file.tell()
            try:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self.rows_file, before)
                raise
        self._kept += 1

    def write_table(self, table: DataFrame) -> None:
        with self._writing():
            write_whole(self.folder / "table.csv", table.to_csv(index=False))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """An error in writing says what is kept."""
        try:
            yield
        except OSError as error:
            raise OSError(
                error.errno,
                f"could not write to {self.folder} ({error.strerror}); {self._kept} finished cells are kept there: "
                "make room and run the same again to go on",
            ) from error


def grid_hash(cells: tuple[Any, ...]) -> str:
    """A short name of a grid; it changes with any setting of any cell."""
    text = json.dumps([asdict(cell) for cell in cells], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
