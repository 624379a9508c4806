"""The picture of truth beside answer: a row a subset, a hollow square where planted, a mark where found."""

from __future__ import annotations

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from traitlets import Instance, Tuple, observe

from ..results import Spectrum
from .figure import figure, round_ticks, whiskers
from .outcome import GLYPHS, KINDS, legend_html
from .theme import INK, MUTED, RULE
from .words import breadth, label

# Contrast at least 3 with both themes' backgrounds; the shape is the second cue.
_STYLES = {
    "hit": ("#2e7d4a", "circle"), "equivalent": ("#2272b4", "diamond"),
    "miss": ("#bd5319", "cross"), "false find": ("#c0392b", "triangle-up"),
}  # fmt: skip
_MOST = 60  # rows drawn; the table has all
_ROW, _ABOVE, _BELOW = 22, 6, 46


class OutcomeFigure(widgets.VBox):
    """Planted and reported coefficients, a row for each subset; a click on a row selects it.

    Attributes
    ----------
    entries : tuple of Entry
    spectrum : Spectrum or None
        For the names of units.
    selection : tuple of int or None
    """

    entries = Tuple()
    spectrum = Instance(Spectrum, allow_none=True)
    selection = Tuple(default_value=None, allow_none=True)

    def __init__(self):
        self.value_scale = bq.LinearScale(allow_padding=False)
        self.row_scale = bq.LinearScale(reverse=True, allow_padding=False)
        across = {"x": self.value_scale, "y": self.row_scale}
        rows = {"x": self.row_scale, "y": self.value_scale}
        self.rows = bq.Bars(
            x=[], y=[], scales=rows, orientation="horizontal", padding=0.0, colors=[MUTED], opacities=[0.0]
        )
        self.truth = bq.Scatter(
            x=[], y=[], scales=across, marker="square", colors=[INK], fill=False, stroke=INK, default_size=130
        )
        self.errors = bq.Lines(x=[], y=[], scales=across, colors=[INK], stroke_width=1.2)
        self.points = {
            kind: bq.Scatter(x=[], y=[], scales=across, marker=shape, colors=[colour], default_size=44)
            for kind, (colour, shape) in _STYLES.items()
        }
        self.row_axis = bq.Axis(scale=self.row_scale, orientation="vertical", grid_lines="none", label="")
        self.value_axis = bq.Axis(
            scale=self.value_scale, grid_lines="solid", grid_color=RULE, tick_format=".6~g", label="coefficient"
        )
        self.figure = figure(
            [self.rows, self.errors, self.truth, *self.points.values()],
            [self.row_axis, self.value_axis],
            name="outcome", height=200, margin=(_ABOVE, 14, _BELOW, 170),
        )  # fmt: skip
        self.legend, self.note = widgets.HTML(legend_html()), widgets.HTML()
        self.rows.on_element_click(self._clicked)
        super().__init__([self.note])
        self.add_class("actspec-bars")

    def _clicked(self, _, content):
        at = int(content["data"]["index"])
        if at < len(self.entries):
            self.selection = self.entries[at].subset

    @observe("entries")
    def _redraw(self, _):
        drawn = self.entries[:_MOST]
        self.children = [self.legend, self.figure, self.note] if drawn else [self.note]
        left = len(self.entries) - len(drawn)
        self.note.value = f'<p class="actspec-muted">{left} more are in the table only.</p>' if left else ""
        if not drawn:
            return
        at = np.arange(len(drawn))
        truth = np.array([np.nan if e.truth is None else e.truth for e in drawn])
        values = np.array([np.nan if e.coefficient is None else e.coefficient for e in drawn])
        errors = np.array([np.nan if e.error is None else e.error for e in drawn])
        self.figure.layout.height = f"{len(drawn) * _ROW + _ABOVE + _BELOW}px"
        everything = np.concatenate([truth, values - errors, values + errors, [0.0]])
        low, high = float(np.nanmin(everything)), float(np.nanmax(everything))
        pad = 0.06 * (high - low) or 1.0
        with self.value_scale.hold_sync():
            self.value_scale.min, self.value_scale.max = low - pad, high + pad
        self.value_axis.tick_values = round_ticks(low - pad, high + pad)
        with self.row_scale.hold_sync():
            self.row_scale.min, self.row_scale.max = -0.5, len(drawn) - 0.5
        names = {str(i): f"{label(self.spectrum, e.subset, 22)} {GLYPHS[e.kind]}" for i, e in enumerate(drawn)}
        with self.row_axis.hold_sync():
            self.row_axis.tick_values, self.row_axis.tick_labels = at, names
        longest = max(map(breadth, names.values()))
        self.figure.fig_margin = {**self.figure.fig_margin, "left": round(16 + 6.8 * min(longest, 28))}
        with self.rows.hold_sync():
            self.rows.base = low - pad
            self.rows.x, self.rows.y = at, np.full(len(drawn), high + pad)
        known = ~np.isnan(truth)
        with self.truth.hold_sync():
            self.truth.x, self.truth.y = truth[known], at[known]
        seen = ~np.isnan(values)
        position, value = whiskers(at[seen], values[seen], errors[seen])
        with self.errors.hold_sync():
            self.errors.x, self.errors.y = value, position
        for kind in KINDS:
            mine = np.array([e.kind == kind for e in drawn])
            with self.points[kind].hold_sync():
                self.points[kind].x = truth[mine] if kind == "miss" else values[mine]
                self.points[kind].y = at[mine]
        self._mark(None)

    @observe("selection")
    def _mark(self, _):
        drawn = self.entries[:_MOST]
        self.rows.opacities = [0.16 if e.subset == self.selection else 0.0 for e in drawn] or [0.0]
