"""The text twin of a figure: its numbers as a table, shown when asked for."""

from __future__ import annotations

import ipywidgets as widgets
from traitlets import Instance, Tuple, observe

from ..results import Spectrum, Stability
from .words import table_html


class TextTwin(widgets.VBox):
    """A button, and below it the rows that a figure draws.

    Attributes
    ----------
    spectrum : Spectrum or None
    order : tuple of int
        Which subsets, in the figure's order.
    stability : Stability or None
        Adds a column.
    """

    spectrum = Instance(Spectrum, allow_none=True)
    order = Tuple()
    stability = Instance(Stability, allow_none=True)

    def __init__(self) -> None:
        self.button = widgets.ToggleButton(
            description="Table of the numbers",
            icon="table",
            tooltip="Show or hide the numbers behind the bars",
            layout=widgets.Layout(width="auto", align_self="flex-start", margin="12px 0 0"),
        )
        self.table = widgets.HTML()
        super().__init__([self.button, self.table])
        self.button.observe(self._show, "value")
        self.add_class("actspec-twin")

    @observe("spectrum", "order", "stability")
    def _show(self, _):
        """Write the table only while it is open: it is larger than the figure."""
        shown = self.button.value and self.spectrum is not None
        self.table.value = table_html(self.spectrum, self.order, self.stability) if shown else ""
