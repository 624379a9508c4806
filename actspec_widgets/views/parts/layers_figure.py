"""The layers of a model side by side: how many units carry an output, and how far these act jointly."""

from __future__ import annotations

from collections.abc import Mapping

import bqplot as bq
import numpy as np
from numpy.typing import NDArray

from ...results import Distributedness
from ..kit.figure import error_bars, figure, place, round_ticks, set_range, texts, whiskers
from ..kit.part import Part
from ..kit.table import Column, Table
from ..kit.theme import DEGREES, MUTED, RULE, WHISKER, degree_mark
from ..kit.words import breadth, counted, isolated, tidy_name

_ROW, _ABOVE, _BELOW, _LETTER = 26, 6, 34, 6.8  # pixels
_NAME = 28  # letters of a layer's name
_WIDTH, _EDGE = 0.84, 0.03  # of a column, whose rest is the gap; and before the first one
_COLUMNS = (("mean degree", "mean_degree", 1.0), ("effective units", "effective_units", 0.0),
            ("joint share", "joint_share", 0.0))  # fmt: skip


class LayersFigure(Part):
    """A row for each layer, a column for each number; the columns have scales of their own.

    Attributes
    ----------
    layers : tuple of str
        What is drawn, from the top.
    """

    def __init__(self) -> None:
        self.layers: tuple[str, ...] = ()
        self.x = bq.LinearScale(min=-_EDGE, max=float(len(_COLUMNS)), allow_padding=False)
        self.y = bq.LinearScale(reverse=True, allow_padding=False)
        scales = {"x": self.x, "y": self.y}
        self.points = [
            bq.Scatter(x=[], y=[], scales=scales, marker=style.marker, colors=[style.colour], default_size=44)
            for style in DEGREES[: len(_COLUMNS)]
        ]
        self.errors = error_bars(scales)
        self.least = bq.Lines(x=[], y=[], scales=scales, colors=[MUTED], stroke_width=0.8)
        self.heads = texts(scales, 12, align="start")
        self.x_axis = bq.Axis(scale=self.x, grid_lines="solid", grid_color=RULE)
        self.y_axis = bq.Axis(scale=self.y, orientation="vertical", grid_lines="none")
        drawn = figure(
            [self.least, self.errors, *self.points, self.heads], [self.x_axis, self.y_axis],
            name="layers", height=200, margin=(_ABOVE, 14, _BELOW, 120),
        )  # fmt: skip
        super().__init__("Layer by layer", "layers side by side", drawn, scrolls=True)
        self.add_class("actspec-bars")
        drawn.layout.min_width = "560px"

    def show(
        self, found: Mapping[str, Distributedness], refused: Mapping[str, str], output: int, target: str, unit: str
    ) -> None:
        """Draw the numbers of one output.

        Parameters
        ----------
        found : mapping of str to Distributedness
            By layer, from the top.
        refused : mapping of str to str
            Why other layers have none.
        output : int
            Which of the outputs that were measured, for each layer the same.
        target : str
            Its name.
        unit : str
            What a unit is called.
        """
        self.layers = tuple(found)
        note = " ".join(f"{tidy_name(name, 60)} was not measured: {why}." for name, why in list(refused.items())[:3])
        if len(refused) > 3:
            note += f" Nor were {len(refused) - 3} others."
        if not found:
            self.say_nothing(note or "No layer has been measured yet.")
            return
        numbers = {name: _numbers(found, name, output) for _, name, _ in _COLUMNS}
        count = len(found)
        set_range(self.y, -1.5, count - 0.5)  # the heads of the columns have a row
        self.figure.layout.height = f"{(count + 1) * _ROW + _ABOVE + _BELOW}px"
        labels = {str(row): isolated(tidy_name(name, _NAME)) for row, name in enumerate(found)}
        with self.y_axis.hold_sync():
            self.y_axis.tick_values, self.y_axis.tick_labels = np.arange(count), labels
        self.figure.fig_margin = {
            **self.figure.fig_margin,
            "left": round(18 + _LETTER * max(map(breadth, labels.values()))),
        }
        self._draw_columns(numbers, count)
        self.say(
            _sentence(found, numbers, target, unit),
            lambda: layers_table(found, output),
            legend="".join(f"<span>{degree_mark(k)}{title}</span>" for k, (title, _, _) in enumerate(_COLUMNS, 1))
            + f"<span>{WHISKER}± standard error</span>",
            note=note,
        )

    def _draw_columns(self, numbers, count):
        rows = np.arange(count)
        ticks: list[float] = []
        labels: dict[str, str] = {}
        bars, heads = [], []
        for column, (title, name, least) in enumerate(_COLUMNS):
            values, errors = numbers[name]
            known = np.isfinite(values)
            low = min(least, float((values - errors)[known].min(initial=least)))
            high = max(float((values + errors)[known].max(initial=low)), low + 0.05)
            high += 0.06 * (high - low)

            def across(value, column=column, low=low, high=high):
                return column + _WIDTH * (value - low) / (high - low)

            place(self.points[column], across(values[known]), rows[known])
            bars.append((rows[known], across(values[known]), errors[known] * _WIDTH / (high - low)))
            for tick in round_ticks(low, high, 4):
                ticks.append(round(float(across(tick)), 4))
                labels[np.format_float_positional(ticks[-1], trim="-")] = (
                    f"{tick:.0%}" if name == "joint_share" else f"{tick:g}"
                )
            heads.append((column, title))
        with self.x_axis.hold_sync():
            self.x_axis.tick_values, self.x_axis.tick_labels = np.array(ticks), labels
        place(self.errors, *whiskers(*(np.concatenate(part) for part in zip(*bars, strict=True)))[::-1])
        edges = np.array([[column, column, np.nan] for column, _ in heads]).ravel()[:-1]
        place(self.least, edges, np.array([[-0.5, count - 0.5, np.nan]] * len(heads)).ravel()[:-1])
        with self.heads.hold_sync():
            self.heads.x, self.heads.y = np.array([float(at) for at, _ in heads]), np.full(len(heads), -1.0)
            self.heads.text = [title for _, title in heads]


