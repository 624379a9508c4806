"""How much the reported subsets repeat each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...results import Spectrum, measures
from ...results.digits import decimals
from ..kit.drawn import choose
from ..kit.heat_map import HeatMap, colour_bar
from ..kit.part import SpectrumPart
from ..kit.table import Column, Table
from ..kit.words import label, marked_label, spread

_MOST = 20  # subsets drawn, the largest coefficients first
_FEW = 2000  # subsets whose whole matrix is summed up


class RedundancyMap(SpectrumPart):
    """``|E[chi_S chi_T]|`` of the reported subsets; a click on a cell selects its row's subset."""

    def __init__(self, **traits: Any):
        self.order: list[int] = []
        self.chart = HeatMap("redundancy")
        self.chart.on_click(self._clicked)
        super().__init__("Redundancy of the subsets", "redundancies", self.chart.figure, scrolls=True, **traits)

    def _draw(self, spectrum: Spectrum) -> None:
        drawn = choose(spectrum, None, _MOST)
        self.order = list(drawn.order)
        if spectrum.gram is None:
            self.say_nothing("This spectrum does not carry how its subsets go together.")
            return
        table = np.abs(spectrum.gram[np.ix_(self.order, self.order)])
        names = [f"{marked_label(spectrum, spectrum.subsets[i], 20)} {at}" for at, i in enumerate(self.order, 1)]
        shown = table.copy()
        np.fill_diagonal(shown, np.nan)  # each is 1: a subset with itself
        self.chart.draw(shown, names, [str(at) for at in range(1, len(names) + 1)], 1.0)
        self.say(
            self._sentence(spectrum, table),
            lambda: _pairs(spectrum, self.order, table),
            legend=colour_bar(1.0, "|mean product of the two parities|, 1: the same information"),
            note=drawn.sentence(None, self.unit),
        )
        self._mark()

    def _sentence(self, spectrum, table):
        if len(table) < 2:
            return "One subset has nothing to repeat."
        upper = np.where(np.triu(np.ones_like(table, dtype=bool), 1), table, -1.0)
        row, column = np.unravel_index(np.argmax(upper), upper.shape)
        pair = [label(spectrum, spectrum.subsets[self.order[i]], 30) for i in (row, column)]
        closest = f"the two most alike are {pair[0]} and {pair[1]}, {upper[row, column]:.2f}."
        if len(spectrum) > _FEW:
            return f"Of those drawn {closest}"
        mean = measures.redundancy(spectrum)
        digits = decimals(float(mean.standard_error)) if np.isfinite(mean.standard_error) else 3
        return f"The mean over all pairs is {mean.value:.{digits}f}{spread(mean.standard_error, digits)}; {closest}"

    def _clicked(self, row, _):
        if self.spectrum is not None and row < len(self.order):
            self.selection = self.spectrum.subsets[self.order[row]]

    def _mark(self) -> None:
        subsets = [self.spectrum.subsets[i] for i in self.order] if self.spectrum else []
        self.chart.mark(subsets.index(self.selection) if self.selection in subsets else None)


def _pairs(spectrum, order, table):
    first, second = np.triu_indices(len(order), 1)
    subsets = [spectrum.subsets[i] for i in order]

    def subset_column(head, rows):
        return Column(head, [subsets[i] for i in rows], lambda s: marked_label(spectrum, s, 40), spectrum.label)

    redundancies = Column("redundancy", table[first, second], lambda v: f"{v:.3f}")
    return Table(
        (subset_column("units", first), subset_column("and units", second), redundancies),
        caption="Redundancy of each pair of subsets.",
    )
