"""The coefficients of a spectrum as bars with their standard errors, largest first."""

from __future__ import annotations

import numpy as np
from traitlets import Instance, Int, Unicode

from ...results import Families, Spectrum
from ..kit.drawn import Drawn, choose, not_called_joint, spectrum_table
from ..kit.row_bars import RowBars, mark_rows
from ..kit.theme import WHISKER, degree_class
from ..kit.words import counted, decimals, degrees_html, label, marked_label

_LONGEST = 22  # letters of a label


class SpectrumBars(RowBars):
    """One bar for each subset; a click on a bar, or anywhere in its row, selects the subset.

    Bars of several units that are not called joint are faint.

    Attributes
    ----------
    spectrum : Spectrum or None
    selection : tuple of int or None
        The selected subset; a click sets it, setting it marks the bar.
    max_degree, top : int or None
        What to draw of the spectrum.
    target, unit : str
        What the coefficients are measured in, and what subsets consist of.
    families : Families or None
        Writes beside each name in how many half-samples the subset, or one nearly the same, returned.
    """

    DEPENDS_ON = ("spectrum", "max_degree", "top", "target", "unit", "families")

    max_degree = Int(None, allow_none=True)
    top = Int(None, allow_none=True)
    target = Unicode("the target")
    families = Instance(Families, allow_none=True)

    def __init__(self, **traits):
        self._named: Spectrum | None = None
        self._names: dict[int, str] = {}  # labels of its subsets
        super().__init__("Coefficients", "coefficients", "spectrum", "coefficient", **traits)

    def _picked(self, row: int) -> None:
        if self.spectrum is not None and row < len(self.drawn.order):
            self.selection = self.spectrum.subsets[self.drawn.order[row]]

    @property
    def drawn(self) -> Drawn:
        """Which subsets are drawn, and what that leaves out."""
        return choose(self.spectrum, self.max_degree, self.top)

    def _draw(self, spectrum: Spectrum) -> None:
        if spectrum is not self._named:
            self._named, self._names = spectrum, {}
        s, drawn = spectrum, self.drawn
        order = list(drawn.order)
        note = drawn.sentence(self.max_degree, self.unit)
        if not order:
            self.say_nothing(note)
            return
        unclaimed = not_called_joint(s)[order]
        self.say(
            self._sentence(s, order[0]),
            lambda: spectrum_table(s, order, self.families),
            legend=self._legend(order, unclaimed.any()),
            note=note,
        )
        classes = np.array([degree_class(len(s.subsets[i])) for i in order])
        spare = 16 if self.families is None else 26  # the arrow is a broad letter
        self._draw_rows(
            s.coefficients[order],
            s.standard_errors[order],
            classes,
            lambda row: self._label(order[row]),
            _LONGEST + 12,
            spare,
            unclaimed,
        )
        words = f"coefficient (units of {self.target})"
        self.value_axis.label = words if len(words) < 34 else "coefficient"
        self._mark()

    def _label(self, at):
        if at not in self._names:
            self._names[at] = marked_label(self.spectrum, self.spectrum.subsets[at], _LONGEST)
        label = self._names[at]
        known = self.families is not None and self.families.subsets == self.spectrum.subsets
        return f"{label} ↻{self.families.returned[at]:.0%}" if known else label

    def _legend(self, order, some_unclaimed):
        spans = [degrees_html([len(self.spectrum.subsets[i]) for i in order], self.unit)]
        if some_unclaimed:
            spans.append(f"<span>faint: several {self.unit}s, not called joint</span>")
        spans.append(f"<span>{WHISKER}± standard error</span>")
        if self.families is not None:
            spans.append(f"<span>↻ share of {self.families.halves} half-samples in which it returns</span>")
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
        mark_rows(self.rows, [s == self.selection for s in subsets])
