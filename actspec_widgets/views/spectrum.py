"""The coefficients of a spectrum as bars with their standard errors, largest first."""

from __future__ import annotations

from dataclasses import dataclass

import bqplot as bq
import numpy as np
from traitlets import Instance, Int, Unicode, observe

from ..results import Spectrum, Stability
from .figure import figure, round_ticks, whiskers
from .part import SpectrumPart
from .spectrum_table import spectrum_table
from .theme import DEGREES, INK, MUTED, RULE, WHISKER, degree_class, degree_mark
from .words import breadth, counted, decimals, label, marked_label

MOST_BARS = 200
_ROW, _TALLEST = 22, 640  # pixels for one bar while there are few, and for all of them when there are many
_LEGIBLE = 15  # pixels that one label needs
_ABOVE, _BELOW = 6, 46
_LONGEST, _LETTER = 22, 6.8  # letters of a label, and the pixels that one takes


@dataclass(frozen=True)
class Drawn:
    """Which subsets of a spectrum are drawn, in order, and what that leaves out."""

    order: tuple[int, ...]
    too_large: int  # subsets of more units than asked for
    too_many: int  # of those allowed, the smaller ones past the number asked for or past MOST_BARS
    share_left_out: float  # of the sum of squared coefficients

    def sentence(self, max_degree: int | None, unit: str) -> str:
        """What is not drawn; empty when everything is."""
        parts = []
        if self.too_many:
            parts.append(f"{counted(self.too_many, 'smaller coefficient')}")
        if self.too_large:
            parts.append(f"{counted(self.too_large, 'subset')} of more than {counted(max_degree or 0, unit)}")
        if not parts:
            return ""
        return f"Not drawn: {' and '.join(parts)}, together {self.share_left_out:.1%} of the squared weight."


def choose(spectrum: Spectrum | None, max_degree: int | None = None, max_subsets: int | None = None) -> Drawn:
    """Largest coefficients first, at most MOST_BARS of them."""
    if spectrum is None:
        return Drawn((), 0, 0, 0.0)
    size = np.abs(spectrum.coefficients)
    degrees = np.array([len(s) for s in spectrum.subsets], dtype=np.intp)
    allowed = np.ones(len(spectrum), bool) if max_degree is None else degrees <= max_degree
    ranked = np.argsort(-size, kind="stable")
    ranked = ranked[allowed[ranked]]
    order = ranked[: min(MOST_BARS, len(ranked) if max_subsets is None else max_subsets)]
    total = float(np.sum(size**2))
    left = 1 - float(np.sum(size[order] ** 2)) / total if total else 0.0
    return Drawn(tuple(order.tolist()), int(len(spectrum) - allowed.sum()), len(ranked) - len(order), max(left, 0.0))


