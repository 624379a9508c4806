"""Several curves with their errors, as they grow, and those of an earlier run dashed behind them."""

from __future__ import annotations

import html
from typing import NamedTuple

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from traitlets import Tuple, Unicode, observe

from .figure import figure, round_ticks, whiskers
from .theme import DEGREES, RULE, WHISKER, degree_mark


class NamedCurve(NamedTuple):
    """Means at the places of an axis with their standard errors (not-a-number from one seed)."""

    name: str
    at: NDArray[np.float64]
    mean: NDArray[np.float64]
    error: NDArray[np.float64]


class CurvesFigure(widgets.VBox):
    """Up to five curves.

    Attributes
    ----------
    curves, earlier : tuple of NamedCurve
        Of this run, and of one to compare it with.
    x_label, y_label : str
    """

    curves = Tuple()
    earlier = Tuple()
    x_label = Unicode("")
    y_label = Unicode("")

    def __init__(self):
        self.x, self.y = bq.LinearScale(allow_padding=False), bq.LinearScale(allow_padding=False)
        scales = {"x": self.x, "y": self.y}

        def lines(**options):
            return [bq.Lines(x=[], y=[], scales=scales, colors=[s.colour], **options) for s in DEGREES]

        self.lines, self.errors = lines(stroke_width=1.8), lines(stroke_width=1.2)
        self.dashed = lines(stroke_width=1.4, line_style="dashed")
        self.points = [
            bq.Scatter(x=[], y=[], scales=scales, marker=s.marker, colors=[s.colour], default_size=44) for s in DEGREES
        ]
        self.x_axis = bq.Axis(scale=self.x, label_offset="2.6em", grid_lines="none")
        self.y_axis = bq.Axis(
            scale=self.y, orientation="vertical", grid_lines="solid", grid_color=RULE, tick_format=".4~g"
        )
        self.figure = figure(
            [*self.dashed, *self.errors, *self.lines, *self.points],
            [self.x_axis, self.y_axis],
            name="curves",
            height=320,
        )
        self.legend, self.note = widgets.HTML(), widgets.HTML()
        super().__init__([self.note])
        self.add_class("actspec-bars")

    @observe("curves", "earlier", "x_label", "y_label")
    def _redraw(self, _):
        shown = [c for c in (*self.curves, *self.earlier) if len(c.at)]
        self.children = [self.legend, self.figure] if shown else [self.note]
        if not shown:
            self.note.value = '<p class="actspec-muted">There is nothing to draw yet.</p>'
            return
        error = np.concatenate([np.nan_to_num(c.error) for c in shown])
        mean, at = np.concatenate([c.mean for c in shown]), np.concatenate([c.at for c in shown])
        low, high = float((mean - error).min()), float((mean + error).max())
        pad = 0.06 * (high - low) or 0.1
        with self.y.hold_sync():
            self.y.min, self.y.max = low - pad, high + pad
        wide = 0.04 * float(np.ptp(at)) or 0.5
        with self.x.hold_sync():
            self.x.min, self.x.max = float(at.min()) - wide, float(at.max()) + wide
        self.x_axis.tick_values, self.x_axis.label = round_ticks(at.min() - wide, at.max() + wide), self.x_label
        self.y_axis.tick_values = round_ticks(low - pad, high + pad)
        empty = NamedCurve("", np.empty(0), np.empty(0), np.empty(0))
        earlier = {c.name: c for c in self.earlier}
        for i in range(len(DEGREES)):
            curve = self.curves[i] if i < len(self.curves) else empty
            _draw(self.lines[i], curve.at, curve.mean)
            _draw(self.points[i], curve.at, curve.mean)
            known = np.isfinite(curve.error) & (curve.error > 0)
            _draw(self.errors[i], *whiskers(curve.at[known], curve.mean[known], curve.error[known]))
            before = earlier.get(curve.name, empty)
            _draw(self.dashed[i], before.at, before.mean)
        spans = [f"<span>{degree_mark(i + 1)}{html.escape(c.name)}</span>" for i, c in enumerate(self.curves)]
        dashed = "<span>- - the earlier run</span>" if self.earlier else ""
        self.legend.value = (
            f'<div class="actspec-legend"><span>{html.escape(self.y_label)}:</span>{"".join(spans)}'
            f"<span>{WHISKER}± standard error</span>{dashed}</div>"
        )


def _draw(mark, x, y):
    with mark.hold_sync():
        mark.x, mark.y = x, y
