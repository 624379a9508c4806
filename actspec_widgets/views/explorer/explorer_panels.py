"""What stands under the explorer's tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from traitlets import Tuple

from ..parts.degree import DegreeProfile
from ..parts.hypergraph import Hypergraph
from ..parts.influence import InfluenceProfile
from ..parts.redundancy import RedundancyMap
from ..parts.subset_matrix import SubsetMatrix
from .examples import Examples
from .live_network import LiveNetwork
from .panels import Panels
from .sources import Source
from .what_if import WhatIf


class ExplorerPanels(Panels):
    """The bars, the other pictures of the same spectrum, its samples, and the network.

    Attributes
    ----------
    selection : tuple of int or None
        What was selected last in the panel in front; :meth:`show` tells the panel what is.
    """

    selection = Tuple(default_value=None, allow_none=True)

    def __init__(self, first: widgets.Widget, source: Source | None, banner: widgets.Widget):
        self._values: dict[str, Any] = {}
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
        }
        super().__init__({title: self._watched(make) for title, make in makers.items()}, banner)
        self.observe(lambda _: self._update(), "shown")

    def show(self, **values: Any) -> None:
        """Bring the panel in front up to date: its traits of these names. The others follow when they are looked at."""
        self._values = values
        self._update()

    def _update(self) -> None:
        panel = self.front
        with panel.hold_trait_notifications():
            for name, value in self._values.items():
                if panel.has_trait(name):
                    setattr(panel, name, value)

    def _watched(self, make):
        def made():
            panel = make()
            if panel.has_trait("selection"):
                panel.observe(self._picked, "selection")
            return panel

        return made

    def _picked(self, change):
        self.set_trait("selection", change.new)

    def close(self) -> None:
        for panel in self.made.values():
            panel.close()
        super().close()
