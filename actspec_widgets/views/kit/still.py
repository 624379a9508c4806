"""Figures as SVG text, drawn from their marks without a browser, for notebooks that are looked at without a kernel."""

from __future__ import annotations

import base64
import html
import re
import struct
import zlib
from collections.abc import Iterator, Sequence

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray

from .part import Part
from .theme import DEGREES, INK, RULE
from .words import breadth

BEHIND = "actspec-behind"  #: Class of what is kept in the page out of sight.

_WIDTH, _LINE, _LETTER = 760, 17, 6.6  # pixels
_MOST_PARTS = 4
_DASHES = {"dashed": "6 4", "dotted": "2 4", "dash_dotted": "6 3 2 3"}
_OUTLINES = {style.marker: style.outline for style in DEGREES}


def still_of(instrument: widgets.Widget, headline: str = "", *below: str) -> str:
    """What an instrument shows as one SVG text: its headline, and each part that is in the page.

    Parameters
    ----------
    instrument : Widget
    headline, *below : str
        Plain text, each in lines of its own; nothing before there is a result.
    """
    pieces: list[str] = []
    top = 8.0
    for line in _wrapped(headline, 15):
        top += 21
        pieces.append(svg_text(8, top, line, size=15, weight="bold"))
    for line in (line for text in below for line in _wrapped(text, 12)):
        top += _LINE
        pieces.append(svg_text(8, top, line))
    top += 10
    for _, part in zip(range(_MOST_PARTS), parts_shown(instrument), strict=False):
        for said in (part.heading, part.legend, part.note):
            for line in _wrapped(plain(said.value), 12):
                top += _LINE
                pieces.append(svg_text(8, top, line))
        top += 6
        own = getattr(part.figure, "svg", None)  # of a figure that is no chart of bqplot's
        drawn, height = own(_WIDTH - 16) if own else figure_svg(part.figure, _WIDTH - 16)
        pieces.append(f'<g transform="translate(8 {top})">{drawn}</g>')
        top += height + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{html.escape(headline, quote=True)}">'
        f'<rect width="{_WIDTH}" height="{top}" fill="#fff"/>{"".join(pieces)}</svg>'
    )


def plain(markup: str) -> str:
    """HTML of ours as plain text.

    Examples
    --------
    >>> plain("<p>1 <b>&lt;a&gt;</b></p><p>two</p>")
    '1 <a> two'
    """
    spaced = re.sub(r"</(p|span|h4|div)>", " ", re.sub(r"<svg.*?</svg>", "", markup, flags=re.DOTALL))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", spaced)).split())


def paragraphs(markup: str) -> list[str]:
    """The paragraphs of HTML of ours as plain sentences.

    Examples
    --------
    >>> paragraphs("<p>One</p><p>Two &amp; three.</p>")
    ['One.', 'Two & three.']
    """
    texts = [text for text in map(plain, markup.split("</p>")) if text]
    return [text if text[-1] in ".!?。" else f"{text}." for text in texts]


def parts_shown(widget: widgets.Widget) -> Iterator[Part]:
    """The parts with a picture that are in the page, from the top; of tabs those in front."""
    if widget.layout.display == "none" or BEHIND in widget._dom_classes:
        return
    if isinstance(widget, Part):
        if len(widget.children) > 1:  # a part that has nothing to draw is its heading only
            yield widget
        return
    children = list(getattr(widget, "children", ()))
    if isinstance(widget, widgets.Tab):
        children = children[widget.selected_index : widget.selected_index + 1] if children else []
    for child in children:
        yield from parts_shown(child)


def figure_svg(figure: bq.Figure, width: float) -> tuple[str, float]:
    """The marks and axes of a figure as SVG elements, and how high they are in pixels."""
    margin, height = figure.fig_margin, float(str(figure.layout.height).removesuffix("px"))
    if (own := str(figure.layout.width)).endswith("px"):
        width = min(width, float(own.removesuffix("px")))
    inside = _Inside(margin["left"], margin["top"], width - margin["right"], height - margin["bottom"])
    drawn = [_axis_svg(axis, inside) for axis in figure.axes]
    for mark in figure.marks:
        if mark.visible:
            drawn.append(_MARKS[type(mark)](mark, inside))
    return "".join(drawn), height


