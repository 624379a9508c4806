"""One problem of a sweep up close: which level, which of the problems drawn there, and our answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from traitlets import Float, Int, Tuple, link

from ..kit.banner import Banner
from ..kit.controls import Choice, Field, bind, fields_box
from ..parts import outcome
from ..parts.outcome_figure import OutcomeFigure


class CloseUp(widgets.VBox):
    """Controls for a level and a problem, and the outcome there.

    Attributes
    ----------
    level : float or None
    problem : int
    selection : tuple of int or None
    """

    level = Float(None, allow_none=True)
    problem = Int(0, min=0)
    selection: Any = Tuple(default_value=None, allow_none=True)

    def __init__(self, banner: Banner):
        self.banner, self.outcome = banner, OutcomeFigure("One problem up close")
        self.level_choice = Choice([("none", None)], named="{:g}".format, description="Level")
        self.problem_choice = widgets.BoundedIntText(description="Problem", min=0, max=10_000)
        fields = fields_box(
            Field(self.level_choice, "Where to look at one problem; a click on a point does it too."),
            Field(self.problem_choice, "Which of the problems drawn there; 0 is the first."),
        )
        fields.layout.margin = "0"
        super().__init__([fields, self.outcome])
        bind(self, "level", self.level_choice)
        bind(self, "problem", self.problem_choice)
        link((self, "selection"), (self.outcome, "selection"))

    def offer(self, levels: Sequence[float]) -> None:
        """Let people choose among these; a level that is none of them is no longer looked at."""
        if self.level is not None and self.level not in levels:
            self.level = None
        self.level_choice.offer([("none", None), *((f"{level:g}", level) for level in levels)], self.level)

    def clear(self) -> None:
        self.selection = None
        self.outcome.clear(self.outcome.title, "Choose a level, or click a point, to see one problem.")

    def show(self, truth: dict, spectrum: Any) -> None:
        """The answer beside the truth."""
        entries = outcome.compare(truth, spectrum)
        if self.selection not in [entry.subset for entry in entries]:
            self.selection = None
        self.outcome.show(self.outcome.title, outcome.sentence(entries), spectrum, entries, "coefficient")
