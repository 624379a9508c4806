"""What every picture comes with: a heading, a sentence that says what it shows, a legend, a table and downloads."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from traitlets import Instance, Tuple, Unicode, observe

from ...results import Spectrum
from .table import Table
from .twin import TextTwin
from .words import muted_html

NOTHING_YET = "There is nothing to draw yet."


class Part(widgets.VBox):
    """A figure with its text twin.

    Parameters
    ----------
    title : str
        The heading; empty for a part that stands under another's.
    what : str
        What the numbers are, for the names of buttons and files, as in "weights by degree".
    figure : bqplot.Figure, or another widget with a picture and ``svg(width)``
    scrolls : bool
        Whether the figure keeps its width in a narrow page.

    Attributes
    ----------
    title : str
        Shown from the next :meth:`say` on.
    selection : tuple of int or None
        The selected subset, of a part that draws subsets; a click sets it, setting it marks it.
    heading, legend, note : ipywidgets.HTML
    twin : TextTwin
    """

    selection = Tuple(default_value=None, allow_none=True)

    def __init__(self, title: str, what: str, figure: widgets.Widget, scrolls: bool = False) -> None:
        self.title = title
        self.figure = figure
        self._picture = widgets.Box([figure]) if scrolls else self._with_figure(figure)
        if scrolls:
            self._picture.add_class("actspec-scrolls")
        self.heading, self.legend, self.note = (widgets.HTML() for _ in range(3))
        self.heading.add_class("actspec-caption")
        self.legend.add_class("actspec-caption")
        self.twin = TextTwin(what)
        super().__init__()
        self.add_class("actspec-part")
        self.twin.observe(self._picked_in_table, "selection")
        self.say_nothing(NOTHING_YET)

    def _with_figure(self, figure: widgets.Widget) -> widgets.Widget:
        """The figure, with what stands beside it."""
        return figure

    def say(self, sentence: str, make_table: Callable[[], Table], *, legend: str = "", note: str = "") -> None:
        """Show the figure with what belongs to it; ``legend`` is HTML, the rest is text."""
        self._write(sentence)
        self.legend.value = f'<div class="actspec-legend">{legend}</div>' if legend else ""
        self.note.value = muted_html(html.escape(note)) if note else ""
        self.twin.tell(make_table)
        shown = (self.heading, self.legend, self._picture, self.note, self.twin)
        self.children = [child for child in shown if child is not self.note or note]

    def say_nothing(self, sentence: str) -> None:
        """Take the figure out, rather than hide it: bqplot computes negative sizes for a figure without room."""
        self._write(sentence)
        self.legend.value = self.note.value = ""
        self.children = [self.heading]

    def _write(self, sentence):
        heading = f"<h4>{html.escape(self.title)}</h4>" if self.title else ""
        self.heading.value = heading + muted_html(html.escape(sentence), spoken=True)

    def _picked_in_table(self, change):
        self.selection = change.new

    @observe("selection")
    def _selection_changed(self, change):
        self.twin.selection = change.new
        self._mark()

    def _mark(self) -> None:
        """Mark the selection in the picture."""


class SpectrumPart(Part):
    """A part that draws a spectrum; a subclass has ``_draw(spectrum)``, called when there is something to draw.

    ``DEPENDS_ON`` names the traits that the picture depends on, the selection aside.

    Attributes
    ----------
    spectrum : Spectrum or None
    unit : str
        What subsets consist of.
    """

    DEPENDS_ON: tuple[str, ...] = ("spectrum", "unit")

    spectrum = Instance(Spectrum, allow_none=True)
    unit = Unicode("unit")

    def __init__(self, title: str, what: str, figure: widgets.Widget, *, scrolls: bool = False, **traits):
        self._drawn_state: tuple[Any, ...] = ()
        super().__init__(title, what, figure, scrolls)
        self.observe(self._redraw, list(self.DEPENDS_ON))
        with self.hold_trait_notifications():
            for name, value in traits.items():
                setattr(self, name, value)

    def _redraw(self, _):
        """Draw, once for each state: traits set together come one by one, each with all of the new values."""
        state = tuple(getattr(self, name) for name in self.DEPENDS_ON)
        if state == self._drawn_state:
            return
        self._drawn_state = state
        if self.spectrum is None:
            self.say_nothing(NOTHING_YET)
        elif not len(self.spectrum):
            self.say_nothing("There is nothing to draw: no subset is reported.")
        else:
            self._draw(self.spectrum)

    def _draw(self, spectrum: Spectrum) -> None:
        raise NotImplementedError

    def _select_strongest(self, chosen: Callable[[tuple[int, ...]], bool]) -> None:
        """Select the subset with the largest coefficient among those that ``chosen`` says yes to, if there is one."""
        s = self.spectrum
        mine = [] if s is None else [i for i, subset in enumerate(s.subsets) if chosen(subset)]
        if s is not None and mine:
            self.selection = s.subsets[max(mine, key=lambda i: abs(s.coefficients[i]))]
