"""The selected subset: chosen from a list, outlined on the map of all units, and its numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from traitlets import Tuple, link

from ...results import Spectrum
from ..kit.controls import Choice, Field
from ..kit.words import label, marked_label
from ..parts.subset_map import SubsetMap, UnitGrid
from .sentences import INVITATION, subset_html

_NONE = ("none selected", ())  # a dropdown takes None for "no option chosen" and shows a blank


class SelectedSubset(widgets.VBox):
    """One subset of a spectrum.

    Attributes
    ----------
    selection : tuple of int or None
        Choosing from the list sets it; :meth:`show` draws it.
    """

    selection = Tuple(default_value=None, allow_none=True)

    def __init__(self) -> None:
        self._spectrum: Spectrum | None = None
        self.subset = Choice([_NONE], named=self._name_not_drawn, description="Subset")
        self.map, self.words = SubsetMap(), widgets.HTML()
        chooser = Field(self.subset, "Choose a subset here, or click it in a picture.")
        self._listed: tuple[Any, ...] = (None,)  # the spectrum and the order of the options, and the options
        self._names: dict[int, tuple[str, Any]] = {}
        super().__init__([chooser, self.map, self.words])
        self.add_class("actspec-side")
        link((self, "selection"), (self.map, "selection"))
        self.subset.observe(self._chosen, "choice")

    def _chosen(self, change):
        self.selection = change.new or None

    def _name_not_drawn(self, subset):
        return f"{label(self._spectrum, subset, 60)} (not drawn)"

    def show(
        self,
        spectrum: Spectrum | None,
        order: Sequence[int],
        selection: tuple[int, ...] | None,
        *,
        target: str,
        unit: str,
        grid: UnitGrid | None,
    ) -> None:
        """Offer the subsets that are drawn, in their order, and show the selected one."""
        self._spectrum = spectrum
        self.subset.offer(self._options(spectrum, order), selection or ())
        if grid is not None:
            self.map.grid = grid
        self.set_trait("selection", selection)
        if spectrum is None or selection is None:
            self.words.value = INVITATION
        else:
            columns = grid.columns if grid is not None and grid.image else None
            self.words.value = subset_html(spectrum, selection, target, unit, columns)

    def _options(self, spectrum, order):
        if self._listed[:2] != (spectrum, order):
            if spectrum is not self._listed[0]:
                self._names.clear()
            for i in order:
                if i not in self._names:
                    subset = spectrum.subsets[i]
                    self._names[i] = marked_label(spectrum, subset, 60), subset
            self._listed = spectrum, order, [_NONE, *(self._names[i] for i in order)]
        return self._listed[2]
