"""Truth and answer as a picture: a row for each subset, a hollow square where planted, a mark where found."""

from __future__ import annotations

from collections.abc import Sequence

import bqplot as bq
import numpy as np

from ...patterns.cube import Subset
from ...results import Spectrum
from ..kit.figure import error_bars, figure, place, round_ticks, set_range, whiskers
from ..kit.part import Part
from ..kit.row_bars import clicked_row, fill_band, mark_rows, row_band
from ..kit.theme import INK, RULE
from ..kit.words import breadth, label
from .outcome import GLYPHS, KINDS, Entry, legend_html, outcome_table

# Contrast at least 3 with both themes' backgrounds; the shape is the second cue.
_STYLES = {
    "hit": ("#2e7d4a", "circle"), "equivalent": ("#2272b4", "diamond"),
    "miss": ("#bd5319", "cross"), "false find": ("#c0392b", "triangle-up"),
}  # fmt: skip
_MOST = 60  # rows drawn; the table has all
_ROW, _ABOVE, _BELOW = 22, 6, 46


class OutcomeFigure(Part):
    """Planted and reported coefficients, a row for each subset; a click on a row selects it.

    Attributes
    ----------
    entries : tuple of Entry
        What :meth:`show` was given.
    rows : tuple of subsets
        What each row is about, from the top: those of the entries, unless :func:`share_rows` added some.
    reach : tuple of float
        Least and largest number drawn.
    """

    def __init__(self, title: str):
        self.entries: tuple[Entry, ...] = ()
        self.rows: tuple[Subset, ...] = ()
        self._names: Spectrum | None = None
        self.reach = 0.0, 0.0
        self.value_scale = bq.LinearScale(allow_padding=False)
        self.row_scale = bq.LinearScale(reverse=True, allow_padding=False)
        across = {"x": self.value_scale, "y": self.row_scale}
        self.band = row_band(self.row_scale, self.value_scale)
        self.truth = bq.Scatter(
            x=[], y=[], scales=across, marker="square", colors=[INK], fill=False, stroke=INK, default_size=130
        )
        self.errors = error_bars(across)
        self.points = {
            kind: bq.Scatter(x=[], y=[], scales=across, marker=shape, colors=[colour], default_size=44)
            for kind, (colour, shape) in _STYLES.items()
        }
        self.row_axis = bq.Axis(scale=self.row_scale, orientation="vertical", grid_lines="none", label="")
        self.value_axis = bq.Axis(
            scale=self.value_scale, grid_lines="solid", grid_color=RULE, tick_format=".6~g", label="coefficient"
        )
        drawn = figure(
            [self.band, self.errors, self.truth, *self.points.values()],
            [self.row_axis, self.value_axis],
            name="outcome", height=200, margin=(_ABOVE, 14, _BELOW, 170),
        )  # fmt: skip
        self.band.on_element_click(self._clicked)
        super().__init__(title, "planted and found", drawn)
        self.add_class("actspec-bars")

    def _clicked(self, _, content):
        at = clicked_row(content)
        if at < len(self.rows):
            self.selection = self.rows[at]

    def show(self, title: str, sentence: str, names: Spectrum, entries: Sequence[Entry], found: str) -> None:
        """Draw entries.

        Parameters
        ----------
        title, sentence : str
            Whose answer it is, and what it came to.
        names : Spectrum
            Gives the units' names.
        entries : sequence of Entry
        found : str
            What was found: "coefficient" or "importance".
        """
        self.title, self.entries, self._names = title, tuple(entries), names
        drawn = self.entries[:_MOST]
        if not drawn:
            self.rows = ()
            self.say_nothing(sentence)
            return
        left = len(self.entries) - len(drawn)
        self.say(
            sentence,
            lambda: outcome_table(names, self.entries, f"{found} found"),
            legend=legend_html(drawn),
            note=f"{left} more are in the table only." if left else "",
        )
        self.value_axis.label = "coefficient" if found == "coefficient" else f"coefficient planted, {found} found"
        self._draw(names, tuple(entry.subset for entry in drawn))

    def _draw(self, names: Spectrum, rows: tuple[Subset, ...]) -> None:
        """Draw the entries of these rows, each in its own; a row may be one of another figure's."""
        self.rows = rows
        place_of = {subset: row for row, subset in enumerate(rows)}
        drawn = [entry for entry in self.entries if entry.subset in place_of]
        at = np.array([place_of[entry.subset] for entry in drawn])
        truth = np.array([np.nan if e.truth is None else e.truth for e in drawn])
        values = np.array([np.nan if e.coefficient is None else e.coefficient for e in drawn])
        errors = np.array([np.nan if e.error is None else e.error for e in drawn])
        self.figure.layout.height = f"{len(rows) * _ROW + _ABOVE + _BELOW}px"
        spread = np.nan_to_num(errors)
        everything = np.concatenate([truth, values - spread, values + spread, [0.0]])
        self.reach = float(np.nanmin(everything)), float(np.nanmax(everything))
        set_range(self.row_scale, -0.5, len(rows) - 0.5)
        glyphs = {entry.subset: GLYPHS[entry.kind] for entry in drawn}
        ticks = {str(i): f"{label(names, subset, 22)} {glyphs.get(subset, '–')}" for i, subset in enumerate(rows)}
        with self.row_axis.hold_sync():
            self.row_axis.tick_values, self.row_axis.tick_labels = np.arange(len(rows)), ticks
        longest = max(map(breadth, ticks.values()))
        self.figure.fig_margin = {**self.figure.fig_margin, "left": round(16 + 6.8 * min(longest, 28))}
        self._span(*self.reach)
        known = ~np.isnan(truth)
        place(self.truth, truth[known], at[known])
        seen = ~np.isnan(errors)
        place(self.errors, *whiskers(at[seen], values[seen], errors[seen])[::-1])
        for kind in KINDS:
            mine = np.array([e.kind == kind for e in drawn])
            place(self.points[kind], truth[mine] if kind == "miss" else values[mine], at[mine])
        self._mark()

    def _span(self, low, high):
        pad = 0.06 * (high - low) or 1.0
        set_range(self.value_scale, low - pad, high + pad)
        self.value_axis.tick_values = round_ticks(low - pad, high + pad)
        fill_band(self.band, len(self.rows), low - pad, high + pad)

    def clear(self, title: str, sentence: str) -> None:
        """Say why there is nothing to draw."""
        self.title, self.entries, self.rows = title, (), ()
        self.say_nothing(sentence)

    def _mark(self):
        mark_rows(self.band, [subset == self.selection for subset in self.rows])


def share_places(*figures: OutcomeFigure) -> None:
    """Give figures beside each other the same rows and one range: equal subsets and numbers stand at equal places."""
    drawn = [figure for figure in figures if figure.entries]
    if drawn:
        entries = [entry for figure in drawn for entry in figure.entries[:_MOST]]
        planted_first = sorted(entries, key=lambda entry: entry.truth is None)
        rows = tuple(dict.fromkeys(entry.subset for entry in planted_first))[:_MOST]
        for figure in drawn:
            if figure._names is not None:
                figure._draw(figure._names, rows)
        low, high = min(figure.reach[0] for figure in drawn), max(figure.reach[1] for figure in drawn)
        for figure in drawn:
            figure._span(low, high)