def _numbers(found: Mapping[str, Distributedness], name: str, output: int) -> tuple[NDArray, NDArray]:
    """One number of every layer, and its standard errors."""
    measures = [getattr(one, name) for one in found.values()]
    values = np.array([np.atleast_1d(measure.value)[output] for measure in measures], np.float64)
    return values, np.array([np.atleast_1d(measure.standard_error)[output] for measure in measures], np.float64)


def _sentence(found, numbers, target, unit):
    """Where units act jointly most, and where they do least."""
    values, errors = numbers["mean_degree"]
    known = np.flatnonzero(np.isfinite(values))
    names = [tidy_name(name, 60) for name in found]
    if not len(known):
        return f"In {counted(len(names), 'layer')} too few draws change {target} to say."

    def said(at):
        return f"{names[at]} (mean degree {values[at]:.3f} ± {errors[at]:.3f})"

    if len(known) == 1:
        return f"{target}, {unit}s resampled: {said(known[0])}."
    most, least = known[np.argmax(values[known])], known[np.argmin(values[known])]
    return f"For {target} the {unit}s act jointly most in {said(most)}, and least in {said(least)}."


def layers_table(found: Mapping[str, Distributedness], output: int) -> Table:
    """A row for each layer; NaN where too few draws changed the output to say."""

    def shown(digits, percent=False):
        return lambda v: "–" if np.isnan(v) else f"{v:z.{digits}%}" if percent else f"{v:z.{digits}f}"

    columns = [
        Column("layer", list(found), lambda name: isolated(tidy_name(name, 60))),
        Column("units", np.array([one.n_units for one in found.values()])),
    ]
    for title, name, form in (
        ("mean degree", "mean_degree", shown(3)),
        ("effective units", "effective_units", shown(1)),
        ("joint share", "joint_share", shown(1, percent=True)),
        ("V(product) / V(data)", "off_data", shown(2)),
    ):
        values, errors = _numbers(found, name, output)
        columns += [Column(title, values, form), Column(f"± {title}", errors, form)]
    columns.append(Column("draws", np.array([one.draws for one in found.values()])))
    return Table(tuple(columns), caption="How distributed each layer is.")