class SpectrumBars(SpectrumPart):
    """One bar for each subset; a click on a bar, or anywhere in its row, selects the subset.

    Attributes
    ----------
    spectrum : Spectrum or None
    selection : tuple of int or None
        The selected subset; a click sets it, setting it marks the bar.
    max_degree, max_subsets : int or None
        What to draw of the spectrum.
    target, unit : str
        What the coefficients are measured in, and what subsets consist of.
    stability : Stability or None
        Writes how often each subset returned beside its name.
    drawn : Drawn
    """

    max_degree = Int(None, allow_none=True)
    max_subsets = Int(None, allow_none=True)
    target = Unicode("the target")
    stability = Instance(Stability, allow_none=True)

    def __init__(self, **traits):
        self.drawn = Drawn((), 0, 0, 0.0)
        self.value_scale = bq.LinearScale(allow_padding=False)
        self.row_scale = bq.LinearScale(reverse=True, allow_padding=False)
        scales = {"x": self.row_scale, "y": self.value_scale}
        # Behind the bars, one as wide as the figure for each row: a large place to click, and the selection's colour.
        self.rows = bq.Bars(
            x=[], y=[], scales=scales, orientation="horizontal", padding=0.0, colors=[MUTED], opacities=[0.0]
        )
        self.bars = bq.Bars(
            x=[], y=[], scales=scales, orientation="horizontal", padding=0.3, opacities=[0.45],
            tooltip=bq.Tooltip(fields=["y"], labels=["coefficient"], formats=["+.4f"]),
        )  # fmt: skip
        across = {"x": self.value_scale, "y": self.row_scale}
        self.errors = bq.Lines(x=[], y=[], scales=across, colors=[INK], stroke_width=1.2)
        self.points = [
            bq.Scatter(x=[], y=[], scales=across, marker=style.marker, colors=[style.colour], default_size=44)
            for style in DEGREES
        ]
        self.row_axis = bq.Axis(scale=self.row_scale, orientation="vertical", grid_lines="none", label="")
        self.value_axis = bq.Axis(scale=self.value_scale, grid_lines="solid", grid_color=RULE, tick_format=".6~g")
        drawn = figure(
            [self.rows, self.bars, self.errors, *self.points],
            [self.row_axis, self.value_axis],
            name="spectrum", height=200, margin=(_ABOVE, 14, _BELOW, 170),
        )  # fmt: skip
        for mark in (self.rows, self.bars):
            mark.on_element_click(self._clicked)
        super().__init__("Coefficients", "coefficients", drawn, **traits)
        self.add_class("actspec-bars")

    def _clicked(self, _, content):
        at = int(content["data"]["index"])
        if at < len(self.drawn.order):
            self.selection = self.spectrum.subsets[self.drawn.order[at]]

    @observe("spectrum", "max_degree", "max_subsets", "target", "unit", "stability")
    def _redraw(self, change):
        self.drawn = choose(self.spectrum, self.max_degree, self.max_subsets)
        super()._redraw(change)

    def _draw(self, spectrum: Spectrum) -> None:
        s, order, k = spectrum, list(self.drawn.order), len(self.drawn.order)
        note = self.drawn.sentence(self.max_degree, self.unit)
        if not k:
            self.say_nothing(note)
            return
        self.say(
            self._sentence(s, order[0]),
            lambda: spectrum_table(s, order, self.stability),
            legend=self._legend(order),
            note=note,
        )
        at, values, errors = np.arange(k), s.coefficients[order], s.standard_errors[order]
        classes = np.array([degree_class(len(s.subsets[i])) for i in order])
        row = max(min(_ROW, _TALLEST / k), 3.0)
        self.figure.layout.height = f"{round(k * row) + _ABOVE + _BELOW}px"
        self._set_scales(values, errors, k)
        self._set_labels(order, row)
        with self.rows.hold_sync():
            self.rows.base = self.value_scale.min
            self.rows.x, self.rows.y = at, np.full(k, self.value_scale.max)
        with self.bars.hold_sync():
            self.bars.colors = [DEGREES[c].colour for c in classes]
            self.bars.x, self.bars.y = at, values
        position, value = whiskers(at, values, errors)
        with self.errors.hold_sync():
            self.errors.x, self.errors.y = value, position
        for c, points in enumerate(self.points):
            mine = classes == c
            with points.hold_sync():
                points.default_size = int(max(min(44, row**2 / 6), 4))
                points.x, points.y = values[mine], at[mine]
        self._mark()

    def _set_scales(self, values, errors, k):
        low, high = min((values - errors).min(), 0.0), max((values + errors).max(), 0.0)
        pad = 0.04 * (high - low) or 1.0
        with self.value_scale.hold_sync():
            self.value_scale.min, self.value_scale.max = float(low - pad), float(high + pad)
        self.value_axis.tick_values = round_ticks(low - pad, high + pad)
        with self.row_scale.hold_sync():
            self.row_scale.min, self.row_scale.max = -0.5, k - 0.5

    def _set_labels(self, order, row):
        step = max(1, int(np.ceil(_LEGIBLE / row)))
        shown = range(0, len(order), step)
        labels = {str(i): self._label(order[i]) for i in shown}
        with self.row_axis.hold_sync():
            self.row_axis.tick_values, self.row_axis.tick_labels = np.array(shown), labels
        longest = max(map(breadth, labels.values()))
        spare = 16 if self.stability is None else 26  # the arrow is a broad letter
        left = round(spare + _LETTER * min(longest, _LONGEST + 12))
        self.figure.fig_margin = {**self.figure.fig_margin, "left": left}
        words = f"coefficient (units of {self.target})"
        self.value_axis.label = words if len(words) < 34 else "coefficient"

    def _label(self, at):
        label = marked_label(self.spectrum, self.spectrum.subsets[at], _LONGEST)
        known = self.stability is not None and self.stability.subsets == self.spectrum.subsets
        return f"{label} ↻{self.stability.returned[at]:.0%}" if known else label

    def _legend(self, order):
        last = len(DEGREES)
        spans = []
        for d in sorted({degree_class(len(self.spectrum.subsets[i])) + 1 for i in order}):
            words = counted(d, self.unit) if d < last else f"{last} {self.unit}s or more"
            spans.append(f"<span>{degree_mark(d)}{words}</span>")
        spans.append(f"<span>{WHISKER}± standard error</span>")
        if self.stability is not None:
            spans.append(f"<span>↻ share of {self.stability.resamples} reruns that report it</span>")
        return "".join(spans)

    def _sentence(self, s, first):
        value, error = s.coefficients[first], s.standard_errors[first]
        digits = decimals(error)
        name = label(s, s.subsets[first], 40)
        return (
            f"The largest of {counted(len(s), 'coefficient')} is {value:+.{digits}f} ± {error:.{digits}f}, of {name}."
        )

    def _mark(self) -> None:
        subsets = [self.spectrum.subsets[i] for i in self.drawn.order] if self.spectrum else []
        self.rows.opacities = [0.16 if s == self.selection else 0.0 for s in subsets] or [0.0]
