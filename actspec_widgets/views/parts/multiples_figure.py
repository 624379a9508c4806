"""Small multiples: one shape in every network, a panel for each dropout rate, all on the same scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import bqplot as bq
import numpy as np
from numpy.typing import NDArray

from ..kit.figure import figure, place, round_ticks, set_range, value_axis
from ..kit.part import NOTHING_YET, Part
from ..kit.table import Column, Table
from ..kit.theme import DEGREES, INK, MUTED, degree_mark
from ..kit.words import capital

_WIDTH = 0.82  # of a panel; the middle of panel k is at k, the rest is the gap
_MOST_DOTS = 8  # places across up to which each network's values are dots as well


class Panel(NamedTuple):
    """What one panel shows.

    ``name``: the rate. ``seeds``: of each network. ``values``: a row for each network, a column for each place 1, 2,
    ...; not-a-number where there is none. ``expected``: what the theory expects there, or None.
    """

    name: str
    seeds: tuple[int, ...]
    values: NDArray[np.float64]
    expected: NDArray[np.float64] | None


class MultiplesFigure(Part):
    """Panels side by side in one drawing, so that their scales cannot differ.

    Attributes
    ----------
    panels : tuple of Panel
        What :meth:`show` was given.
    """

    def __init__(self) -> None:
        self.panels: tuple[Panel, ...] = ()
        self.x, self.y = bq.LinearScale(allow_padding=False), bq.LinearScale(min=0.0, allow_padding=False)
        scales = {"x": self.x, "y": self.y}

        def lines(**options):
            return bq.Lines(x=[], y=[], scales=scales, **options)

        blue, orange = DEGREES[0].colour, DEGREES[1].colour
        self.frames = lines(colors=[MUTED], stroke_width=0.8)
        self.networks = lines(colors=[blue], stroke_width=1.0, opacities=[0.5])
        self.dots = bq.Scatter(x=[], y=[], scales=scales, colors=[blue], marker="circle", default_size=20)
        self.means = lines(colors=[INK], stroke_width=1.8)
        self.expected = lines(colors=[orange], stroke_width=1.6, line_style="dashed")
        self.x_axis = bq.Axis(scale=self.x, label_offset="2.6em", grid_lines="none")
        self.y_axis = value_axis(self.y)
        drawn = figure(
            [self.frames, self.networks, self.dots, self.means, self.expected],
            [self.x_axis, self.y_axis],
            name="multiples",
            height=230,
        )
        super().__init__("Network by network", "shapes by dropout rate", drawn)

    def show(self, title: str, across: str, sentence: str, panels: Sequence[Panel], note: str = "") -> None:
        """Draw panels with the same number of places.

        Parameters
        ----------
        title, across : str
            What is drawn, and what its places are.
        sentence : str
        panels : sequence of Panel
        note : str
            Of the dashed line.
        """
        self.title, self.panels = capital(title), tuple(panels)
        values = np.concatenate([p.values.ravel() for p in self.panels]) if self.panels else np.empty(0)
        if not np.isfinite(values).any():
            self.say_nothing(NOTHING_YET)
            return
        places = self.panels[0].values.shape[1]
        at = ((np.arange(places) + 0.5) / places - 0.5) * _WIDTH
        middles = np.arange(len(self.panels))
        top = 1.06 * float(np.nanmax(np.concatenate([values, *(e for p in panels if (e := p.expected) is not None)])))
        set_range(self.x, -0.5, len(middles) - 0.5)
        self.y.max = top
        self.y_axis.tick_values = round_ticks(0.0, top, 5)
        with self.x_axis.hold_sync():
            self.x_axis.tick_values = middles
            self.x_axis.tick_labels = {str(k): panel.name for k, panel in enumerate(self.panels)}
            self.x_axis.label = f"dropout rate; in each panel: {across}, 1 to {places}"
        each = [(k + at, row) for k, panel in enumerate(self.panels) for row in panel.values]
        expected = [(k + at, panel.expected) for k, panel in enumerate(self.panels) if panel.expected is not None]
        left, right = middles - _WIDTH / 2, middles + _WIDTH / 2
        _draw(self.frames, [(np.array([a, a, b]), np.array([top, 0.0, 0.0])) for a, b in zip(left, right, strict=True)])
        _draw(self.networks, each)
        _draw(self.means, [(k + at, mean_of(panel.values)) for k, panel in enumerate(self.panels)])
        _draw(self.expected, expected)
        dots = each if places <= _MOST_DOTS else []
        x, y = (np.concatenate([pair[i] for pair in dots]) if dots else np.empty(0) for i in (0, 1))
        place(self.dots, x[np.isfinite(y)], y[np.isfinite(y)])
        dashed = "<span>- - expected from the networks without dropout</span>" if expected else ""
        self.say(
            sentence,
            lambda: multiples_table(title, across, self.panels),
            legend=f"<span>{degree_mark(1)}one network each</span><span>— mean</span>{dashed}",
            note=note if expected else "",
        )


def mean_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the networks at each place where all of them have a value; else not-a-number."""
    return values.mean(axis=0) if len(values) else np.empty(0)


def shape_sentence(panels: Sequence[Panel], across: str) -> str:
    """How the mean at the first place changes from the lowest to the highest rate."""
    ends = [panels[0], panels[-1]]
    first = [p.values[:, 0][np.isfinite(p.values[:, 0])] for p in ends]
    if len(panels) < 2 or not all(len(values) for values in first):
        return f"{len(panels)} panels, one for each dropout rate."
    one = " to ".join(f"{values.mean():.3g}" for values in first)
    return f"At 1 ({across}) the mean goes from {one}, from dropout {ends[0].name} to {ends[1].name}."


def multiples_table(title: str, across: str, panels: Sequence[Panel]) -> Table:
    """A row for each place of each network."""
    rows = [
        (p.name, seed, place + 1, value, np.nan if p.expected is None else p.expected[place])
        for p in panels
        for seed, row in zip(p.seeds, p.values, strict=True)
        for place, value in enumerate(row)
    ]
    names, seeds, places, values, expected = zip(*rows, strict=True) if rows else ((),) * 5

    def shown(value):
        return "" if np.isnan(value) else f"{value:.4g}"

    columns = [
        Column("dropout rate", np.array([float(name) for name in names])),
        Column("seed", np.array(seeds, dtype=np.intp)),
        Column(across, np.array(places, dtype=np.intp)),
        Column(title, np.array(values, dtype=float), shown),
    ]
    if any(p.expected is not None for p in panels):
        columns.append(Column("expected", np.array(expected, dtype=float), shown))
    return Table(tuple(columns), caption=f"{title}, by dropout rate and network.")


def _draw(mark, pieces):
    """Pieces of one line with gaps between them; not-a-number inside a piece is a gap too."""
    joined = [np.empty(0), np.empty(0)]
    for x, y in pieces:
        gap = [np.nan] if joined[0].size else []
        joined = [np.concatenate([joined[0], gap, x]), np.concatenate([joined[1], gap, y])]
    x, y = joined
    known = np.flatnonzero(np.isfinite(y))
    inside = slice(known[0], known[-1] + 1) if known.size else slice(0)  # bqplot logs an error for a gap at the end
    x = np.where(np.isfinite(y), x, np.nan)
    place(mark, x[inside], y[inside])
