"""A number against the dropout rate: each seed as a point, their means with errors, the theory's line."""

from __future__ import annotations

import html

import bqplot as bq
import numpy as np
from traitlets import Instance, Int, Unicode, observe

from ..kit.figure import error_bars, figure, place, round_ticks, set_range, value_axis, whiskers
from ..kit.part import NOTHING_YET, Part
from ..kit.table import Column, Table
from ..kit.theme import DEGREES, INK, WHISKER, degree_mark
from ..kit.words import capital

_APART = 0.02  # of the axis, between equal points: a little more than a point is wide


class RateFigure(Part):
    """One number of several trained networks.

    Attributes
    ----------
    points : ndarray of shape (k, 2), or None
        Rate and number of each network; NaN where the number does not exist.
    theory : ndarray of shape (l, 2), or None
        What the noise operator predicts, by rate.
    label : str
        What the numbers are, for the legend.
    marked : int or None
        Row of ``points`` with a ring around it; a click on a network's point sets it.
    """

    points = Instance(np.ndarray, allow_none=True)
    theory = Instance(np.ndarray, allow_none=True)
    label = Unicode("")
    marked = Int(None, allow_none=True)

    def __init__(self):
        self._places = np.empty((0, 2))  # where the points are drawn
        self.x, self.y = bq.LinearScale(allow_padding=False), bq.LinearScale(allow_padding=False)
        scales = {"x": self.x, "y": self.y}
        self.seeds = bq.Scatter(
            x=[], y=[], scales=scales, marker="circle", colors=[DEGREES[0].colour], default_size=40,
            opacities=[0.7],
        )  # fmt: skip
        self.ring = bq.Scatter(
            x=[], y=[], scales=scales, marker="circle", colors=[INK], stroke=INK, fill=False, default_size=150
        )
        self.seeds.on_element_click(self._clicked)
        self.means = bq.Lines(x=[], y=[], scales=scales, colors=[INK], stroke_width=1.6)
        self.errors = error_bars(scales)
        self.line = bq.Lines(x=[], y=[], scales=scales, colors=[DEGREES[1].colour], line_style="dashed")
        self.x_axis = bq.Axis(scale=self.x, label="dropout rate", label_offset="2.6em", grid_lines="none")
        self.y_axis = value_axis(self.y)
        drawn = figure(
            [self.line, self.ring, self.seeds, self.means, self.errors],
            [self.x_axis, self.y_axis],
            name="rate",
            height=300,
        )
        super().__init__("Against the dropout rate", "numbers by dropout rate", drawn)
        self.add_class("actspec-bars")

    @observe("points", "theory", "label")
    def _redraw(self, _):
        self.title = capital(self.label) or "Against the dropout rate"
        if self.points is None or not np.isfinite(self.points).all(axis=1).any():
            self.say_nothing(NOTHING_YET)
            return
        known = self.points[np.isfinite(self.points).all(axis=1)]
        missing = len(self.points) - len(known)
        rates, means, errors = summary(known)
        theory = self.theory if self.theory is not None else np.empty((0, 2))
        everything = np.concatenate([known[:, 1], theory[:, 1], means - errors, means + errors])
        low, high = float(everything.min()), float(everything.max())
        pad = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
        set_range(self.y, low - pad, high + pad)
        set_range(self.x, rates.min() - 0.05, rates.max() + 0.05)
        self.x_axis.tick_values = rates
        self.y_axis.tick_values = round_ticks(low - pad, high + pad)
        self._places = apart(self.points, _APART * (self.x.max - self.x.min))
        place(self.seeds, *self._places[np.isfinite(self.points).all(axis=1)].T)
        place(self.means, rates, means)
        several = errors > 0
        place(self.errors, *whiskers(rates[several], means[several], errors[several]))
        place(self.line, *theory.T)
        dashed = "<span>- - noise operator from rate 0</span>" if len(theory) else ""
        self.say(
            f"{len(known)} networks at {len(rates)} dropout rates; the mean goes from {means[0]:.3g} at {rates[0]:g} "
            f"to {means[-1]:.3g} at {rates[-1]:g}.",
            lambda: rate_table(self.label, known),
            legend=f"<span>{degree_mark(1)}{html.escape(self.label)}, one network each</span>"
            f"<span>{WHISKER}mean ± standard error</span>{dashed}",
            note=f"{missing} of {len(self.points)} networks do not reach this." if missing else "",
        )
        self._mark(None)

    def _clicked(self, _, content):
        self.marked = int(np.flatnonzero(np.isfinite(self.points).all(axis=1))[int(content["data"]["index"])])

    @observe("marked")
    def _mark(self, _):
        here = self.points is not None and self.marked is not None and self.marked < len(self.points)
        ring = self._places[self.marked : self.marked + 1] if here else np.empty((0, 2))
        ring = ring[np.isfinite(ring).all(axis=1)]
        place(self.ring, *ring.T)


def apart(points: np.ndarray, step: float) -> np.ndarray:
    """Equal points side by side, ``step`` from each other; the others stay.

    Examples
    --------
    >>> apart(np.array([[0.5, 7.0], [0.5, 7.0], [0.5, 9.0]]), 0.02)[:, 0].tolist()
    [0.49, 0.51, 0.5]
    """
    places = points.astype(np.float64)
    for point in np.unique(points[np.isfinite(points).all(axis=1)], axis=0):
        here = np.flatnonzero((points == point).all(axis=1))
        places[here, 0] += step * (np.arange(len(here)) - (len(here) - 1) / 2)
    return places


def rate_table(label: str, points: np.ndarray) -> Table:
    """One row for each rate: the mean over its networks, its error, and each network's number."""
    rates, means, errors = summary(points)
    each = [", ".join(f"{v:.4g}" for v in points[points[:, 0] == rate, 1]) for rate in rates]
    return Table(
        (
            Column("dropout rate", rates, lambda v: f"{v:g}"),
            Column(label, means, lambda v: f"{v:.4g}"),
            Column("± error", errors, lambda v: f"{v:.2g}"),
            Column("each network", each),
        ),
        caption=f"{label} by dropout rate.",
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
