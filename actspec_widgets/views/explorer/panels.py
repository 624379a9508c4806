"""The explorer's tabs: each picture is made when it is first looked at, and only the one in front is in the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from traitlets import TraitError, Tuple, Unicode, validate

from ..kit.banner import guarded
from ..parts.degree import DegreeProfile
from ..parts.hypergraph import Hypergraph
from ..parts.influence import InfluenceProfile
from ..parts.redundancy import RedundancyMap
from ..parts.subset_matrix import SubsetMatrix
from .all_layers import AllLayers
from .examples import Examples
from .sources import Source
from .what_if import LiveNetwork, WhatIf


class Panels(widgets.Tab):
    """Tabs whose contents are made on demand.

    Parameters
    ----------
    makers : mapping of str to callable
        Title -> a function that makes the widget shown there.
    banner : Banner
        Where an error goes.

    Attributes
    ----------
    shown : str
        Title of the tab in front; can be set.
    selection : tuple of int or None
        What was selected last in the panel in front; :meth:`show` tells the panel what is.
    made : dict of str to Widget
        What has been looked at so far.
    """

    shown = Unicode()
    selection = Tuple(default_value=None, allow_none=True)

    def __init__(self, makers: Mapping[str, Callable[[], widgets.Widget]], banner: widgets.Widget):
        self._makers, self.banner = dict(makers), banner
        self._values: dict[str, Any] = {}
        self.made: dict[str, widgets.Widget] = {}
        # Taken out rather than hidden: bqplot computes negative sizes for a figure without room.
        self._places = {title: widgets.VBox() for title in makers}
        super().__init__(list(self._places.values()), titles=tuple(makers), selected_index=0)
        self.add_class("actspec-tabs")
        self.observe(self._turned, "selected_index")
        self.observe(self._set, "shown")
        self.shown = next(iter(makers))

    @property
    def front(self) -> widgets.Widget:
        """The widget in front."""
        return self.made[self.shown]

    @guarded
    def _turned(self, change):
        if change.new is None:
            return
        try:
            self.shown = list(self._places)[change.new]
        finally:
            self.selected_index = list(self._places).index(self.shown)  # back, where making the panel failed

    @validate("shown")
    def _check(self, proposal):
        title = proposal.value
        if title not in self._places:
            raise TraitError(f"there is no tab {title!r}; there are {', '.join(map(repr, self._places))}")
        if title not in self.made:
            self.made[title] = panel = self._makers[title]()
            if panel.has_trait("selection"):
                panel.observe(self._picked, "selection")
        return title

    def _set(self, change):
        self.selected_index = list(self._places).index(change.new)  # first, so that what comes in has room at once
        for title, place in self._places.items():
            place.children = (self.made[title],) if title == change.new else ()
        self._update()

    def show(self, **values: Any) -> None:
        """Bring the panel in front up to date: its traits of these names. The others follow when they are looked at."""
        self._values = values
        self._update()

    def _update(self) -> None:
        with self.front.hold_trait_notifications():
            for name, value in self._values.items():
                if self.front.has_trait(name):
                    setattr(self.front, name, value)

    def _picked(self, change):
        self.set_trait("selection", change.new)


def explorer_panels(first: widgets.Widget, source: Source | None, banner: widgets.Widget) -> Panels:
    """The bars, the other pictures of the same spectrum, its samples, and the network."""
    live = None if source is None else LiveNetwork(source)
    makers: dict[str, Callable[[], widgets.Widget]] = {
        "Subsets": lambda: first,
        "By size": DegreeProfile,
        "Influence": InfluenceProfile,
        "Redundancy": RedundancyMap,
        "Matrix": SubsetMatrix,
        "Hypergraph": Hypergraph,
        "Examples": lambda: Examples(banner),
        "What if": lambda: WhatIf(live, banner),
        "Layers": lambda: AllLayers(source, banner),
    }
    return Panels(makers, banner)
