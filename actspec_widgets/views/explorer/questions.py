"""What the network is asked about what is shown: how distributed its layer is, what its subsets and one unit do."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ...results import Distributedness, Spectrum
from ...results.unit_move import UnitMove
from ..kit.evidence import Effects, effects_of
from ..kit.job import Job
from .asked import Asked
from .computed import ComputedSpectrum
from .network import Network
from .sources import Source


class Questions:
    """The questions, each with its button, its progress and its answer.

    Parameters
    ----------
    source : Source or None
    banner : Banner
        Where an error goes.
    gives_way : callable
        True while a search runs; questions then rest.

    Attributes
    ----------
    network : Network
    distribution, effects : Asked
        How many units carry the outputs and how far they act jointly; what the subsets do when they alone are changed.
    move : Job
        One unit is switched on.
    """

    def __init__(
        self,
        source: Source | None,
        banner: widgets.Widget,
        gives_way: Callable[[], bool],
        on_error: Callable[[BaseException], None],
    ):
        self.network = Network(source)
        self.distribution = Asked(
            "How distributed is this layer?",
            "Resample units in the network: how many of them carry the outputs, and whether they add up",
            self.network.measure,
            banner,
            gives_way,
        )
        self.effects = Asked(
            "What does the network do?",
            "Change the units of each subset in the network, and set what they do jointly beside what was recorded",
            self.network.effects,
            banner,
            gives_way,
        )
        self.move = Job(on_error=on_error)
        self.move.add_class("actspec-asked")

    def offer(self, computed: ComputedSpectrum | None) -> None:
        """Another spectrum is shown; a small network is asked at once, and nothing is asked of one set from outside."""
        self.move.cancel()
        about = computed if self.network.there else None
        layer = None if about is None else self.network.layer(about.settings["layer"], about)
        known = None if layer is None else self.network.known.get(layer)
        self.distribution.offer(layer, known, at_once=self.network.quick)
        self.effects.offer(about, at_once=self.network.quick)

    def measured(self, computed: ComputedSpectrum | None) -> tuple[Distributedness, int] | None:
        """How distributed the layer is, and which of the outputs measured is looked at; None where it is not known."""
        layer, measured = self.distribution.question, self.distribution.found
        return None if measured is None or computed is None else (measured, layer.outputs.index(computed.output))

    def axes(self, computed: ComputedSpectrum | None, unit: str) -> str:
        """The same as a sentence; "" where that is not known."""
        known = self.measured(computed)
        return "" if known is None else known[0].sentence(known[1], unit)

    def effects_of(self, spectrum: Spectrum | None) -> Effects | None:
        """What is known of the effects of its subsets."""
        return self.effects.found or effects_of(spectrum)

    def ask(self, computed: ComputedSpectrum | None, unit: int, deliver: Callable[[UnitMove], None]) -> None:
        """Switch one unit on in the network.

        Raises
        ------
        ValueError
            If there is no network, or no such unit.
        """
        if computed is None or not self.network.there:
            raise ValueError("there is no network to ask; give the explorer model=, layer= and inputs=")
        if not 0 <= unit < computed.spectrum.n_units:
            raise ValueError(f"there is no unit {unit}; units are 0 to {computed.spectrum.n_units - 1}")
        self.move.start(lambda report: self.network.move(computed, unit, report), deliver)

    def wait(self, seconds: float) -> None:
        """Wait for what belongs to the picture, so long at most."""
        for asked in (self.distribution, self.effects):
            asked.job.wait(seconds)
