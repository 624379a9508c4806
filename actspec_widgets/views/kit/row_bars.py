"""Horizontal bars with whiskers, one labelled row for each thing, each row a place to click."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray

from .figure import degree_points, error_bars, figure, place, round_ticks, set_range, whiskers
from .part import SpectrumPart
from .theme import DEGREES, MUTED, RULE
from .words import breadth

_ROW, _TALLEST = 22, 640  # pixels for one bar while there are few, and for all of them when there are many
# Of many rows there is room for the next multiple of ten: while that stays, a slider moves bars, and no scale, which
# would draw everything once more.
_EXACT, _STEP = 30, 10
_FEW = 200  # with more rows the bars of one style are one path: bars of their own answer a slider half as fast
_LEGIBLE = 15  # pixels that one label needs
_ABOVE, _BELOW = 6, 46
PLAIN, FAINT = 0.45, 0.2  # opacity of bars; less would vanish in the dark theme
_LETTER = 6.8  # pixels that one letter takes


def row_band(row_scale: bq.Scale, value_scale: bq.Scale) -> bq.Bars:
    """Behind the bars, one as wide as the figure for each row: a large place to click, and the selection's colour."""
    scales = {"x": row_scale, "y": value_scale}
    return bq.Bars(x=[], y=[], scales=scales, orientation="horizontal", padding=0.0, colors=[MUTED], opacities=[0.0])


def fill_band(band: bq.Bars, rows: int, low: float, high: float) -> None:
    """Let a band reach over the whole figure."""
    fill_bars(band, np.full(rows, high), low)


def fill_bars(bars: bq.Bars, values: NDArray, base: float = 0.0) -> None:
    """A bar a row, from ``base``.

    bqplot divides the distance between the first and the last bar by their number for the height of each, and draws
    a single one as a hairline. So a second one, without length, stands two rows below it, out of sight.
    """
    places = np.arange(len(values))
    if len(values) == 1:
        places, values = np.array([0, 2]), np.append(values, base)
    with bars.hold_sync():
        bars.base = base
        bars.x, bars.y = places, values


def mark_rows(band: bq.Bars, chosen: Sequence[bool]) -> None:
    """Tint the rows chosen; the list is as long as the band, or one entry when none is, so that it seldom changes."""
    tints = [0.16 if c else 0.0 for c in chosen]
    band.opacities = [*tints, *[0.0] * (len(band.x) - len(tints))] if any(tints) else [0.0]


def clicked_row(content: dict) -> int:
    """Which of its elements bqplot says was clicked."""
    return int(content["data"]["index"])


