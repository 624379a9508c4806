"""A number against the dropout rate: each seed as a point, their means with errors, the theory's line."""

from __future__ import annotations

import html

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from traitlets import Instance, Unicode, observe

from .figure import figure, round_ticks, whiskers
from .theme import DEGREES, INK, RULE, WHISKER


class RateFigure(widgets.VBox):
    """One number of several trained networks.

    Attributes
    ----------
    points : ndarray of shape (k, 2), or None
        Rate and number of each network; NaN where the number does not exist.
    theory : ndarray of shape (l, 2), or None
        What the noise operator predicts, by rate.
    label : str
        What the numbers are, for the legend.
    """

    points = Instance(np.ndarray, allow_none=True)
    theory = Instance(np.ndarray, allow_none=True)
    label = Unicode("")

    def __init__(self):
        self.x, self.y = bq.LinearScale(allow_padding=False), bq.LinearScale(allow_padding=False)
        scales = {"x": self.x, "y": self.y}
        self.seeds = bq.Scatter(
            x=[], y=[], scales=scales, marker="circle", colors=[DEGREES[0].colour], default_size=40,
            default_opacities=[0.7],
        )  # fmt: skip
        self.means = bq.Lines(x=[], y=[], scales=scales, colors=[INK], stroke_width=1.6)
        self.errors = bq.Lines(x=[], y=[], scales=scales, colors=[INK], stroke_width=1.2)
        self.line = bq.Lines(x=[], y=[], scales=scales, colors=[DEGREES[1].colour], line_style="dashed")
        self.x_axis = bq.Axis(scale=self.x, label="dropout rate", label_offset="2.6em", grid_lines="none")
        self.y_axis = bq.Axis(
            scale=self.y, orientation="vertical", grid_lines="solid", grid_color=RULE, tick_format=".4~g"
        )
        self.figure = figure(
            [self.line, self.seeds, self.means, self.errors], [self.x_axis, self.y_axis], name="rate", height=300
        )
        self.legend, self.note = widgets.HTML(), widgets.HTML()
        super().__init__([self.note])
        self.add_class("actspec-bars")

    @observe("points", "theory", "label")
    def _redraw(self, _):
        drawn = self.points is not None and np.isfinite(self.points).all(axis=1).any()
        self.children = [self.legend, self.figure, self.note] if drawn else [self.note]
        if not drawn:
            self.note.value = '<p class="actspec-muted">There is nothing to draw yet.</p>'
            return
        known = self.points[np.isfinite(self.points).all(axis=1)]
        missing = len(self.points) - len(known)
        self.note.value = (
            f'<p class="actspec-muted">{missing} of {len(self.points)} networks do not reach this.</p>'
            if missing
            else ""
        )
        rates, means, errors = summary(known)
        theory = self.theory if self.theory is not None else np.empty((0, 2))
        everything = np.concatenate([known[:, 1], theory[:, 1], means - errors, means + errors])
        low, high = float(everything.min()), float(everything.max())
        pad = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
        with self.y.hold_sync():
            self.y.min, self.y.max = low - pad, high + pad
        with self.x.hold_sync():
            self.x.min, self.x.max = float(rates.min()) - 0.05, float(rates.max()) + 0.05
        self.x_axis.tick_values = rates
        self.y_axis.tick_values = round_ticks(low - pad, high + pad)
        with self.seeds.hold_sync():
            self.seeds.x, self.seeds.y = known[:, 0], known[:, 1]
        with self.means.hold_sync():
            self.means.x, self.means.y = rates, means
        several = errors > 0
        at, value = whiskers(rates[several], means[several], errors[several])
        with self.errors.hold_sync():
            self.errors.x, self.errors.y = at, value
        with self.line.hold_sync():
            self.line.x, self.line.y = theory[:, 0], theory[:, 1]
        dashed = "<span>- - noise operator from rate 0</span>"
        self.legend.value = (
            f'<div class="actspec-legend"><span>● {html.escape(self.label)}, one network each</span>'
            f"<span>{WHISKER}mean ± standard error</span>"
            f"{dashed if len(theory) else ''}</div>"
        )


def summary(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates, and the mean and its standard error over the networks of each rate (0 where there is one).

    Examples
    --------
    >>> rates, means, errors = summary(np.array([[0.0, 1.0], [0.0, 3.0], [0.5, 2.0]]))
    >>> rates.tolist(), means.tolist(), errors.tolist()
    ([0.0, 0.5], [2.0, 2.0], [1.0, 0.0])
    """
    rates = np.unique(points[:, 0])
    groups = [points[points[:, 0] == rate, 1] for rate in rates]
    means = np.array([group.mean() for group in groups])
    errors = np.array([group.std(ddof=1) / np.sqrt(group.size) if group.size > 1 else 0.0 for group in groups])
    return rates, means, errors
