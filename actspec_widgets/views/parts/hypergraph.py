"""Subsets of two or more units as outlined areas around the units that they join."""

from __future__ import annotations

from typing import Any

import bqplot as bq
import numpy as np

from ...results import Spectrum
from ..kit.figure import figure
from ..kit.part import SpectrumPart
from ..kit.row_bars import clicked_row
from ..kit.theme import DEGREES, INK, degree_class
from ..kit.words import counted, degrees_html, isolated, tidy_name, unit_name
from .hypergraph_layout import outline, places, same_length
from .spectrum import choose
from .spectrum_table import spectrum_table

_MOST_SUBSETS, _MOST_UNITS = 30, 40
_SIDE, _LARGE, _EDGE = 440, 580, 6  # pixels
_ROOMY = 20  # units that the smaller picture has room for
_RADIUS = 0.085  # of an area around its unit, where the page is two wide
_NAME = 10  # letters


class Hypergraph(SpectrumPart):
    """Units that lie near each other share subsets; the stronger a coefficient, the denser its area.

    The shape in the middle of an area stands for the subset's size, as does the colour; a broken outline for a
    negative coefficient. A click on the shape selects the subset.
    """

    def __init__(self, **traits: Any):
        self.order: list[int] = []
        self.x, self.y = (bq.LinearScale(min=-1.16, max=1.16, allow_padding=False) for _ in range(2))
        scales = {"x": self.x, "y": self.y}

        def areas(**options):
            return bq.Lines(
                x=[0.0, 1.0], y=[0.0, 1.0], scales=scales, close_path=True, visible=False, colors=[INK], **options
            )

        self.positive = areas(fill="inside", stroke_width=1.6)
        self.negative = areas(fill="inside", stroke_width=1.6, line_style="dashed")
        self.chosen = areas(stroke_width=3)
        self.shapes = [
            bq.Scatter(x=[], y=[], scales=scales, marker=s.marker, colors=[s.colour], default_size=70) for s in DEGREES
        ]
        self.units = bq.Scatter(x=[], y=[], scales=scales, marker="circle", colors=[INK], default_size=30)
        # Beside its unit, on the side where the page goes on.
        self.names = [
            bq.Label(
                x=[0.0], y=[0.0], text=[""], scales=scales, colors=[INK], default_size=12, font_weight="normal",
                align=align, x_offset=offset, y_offset=-6, visible=False,
            )
            for align, offset in (("start", 6), ("end", -6))
        ]  # fmt: skip
        for shapes in self.shapes:
            shapes.on_element_click(self._clicked)
        drawn = figure(
            [self.positive, self.negative, self.chosen, self.units, *self.shapes, *self.names],
            name="hypergraph", height=_SIDE, margin=(_EDGE,) * 4, padding_x=0, min_aspect_ratio=1, max_aspect_ratio=1,
        )  # fmt: skip
        super().__init__("Units joined by subsets", "joint subsets", drawn, **traits)

    def _draw(self, spectrum: Spectrum) -> None:
        chosen = choose(spectrum, None, _MOST_SUBSETS, min_degree=2)
        self.order, units = self._within(spectrum, chosen.order)
        self.subsets = [spectrum.subsets[i] for i in self.order]
        if not self.order:
            self.say_nothing("No reported subset joins two or more units.")
            return
        row = {unit: at for at, unit in enumerate(units)}
        edges = [[row[unit] for unit in subset] for subset in self.subsets]
        at = places(edges, len(units))
        self._outlines = same_length(
            [outline(at[edge], _RADIUS * (1 + 0.14 * len(edge))) for edge in edges]
        )  # larger around more units, so that an area inside another one shows
        self._draw_areas(spectrum.coefficients[self.order])
        self._draw_shapes(np.array([at[edge].mean(axis=0) for edge in edges]))
        self._draw_units(spectrum, units, at)
        often = np.bincount([unit for s in self.subsets for unit in s])
        busiest = int(np.argmax(often))
        crowded = len(chosen.order) - len(self.order)
        more = f"Not drawn for want of room: {counted(crowded, 'subset')} of yet other {self.unit}s. "
        self.say(
            f"{counted(len(self.order), 'subset')} {'joins' if len(self.order) == 1 else 'join'} "
            f"{counted(len(units), self.unit)}; {self.unit} {isolated(tidy_name(unit_name(spectrum, busiest), 40))} "
            f"is in {often[busiest]} of them.",
            lambda: spectrum_table(spectrum, self.order),
            legend=degrees_html(map(len, self.subsets), self.unit)
            + "<span>denser: a larger coefficient</span><span>- - negative</span>",
            note=(more if crowded else "") + chosen.sentence(None, self.unit),
        )
        self._mark()

    def _within(self, spectrum, order):
        """Strongest first, the subsets whose units together are not too many, and these units."""
        kept, units = [], set()
        for i in order:
            if len(units | set(spectrum.subsets[i])) <= _MOST_UNITS:
                kept.append(i)
                units |= set(spectrum.subsets[i])
        return kept, sorted(units)

    def _draw_areas(self, coefficients):
        dense = np.abs(coefficients) / np.abs(coefficients).max() if coefficients.any() else np.ones(len(coefficients))
        classes = np.array([degree_class(len(s)) for s in self.subsets])
        for mark, mine in ((self.positive, coefficients >= 0), (self.negative, coefficients < 0)):
            rows = np.flatnonzero(mine)
            rows = rows[np.argsort([-len(self.subsets[r]) for r in rows], kind="stable")]  # small ones lie on top
            mark.visible = rows.size > 0
            if not rows.size:
                continue
            with mark.hold_sync():
                mark.colors = mark.fill_colors = [DEGREES[classes[r]].colour for r in rows]
                mark.opacities = (0.35 + 0.65 * dense[rows]).tolist()
                mark.fill_opacities = (0.04 + 0.3 * dense[rows]).tolist()
                mark.x, mark.y = self._outlines[rows, :, 0], self._outlines[rows, :, 1]

    def _draw_shapes(self, middles):
        classes = np.array([degree_class(len(s)) for s in self.subsets])
        self._shape_rows = [np.flatnonzero(classes == c) for c in range(len(DEGREES))]
        for shapes, rows in zip(self.shapes, self._shape_rows, strict=True):
            with shapes.hold_sync():
                shapes.x, shapes.y = middles[rows, 0], middles[rows, 1]

    def _draw_units(self, spectrum, units, at):
        with self.units.hold_sync():
            self.units.x, self.units.y = at[:, 0], at[:, 1]
        names = np.array([isolated(tidy_name(unit_name(spectrum, unit), _NAME)) for unit in units])
        far = at[:, 0] > 0.4
        for mark, mine in zip(self.names, (~far, far), strict=True):
            mark.visible = bool(mine.any())
            if mark.visible:
                with mark.hold_sync():
                    mark.x, mark.y, mark.text = at[mine, 0], at[mine, 1], names[mine].tolist()
        side = _SIDE if len(units) <= _ROOMY else _LARGE
        self.figure.layout.height, self.figure.layout.max_width = f"{side}px", f"{side}px"

    def _clicked(self, mark, content):
        rows = self._shape_rows[self.shapes.index(mark)]
        at = clicked_row(content)
        if self.spectrum is not None and at < len(rows):
            self.selection = self.subsets[rows[at]]

    def _mark(self) -> None:
        at = self.subsets.index(self.selection) if self.order and self.selection in self.subsets else None
        self.chosen.visible = at is not None
        if at is not None:
            with self.chosen.hold_sync():
                self.chosen.x, self.chosen.y = self._outlines[at, :, 0], self._outlines[at, :, 1]
