"""Planting by hand: click units, set a coefficient, add; and the classic functions to start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from traitlets import Int, TraitError, Tuple, observe, validate

from ...compute import walsh_hadamard
from ...patterns.cube import Subset, as_subset, points_from_index
from ..kit.banner import Banner, guarded
from ..kit.controls import Field

_BUTTONS = 40  # units with a button of their own; more are typed
BY_HAND = (((0,), 1.0), ((1, 2), -0.8), ((3, 4, 5), 0.6))

_HELP = (
    '<span class="actspec-muted">Click units, give a coefficient, plant; click a planted subset to remove it.</span>'
)
_NOTHING = '<span class="actspec-muted">Nothing is planted: the target is noise.</span>'

# Classic functions of the first units, as +-1 or real values of points in {-1, +1}.
_CLASSICS: dict[str, tuple[int, Callable[[np.ndarray], np.ndarray]]] = {
    "AND of 3 units": (3, lambda x: np.where((x > 0).all(axis=1), 1.0, -1.0)),
    "majority of 5 units": (5, lambda x: np.sign(x.sum(axis=1, dtype=np.float64))),
    "parity of 4 units": (4, lambda x: x.prod(axis=1).astype(np.float64)),
    "address of 2 + 4 units": (6, lambda x: _address(x)),
    "bent function of 4 units": (4, lambda x: np.where((x[:, 0] < 0) & (x[:, 1] < 0), -1.0, 1.0)
                                 * np.where((x[:, 2] < 0) & (x[:, 3] < 0), -1.0, 1.0)),
}  # fmt: skip
CLASSICS = tuple(_CLASSICS)


def _address(x: np.ndarray) -> np.ndarray:
    chosen = 2 + (x[:, 0] < 0) + 2 * (x[:, 1] < 0)
    return x[np.arange(len(x)), chosen].astype(np.float64)


def classic(name: str) -> tuple[tuple[Subset, float], ...]:
    """The exact Fourier expansion of a classic function of the first units.

    Examples
    --------
    >>> classic("parity of 4 units")
    (((0, 1, 2, 3), 1.0),)
    """
    n, function = _CLASSICS[name]
    f_hat = walsh_hadamard(function(points_from_index(np.arange(1 << n), n)))
    return tuple(
        (tuple(i for i in range(n) if mask >> i & 1), float(f_hat[mask]))
        for mask in np.flatnonzero(np.abs(f_hat) > 1e-12).tolist()
        if mask
    )


def checked_planting(planted: Any, n_units: int) -> tuple[tuple[Subset, float], ...]:
    """Pairs of a subset and a coefficient, in their canonical form.

    Raises
    ------
    TraitError
        If they are something else, or a subset has a unit that is not there.
    """
    try:
        given = [(as_subset(subset, n_units), float(weight)) for subset, weight in planted]
    except (TypeError, ValueError) as error:
        raise TraitError(f"planted needs pairs of a subset and a coefficient: {error}") from None
    if any(not subset for subset, _ in given) or not np.isfinite([w for _, w in given]).all():
        raise TraitError("planted needs subsets of one unit or more, each with a finite coefficient")
    return tuple(dict(given).items())


def subset_name(subset: Subset) -> str:
    return "{" + ", ".join(map(str, subset[:12])) + (", …" if len(subset) > 12 else "") + "}"


class Planting(widgets.VBox):
    """What is hidden: a list of subsets with coefficients, changed by clicks.

    Attributes
    ----------
    n_units : int
    planted : tuple of (tuple of int, float)
        Can be set.
    """

    n_units = Int(20, min=1)
    planted = Tuple(BY_HAND)

    def __init__(self, banner: Banner):
        self.banner = banner
        self._following = False
        self.units = widgets.Box()
        self.units.add_class("actspec-units-row")
        self.typed = widgets.Text(description="Plant units", placeholder="3, 17, 40", continuous_update=False)
        self.coefficient = widgets.FloatText(0.7, description="Coefficient", step=0.1)
        self.add_button = widgets.Button(description="Plant", icon="plus", tooltip="Hide this subset in the target")
        self.add_button.on_click(self._add)
        self.list = widgets.Box()
        self.list.add_class("actspec-units-row")
        row = widgets.Box(
            [
                Field(self.typed, "The units to plant together, by number."),
                Field(self.coefficient, "What the target gains where their parity is +1."),
                self.add_button,
            ]
        )
        row.add_class("actspec-plant")
        self.note = widgets.HTML()
        super().__init__([widgets.HTML(_HELP), self.units, row, self.list, self.note])
        self.typed.observe(self._typed_changed, "value")
        self._draw_units(None)
        self._draw_list(None)

    @validate("planted")
    def _check(self, proposal):
        return checked_planting(proposal.value, self.n_units)

    @observe("n_units")
    def _draw_units(self, _):
        kept = tuple((s, w) for s, w in self.planted if s[-1] < self.n_units)
        gone = [subset_name(s) for s, _ in self.planted if s[-1] >= self.n_units]
        self.planted = kept
        if gone:
            have = "has a unit" if len(gone) == 1 else "have units"
            said = f"No longer planted: {', '.join(gone)}, which {have} beyond {self.n_units - 1}."
            self.note.value = f'<span class="actspec-muted" role="status">{said}</span>'
        shown = min(self.n_units, _BUTTONS)
        self.toggles = [
            widgets.ToggleButton(description=str(i), tooltip=f"Take unit {i} into the subset to plant")
            for i in range(shown)
        ]
        for toggle in self.toggles:
            toggle.observe(self._toggled, "value")
        self.units.children = self.toggles

    def _toggled(self, _):
        chosen = {i for i, toggle in enumerate(self.toggles) if toggle.value}
        typed = set(self._units_typed())
        beyond = {unit for unit in typed if unit >= len(self.toggles)}
        if not self._following and chosen | beyond != typed:
            self.typed.value = ", ".join(map(str, sorted(chosen | beyond)))

    def _typed_changed(self, _):
        units = set(self._units_typed())
        self._following = True  # what was typed stays as it is, mistakes included
        try:
            for i, toggle in enumerate(self.toggles):
                toggle.value = i in units
        finally:
            self._following = False

    def _units_typed(self) -> list[int]:
        return [int(word) for word in self.typed.value.replace(",", " ").split() if word.isdecimal()]

    @guarded
    def _add(self, _):
        words = self.typed.value.replace(",", " ").split()
        if wrong := [word for word in words if not word.isdecimal()]:
            raise ValueError(f"{wrong[0][:40]!r} is no unit; give numbers from 0 to {self.n_units - 1}")
        if not words:
            raise ValueError("no unit is chosen; click some units, or type their numbers, then plant")
        subset = as_subset(sorted({int(word) for word in words}), self.n_units)
        self.banner.clear()
        self.planted = (*((s, w) for s, w in self.planted if s != subset), (subset, self.coefficient.value))
        self.typed.value = ""

    @observe("planted")
    def _draw_list(self, _):
        buttons, self.note.value = [], ""
        for subset, weight in self.planted:
            name = subset_name(subset)
            button = widgets.Button(
                description=f"{name} {weight:+.3g}", icon="times", tooltip=f"Remove {name} from what is planted"
            )
            button.on_click(lambda _, subset=subset: self._remove(subset))
            buttons.append(button)
        self.list.children = buttons or [widgets.HTML(_NOTHING)]

    def _remove(self, subset):
        self.planted = tuple((s, w) for s, w in self.planted if s != subset)
        self.typed.focus()  # the keyboard's place went with the button
