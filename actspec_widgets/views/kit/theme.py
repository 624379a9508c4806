"""Colours and markers that are readable in JupyterLab's light and dark themes, also when the theme is switched.

Text takes its colour from the theme's CSS variables. bqplot's own dark rule makes titles and axis labels orange; the
rules of ``style.css`` for our figures' class replace it.
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "var(--jp-content-font-color1, #222)"
MUTED = "var(--jp-content-font-color2, #555)"
RULE = "var(--jp-border-color2, #cfd4da)"
# A map's lightest shade, its darkest one, and no cell at all.
PAPER, SLATE, BLANK = "#f1f3f5", "#5b6b7d", "#ffffff"


@dataclass(frozen=True)
class DegreeStyle:
    """How subsets of one size look: a colour and, as a second cue, a shape.

    Attributes
    ----------
    colour : str
        Contrast at least 3 with both themes' backgrounds (#fff and #111).
    marker : str
        bqplot's name of the shape.
    glyph : str
        The same shape as a character.
    outline : str
        The same shape as an SVG path in a box of 12 by 12.
    """

    colour: str
    marker: str
    glyph: str
    outline: str


DEGREES = (
    DegreeStyle("#2272b4", "circle", "●", "M6 1.5a4.5 4.5 0 1 0 .01 0z"),
    DegreeStyle("#bd5319", "diamond", "◆", "M6 .5 10.5 6 6 11.5 1.5 6z"),
    DegreeStyle("#2e7d4a", "triangle-up", "▲", "M6 1 11.5 10.5H.5z"),
    DegreeStyle("#8a55a8", "square", "■", "M1.5 1.5h9v9h-9z"),
    DegreeStyle("#7d6a17", "cross", "✚", "M4.2 .8h3.6v3.4h3.4v3.6H7.8v3.4H4.2V7.8H.8V4.2h3.4z"),
)


def degree_class(degree: int) -> int:
    """Index into DEGREES; the last one stands for its own size and all larger ones."""
    return min(max(degree, 1), len(DEGREES)) - 1


def degree_style(degree: int) -> DegreeStyle:
    return DEGREES[degree_class(degree)]


WHISKER = (
    '<svg class="actspec-mark" viewBox="0 0 12 12" aria-hidden="true">'
    f'<path d="M.5 6h11M1 3.5v5M11 3.5v5" stroke="{MUTED}" stroke-width="1.3" fill="none"/></svg>'
)


def degree_mark(degree: int) -> str:
    """The shape in its colour as inline SVG: a picture, so that the colour need not be readable as text."""
    style = degree_style(degree)
    path = f'<path d="{style.outline}" fill="{style.colour}"/>'
    return f'<svg class="actspec-mark" viewBox="0 0 12 12" aria-hidden="true">{path}</svg>'
