"""Other targets that speak for the same class: the same search for each, and which subsets all of them report."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np
from traitlets import Instance, Tuple, observe

from ...progress import part_of
from ...results import TargetComparison
from ..kit.banner import guarded
from ..kit.drawn import marked_label
from ..kit.job import Report
from ..kit.table import Column, SortableTable, Table
from ..kit.words import counted, muted_html, name_html
from .asked import Asked
from .computed import METHOD_SETTINGS, ComputedSpectrum
from .sources import Source

_WHAT = muted_html(
    "A shift of all logits of a sample changes a logit and leaves the decision alone. Here the same search goes over "
    "other numbers that speak for the same class, or over all outputs that the explorer was given by name."
)
_NONE = muted_html(
    "Targets are compared of a model's logits, or of several outputs: give the explorer model= and inputs=, and "
    "output=[targets.logit(3), targets.margin(3, 8)] for example."
)
_BY_EXPERIMENT = muted_html("Targets are compared on the recorded data: choose the evidence “as recorded”.")


class AllTargets(widgets.VBox):
    """Which of the subsets shown every target reports.

    Attributes
    ----------
    computed : ComputedSpectrum or None
        What is shown.
    selection : tuple of int or None
        The subset of the chosen row.
    """

    computed = Instance(ComputedSpectrum, allow_none=True)
    selection = Tuple(default_value=None, allow_none=True)

    def __init__(self, source: Source | None, banner: widgets.Widget):
        self._source, self.banner = Source() if source is None else source, banner
        self.note, self.sentence, self.table = widgets.HTML(), widgets.HTML(), SortableTable()
        self.asked = Asked(
            "Search for the other targets",
            "Which of these subsets are also reported for other numbers that speak for the same class",
            self._search,
            banner,
        )
        super().__init__([self.note])
        self.asked.observe(self._answered, "found")
        self.table.observe(self._picked, "selection")
        self._show(None)

    @property
    def found(self) -> TargetComparison | None:
        """The answer for what is shown; None until it is there."""
        return self.asked.found

    @observe("computed")
    @guarded
    def _show(self, _):
        computed, ask = self.computed, None
        if computed is None or not self._targets(computed):
            self.note.value = _NONE
        elif computed.settings["evidence"] != "recorded":
            self.note.value = _BY_EXPERIMENT
        else:
            self.note.value, ask = _WHAT, computed
        self.asked.offer(ask)
        self._answered(None)

    def _targets(self, computed: ComputedSpectrum) -> dict[str, Any]:
        found = self._source.same_class(computed)
        return found if len(found) > 1 else {}

    def _search(self, computed: ComputedSpectrum, report: Report) -> TargetComparison:
        from ...compute import activation_spectroscopy

        first, *others = self._targets(computed).items()
        method = {name: computed.settings[name] for name in METHOD_SETTINGS}
        spectra = [computed.spectrum]
        for at, (name, values) in enumerate(others):
            report.stage(f"Searching for {name}")
            part = part_of(report, at, len(others))
            spectra.append(activation_spectroscopy(computed.patterns, values, halves=0, progress=part, **method))
        return TargetComparison.of([first[0], *(name for name, _ in others)], spectra)

    @guarded
    def _answered(self, _):
        found = self.found
        if found is None:
            self.children = (self.note, self.asked)
            return
        self.sentence.value = f"<p>{sentence_of(found)}</p>"
        self.table.table = target_table(found)
        self._selected(None)
        self.children = (self.note, self.sentence, self.table)

    @observe("selection")
    def _selected(self, _):
        self.table.selection = self.selection

    def _picked(self, change):
        if change.new is not None:
            self.selection = change.new


def sentence_of(found: TargetComparison) -> str:
    """How many subsets every target reports, and how much each one's list shares with the first; HTML."""
    first, *others = (name_html(name, 60) for name in found.names)
    mine = counted(len(found.spectra[0]), "subset")
    shared = "; ".join(f"{name} {overlap:.2f}" for name, overlap in zip(others, found.overlaps[0, 1:], strict=True))
    most = max(map(len, found.spectra))
    cut = f" The lists hold {most:,} at most." if sum(len(one) == most for one in found.spectra) > 1 else ""
    return (
        f"<b>{len(found.surviving)} of the {mine} reported for {first} are reported for all {len(found.names)} targets"
        f"</b>, themselves or an equivalent. Of all subsets in the list of {first} or in another, the share that is in "
        f"both: {shared}.{cut}"
    )


def target_table(found: TargetComparison) -> Table:
    """One row for each subset of the first target, with a mark under each target that reports it."""
    spectrum = found.spectra[0]
    survives = np.asarray(found.reported.all(axis=1), np.int64)
    columns = [
        Column("subset", spectrum.subsets, lambda subset: marked_label(spectrum, subset, 40), spectrum.label),
        Column("all", survives, _mark),
        *(
            Column(name.removeprefix(f"{found.names[0]} "), reported.astype(np.int64), _mark)
            for name, reported in zip(found.names[1:], found.reported.T[1:], strict=True)
        ),
    ]
    caption = f"Which of the subsets reported for {found.names[0]} are reported for the other targets."
    return Table(tuple(columns), keys=spectrum.subsets, caption=caption)


def _mark(value: Any) -> str:
    return "yes" if value else "–"
