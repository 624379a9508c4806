"""All layers of the model: each measured in the network, one after another, and drawn side by side."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as widgets
from traitlets import Instance, Unicode, observe

from ...results import Distributedness
from ..kit.banner import guarded, sentence
from ..kit.job import Job, Report
from ..kit.words import muted_html
from ..parts.layers_figure import LayersFigure
from .computed import ComputedSpectrum
from .network import Layer, Network
from .sources import Source

_NO_NETWORK = muted_html("Layers are measured in a network: give the explorer model= and inputs=.")
_NOT_COMPUTED = muted_html(
    "This spectrum was set from outside; run the search again to measure the layers of its model."
)
_WHAT = muted_html(
    "How many units of each layer carry this output, and how far they act jointly, by resampling units in the network: "
    "no search, and no on and off."
)


class AllLayers(widgets.VBox):
    """Mean degree, effective units and joint share of every layer that the explorer can look at.

    Layers are drawn as they are done; what was measured before, here or for the title, is kept and not asked again.

    Attributes
    ----------
    computed : ComputedSpectrum or None
        Tells which output is looked at.
    target, unit : str
    found : dict of str to Distributedness
        By layer, of the outputs in :attr:`outputs`.
    refused : dict of str to str
        Why a layer could not be measured.
    """

    computed = Instance(ComputedSpectrum, allow_none=True)
    target = Unicode("the output")
    unit = Unicode("unit")

    def __init__(self, source: Source | None, banner: widgets.Widget):
        self._network, self.banner = Network(source), banner
        self.outputs: tuple[Any, ...] = ()
        self.refused: dict[str, str] = {}
        self.note = widgets.HTML()
        self.button = widgets.Button(
            description="Measure all layers",
            icon="refresh",
            tooltip="Resample units of one layer after another in the network; Cancel keeps the layers that are done",
            layout=widgets.Layout(width="auto", margin="0"),
        )
        self.job = Job(on_error=lambda error: banner.say(sentence(error)))
        self.job.aftermath = "The layers that are done stay."
        self.row = widgets.HBox([self.button, self.job])
        self.row.add_class("actspec-job")
        self.figure = LayersFigure()
        super().__init__([self.note])
        self.button.on_click(self._pressed)
        self.job.observe(self._arrange, "state")
        self._show(None)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What there is to measure, with the outputs looked at."""
        names: tuple[Any, ...] = self._network.source.layers
        return tuple(Layer(name, self.outputs) for name in names)

    @property
    def found(self) -> dict[str, Distributedness]:
        known = self._network.known
        return {str(layer.name): known[layer] for layer in self.layers if layer in known}

    @observe("computed", "target", "unit")
    @guarded
    def _show(self, _):
        """Another output: draw what is known of it."""
        computed = self.computed
        if not self._network.there or computed is None:
            self.job.cancel()
            self.note.value = _NO_NETWORK if not self._network.there else _NOT_COMPUTED
            self.children = (self.note,)
            return
        outputs = self._network.layer(None, computed).outputs
        if outputs != self.outputs:
            self.job.cancel()
            self.outputs, self.refused = outputs, {}
        self.note.value = _WHAT
        self.children = (self.note, self.row, self.figure)
        self._draw()

    @guarded
    def _pressed(self, _):
        self.measure()

    def measure(self) -> None:
        """Measure the layers that are not known yet, in the background where an event loop runs."""
        self.refused = {}
        self.job.start(partial(self._work, self.layers), self._deliver, meanwhile=self._deliver)

    def _work(self, layers, report: Report):
        refused: dict[str, str] = {}
        for layer in layers:
            try:
                self._network.measure(layer, report)
            except (TypeError, ValueError) as error:
                refused[str(layer.name)] = str(error).rstrip(".")
            report.news = layers, dict(refused)
        return layers, refused

    def _deliver(self, answer):
        layers, refused = answer
        if layers == self.layers:
            self.refused = refused
            self._draw()

    def _draw(self):
        if self.computed is not None:
            output = self.outputs.index(self.computed.output)
            self.figure.show(self.found, self.refused, output, self.target, self.unit)
        self._arrange(None)

    def _arrange(self, _):
        """The button stands there while there is something to measure and nothing runs."""
        busy = self.job.state in ("running", "stopping")
        known = self.found.keys() | self.refused.keys()
        open_ = not all(str(layer.name) in known for layer in self.layers)
        self.button.layout.display = "" if open_ and not busy else "none"
        self.row.layout.display = "" if busy or open_ else "none"
