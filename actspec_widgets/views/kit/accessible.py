"""Names for screen readers where ipywidgets and bqplot give none: handles of sliders, drawings of figures."""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as widgets

from .theme import style_sheet


class AccessibleNames(anywidget.AnyWidget):
    """Takes no room; names what stands in the same instrument, and again whatever appears there later.

    A slider's handle gets its label, and its readout as the spoken value. A figure's drawing becomes an image named
    by the heading and the sentence of its :class:`~actspec_widgets.views.kit.part.Part`.
    """

    _esm = Path(__file__).parent / "js" / "accessible.js"

    def __init__(self) -> None:
        super().__init__()
        self.layout.display = "none"


def page_head() -> tuple[widgets.Widget, ...]:
    """The first children of every instrument's outer box: style sheet and accessible names."""
    return style_sheet(), AccessibleNames()


def framed(*parts: widgets.Widget) -> widgets.VBox:
    """Parts shown by themselves, outside of an instrument."""
    box = widgets.VBox([*page_head(), *parts])
    box.add_class("actspec")
    return box
