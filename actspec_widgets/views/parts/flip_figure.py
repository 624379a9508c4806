"""The output for one sample before and after some of its units change their state: in the network, and predicted."""

from __future__ import annotations

import math

import bqplot as bq
import numpy as np

from ...results import Flip
from ..kit.figure import error_bars, figure, place, round_ticks, set_range
from ..kit.part import Part
from ..kit.table import Column, Table
from ..kit.theme import DEGREES, INK, MUTED, RULE, WHISKER

_NETWORK, _PREDICTION = 0.0, 1.0  # rows


class FlipFigure(Part):
    """Two lines from the output before: to the network's output after, and to the predicted one with its error."""

    def __init__(self) -> None:
        self.value, row = bq.LinearScale(), bq.LinearScale(min=-0.5, max=1.5, reverse=True, allow_padding=False)
        scales = {"x": self.value, "y": row}
        self.lines = bq.Lines(x=[], y=[], scales=scales, colors=[MUTED], stroke_width=2)
        self.error = error_bars(scales)
        self.before = bq.Scatter(x=[], y=[], scales=scales, marker="circle", fill=False, colors=[INK], default_size=70)
        self.after = [
            bq.Scatter(x=[], y=[], scales=scales, marker=marker, colors=[colour], default_size=90)
            for marker, colour in (("circle", DEGREES[0].colour), ("diamond", DEGREES[1].colour))
        ]
        rows = bq.Axis(
            scale=row, orientation="vertical", grid_lines="none", tick_values=np.array([_NETWORK, _PREDICTION]),
            tick_labels={"0": "the network", "1": "the prediction"},
        )  # fmt: skip
        self.axis = bq.Axis(scale=self.value, grid_color=RULE, tick_format=".5~g")
        drawn = figure(
            [self.lines, self.before, *self.after, self.error], [rows, self.axis],
            name="what-if-figure", height=130, margin=(8, 24, 44, 110),
        )  # fmt: skip
        super().__init__("", "what-if", drawn)

    def show(self, flip: Flip, target: str) -> None:
        error = flip.predicted_error if math.isfinite(flip.predicted_error) else 0.0
        ends = np.array([flip.after, flip.before + flip.predicted])
        low, high = min(flip.before, ends[0], ends[1] - error), max(flip.before, ends[0], ends[1] + error)
        pad = 0.1 * (high - low) or 1.0
        set_range(self.value, low - pad, high + pad)
        self.axis.tick_values = round_ticks(low - pad, high + pad)
        self.axis.label = target if len(target) < 40 else "target"
        place(
            self.lines,
            np.array([flip.before, ends[0], np.nan, flip.before, ends[1]]),
            np.array([_NETWORK, _NETWORK, np.nan, _PREDICTION, _PREDICTION]),
        )
        reach = ends[1] + error * np.array([-1.0, 1.0]) if error else np.empty(0)
        place(self.error, reach, np.full(reach.size, _PREDICTION))
        place(self.before, np.full(2, flip.before), np.arange(2.0))
        for at, mark in enumerate(self.after):
            place(mark, ends[at : at + 1], np.array([float(at)]))
        self.say(
            f"From {flip.before:.3g}, the open circle, the network goes to {ends[0]:.3g}; the spectrum says "
            f"{ends[1]:.3g}.",
            lambda: _table(flip, error),
            legend=f"<span>{WHISKER}± standard error of the prediction</span>" if error else "",
        )


def _table(flip: Flip, error: float) -> Table:
    ends = np.array([flip.after, flip.before + flip.predicted])
    return Table(
        (
            Column("according to", ["the network", "the prediction"]),
            Column("before", np.full(2, flip.before), lambda v: f"{v:.4g}"),
            Column("after", ends, lambda v: f"{v:.4g}"),
            Column("change", ends - flip.before, lambda v: f"{v:+.4g}"),
            Column("± error", np.array([0.0, error]), lambda v: f"{v:.2g}" if v else "–"),
        ),
        caption="One sample before and after the turn.",
    )
