"""The text twin of a picture: its numbers as a table, shown when asked for, and both as files."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from traitlets import Any as AnyTrait
from traitlets import List, Unicode, observe

from .banner import sentence
from .heard import Heard, page_code
from .table import SortableTable, Table
from .words import muted_html


class Downloads(Heard):
    """A row of buttons in a :class:`~actspec_widgets.views.kit.part.Part`.

    The browser saves the picture as it looks, heading and legend included, with every colour and font written into
    the file: bqplot's own export leaves the rules of our style sheet out. It needs nothing but the page. The numbers
    come from Python when asked for, so that a long table does not lie in the page.

    Parameters
    ----------
    what : str
        What the files hold, as in "weights by degree".
    csv : callable
        Gives the text of the CSV file.
    kinds : sequence of str
        Of "PNG", "SVG" and "CSV".
    """

    _esm = page_code(Path(__file__).parent / "js" / "downloads.js")
    what = Unicode().tag(sync=True)
    stem = Unicode().tag(sync=True)
    kinds: Any = List().tag(sync=True)

    def __init__(self, what: str, csv: Callable[[], str], kinds: Sequence[str] = ("PNG", "SVG", "CSV")):
        self._csv = csv
        stem = "actspec-" + re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-")
        super().__init__(what=what, stem=stem, kinds=list(kinds))
        self.on_msg(self._asked)

    def _asked(self, _, message, buffers):
        try:
            text = self._csv()
        except Exception as error:  # an exception here would show in JupyterLab's log only
            self.send({"error": sentence(error)})
        else:
            self.send({}, buffers=[text.encode()])


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

    selection = AnyTrait(None, allow_none=True)

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
        self.rest.value = muted_html(html.escape(rest)) if rest else ""

    def _picked(self, change):
        self.selection = change.new

    @observe("selection")
    def _mark(self, change):
        self.table.selection = change.new
