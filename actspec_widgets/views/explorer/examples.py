"""Samples on which a subset's parity is + and -, and what the target does there."""

from __future__ import annotations

import html

import ipywidgets as widgets
from traitlets import Instance, Int, Tuple, Unicode, observe

from ...results import ParityGroup, ParityGroups
from ...results.digits import decimals
from ..kit.banner import guarded
from ..kit.words import counted, muted_html, name_html, spread
from .computed import ComputedSpectrum
from .samples import sample_html

INVITATION = muted_html("Select a subset to see samples on both sides of its parity.")
NO_DATA = muted_html(
    "Samples need the data: give the explorer activations= and outputs=, or model=, layer= and inputs=."
)


class Examples(widgets.VBox):
    """A few samples of either side, evenly spaced in the order of the target, and the means of the groups.

    Attributes
    ----------
    computed : ComputedSpectrum or None
    selection : tuple of int or None
    unit : str
    per_side : int
        How many samples of a side are shown.
    groups : ParityGroups or None
        The numbers shown.
    """

    computed = Instance(ComputedSpectrum, allow_none=True)
    selection = Tuple(default_value=None, allow_none=True)
    unit = Unicode("unit")
    per_side = Int(6, min=1, max=24)
    groups = Instance(ParityGroups, allow_none=True)

    def __init__(self, banner: widgets.Widget):
        self.banner = banner
        self.text = widgets.HTML(NO_DATA)
        super().__init__([self.text])
        self.add_class("actspec-examples")

    @observe("computed", "selection", "unit", "per_side")
    @guarded
    def _redraw(self, _):
        self.groups = None
        if self.computed is None:
            self.text.value = NO_DATA
        elif self.selection is None:
            self.text.value = INVITATION
        else:
            self._show(self.computed)

    def _show(self, computed):
        from ...compute import parity_groups

        held_out = computed.held_out
        self.groups = groups = parity_groups(
            computed.patterns, computed.target, self.selection, samples=held_out, shown=self.per_side
        )
        target = name_html(computed.target_name, 60)
        both = "".join(self._side(computed, side) for side in (groups.even, groups.odd))
        if min(groups.even.n_samples, groups.odd.n_samples) < 2:
            compared = "One side holds fewer than two samples, so there is nothing to compare."
        else:
            d = decimals(groups.difference_error)
            compared = (
                f"{target} is {abs(groups.difference):.{d}f}{spread(groups.difference_error, d)} "
                f"{'higher' if groups.difference > 0 else 'lower'} where the parity is + than where it is −, with "
                "nothing else held fixed."
            )
        self.text.value = f'<p role="status">{compared}</p><div class="actspec-sides">{both}</div>' + muted_html(
            f"From the {len(held_out):,} samples held out for the share of variance. Of each side up to "
            f"{self.per_side} are shown, evenly spaced from its smallest to its largest value; nobody picked them."
        )

    def _side(self, computed, side: ParityGroup):
        subset, unit = self.selection, self.unit
        if len(subset) == 1:
            case = f"this {unit} is {'on' if side.sign > 0 else 'off'}"
        elif len(subset) == 2:
            case = f"both {unit}s are on, or both are off" if side.sign > 0 else f"exactly one of these {unit}s is off"
        else:
            case = f"an {'even' if side.sign > 0 else 'odd'} number of these {len(subset)} {unit}s is off"
        if side.n_samples > 1:
            d = decimals(side.standard_error)
            mean = f"mean {side.mean:.{d}f}{spread(side.standard_error, d)}"
        else:
            mean = "too few for a mean with an error"
        pixels = subset if computed.recording.image_shape is not None else ()
        target = computed.target
        figures = "".join(
            sample_html(shown, f"no. {at:,}", f"{target[at]:.3g}", pixels)
            for at, shown in zip(side.shown.tolist(), computed.recording.shown(side.shown), strict=True)
        )
        sign = "+" if side.sign > 0 else "−"
        return (
            f"<section><h4>{sign}: {html.escape(case)}</h4><p>{counted(side.n_samples, 'sample')}, {mean}</p>"
            f'<div class="actspec-samples">{figures}</div></section>'
        )
