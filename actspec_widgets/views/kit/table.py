"""A table that sorts by any of its columns, whose rows can be chosen, and that becomes a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Int, observe

from .heard import Heard, page_code

MOST_ROWS = 200  # in the page; the file has all


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    head : str
    values : sequence
        What rows are sorted by. An array of numbers makes a column of numbers, anything else one of text.
    shown : callable
        One value as text in the page.
    written : callable
        One value in the CSV file.
    """

    head: str
    values: Sequence[Any] | NDArray
    shown: Callable[[Any], str] = str
    written: Callable[[Any], Any] = field(default=lambda value: value)

    @property
    def numeric(self) -> bool:
        return isinstance(self.values, np.ndarray) and self.values.dtype.kind in "biuf"


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length.

    Attributes
    ----------
    columns : tuple of Column
    keys : sequence of hashable, or None
        What choosing each row selects; None for rows that cannot be chosen.
    caption : str
        What the table is, for screen readers.
    """

    columns: tuple[Column, ...]
    keys: Sequence[Hashable] | None = None
    caption: str = ""

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def order(self, by: int, descending: bool) -> list[int]:
        """Rows sorted by a column, equal ones as they came, not-a-numbers last; ``by`` -1 keeps them as they came.

        Examples
        --------
        >>> table = Table((Column("size", np.array([2.0, np.nan, 3.0])),))
        >>> table.order(0, True), table.order(0, False), table.order(-1, True)
        ([2, 0, 1], [0, 2, 1], [0, 1, 2])
        """
        if not 0 <= by < len(self.columns):
            return list(range(len(self)))
        column = self.columns[by]
        if column.numeric:
            values = np.asarray(column.values, dtype=np.float64)
            return np.argsort(-values if descending else values, kind="stable").tolist()
        return sorted(range(len(self)), key=lambda row: column.values[row], reverse=descending)

    def csv(self) -> str:
        """Everything, numbers in full; text that a spreadsheet would take for a formula gets a ``'`` before it.

        Examples
        --------
        >>> Table((Column("unit", ["=A1", "b"]), Column("weight", np.array([-0.5, 1.0])))).csv().splitlines()
        ['unit,weight', "'=A1,-0.5", 'b,1.0']
        """
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow([column.head for column in self.columns])
        for row in range(len(self)):
            cells = (column.written(column.values[row]) for column in self.columns)
            writer.writerow(
                [cell if c.numeric else _no_formula(str(cell)) for cell, c in zip(cells, self.columns, strict=True)]
            )
        return file.getvalue()


def _no_formula(text):
    return f"'{text}" if text.lstrip()[:1] in tuple("=+-@") or text[:1] in ("\t", "\r") else text


class SortableTable(Heard):
    """The first rows of a table in the chosen order.

    A click on a header, or Enter there, sorts by its column, once more the other way round; a click on a row, or
    Enter on its first cell, chooses it; the arrow keys walk from row to row.

    Attributes
    ----------
    table : Table
    sort_by : int
        Column, or -1 for the order in which the rows came.
    descending : bool
    selection
        The key of the chosen row, or None. Can be set; a key that no row has marks none.
    rest : str
        What is not in the page, as a sentence, or "".
    """

    _esm = page_code(Path(__file__).parent / "js" / "table.js")
    table = AnyTrait(Table(()))
    selection = AnyTrait(None, allow_none=True)
    content = Dict().tag(sync=True)
    sort_by = Int(-1).tag(sync=True)
    descending = Bool(False).tag(sync=True)
    chosen = Int(-1).tag(sync=True)

    def __init__(self, table: Table | None = None, **kwargs: Any):
        self.rest = ""
        self._rows: list[int] = []
        super().__init__(**kwargs)
        self.table = Table(()) if table is None else table
        self._draw(None)

    @observe("table", "sort_by", "descending")
    def _draw(self, _):
        table = self.table
        order = table.order(self.sort_by, self.descending)
        self._rows = order[:MOST_ROWS]
        left = len(order) - len(self._rows)
        self.rest = f"The first {MOST_ROWS} of {len(order):,} rows in this order; the CSV file has all." if left else ""
        cells = [[c.shown(c.values[row]) for c in table.columns] for row in self._rows]
        with self.hold_sync():
            self.chosen = self._place()
            self.content = {
                "heads": [{"text": c.head, "numeric": c.numeric} for c in table.columns],
                "cells": cells,
                "caption": " ".join(filter(None, (table.caption, self.rest))),
                "choosable": table.keys is not None,
            }

    def _place(self):
        keys = self.table.keys
        places = [at for at, row in enumerate(self._rows) if keys is not None and keys[row] == self.selection]
        return places[0] if places and self.selection is not None else -1

    @observe("selection")
    def _selection_changed(self, _):
        self.chosen = self._place()

    @observe("chosen")
    def _chosen_changed(self, change):
        keys = self.table.keys
        if keys is None or change.new == self._place():
            return
        self.selection = keys[self._rows[change.new]] if 0 <= change.new < len(self._rows) else None