class _Inside:
    """The rectangle inside the margins, and where values lie in it."""

    def __init__(self, left: float, top: float, right: float, bottom: float):
        self.left, self.top, self.right, self.bottom = left, top, right, bottom

    def across(self, scale: bq.Scale, values) -> NDArray[np.float64]:
        return self._place(scale, values, self.left, self.right)

    def upright(self, scale: bq.Scale, values) -> NDArray[np.float64]:
        return self._place(scale, values, self.bottom, self.top)

    @staticmethod
    def _place(scale, values, start, end):
        low, high = scale.min, scale.max
        values = np.asarray(values, dtype=np.float64)
        if low is None or high is None:  # left to the browser: the range of what is there
            known = values[np.isfinite(values)]
            low = float(known.min(initial=0.0)) if low is None else low
            high = float(known.max(initial=low + 1.0)) if high is None else high
        share = (values - low) / ((high - low) or 1.0)
        return start + (1 - share if scale.reverse else share) * (end - start)


def _axis_svg(axis, inside):
    ticks = np.asarray([] if axis.tick_values is None else axis.tick_values, dtype=np.float64)
    labels = axis.tick_labels or {}
    upright = axis.orientation == "vertical"
    at = (inside.upright if upright else inside.across)(axis.scale, ticks)
    drawn = []
    for tick, place in zip(ticks.tolist(), at.tolist(), strict=True):
        keys = (f"{tick:g}", str(tick), np.format_float_positional(tick, trim="-"))
        name = next((labels[key] for key in keys if key in labels), "" if labels else f"{tick:g}")
        if upright:
            if axis.grid_lines != "none":
                drawn.append(svg_line(inside.left, place, inside.right, place, RULE))
            drawn.append(svg_text(inside.left - 6, place + 4, name, anchor="end"))
        else:
            if axis.grid_lines != "none":
                drawn.append(svg_line(place, inside.top, place, inside.bottom, RULE))
            y = inside.top - 6 if axis.side == "top" else inside.bottom + 15
            turn = f' transform="rotate(-90 {place:.1f} {y:.1f})"' if axis.tick_rotate else ""
            anchor = "start" if axis.tick_rotate else "middle"
            drawn.append(svg_text(place, y, name, anchor=anchor, more=turn))
    if axis.label and not upright:
        drawn.append(svg_text((inside.left + inside.right) / 2, inside.bottom + 33, axis.label, anchor="middle"))
    if axis.label and upright:
        drawn.append(svg_text(4, inside.top - 2, axis.label))
    return "".join(drawn)


def _bars_svg(mark, inside):
    at, values = np.asarray(mark.x, dtype=np.float64), np.asarray(mark.y, dtype=np.float64)
    if not at.size:
        return ""
    flat = mark.orientation == "horizontal"
    along, over = (inside.across, inside.upright) if flat else (inside.upright, inside.across)
    step = float(np.ptp(at)) / (at.size - 1) if at.size > 1 else 1.0
    half = 0.5 * step * (1 - mark.padding)
    ends = np.sort([along(mark.scales["y"], values), along(mark.scales["y"], np.full(at.size, mark.base))], axis=0)
    sides = np.sort([over(mark.scales["x"], at - half), over(mark.scales["x"], at + half)], axis=0)
    drawn = []
    for i, (low, high, first, last) in enumerate(zip(*ends, *sides, strict=True)):
        opacity = _of(mark.opacities, i, 1.0)
        if high - low < 0.05 or opacity == 0:
            continue
        x, y, w, h = (low, first, high - low, last - first) if flat else (first, low, last - first, high - low)
        drawn.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{_colour(mark.colors, i)}" '
            f'fill-opacity="{opacity:g}"/>'
        )
    return "".join(drawn)


