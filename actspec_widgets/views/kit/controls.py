"""The settings a person can turn, each with a line that says what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from ...patterns.thresholds import RULES
from .words import tidy

_RULE_NAMES = {
    "zero": "above zero",
    "mean": "above its mean",
    "median": "above its median",
    "otsu": "Otsu's split",
    "informative": "most informative split",
}


class Choice(widgets.Dropdown):
    """A dropdown whose options can be replaced: ipywidgets would report the first option as chosen meanwhile.

    Attributes
    ----------
    choice
        The chosen value; observe this, not ``value``.
    """

    choice = traitlets.Any()
    value: Any
    options: Any

    def __init__(self, options: Sequence[tuple[str, Any]], **kwargs: Any):
        self._offering = False
        super().__init__(options=list(options), **kwargs)
        self.choice = self.value

    def offer(self, options: Sequence[tuple[str, Any]], value: Any) -> None:
        """Replace the options and choose ``value``, which is one of them."""
        self._offering = True
        try:
            if list(self.options) != list(options):
                self.options = list(options)
            self.value = value
        finally:
            self._offering = False
        self.choice = value

    @traitlets.observe("value")
    def _chosen(self, change):
        if not self._offering:
            self.choice = change.new


def field(control: widgets.Widget, help_line: str) -> widgets.VBox:
    """A control with its line of help, which is its tooltip too."""
    control.tooltip = help_line
    box = widgets.VBox([control, widgets.HTML(f"<span>{help_line}</span>")])
    box.add_class("actspec-field")
    return box


class Controls(widgets.Box):
    """One field for each setting; the explorer reads and writes them by name."""

    def __init__(self) -> None:
        self.layer = Choice([("", None)], description="Layer")
        self.logit = Choice([("0", 0)], description="Logit")
        self.max_degree = widgets.IntSlider(description="Largest size", min=1, max=4, continuous_update=False)
        self.top = widgets.IntSlider(description="Number", min=1, max=60, continuous_update=False)
        self.rho_max = widgets.FloatSlider(
            description="Redundancy", min=0.05, max=1.0, step=0.05, continuous_update=False
        )
        self.threshold = Choice(_rules(None), description="A unit is on")
        self.fields = {
            "layer": field(self.layer, "Where in the network to look."),
            "logit": field(self.logit, "Which output of the network to explain."),
            "max_degree": field(self.max_degree, "Most units that one subset may join."),
            "top": field(self.top, "Most subsets to report."),
            "rho_max": field(self.rho_max, "How alike two subsets may be; 1 is the same."),
            "threshold": field(self.threshold, "How activations become on or off."),
        }
        self._out: set[str] = set()
        super().__init__(list(self.fields.values()))
        self.add_class("actspec-controls")

    def on_turn(self, turned) -> None:
        """Call ``turned(name, value)`` when a person, or :meth:`show`, moves a control."""
        for name in self.fields:
            control = getattr(self, name)
            trait = "choice" if isinstance(control, Choice) else "value"
            control.observe(lambda change, name=name: turned(name, change.new), trait)

    def offer_layers(self, names: Sequence[str], chosen: str | None) -> None:
        """List a model's layers; one layer is no choice."""
        if len(names) > 1:
            self.layer.offer([(tidy(name, 40), name) for name in names], chosen)
        else:
            self.take_out({"layer"})

    def offer_outputs(self, names: Sequence[str], chosen: int) -> None:
        """List a recording's outputs."""
        self.logit.offer([(tidy(name, 40), i) for i, name in enumerate(names)], chosen)

    def show(self, name: str, value: Any) -> None:
        """Move a control to a value set from Python, widening its range where needed."""
        control = getattr(self, name)
        if name == "threshold":
            control.offer(_rules(value), value)
        elif name in ("layer", "logit"):
            known = value in [v for _, v in control.options]
            control.offer(control.options if known else [*control.options, (str(value), value)], value)
        else:
            control.max, control.min = max(control.max, value), min(control.min, value)
            control.value = value

    def take_out(self, names: set[str]) -> None:
        """These settings have no field any more."""
        if not names <= self._out:
            self._out |= names
            self.children = [box for name, box in self.fields.items() if name not in self._out]


def _rules(extra):
    options = [(_RULE_NAMES[rule], rule) for rule in RULES]
    return options if extra is None or extra in RULES else [*options, (f"above {extra:g}", extra)]
