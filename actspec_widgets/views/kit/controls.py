"""Controls, each with a line that says what it does, and the one way to bind a control to a trait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from .banner import guarded


class Choice(widgets.Dropdown):
    """A dropdown whose options can be replaced: ipywidgets would report the first option as chosen meanwhile.

    Parameters
    ----------
    options : sequence of (str, value)
    named : callable
        What to call a value that is shown but is none of the options.

    Attributes
    ----------
    choice
        The chosen value; observe this, not ``value``.
    """

    choice = traitlets.Any()
    value: Any
    options: Any

    def __init__(self, options: Sequence[tuple[str, Any]], named: Callable[[Any], str] = str, **kwargs: Any):
        self._offering, self._named, self._offered = False, named, list(options)
        super().__init__(options=self._offered, **kwargs)
        self.choice = self.value

    def offer(self, options: Sequence[tuple[str, Any]], value: Any) -> None:
        """Replace the options and show ``value``."""
        self._offered = list(options)
        self.show(value)

    def show(self, value: Any) -> None:
        """Choose a value; one that was not offered stands among the options as long as it is chosen."""
        known = any(value == offered for _, offered in self._offered)
        options = self._offered if known else [*self._offered, (self._named(value), value)]
        self._offering = True
        try:
            if list(self.options) != options:
                self.options = options
            self.value = value
        finally:
            self._offering = False
        self.choice = value

    @traitlets.observe("value")
    def _chosen(self, change):
        if not self._offering:
            self.choice = change.new


def slider(description: str, least: float, most: float, step: float | None = None) -> widgets.Widget:
    """A slider that reports a number when it is let go; of whole numbers where no step is given."""
    options: dict[str, Any] = {"description": description, "min": least, "max": most, "continuous_update": False}
    return widgets.IntSlider(**options) if step is None else widgets.FloatSlider(**options, step=step)


class Field(widgets.VBox):
    """A control with its line of help, which is its tooltip too."""

    def __init__(self, control: widgets.Widget, help_line: str):
        self.control = control
        control.tooltip = help_line
        super().__init__([control, widgets.HTML(f"<span>{help_line}</span>")])
        self.add_class("actspec-field")

    def be_short(self, short: bool) -> None:
        """Leave room to the others in one line, where what it offers is a digit or two."""
        (self.add_class if short else self.remove_class)("actspec-short")


def fields_box(*fields: widgets.Widget) -> widgets.Box:
    """Fields side by side, as many as there is room for."""
    box = widgets.Box(fields)
    box.add_class("actspec-controls")
    return box


def show(control: widgets.Widget, value: Any) -> None:
    """Move a control to a value, widening its range where needed."""
    if isinstance(control, Choice):
        control.show(value)
        return
    if isinstance(control, widgets.SelectionSlider) and value not in [v for _, v in control.options]:
        control.options = sorted([*control.options, (f"{value:,}", value)], key=lambda option: option[1])
    if hasattr(control, "max"):
        control.max, control.min = max(control.max, value), min(control.min, value)
    control.value = value


def bind(owner: traitlets.HasTraits, name: str, control: widgets.Widget) -> None:
    """Let a control and a trait of ``owner`` follow each other.

    A value that the trait refuses is not left standing in the control; the error goes to the owner's ``banner``.
    """
    show(control, getattr(owner, name))

    @guarded
    def moved(owner, change):
        try:
            setattr(owner, name, change.new)
        except Exception:
            show(control, getattr(owner, name))
            raise

    control.observe(lambda change: moved(owner, change), "choice" if isinstance(control, Choice) else "value")
    owner.observe(lambda change: show(control, change.new), name)
