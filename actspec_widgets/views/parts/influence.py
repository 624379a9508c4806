"""How much each unit matters: the squared weight of the reported subsets that contain it."""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Instance, Tuple

from ...results import Families, Spectrum, measures
from ...results.digits import decimals
from ..kit.evidence import Effects, holds, what_is_counted
from ..kit.row_bars import RowBars, mark_rows
from ..kit.table import Column, Table
from ..kit.theme import WHISKER, degree_mark
from ..kit.words import counted, spread, tidy_name, unit_label
from .subset_map import INFLUENCE, SubsetMap, UnitGrid

_MOST = 20  # units with a bar


class InfluenceProfile(RowBars):
    """The most influential units as bars with their standard errors, and all of them on the image they are pixels of.

    A click on a bar selects the strongest subset that contains the unit; setting ``selection`` marks its units.

    Attributes
    ----------
    image_shape : (rows, columns) or None
        Of the image whose pixels the units are; adds the map.
    units : tuple of int
        Those drawn as bars, most influential first.
    families, effects
        As of :class:`~actspec_widgets.views.parts.subset_picture.SubsetPicture`.
    """

    DEPENDS_ON = ("spectrum", "unit", "image_shape", "families", "effects")

    image_shape = Tuple(default_value=None, allow_none=True)
    families = Instance(Families, allow_none=True)
    effects = Instance(Effects, allow_none=True)

    def __init__(self, **traits: Any):
        self.units: tuple[int, ...] = ()
        self._said: list[str] = []
        self.map = SubsetMap("map of influences")
        super().__init__("Influence of each unit", "influences", "influence", **traits)

    def _draw(self, spectrum: Spectrum) -> None:
        everything = spectrum.influences()
        ranked = np.argsort(-everything, kind="stable")
        ranked = ranked[everything[ranked] > 0] if everything.any() else ranked[:1]
        self.units = tuple(ranked[:_MOST].tolist())
        errors = np.asarray(measures.influences(spectrum, self.units).standard_error)
        values = everything[list(self.units)]
        self.value_axis.label = "influence (squared units of the target)"
        self._draw_rows(
            values, errors, np.zeros(len(values), np.intp), lambda row: unit_label(spectrum, self.units[row], 22), 24
        )
        held = [sum(unit in subset for subset in spectrum.subsets) for unit in self.units]
        self._said = [
            f"{self.unit} {unit_label(spectrum, unit, 60)}: influence {value:.{decimals(error)}f}"
            f"{spread(error, decimals(error))}, in {counted(count, 'subset')}"
            for unit, value, error, count in zip(self.units, values, errors, held, strict=True)
        ]
        left, total = ranked[_MOST:], everything.sum()
        share = everything[left].sum() / total if total else 0.0
        digits = decimals(errors[0])
        rest = f"Not drawn: {counted(len(left), self.unit)} of less influence, together {share:.1%} of the sum."
        self.say(
            f"{len(ranked):,} of {counted(spectrum.n_units, self.unit)} take part; {self.unit} "
            f"{unit_label(spectrum, self.units[0], 40)} has the largest influence, {values[0]:.{digits}f}"
            f"{spread(errors[0], digits)}.",
            lambda: self._table(spectrum, ranked, everything),
            legend=f"<span>{degree_mark(1)}squared weight of the subsets that contain it</span>"
            f"<span>{WHISKER}± standard error</span>",
            note=" ".join(
                filter(None, (what_is_counted(spectrum, self.families, self.effects), rest if len(left) else ""))
            ),
        )
        shape = self.image_shape
        if shape is not None and shape[0] * shape[1] == spectrum.n_units:
            self.map.grid = UnitGrid.of_image(shape, everything, INFLUENCE)
            self.children = [*self.children[:-1], self.map, self.children[-1]]
        self._mark()

    def _table(self, spectrum, ranked, everything):
        standing = holds(spectrum, self.families, self.effects)
        firm = [s for s, stands in zip(spectrum.subsets, standing, strict=True) if stands]
        count, stand = (
            np.bincount([unit for s in subsets for unit in s] or np.zeros(0, np.intp), minlength=spectrum.n_units)
            for subsets in (spectrum.subsets, firm)
        )
        total = everything.sum() or 1.0
        return Table(
            (
                Column(
                    self.unit,
                    ranked if spectrum.unit_names is None else [spectrum.unit_names[u] for u in ranked],
                    lambda name: tidy_name(str(name), 60),
                ),
                Column("subsets", count[ranked]),
                Column("that hold", stand[ranked]),
                Column("influence", everything[ranked], lambda v: f"{v:.4g}"),
                Column("share of the sum", everything[ranked] / total, lambda v: f"{v:.1%}"),
            ),
            caption=f"Influence of each {self.unit}.",
        )

    def _words(self, row: int) -> str:
        return self._said[row] if row < len(self._said) else ""

    def _picked(self, row: int) -> None:
        if row < len(self.units):
            self._select_strongest(lambda subset: self.units[row] in subset)

    def _mark(self) -> None:
        chosen = set(self.selection or ())
        mark_rows(self.rows, [unit in chosen for unit in self.units])
        self.map.selection = self.selection
