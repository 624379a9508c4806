"""Several pictures of one thing under tabs: each is made when it is first looked at, and only one is in the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets as widgets
from traitlets import TraitError, Unicode, validate

from ..kit.banner import guarded


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
    made : dict of str to Widget
        What has been looked at so far.
    """

    shown = Unicode()

    def __init__(self, makers: Mapping[str, Callable[[], widgets.Widget]], banner: widgets.Widget):
        self._makers, self.banner = dict(makers), banner
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
        if proposal.value not in self._places:
            raise TraitError(f"there is no tab {proposal.value!r}; there are {', '.join(map(repr, self._places))}")
        if proposal.value not in self.made:
            self.made[proposal.value] = self._makers[proposal.value]()
        return proposal.value

    def _set(self, change):
        self.selected_index = list(self._places).index(change.new)  # first, so that what comes in has room at once
        for title, place in self._places.items():
            place.children = (self.made[title],) if title == change.new else ()
