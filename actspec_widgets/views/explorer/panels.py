"""The explorer's views: each is made when it is first looked at, and stays in the page behind the one in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
from traitlets import Instance, TraitError, Tuple, Unicode, validate

from ..kit.banner import guarded
from ..kit.controls import Choice, Field
from ..kit.still import BEHIND
from ..parts.degree import DegreeProfile
from ..parts.hypergraph import Hypergraph
from ..parts.influence import InfluenceProfile
from ..parts.redundancy import RedundancyMap
from ..parts.subset_matrix import SubsetMatrix
from .all_layers import AllLayers
from .all_targets import AllTargets
from .computed import ComputedSpectrum
from .examples import Examples
from .sources import Source
from .what_if import WhatIf, live_network

_MORE = "More"


class Panels(widgets.Tab):
    """Tabs whose contents are made on demand; the last one, "More", has several, and a menu to choose from.

    Parameters
    ----------
    makers, more : mapping of str to callable
        Title -> a function that makes the widget shown there: in a tab of its own, and under "More".
    banner : Banner
        Where an error goes.

    Attributes
    ----------
    shown : str
        Title of what is in front, of a tab or under "More"; can be set.
    everything : tuple of str
        All titles.
    selection : tuple of int or None
        What was selected last in the panel in front; :meth:`show` tells the panel what is.
    made : dict of str to Widget
        What has been looked at so far.
    """

    shown = Unicode()
    selection = Tuple(default_value=None, allow_none=True)

    def __init__(
        self,
        makers: Mapping[str, Callable[[], widgets.Widget]],
        banner: widgets.Widget,
        more: Mapping[str, Callable[[], widgets.Widget]] | None = None,
    ):
        more = dict(more or {})
        self._makers, self.banner = {**makers, **more}, banner
        self.everything = tuple(self._makers)
        self._tabs = [*makers, *([_MORE] if more else [])]
        self._values: dict[str, Any] = {}
        self.made: dict[str, widgets.Widget] = {}
        self.menu = Choice([(title, title) for title in more] or [("", "")], description="Picture")
        self._menu = Field(self.menu, "Another picture of the same subsets.")
        self._menu.add_class("actspec-narrow")
        # What has been in front stays behind: bqplot, which draws at leisure, computes negative sizes for a figure
        # that was taken out of the page meanwhile.
        self._places = [widgets.VBox([self._menu] if title == _MORE else []) for title in self._tabs]
        super().__init__(self._places, titles=tuple(self._tabs), selected_index=0)
        self.add_class("actspec-tabs")
        self.observe(self._turned, "selected_index")
        self.observe(self._set, "shown")
        self.menu.observe(self._chosen, "choice")
        self.shown = next(iter(makers))

    @property
    def front(self) -> widgets.Widget:
        """The widget in front."""
        return self.made[self.shown]

    @guarded
    def _turned(self, change):
        if change.new is None:
            return
        title = self._tabs[change.new]
        try:
            self.shown = self.menu.choice if title == _MORE else title
        finally:
            self.selected_index = self._tab_of(self.shown)  # back, where making the panel failed

    @guarded
    def _chosen(self, change):
        if self._tabs[self.selected_index or 0] == _MORE:
            self.shown = change.new

    def _tab_of(self, title):
        return self._tabs.index(title if title in self._tabs else _MORE)

    @validate("shown")
    def _check(self, proposal):
        title = proposal.value
        if title not in self._makers:
            raise TraitError(f"there is no tab {title!r}; there are {', '.join(map(repr, self._makers))}")
        if title not in self.made:
            self.made[title] = panel = self._makers[title]()
            if panel.has_trait("selection"):
                panel.observe(self._picked, "selection")
        return title

    def _set(self, change):
        if change.new not in self._tabs:
            self.menu.show(change.new)
        self.selected_index = front = self._tab_of(change.new)  # first, so that what comes in has room at once
        place = self._places[front]
        for panel in place.children:
            if panel is not self._menu:
                panel.add_class(BEHIND)
        self.front.remove_class(BEHIND)
        if self.front not in place.children:
            place.children = (*place.children, self.front)
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


class Evidence(widgets.VBox):
    """What speaks for the subsets, and for the selected one: what returns, what the network does, and what if.

    Attributes
    ----------
    computed, selection, unit
        As of :class:`WhatIf`.
    """

    computed = Instance(ComputedSpectrum, allow_none=True)
    selection = Tuple(default_value=None, allow_none=True)
    unit = Unicode("unit")

    def __init__(self, whole: Sequence[widgets.Widget], what_if: WhatIf):
        self.what_if = what_if
        super().__init__([*whole, widgets.HTML("<h4>What if a unit were turned over?</h4>"), what_if])
        self.observe(self._pass_on, ["computed", "selection", "unit"])

    def _pass_on(self, _):
        with self.what_if.hold_trait_notifications():
            self.what_if.computed, self.what_if.selection = self.computed, self.selection
            self.what_if.unit = self.unit


def explorer_panels(
    first: widgets.Widget, evidence: Sequence[widgets.Widget], source: Source | None, banner: widgets.Widget
) -> Panels:
    """The bars, what speaks for them, the samples; under "More" the other pictures of the same spectrum."""
    live = live_network(source)
    makers: dict[str, Callable[[], widgets.Widget]] = {
        "Subsets": lambda: first,
        "Evidence": lambda: Evidence(evidence, WhatIf(live, banner)),
        "Examples": lambda: Examples(banner),
    }
    more: dict[str, Callable[[], widgets.Widget]] = {
        "By size": DegreeProfile,
        "Influence": InfluenceProfile,
        "Redundancy": RedundancyMap,
        "Matrix": SubsetMatrix,
        "Hypergraph": Hypergraph,
        "Layers": lambda: AllLayers(source, banner),
        "Targets": lambda: AllTargets(source, banner),
    }
    return Panels(makers, banner, more)
