"""What every instrument's page starts with: the style sheet, and names for screen readers."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets

from .heard import Heard, page_code
from .theme import DEGREES, INK, MUTED, RULE

_HERE = Path(__file__).parent
_COLOURS = {"ink": INK, "muted": MUTED, "rule": RULE, "single": DEGREES[0].colour, "pair": DEGREES[1].colour}
# bqplot puts tooltips outside of the figure that they belong to.
_VARIABLES = (
    f".actspec, .bqplot_mark_tooltip {{ {' '.join(f'--actspec-{name}: {c};' for name, c in _COLOURS.items())} }}"
)
# As text: a path would be watched for changes, and the watcher keeps every widget that was ever made.
STYLE = f"<style>{_VARIABLES}\n{(_HERE / 'style.css').read_text(encoding='utf-8')}</style>"


class AccessibleNames(Heard):
    """Takes no room; names the handles of sliders and the drawings of figures in the same instrument.

    A slider's handle gets its label, and its readout as the spoken value. A figure's drawing becomes an image named
    by the heading and the sentence of its :class:`~actspec_widgets.views.kit.part.Part`. What appears later is named
    too.
    """

    _esm = page_code(_HERE / "js" / "accessible.js")

    def __init__(self) -> None:
        super().__init__()
        self.layout.display = "none"


def page_head() -> tuple[widgets.Widget, ...]:
    """The first children of every instrument's outer box; they take no room."""
    sheet = widgets.HTML(STYLE)
    sheet.layout.display = "none"
    return sheet, AccessibleNames()
