"""A small matrix as shaded cells with their numbers, and the bar that says what the shades mean."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import bqplot as bq
import numpy as np
from numpy.typing import NDArray

from .figure import figure, set_range, texts
from .theme import DEGREES, INK
from .words import breadth

_CELL = 26  # pixels
_ABOVE, _LETTER = 24, 6.8
_DEEPEST = 0.6  # opacity of the largest value: numbers on it keep a contrast of 4.5 in both themes
_STEPS = 25
_SHADE = DEGREES[0].colour


class HeatMap:
    """Cells in a figure of fixed size.

    Every cell carries its number, since a shade alone is read by few and never exactly; that bounds a matrix to some
    20 rows.

    Attributes
    ----------
    cells : bqplot.Scatter
    numbers : bqplot.Label
    outline : bqplot.Lines
    width : int
        Pixels.
    """

    def __init__(self, name: str):
        self.x, self.y = (bq.LinearScale(reverse=r, allow_padding=False) for r in (False, True))
        scales = {"x": self.x, "y": self.y}
        self.cells = bq.Scatter(
            x=[], y=[], scales=scales, marker="square", colors=[_SHADE], default_size=(_CELL - 1) ** 2
        )
        self.numbers = texts(scales, 11, align="middle")
        self.outline = bq.Lines(
            x=[0.0, 1.0], y=[0.0, 1.0], scales=scales, close_path=True, colors=[INK], stroke_width=2, visible=False
        )
        self.row_axis = bq.Axis(scale=self.y, orientation="vertical", grid_lines="none")
        self.column_axis = bq.Axis(scale=self.x, side="top", grid_lines="none")
        self.figure = figure(
            [self.cells, self.outline, self.numbers],
            [self.row_axis, self.column_axis],
            name=name, height=200, width="200px", margin=(_ABOVE, 2, 2, 60), padding_x=0,
        )  # fmt: skip
        self.shape, self.width = (0, 0), 0

    def on_click(self, clicked: Callable[[int, int], None]) -> None:
        """Call ``clicked(row, column)``."""

        def handle(_, content):
            at = int(content["data"]["index"])
            if at < self.shape[0] * self.shape[1]:
                clicked(*divmod(at, self.shape[1]))

        self.cells.on_element_click(handle)

    def draw(self, values: NDArray, rows: Sequence[str], columns: Sequence[str], high: float, digits: int = 2) -> None:
        """Cells from 0 to ``high``.

        Parameters
        ----------
        values : ndarray, shape (r, c)
            Not below zero; not-a-number leaves its cell empty.
        rows, columns : sequence of str
        """
        self.shape = r, c = values.shape
        left = round(14 + _LETTER * max(map(breadth, rows), default=0))
        self.figure.fig_margin = {**self.figure.fig_margin, "left": left}
        self.width = left + c * _CELL + 2
        self.figure.layout.width = f"{self.width}px"
        self.figure.layout.height = f"{_ABOVE + r * _CELL + 2}px"
        set_range(self.x, -0.5, c - 0.5)
        set_range(self.y, -0.5, r - 0.5)
        for axis, names in ((self.row_axis, rows), (self.column_axis, columns)):
            with axis.hold_sync():
                axis.tick_values = np.arange(len(names))
                axis.tick_labels = {str(i): name for i, name in enumerate(names)}
        at = np.indices((r, c)).reshape(2, -1)
        flat = np.asarray(values, dtype=np.float64).ravel()
        with self.cells.hold_sync():
            self.cells.opacities = (np.nan_to_num(flat) / high * _DEEPEST).tolist()
            self.cells.x, self.cells.y = at[1], at[0]
        with self.numbers.hold_sync():
            self.numbers.x, self.numbers.y = at[1], at[0]
            self.numbers.text = [_short(v, digits) for v in flat]

    def mark(self, row: int | None) -> None:
        """Outline a row and, in a square matrix, its column."""
        self.outline.visible = row is not None
        if row is None:
            return
        r, c = self.shape
        across = [(-0.5, row - 0.5), (c - 0.5, row - 0.5), (c - 0.5, row + 0.5), (-0.5, row + 0.5)]
        boxes = np.array([across, [(y, x) for x, y in across]] if r == c else [across])
        with self.outline.hold_sync():
            self.outline.colors = [INK] * len(boxes)
            self.outline.x, self.outline.y = boxes[:, :, 0], boxes[:, :, 1]


def _short(value, digits):
    if not np.isfinite(value) or round(value, digits) == 0:
        return ""
    text = f"{value:.{digits}f}"
    return text.lstrip("0") if value < 1 else text.rstrip("0").rstrip(".")


def colour_bar(high: float, quantity: str) -> str:
    """The shades from 0 to ``high`` with five ticks, as inline SVG for a legend.

    bqplot's own colour axis keeps 100 pixels free at both ends and cannot be laid beside a legend.
    """
    width, step = 200, 200 // _STEPS
    cells = "".join(
        f'<rect x="{20 + i * step}" y="0" width="{step}" height="11" fill="{_SHADE}" shape-rendering="crispEdges" '
        f'fill-opacity="{_DEEPEST * (i + 0.5) / _STEPS:.3f}"/>'
        for i in range(_STEPS)
    )
    ticks = "".join(
        f'<path d="M{20 + width * t} 11v3" stroke="{INK}"/>'
        f'<text x="{20 + width * t}" y="25" fill="{INK}" font-size="11" text-anchor="middle">{high * t:.3g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    frame = f'<rect x="20" y="0" width="{width}" height="11" fill="none" stroke="{INK}" stroke-width=".6"/>'
    return (
        f"<span>{html.escape(quantity)}</span>"
        f'<svg width="240" height="30" viewBox="0 -1 240 30" aria-hidden="true">{cells}{frame}{ticks}</svg>'
    )
