"""Several curves with the bands of their errors, as they grow, and those of an earlier run dashed behind them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

import bqplot as bq
import numpy as np
from numpy.typing import NDArray
from traitlets import Tuple, Unicode, observe

from ...results.digits import decimals
from ..kit.figure import degree_points, figure, place, round_ticks, set_range, value_axis, whiskers
from ..kit.part import NOTHING_YET, Part
from ..kit.table import Column, Table
from ..kit.theme import DEGREES, degree_mark
from ..kit.words import counted, spread


class NamedCurve(NamedTuple):
    """Means at the places of an axis with their standard errors (not-a-number from one seed)."""

    name: str
    at: NDArray[np.float64]
    mean: NDArray[np.float64]
    error: NDArray[np.float64]


class CurvesFigure(Part):
    """Up to five curves; the shape of its points is a curve's second cue.

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

        self.bands = [
            bq.Lines(
                x=[0.0, 1.0], y=[0.0, 1.0], scales=scales, close_path=True, fill="inside", fill_colors=[s.colour],
                fill_opacities=[0.32], colors=[s.colour], opacities=[0.6], stroke_width=0.6, visible=False,
            )
            for s in DEGREES
        ]  # fmt: skip
        self.lines, self.errors = lines(stroke_width=1.8), lines(stroke_width=1.2)
        self.dashed = lines(stroke_width=1.4, line_style="dashed")
        self.points = degree_points(scales)
        self.x_axis = bq.Axis(scale=self.x, label_offset="2.6em", grid_lines="none")
        self.y_axis = value_axis(self.y)
        drawn = figure(
            [*self.bands, *self.dashed, *self.errors, *self.lines, *self.points],
            [self.x_axis, self.y_axis],
            name="curves",
            height=320,
        )
        super().__init__("Curves", "curves", drawn)
        self.add_class("actspec-bars")

    @observe("curves", "earlier", "x_label", "y_label")
    def _redraw(self, _):
        self.title = self.y_label or "Curves"
        shown = [c for c in (*self.curves, *self.earlier) if len(c.at)]
        if not shown:
            self.say_nothing(NOTHING_YET)
            return
        self._set_scales(shown)
        empty = NamedCurve("", np.empty(0), np.empty(0), np.empty(0))
        earlier = {c.name: c for c in self.earlier}
        for i in range(len(DEGREES)):
            curve = self.curves[i] if i < len(self.curves) else empty
            place(self.lines[i], curve.at, curve.mean)
            place(self.points[i], curve.at, curve.mean)
            self._draw_errors(i, curve)
            before = earlier.get(curve.name, empty)
            place(self.dashed[i], before.at, before.mean)
        spans = [f"<span>{degree_mark(i + 1)}{html.escape(c.name)}</span>" for i, c in enumerate(self.curves)]
        dashed = "<span>- - the earlier run</span>" if self.earlier else ""
        self.say(
            self._sentence([c for c in self.curves if len(c.at)]),
            lambda: curves_table(self.curves, self.earlier, self.x_label, self.y_label),
            legend="".join(spans) + f"<span>band: mean ± standard error</span>{dashed}",
        )

    def _set_scales(self, shown: Sequence[NamedCurve]) -> None:
        error = np.concatenate([np.nan_to_num(c.error) for c in shown])
        mean, at = np.concatenate([c.mean for c in shown]), np.concatenate([c.at for c in shown])
        low, high = float((mean - error).min()), float((mean + error).max())
        low = min(low, 0.0)  # a score that hardly falls must not look as if it did
        pad = 0.06 * (high - low) or 0.1
        bottom = low - pad if low else 0.0
        set_range(self.y, bottom, high + pad)
        wide = 0.04 * float(np.ptp(at)) or 0.5
        set_range(self.x, at.min() - wide, at.max() + wide)
        self.x_axis.tick_values, self.x_axis.label = round_ticks(at.min() - wide, at.max() + wide), self.x_label
        self.y_axis.tick_values = round_ticks(bottom, high + pad)

    def _draw_errors(self, i: int, curve: NamedCurve) -> None:
        """A band between mean - error and mean + error; where a curve is one point so far, a whisker."""
        error = np.nan_to_num(curve.error)
        band = len(curve.at) > 1 and bool(error.any())
        self.bands[i].visible = band
        if band:
            there, back = np.argsort(curve.at), np.argsort(curve.at)[::-1]
            edge = np.concatenate([(curve.mean + error)[there], (curve.mean - error)[back]])
            place(self.bands[i], np.concatenate([curve.at[there], curve.at[back]]), edge)
        alone = np.full(len(curve.at), not band) & (error > 0)
        place(self.errors[i], *whiskers(curve.at[alone], curve.mean[alone], error[alone]))

    def _sentence(self, curves: Sequence[NamedCurve]) -> str:
        if not curves:
            return "The new run has nothing to draw yet."
        end = max(float(c.at.max()) for c in curves)
        there = [c for c in curves if end in c.at]
        value = {c.name: (c.mean[c.at == end][0], c.error[c.at == end][0]) for c in there}
        name = max(value, key=lambda n: value[n][0])
        mean, error = value[name]
        digits = decimals(error) if np.isfinite(error) and error > 0 else 3
        return (
            f"{counted(len(curves), 'curve')} up to {self.x_label} {end:g}; there {name} is highest, "
            f"{mean:.{digits}f}{spread(error, digits)}."
        )


def curves_table(curves: Sequence[NamedCurve], earlier: Sequence[NamedCurve], x_label: str, y_label: str) -> Table:
    """One row for each point of each curve."""
    runs = [(c, "this run") for c in curves] + [(c, "the earlier run") for c in earlier]
    names = [c.name for c, _ in runs for _ in c.at]
    columns = [Column("curve", names)]
    if earlier:
        columns.append(Column("run", [run for c, run in runs for _ in c.at]))

    def joined(arrays):
        return np.concatenate([*arrays, np.empty(0)])

    columns += [
        Column(x_label, joined([c.at for c, _ in runs]), lambda v: f"{v:g}"),
        Column(y_label, joined([c.mean for c, _ in runs]), lambda v: f"{v:.4g}"),
        Column("± error", joined([c.error for c, _ in runs]), lambda v: "" if np.isnan(v) else f"{v:.2g}"),
    ]
    return Table(tuple(columns), caption=f"{y_label} against {x_label}.")
