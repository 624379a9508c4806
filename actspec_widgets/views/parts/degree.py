"""How much of a spectrum lies at each degree."""

from __future__ import annotations

from typing import Any

import bqplot as bq
import numpy as np
from traitlets import Instance

from ...results import Families, Spectrum, measures
from ...results.digits import decimals
from ..kit.evidence import Effects, holds, what_is_counted
from ..kit.figure import (
    degree_points,
    error_bars,
    figure,
    place,
    round_ticks,
    set_range,
    value_axis,
    whiskers,
)
from ..kit.part import SpectrumPart
from ..kit.table import Column, Table
from ..kit.theme import DEGREES, WHISKER, degree_class
from ..kit.words import spread

_MOST = 24  # degrees drawn one by one


class DegreeProfile(SpectrumPart):
    """The sum of squared coefficients at each subset size, with its standard error.

    A click on a bar selects the strongest subset of its size; setting ``selection`` marks the bar of its size.

    Attributes
    ----------
    families, effects
        As of :class:`~actspec_widgets.views.parts.subset_picture.SubsetPicture`.
    """

    DEPENDS_ON = ("spectrum", "unit", "families", "effects")

    families = Instance(Families, allow_none=True)
    effects = Instance(Effects, allow_none=True)

    def __init__(self, **traits: Any):
        self.x, self.y = bq.LinearScale(allow_padding=False), bq.LinearScale(min=0.0, allow_padding=False)
        scales = {"x": self.x, "y": self.y}
        self.bars = bq.Bars(x=[], y=[], scales=scales, padding=0.4)
        self.errors = error_bars(scales)
        self.points = degree_points(scales)
        self.x_axis = bq.Axis(scale=self.x, label_offset="2.6em", grid_lines="none")
        self.y_axis = value_axis(self.y)
        self.bars.on_element_click(self._clicked)
        drawn = figure([self.bars, *self.points, self.errors], [self.x_axis, self.y_axis], name="degree", height=240)
        super().__init__("Weight at each degree", "weights by degree", drawn, **traits)

    def _draw(self, spectrum: Spectrum) -> None:
        measure = measures.degree_weights(spectrum)
        weights, errors = np.asarray(measure.value), np.asarray(measure.standard_error)
        degrees = np.arange(len(weights))
        last = min(len(weights), _MOST + 1)
        self.degrees, w, e = degrees[1:last], weights[1:last], np.nan_to_num(errors[1:last])
        shown = max(last - 1, 3)
        self.figure.layout.max_width = f"{70 + 170 * shown}px"
        high = float((w + e).max()) * 1.06 or 1.0
        set_range(self.x, 0.4, shown + 0.6)
        self.y.max = high
        self.x_axis.tick_values, self.x_axis.tick_format = np.arange(1, shown + 1), "d"
        self.y_axis.tick_values = round_ticks(0.0, high, 5)
        classes = np.array([degree_class(int(d)) for d in self.degrees])
        with self.bars.hold_sync():
            self.bars.colors = [DEGREES[c].colour for c in classes]
            self.bars.x, self.bars.y = self.degrees, w
        known = e > 0
        at, value = whiskers(self.degrees[known], w[known], e[known])
        place(self.errors, at, np.maximum(value, 0.0))
        for c, points in enumerate(self.points):
            mine = classes == c
            place(points, self.degrees[mine], w[mine])
        total = weights.sum()
        shares = weights / total if total > 0 else weights
        top = 1 + int(np.argmax(weights[1:]))
        digits = decimals(errors[top])
        most = f"{weights[top]:.{digits}f}{spread(errors[top], digits)}"
        rest = weights[last:].sum()
        note = (
            f"Not drawn: degrees above {_MOST}, together {rest / total:.1%} of the squared weight." if rest > 0 else ""
        )
        sizes = np.array([len(s) for s in spectrum.subsets], dtype=np.intp)
        firm = holds(spectrum, self.families, self.effects)
        counts, stand = (np.bincount(sizes[which], minlength=len(weights)) for which in (sizes >= 0, firm))
        note = " ".join(filter(None, (what_is_counted(spectrum, self.families, self.effects), note)))

        def table():
            return Table(
                (
                    Column("degree", degrees[1:]),
                    Column("subsets", counts[1:]),
                    Column("that hold", stand[1:]),
                    Column("weight", weights[1:], lambda v: f"{v:.4g}"),
                    Column("± error", errors[1:], lambda v: f"{v:.2g}"),
                    Column("share", shares[1:], lambda v: f"{v:.1%}"),
                ),
                caption="Sum of squared coefficients by degree.",
            )

        self.x_axis.label = f"degree: {self.unit}s in the subset"
        self.say(
            f"Most weight lies at degree {top}: {most}, {shares[top]:.1%} of all.",
            table,
            legend=f"<span>sum of squared coefficients</span><span>{WHISKER}± standard error</span>",
            note=note,
        )
        self._mark()

    def _clicked(self, _, content):
        at = int(content["data"]["index"])
        if at < len(self.degrees):
            self._select_strongest(lambda subset: len(subset) == self.degrees[at])

    def _mark(self) -> None:
        size = None if self.selection is None else len(self.selection)
        chosen = [d == size for d in getattr(self, "degrees", ())]
        self.bars.opacities = [0.85 if c else 0.45 for c in chosen] or [0.45]
