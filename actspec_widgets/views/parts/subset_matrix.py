"""Which units each subset joins, as joined dots in a matrix, beside the coefficients as bars."""

from __future__ import annotations

from typing import Any

import bqplot as bq
import numpy as np
from traitlets import Instance

from ...results import Families, Spectrum
from ..kit.drawn import choose, spectrum_table
from ..kit.evidence import Effects, holds
from ..kit.figure import degree_points, error_bars, figure, place, round_ticks, set_range, texts, whiskers
from ..kit.part import SpectrumPart
from ..kit.row_bars import FAINT, PLAIN, clicked_row, fill_band, fill_bars, mark_rows, row_band
from ..kit.theme import DEGREES, RULE, WHISKER, degree_class
from ..kit.words import breadth, counted, degrees_html, label, unit_label

_MOST_SUBSETS, _MOST_UNITS = 30, 30
_ROW, _BELOW, _LETTER = 22, 46, 6.8  # pixels
_NARROWEST, _WIDEST = 12, 34  # pixels of a unit's column
_NAME, _ROW_NAME = 12, 18  # letters of a unit's name, and of a subset's
_FAINT_DOTS = 0.3  # opacity
_GAP = 1.5  # columns between matrix and bars


class SubsetMatrix(SpectrumPart):
    """Rows are the strongest subsets, columns their units: an UpSet plot laid on its side.

    A click anywhere in a row selects its subset. What does not hold is faint, as in the bars.

    Attributes
    ----------
    families, effects
        As of :class:`~actspec_widgets.views.parts.subset_picture.SubsetPicture`.

    References
    ----------
    Lex, Gehlenborg, Strobelt, Vuillemot and Pfister, "UpSet: visualization of intersecting sets",
    IEEE Transactions on Visualization and Computer Graphics 20(12), 2014.
    """

    DEPENDS_ON = ("spectrum", "unit", "families", "effects")

    families = Instance(Families, allow_none=True)
    effects = Instance(Effects, allow_none=True)

    def __init__(self, **traits: Any):
        self.order: list[int] = []
        self.units: list[int] = []
        self.x = bq.LinearScale(allow_padding=False)
        self.row_scale = bq.LinearScale(reverse=True, allow_padding=False)
        scales = {"x": self.x, "y": self.row_scale}
        flat = {"x": self.row_scale, "y": self.x}
        self.rows = row_band(self.row_scale, self.x)
        self.bars = bq.Bars(x=[], y=[], scales=flat, orientation="horizontal", padding=0.3, opacities=[PLAIN])
        self.errors = error_bars(scales)
        self.links, self.faint_links = (
            [bq.Lines(x=[], y=[], scales=scales, colors=[s.colour], stroke_width=2.5, opacities=[o]) for s in DEGREES]
            for o in (1.0, _FAINT_DOTS)
        )
        self.dots = degree_points(scales, 80)
        self.more = texts(scales, 11, align="start", x_offset=3, visible=False)  # beside the column's line, not on it
        for mark in (self.rows, self.bars, *self.dots):
            mark.on_element_click(self._clicked)
        self.unit_axis = bq.Axis(scale=self.x, side="top", grid_lines="solid", grid_color=RULE)
        self.value_axis = bq.Axis(scale=self.x, grid_lines="none", label_offset="2.6em", label_location="end")
        self.row_axis = bq.Axis(scale=self.row_scale, orientation="vertical", grid_lines="none")
        marks = [self.rows, *self.links, *self.faint_links, *self.dots, self.more, self.bars, self.errors]
        drawn = figure(
            marks,
            [self.row_axis, self.unit_axis, self.value_axis],
            name="matrix",
            height=200,
            margin=(30, 14, _BELOW, 8),
        )
        super().__init__("Subsets and their units", "subsets and their units", drawn, scrolls=True, **traits)

    def _draw(self, spectrum: Spectrum) -> None:
        chosen = choose(spectrum, None, _MOST_SUBSETS)
        self.order = list(chosen.order)
        self.subsets = [spectrum.subsets[i] for i in self.order]
        self._faint = ~holds(spectrum, self.families, self.effects)[self.order]
        strength = np.zeros(spectrum.n_units)
        for i, subset in zip(self.order, self.subsets, strict=True):
            strength[list(subset)] += spectrum.coefficients[i] ** 2
        held = np.unique([unit for subset in self.subsets for unit in subset]).astype(np.intp)
        strongest = held[np.argsort(-strength[held], kind="stable")][:_MOST_UNITS]
        self.units = sorted(strongest.tolist())
        left = len(held) - len(self.units)
        columns = len(self.units) + (left > 0)
        self._lay_out(spectrum, columns, left)
        self._draw_dots()
        self._draw_bars(spectrum, columns)
        joint = int(spectrum.joint[self.order].sum())
        often = np.bincount([unit for s in self.subsets for unit in s])
        busiest = int(np.argmax(often))
        column = f"Column +{left} stands for {counted(left, 'weaker ' + self.unit)}. " if left else ""
        self.say(
            f"{_subsets(len(self.subsets), joint)} {counted(len(held), self.unit)}; "
            f"{self.unit} {unit_label(spectrum, busiest, 40)} is in {often[busiest]} of them.",
            lambda: spectrum_table(spectrum, self.order),
            legend=degrees_html(map(len, self.subsets), self.unit)
            + f"<span>{WHISKER}± standard error</span>"
            + "<span>faint: does not hold</span>" * bool(self._faint.any()),
            note=column + chosen.sentence(None, self.unit),
        )
        self._mark()

    def _lay_out(self, spectrum, columns, left):
        k = len(self.order)
        self._start = columns - 0.5 + _GAP  # where the bars' part begins, in columns
        self._span = max(0.7 * columns, 14.0)
        set_range(self.x, -0.7, self._start + self._span)
        set_range(self.row_scale, -0.5, k - 0.5)
        names = [*(unit_label(spectrum, unit, _NAME) for unit in self.units), *([f"+{left}"] if left else [])]
        longest = _LETTER * max(map(breadth, names))
        upright = longest > _NARROWEST + 5
        above = round(16 + longest) if upright else 24
        with self.unit_axis.hold_sync():
            self.unit_axis.tick_rotate = -90 if upright else 0
            # bqplot puts an upright label to the left of its line; this baseline puts it on the line.
            self.unit_axis.tick_style = {
                "text-anchor": "start" if upright else "middle",
                "dominant-baseline": "mathematical" if upright else "auto",
            }
            self.unit_axis.tick_values = np.arange(columns)
            self.unit_axis.tick_labels = {str(i): name for i, name in enumerate(names)}
        rows = [label(spectrum, subset, _ROW_NAME) for subset in self.subsets]
        with self.row_axis.hold_sync():
            self.row_axis.tick_values = np.arange(k)
            self.row_axis.tick_labels = {str(i): name for i, name in enumerate(rows)}
        left = round(14 + _LETTER * max(map(breadth, rows)))
        self.figure.fig_margin = {**self.figure.fig_margin, "top": above, "left": left}
        self.figure.layout.height = f"{above + k * _ROW + _BELOW}px"
        across = self.x.max - self.x.min
        column = _NARROWEST if upright else max(_NARROWEST, longest + 5)  # or a name would touch the next one
        narrowest = round(left + 14 + column * across)
        self.figure.layout.min_width = f"{narrowest}px"
        self.figure.layout.max_width = f"{round(left + 14 + _WIDEST * across)}px"

    def _draw_dots(self):
        column_of = {unit: column for column, unit in enumerate(self.units)}
        spots = [sorted({column_of.get(unit, len(self.units)) for unit in subset}) for subset in self.subsets]
        classes = [degree_class(len(subset)) for subset in self.subsets]
        for c, (links, faint_links, dots) in enumerate(zip(self.links, self.faint_links, self.dots, strict=True)):
            rows = [row for row, mine in enumerate(classes) if mine == c]
            inside = [(column, row) for row in rows for column in spots[row] if column < len(self.units)]
            dots.opacities = [_FAINT_DOTS if self._faint[row] else 1.0 for _, row in inside] or [1.0]
            place(dots, [column for column, _ in inside], [row for _, row in inside])
            for lines, faint in ((links, False), (faint_links, True)):
                joined = [row for row in rows if len(spots[row]) > 1 and self._faint[row] == faint]
                ends = [(spots[row][0], spots[row][-1]) for row in joined]
                middle, half = [(a + b) / 2 for a, b in ends], [(b - a) / 2 for a, b in ends]
                place(lines, *whiskers(joined, middle, half)[::-1])
        self._dot_rows = [[row for row, mine in enumerate(classes) if mine == c for column in spots[row]
                           if column < len(self.units)] for c in range(len(DEGREES))]  # fmt: skip
        beyond = [(row, sum(u not in column_of for u in s)) for row, s in enumerate(self.subsets)]
        beyond = [(row, count) for row, count in beyond if count]
        self.more.visible = bool(beyond)
        if beyond:
            with self.more.hold_sync():
                self.more.x, self.more.y = [len(self.units)] * len(beyond), [row for row, _ in beyond]
                self.more.text = [str(count) for _, count in beyond]

    def _draw_bars(self, spectrum, columns):
        k = len(self.order)
        values, errors = spectrum.coefficients[self.order], np.nan_to_num(spectrum.standard_errors[self.order])
        low, high = min((values - errors).min(), 0.0), max((values + errors).max(), 0.0)
        room = (high - low) * 1.06 or 1.0
        to_column = lambda v: self._start + (np.asarray(v) - low) / room * self._span  # noqa: E731
        fill_band(self.rows, k, self.x.min, self.x.max)
        with self.bars.hold_sync():
            self.bars.colors = [DEGREES[degree_class(len(s))].colour for s in self.subsets]
            self.bars.opacities = np.where(self._faint, FAINT, PLAIN).tolist()
            fill_bars(self.bars, to_column(values), float(to_column(0.0)))
        position, value = whiskers(np.arange(k), values, errors)
        place(self.errors, to_column(value), position)
        ticks = round_ticks(low, low + room, 4)
        places = np.round(to_column(ticks), 6)
        with self.value_axis.hold_sync():
            self.value_axis.tick_values = places
            keys = [np.format_float_positional(place, trim="-") for place in places]
            self.value_axis.tick_labels = {key: f"{tick:g}" for key, tick in zip(keys, ticks, strict=True)}
        self.value_axis.label = "coefficient"

    def _clicked(self, mark, content):
        at = clicked_row(content)
        if mark in self.dots:
            rows = self._dot_rows[self.dots.index(mark)]
            at = rows[at] if at < len(rows) else len(self.order)
        if self.spectrum is not None and at < len(self.order):
            self.selection = self.subsets[at]

    def _mark(self) -> None:
        mark_rows(self.rows, [s == self.selection for s in self.subsets] if self.order else [])


def _subsets(number, joint):
    """``5 subsets, 2 of them called joint, contain``."""
    if number == 1:
        return f"1 subset{', called joint,' * joint} contains"
    return f"{number} subsets, {joint or 'none'} of them called joint, contain"