def _lines_svg(mark, inside):
    xs, ys = (np.atleast_2d(np.asarray(values, dtype=np.float64)) for values in (mark.x, mark.y))
    drawn = []
    for i, (x, y) in enumerate(zip(np.broadcast_to(xs, ys.shape), ys, strict=True)):
        points = np.column_stack([inside.across(mark.scales["x"], x), inside.upright(mark.scales["y"], y)])
        runs = np.split(points, np.flatnonzero(~np.isfinite(points).all(axis=1)))
        path = "".join(
            "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in run)
            for run in (run[np.isfinite(run).all(axis=1)] for run in runs)
            if len(run)
        )
        if not path:
            continue
        filled = mark.fill == "inside"
        fill = _colour(mark.fill_colors or mark.colors, i) if filled else "none"
        dashes = f' stroke-dasharray="{_DASHES[mark.line_style]}"' if mark.line_style in _DASHES else ""
        drawn.append(
            f'<path d="{path}{"Z" if mark.close_path else ""}" fill="{fill}" '
            f'fill-opacity="{_of(mark.fill_opacities, i, 1.0):g}" stroke="{_colour(mark.colors, i)}" '
            f'stroke-opacity="{_of(mark.opacities, i, 1.0):g}" stroke-width="{mark.stroke_width:g}"{dashes}/>'
        )
    return "".join(drawn)


def _points_svg(mark, inside):
    x, y = inside.across(mark.scales["x"], mark.x), inside.upright(mark.scales["y"], mark.y)
    size = 12 * np.sqrt(mark.default_size) / 10
    drawn = []
    for i, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        colour, opacity = _colour(mark.colors, i), _of(mark.opacities, i, 1.0)
        look = (
            f'fill="{colour}" fill-opacity="{opacity:g}"'
            if mark.fill
            else f'fill="none" stroke="{colour}" stroke-width="2"'
        )
        place = f"translate({a - size / 2:.1f} {b - size / 2:.1f}) scale({size / 12:.2f})"
        drawn.append(f'<path transform="{place}" d="{_OUTLINES.get(mark.marker, _OUTLINES["circle"])}" {look}/>')
    return "".join(drawn)


def _labels_svg(mark, inside):
    x, y = inside.across(mark.scales["x"], mark.x), inside.upright(mark.scales["y"], mark.y)
    return "".join(
        svg_text(a + mark.x_offset, b + 4 + mark.y_offset, str(text), anchor=mark.align, size=int(mark.default_size))
        for a, b, text in zip(x.tolist(), y.tolist(), mark.text, strict=False)
    )


def _map_svg(mark, inside):
    link = base64.b64encode(png(np.nan_to_num(np.asarray(mark.color, dtype=np.float64)))).decode()
    return (
        f'<image x="{inside.left}" y="{inside.top}" width="{inside.right - inside.left}" '
        f'height="{inside.bottom - inside.top}" preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'opacity="0.6" href="data:image/png;base64,{link}"/>'
    )


_MARKS = {
    bq.Bars: _bars_svg,
    bq.Lines: _lines_svg,
    bq.Scatter: _points_svg,
    bq.Label: _labels_svg,
    bq.HeatMap: _map_svg,
}


def _of(values: Sequence | None, i: int, default: float):
    return default if values is None or not len(values) else values[i % len(values)]


def _colour(colours, i):
    return fixed(_of(colours, i, "#222"))


def fixed(colour: str) -> str:
    """A colour that does not depend on the page: of one that the page gives, what it is without."""
    found = re.fullmatch(r"var\([^,]+,\s*(.*)\)", colour)
    return found[1] if found else colour


def svg_line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    """A line as an SVG element."""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{fixed(colour)}" fill="none"/>'


def svg_text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: str = "normal", more: str = ""
) -> str:
    """A line of text as an SVG element; "" for none."""
    if not text:
        return ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{fixed(INK)}"{more}>{html.escape(text)}</text>'
    )


def _wrapped(text: str, size: int) -> list[str]:
    """Lines that fit the picture."""
    room = (_WIDTH - 16) / (_LETTER * size / 12 * (1.12 if size > 12 else 1))
    lines: list[str] = []
    for word in text.split():
        if lines and breadth(lines[-1]) + 1 + breadth(word) <= room:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def png(values: NDArray) -> bytes:
    """An image of grey shades, the largest value black, as a PNG file.

    Examples
    --------
    >>> png(np.eye(3))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    low, high = float(values.min()), float(values.max())
    shades = 255 - np.round(255 * (values - low) / ((high - low) or 1.0)).astype(np.uint8)
    lines = np.column_stack([np.zeros(len(shades), np.uint8), shades])  # each line starts with its filter: none
    head = struct.pack(">IIBBBBB", shades.shape[1], shades.shape[0], 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
