"""The coefficients of a spectrum as bars with their standard errors, those that hold first, and what each rests on."""

from __future__ import annotations

from dataclasses import replace

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from traitlets import Instance, Int, Unicode

from ...results import Families, Spectrum
from ..kit.drawn import Drawn, choose, spectrum_table
from ..kit.evidence import Effects, facts, holds
from ..kit.row_bars import RowBars, mark_rows
from ..kit.strip import Strip
from ..kit.theme import WHISKER, degree_class
from ..kit.words import counted, degrees_html, label, marked_label, with_error

_LONGEST = 22  # letters of a label
_LEGIBLE = 15  # pixels that one line of the strip needs


class SpectrumBars(RowBars):
    """One bar for each subset, what is known of it beside it; a click anywhere in its row selects the subset.

    Bars of what holds stand first, largest first; the others are faint and hatched.

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
        In how many half-samples each subset, or one nearly the same, returned.
    effects : Effects or None
        The same subsets by the other kind of evidence: an open circle beside each bar.
    """

    DEPENDS_ON = ("spectrum", "max_degree", "top", "target", "unit", "families", "effects", "beside")
    ABOVE = 24  # room for the heads of the strip

    max_degree = Int(None, allow_none=True)
    top = Int(None, allow_none=True)
    target = Unicode("the target")
    families = Instance(Families, allow_none=True)
    effects = Instance(Effects, allow_none=True)

    def __init__(self, **traits):
        self._named: Spectrum | None = None
        self._names: dict[int, str] = {}  # labels of its subsets
        self._stands: tuple[tuple, NDArray] = ((), np.zeros(0, bool))
        self._rows_said: list[str] = []
        self.strip = Strip()
        super().__init__("Coefficients", "coefficients", "spectrum", **traits)
        self.strip.observe(lambda change: self._picked(change.new), "chosen")

    def _with_figure(self, figure):
        row = widgets.Box([figure, self.strip])
        row.add_class("actspec-with-strip")
        row.add_class("actspec-scrolls")
        return row

    def _picked(self, row: int) -> None:
        if self.spectrum is not None and 0 <= row < len(self.drawn.order):
            self.selection = self.spectrum.subsets[self.drawn.order[row]]

    def _words(self, row: int) -> str:
        return self._rows_said[row] if row < len(self._rows_said) else ""

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Which subsets of the spectrum hold, shape (k,)."""
        s, families, effects = key = self.spectrum, self.families, self.effects
        if self._stands[0] != key:
            self._stands = key, np.zeros(0, bool) if s is None else holds(s, families, effects)
        return self._stands[1]

    @property
    def drawn(self) -> Drawn:
        """Which subsets are drawn, and what that leaves out."""
        drawn = choose(self.spectrum, self.max_degree, self.top)
        return replace(drawn, order=tuple(sorted(drawn.order, key=lambda at: not self.stands[at])))

    def _draw(self, spectrum: Spectrum) -> None:
        if spectrum is not self._named:
            self._named, self._names = spectrum, {}
        s, drawn = spectrum, self.drawn
        order = list(drawn.order)
        note = drawn.sentence(self.max_degree, self.unit)
        if not order:
            self.strip.clear()
            self.say_nothing(note)
            return
        faint = ~self.stands[order]
        self.say(
            self._sentence(s, order, faint),
            lambda: spectrum_table(s, order, self.families, self.effects),
            legend=self._legend(order, faint),
            note=note,
        )
        subsets = [s.subsets[i] for i in order]
        self._draw_rows(
            s.coefficients[order],
            s.standard_errors[order],
            np.array([degree_class(len(subset)) for subset in subsets]),
            lambda row: self._label(order[row]),
            _LONGEST + 12,
            faint=faint,
            others=None if self.effects is None else self.effects.of(subsets)[:, 0],
        )
        self._draw_strip(s, order, faint)
        words = f"coefficient (units of {self.target})"
        self.value_axis.label = words if len(words) < 34 else "coefficient"
        self._mark()

    def _draw_strip(self, s, order, faint):
        known = facts(s, order, self.families, self.effects)
        self._rows_said = [
            f"{label(s, s.subsets[at], 60)}: {self._value(s, at)}"
            + "".join(f"; {fact.head} {fact.cells[row]}" for fact in known if fact.cells[row])
            + ("; does not hold" if faint[row] else "")
            for row, at in enumerate(order)
        ]
        if self.row_height < _LEGIBLE:
            self.strip.clear()  # the table has it all
        else:
            self.strip.show(known, faint, self._rows_said, self.ABOVE, self.row_height)

    def _label(self, at):
        if at not in self._names:
            self._names[at] = marked_label(self.spectrum, self.spectrum.subsets[at], _LONGEST)
        return self._names[at]

    def _legend(self, order, faint):
        spans = [degrees_html([len(self.spectrum.subsets[i]) for i in order], self.unit)]
        spans.append(f"<span>{WHISKER}± standard error</span>")
        if self.effects is not None:
            spans.append(f"<span>○ {self.effects.name}</span>")
        if faint.any():
            reasons = [f"several {self.unit}s not called joint"]
            reasons += ["nothing is claimed"] if not all(self.spectrum.classes[i] for i in order) else []
            reasons += ["comes from binarising"] if any(self.spectrum.binarisation[i] for i in order) else []
            reasons += ["seldom returns"] if self.families is not None else []
            reasons += ["hardly moves the network"] if self.effects is not None else []
            spans.append(f"<span>faint and hatched: does not hold ({', or '.join(reasons)})</span>")
        return "".join(spans)

    @staticmethod
    def _value(s, at):
        return with_error(s.coefficients[at], s.standard_errors[at])

    def _sentence(self, s, order, faint):
        first = f"{self._value(s, order[0])}, of {label(s, s.subsets[order[0]], 40)}"
        if not faint.any():
            return f"The largest of {counted(len(s), 'coefficient')} is {first}."
        if faint.all():
            return f"None of {counted(len(s), 'coefficient')} holds up; the largest is {first}."
        stand = len(order) - int(faint.sum())
        some = f"The largest of {stand:,} that hold is" if stand > 1 else "The only one that holds is"
        return f"{counted(len(s), 'coefficient')}. {some} {first}."

    def _mark(self) -> None:
        subsets = [self.spectrum.subsets[i] for i in self.drawn.order] if self.spectrum else []
        mark_rows(self.rows, [s == self.selection for s in subsets])
        self.strip.chosen = subsets.index(self.selection) if self.selection in subsets else -1