class RowBars(SpectrumPart):
    """What parts made of such rows share; a subclass draws them and has ``_picked(row)`` and ``_words(row)``.

    Attributes
    ----------
    rows, bars : bqplot.Bars
    errors : bqplot.Lines
        Whiskers.
    points : list of bqplot.Scatter
        One for each of the theme's styles: the shape is the second cue.
    strokes : list of bqplot.Lines
        In place of bars and points of many rows: one path for all bars of a style.
    """

    def __init__(self, title: str, what: str, name: str, **traits: Any):
        self.value_scale = bq.LinearScale(allow_padding=False)
        self.row_scale = bq.LinearScale(reverse=True, allow_padding=False)
        scales = {"x": self.row_scale, "y": self.value_scale}
        self.rows = row_band(self.row_scale, self.value_scale)
        self.hint = widgets.HTML()
        self.bars = bq.Bars(
            x=[], y=[], scales=scales, orientation="horizontal", padding=0.3, opacities=[PLAIN], tooltip=self.hint
        )
        across = {"x": self.value_scale, "y": self.row_scale}
        self.errors = error_bars(across)
        self.strokes = [
            bq.Lines(x=[], y=[], scales=across, colors=[style.colour], opacities=[0.75]) for style in DEGREES
        ]
        self.points = degree_points(across)
        self.row_axis = bq.Axis(scale=self.row_scale, orientation="vertical", grid_lines="none", label="")
        self.value_axis = bq.Axis(scale=self.value_scale, grid_lines="solid", grid_color=RULE, tick_format=".6~g")
        drawn = figure(
            [self.rows, self.bars, *self.strokes, *self.points, self.errors],
            [self.row_axis, self.value_axis],
            name=name, height=200, margin=(_ABOVE, 14, _BELOW, 170),
        )  # fmt: skip
        for mark in (self.rows, self.bars):
            mark.on_element_click(lambda _, content: self._picked(clicked_row(content)))
        self.bars.on_hover(self._pointed_at)
        super().__init__(title, what, drawn, **traits)
        self.add_class("actspec-bars")

    def _picked(self, row: int) -> None:
        """A click on a bar or anywhere in its row; it may arrive after the row is gone."""
        raise NotImplementedError

    def _words(self, row: int) -> str:
        """All that a row shows, in words; "" for a row that is gone."""
        raise NotImplementedError

    def _pointed_at(self, _, content):
        self.hint.value = f'<div class="actspec-hint">{html.escape(self._words(clicked_row(content)))}</div>'

    def _draw_rows(
        self,
        values: NDArray,
        errors: NDArray,
        classes: NDArray,
        label: Callable[[int], str],
        room: float,
        spare: int = 16,
    ) -> None:
        """One bar a row, from the top.

        Parameters
        ----------
        values, errors : ndarray, shape (k,)
            Not-a-number errors get no whisker.
        classes : ndarray of int, shape (k,)
            Index into the theme's styles.
        label : callable
            Name of a row; asked for the rows that have room for one.
        room, spare : float, int
            Letters that a label takes at most, and pixels beside it.
        """
        k = len(values)
        at, known = np.arange(k), np.isfinite(errors) & (errors > 0)
        reach = np.where(known, errors, 0.0)
        places = k if k <= _EXACT else -(-k // _STEP) * _STEP
        self.row_height = row = max(min(_ROW, _TALLEST / places), 3.0)
        self.figure.layout.height = f"{round(places * row) + _ABOVE + _BELOW}px"
        self._set_scales(values, reach, places)
        self._set_labels(k, label, row, room, spare)
        fill_band(self.rows, places, self.value_scale.min, self.value_scale.max)
        thin = places > _FEW
        with self.bars.hold_sync():
            self.bars.colors = [] if thin else [DEGREES[c].colour for c in classes]
            fill_bars(self.bars, np.empty(0) if thin else values)
        place(self.errors, *whiskers(at[known], values[known], errors[known])[::-1])
        for c, (stroke, points) in enumerate(zip(self.strokes, self.points, strict=True)):
            mine = classes == c
            stroke.stroke_width = 0.7 * row
            from_zero = whiskers(at[mine & thin], values[mine & thin] / 2, np.abs(values[mine & thin]) / 2)
            place(stroke, *from_zero[::-1])
            with points.hold_sync():
                points.default_size = int(max(min(44, row**2 / 6), 4))
                points.x, points.y = values[mine & (not thin)], at[mine & (not thin)]

    def _set_scales(self, values, reach, places):
        all_values = np.concatenate([values - reach, values + reach, [0.0]])
        low, high = all_values.min(), all_values.max()
        pad = 0.04 * (high - low) or 1.0
        low -= pad if low < 0 or high == 0 else 0.0
        set_range(self.value_scale, low, high + pad)
        self.value_axis.tick_values = round_ticks(low, high + pad)
        set_range(self.row_scale, -0.5, places - 0.5)

    def _set_labels(self, k, label, row, room, spare):
        shown = range(0, k, max(1, int(np.ceil(_LEGIBLE / row))))
        labels = {str(i): label(i) for i in shown}
        with self.row_axis.hold_sync():
            self.row_axis.tick_values, self.row_axis.tick_labels = np.array(shown), labels
        left = round(spare + _LETTER * min(max(map(breadth, labels.values())), room))
        self.figure.fig_margin = {**self.figure.fig_margin, "left": left}
