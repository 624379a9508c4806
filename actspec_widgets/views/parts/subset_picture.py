"""The subsets of a spectrum as bars beside a picture of all units: each lights up what belongs to it under the hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from traitlets import Bool, Bytes, Dict, Instance, Int, List, Tuple, Unicode

from ...results import Families, Spectrum
from ..kit.drawn import Drawn, choose, spectrum_table
from ..kit.evidence import Effects, facts, holds
from ..kit.figure import round_ticks
from ..kit.heard import Heard, page_code
from ..kit.part import SpectrumPart
from ..kit.theme import DEGREES, WHISKER, degree_class
from ..kit.words import breadth, counted, degrees_html, label, marked_label, unit_name, with_error
from .picture_groups import Samples, groups_of
from .picture_place import place_of
from .picture_still import picture_svg
from .subset_map import UnitGrid

_HERE = Path(__file__).parent / "js"
_SIZES = "\n".join(f".actspec-picture .size-{k} {{ --size: {style.colour}; }}" for k, style in enumerate(DEGREES))
_LONGEST = 22  # letters of a label
_LETTER = 6.7  # pixels
_MOST_PLACES = 3  # pixels of one subset that are named by row and column
_MOST_UNITS_FOUND = 12  # names of one subset that the search field knows


class Drawing(Heard):
    """The browser's half: it draws what these values say, and needs no kernel to answer a hover.

    Attributes
    ----------
    content : dict
        ``rows``, one for each bar, with the numbers beside it; axis, columns and sizes.
    place, shades : dict, bytes
        Where units are: the pixels of an image with their shades, or the units of a strip.
    groups, sprite, tile : dict, bytes, list
        Means over the samples of each on/off combination, and the samples shown, one image below the other.
    chosen : int
        Row, -1 for none.
    outlined : list of int
        Units of a selected subset that no row shows.
    answer : dict
        What the network said of a unit.
    asks, undoable : bool
        Whether a click on a unit asks a network; whether there is something to take back.
    """

    _esm = page_code(_HERE / "subset_picture.js")
    _css = _SIZES + "\n" + (_HERE / "subset_picture.css").read_text(encoding="utf-8")
    content: Any = Dict().tag(sync=True)
    place: Any = Dict().tag(sync=True)
    shades: Any = Bytes(b"").tag(sync=True)
    groups: Any = Dict().tag(sync=True)
    sprite: Any = Bytes(b"").tag(sync=True)
    tile: Any = List(Int()).tag(sync=True)
    chosen = Int(-1).tag(sync=True)
    outlined: Any = List(Int()).tag(sync=True)
    answer: Any = Dict().tag(sync=True)
    asks = Bool(False).tag(sync=True)
    undoable = Bool(False).tag(sync=True)

    def svg(self, width: float) -> tuple[str, float]:
        """The same picture as SVG elements for pages without a kernel, and how high they are in pixels."""
        return picture_svg(self, width)


class SubsetPicture(SpectrumPart):
    """One bar for each subset, what is known of it beside it, and where its units are.

    Bars of what holds stand first, largest first; the others are faint and hatched. Hovering a bar lights its units and
    shows the means of the target on each on/off combination of them; hovering a unit lights its bars. A click selects.

    Attributes
    ----------
    spectrum : Spectrum or None
    selection : tuple of int or None
        The selected subset; a click sets it, setting it marks the bar and its units.
    max_degree, top : int or None
        What to draw of the spectrum.
    target, unit : str
        What the coefficients are measured in, and what subsets consist of.
    families : Families or None
        In how many half-samples each subset, or one nearly the same, returned.
    effects : Effects or None
        The same subsets by the other kind of evidence: an open circle beside each bar.
    beside : (float, float)
        Values that the axis has room for as well: those of a picture that it is compared with.
    grid : UnitGrid or None
        The image whose pixels the units are; None lists units in a strip, the most influential first.
    samples : Samples or None
        What was recorded, for the means of groups.
    actions : mapping of str to callable
        What buttons and clicks ask for: ``ask(unit)``, ``undo()`` and ``code()``; the last
        answers with ``figure.send({"code": text})``.
    own_range : (float, float)
        Of the values drawn, without those of ``beside``.
    """

    DEPENDS_ON = ("spectrum", "max_degree", "top", "target", "unit", "families", "effects", "beside", "grid", "samples",
                  "lists_units")  # fmt: skip

    max_degree = Int(None, allow_none=True)
    top = Int(None, allow_none=True)
    target = Unicode("the target")
    families = Instance(Families, allow_none=True)
    effects = Instance(Effects, allow_none=True)
    beside = Tuple((0.0, 0.0))
    grid = Instance(UnitGrid, allow_none=True)
    samples = Instance(Samples, allow_none=True)
    lists_units = Bool(True)  # False leaves out the picture of the units

    def __init__(self, **traits: Any):
        self._named: Spectrum | None = None
        self._names: dict[int, str] = {}  # labels of its subsets
        self._stands: tuple[tuple, NDArray] = ((), np.zeros(0, bool))
        self.own_range = 0.0, 0.0
        self.actions: Mapping[str, Callable[..., Any]] = {}
        super().__init__("Coefficients", "coefficients", Drawing(), **traits)
        self.add_class("actspec-bars")
        self.figure.observe(self._picked, "chosen")
        self.figure.on_msg(self._told)

    def _told(self, _, message, buffers):
        if "ask" in message and "ask" in self.actions:
            self.actions["ask"](int(message["ask"]))
        if "undo" in message and "undo" in self.actions:
            self.actions["undo"]()
        if "code" in message and "code" in self.actions:
            self.actions["code"]()

    def _picked(self, change) -> None:
        """A click; it may arrive after its row is gone."""
        order = self.drawn.order
        if change.new == self._row():
            return
        s, row = self.spectrum, change.new
        chosen = s.subsets[order[row]] if s is not None and 0 <= row < len(order) else None
        self.set_trait("selection", chosen)
        self._mark()

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
            self.say_nothing(note)
            return
        faint = ~self.stands[order]
        place, shades = place_of(s, order, self.grid, self.unit) if self.lists_units else ({}, b"")
        groups, sprite, tile = groups_of(self.samples, s, order, self.unit, self.target)
        with self.figure.hold_sync():
            self.figure.content = self._content(s, order, faint)
            self.figure.place, self.figure.shades = place, shades
            self.figure.groups, self.figure.sprite, self.figure.tile = groups, sprite, tile
            self._mark()
        self.say(
            self._sentence(s, order, faint),
            lambda: spectrum_table(s, order, self.families, self.effects),
            legend=self._legend(order, faint),
            note=note,
        )

    def _content(self, s, order, faint):
        known = facts(s, order, self.families, self.effects)
        subsets = [s.subsets[at] for at in order]
        others = np.full(len(order), np.nan) if self.effects is None else self.effects.of(subsets)[:, 0]
        names = [self._label(at) for at in order]
        low, high = self._range(s.coefficients[order], s.standard_errors[order], others)
        axis = f"coefficient (units of {self.target})"
        long = [self._place(subset) for subset in subsets]
        rows = [
            {
                "subset": list(subset), "name": names[row], "long": long[row], "value": float(s.coefficients[at]),
                "error": _number(s.standard_errors[at]), "style": degree_class(len(subset)), "faint": bool(faint[row]),
                "other": _number(others[row]), "facts": [fact.cells[row] for fact in known],
                "units": [unit_name(s, unit) for unit in subset[:_MOST_UNITS_FOUND]],
                "said": f"{label(s, subset, 60)}{f' ({long[row]})' if long[row] else ''}: {self._value(s, at)}"
                + "".join(f"; {said}" for fact in known if (said := fact.said(row)))
                + ("; does not hold" if faint[row] else ""),
            }
            for row, (at, subset) in enumerate(zip(order, subsets, strict=True))
        ]  # fmt: skip
        return {
            "rows": rows, "low": low, "high": high, "unit": self.unit, "owned": bool(self.actions),
            "ticks": [{"value": tick, "text": f"{tick:.6g}"} for tick in round_ticks(low, high).tolist()],
            "axis": axis if len(axis) < 40 else "coefficient",
            "name": f"{counted(len(rows), 'coefficient')}; Enter selects one",
            "labels": round(18 + _LETTER * min(max(map(breadth, names)), _LONGEST + 12)),
            "longest": round(18 + _LETTER * max(map(len, long))),
            "heads": [
                {"text": f.head, "help": f.help, "width": round(_LETTER * max(map(breadth, (f.head, *f.cells))))}
                for f in known
            ],
            "sizes": [
                {
                    "style": k, "outline": DEGREES[k].outline,
                    "text": counted(k + 1, self.unit) + (" or more" if k == len(DEGREES) - 1 else ""),
                }
                for k in sorted({row["style"] for row in rows})
            ],
        }  # fmt: skip

    def _range(self, values, errors, others):
        reach = np.where(np.isfinite(errors), errors, 0.0)
        everything = np.concatenate([values - reach, values + reach, others[np.isfinite(others)], [0.0]])
        low, high = float(everything.min()), float(everything.max())
        pad = 0.04 * (high - low) or 1.0
        low -= pad if low < 0 or high == 0 else 0.0
        self.own_range = low, high + pad
        return min(low, *self.beside), max(high + pad, *self.beside)

    def _label(self, at):
        if at not in self._names:
            self._names[at] = marked_label(self.spectrum, self.spectrum.subsets[at], _LONGEST)
        return self._names[at]

    def _place(self, subset):
        """Where the pixels of a small subset are, in words; "" where units have names, or no place."""
        if self.grid is None or len(subset) > _MOST_PLACES or self.spectrum.unit_names is not None:
            return ""
        return "; ".join(f"row {unit // self.grid.columns}, column {unit % self.grid.columns}" for unit in subset)

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

    def say_nothing(self, sentence: str) -> None:
        self.figure.content = {}
        super().say_nothing(sentence)

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

    def _row(self) -> int:
        subsets = [row["subset"] for row in self.figure.content.get("rows", ())]
        chosen = None if self.selection is None else list(self.selection)
        return subsets.index(chosen) if chosen in subsets else -1

    def _mark(self) -> None:
        with self.figure.hold_sync():
            self.figure.chosen = self._row()
            self.figure.outlined = list(self.selection or ())


def _number(value) -> float | None:
    return float(value) if np.isfinite(value) else None
