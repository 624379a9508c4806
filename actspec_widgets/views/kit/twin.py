"""The text twin of a picture: its numbers as a table, shown when asked for, and both as files."""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets as widgets
from traitlets import Any, observe

from .downloads import Downloads
from .table import SortableTable, Table


class TextTwin(widgets.VBox):
    """A button that opens the table, and buttons that save picture and numbers.

    Parameters
    ----------
    what : str
        What the numbers are, as in "weights by degree".

    Attributes
    ----------
    selection
        The key of the chosen row; see :class:`SortableTable`.
    """

    selection = Any(None, allow_none=True)

    def __init__(self, what: str) -> None:
        self._make: Callable[[], Table] = lambda: Table(())
        self.button = widgets.ToggleButton(
            description=f"Table of the {what}", icon="table", tooltip="Show or hide the numbers behind the picture"
        )
        self.downloads = Downloads(what, lambda: self._make().csv())
        self.table, self.rest = SortableTable(), widgets.HTML()
        self.row = widgets.Box([self.button, self.downloads])
        self.row.add_class("actspec-twin-row")
        super().__init__([self.row])
        self.add_class("actspec-twin")
        self.button.observe(self._show, "value")
        self.table.observe(self._say_rest, "content")
        self.table.observe(self._picked, "selection")

    def tell(self, make: Callable[[], Table]) -> None:
        """Take ``make`` for the table; it is called when the table is open or the file is asked for."""
        self._make = make
        self._show(None)

    def _show(self, _):
        """Fill the table only while it is open: it can be larger than the picture."""
        if self.button.value:
            self.table.table = self._make()
        self.children = [self.row, self.table, self.rest] if self.button.value else [self.row]

    def _say_rest(self, _):
        rest = self.table.rest
        self.rest.value = f'<p class="actspec-muted">{html.escape(rest)}</p>' if rest else ""

    def _picked(self, change):
        self.selection = change.new

    @observe("selection")
    def _mark(self, change):
        self.table.selection = change.new
