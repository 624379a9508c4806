"""The networks that come with the package, as an explorer shows them: the lamp and the digits."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from .recording import Recording
from .sources import Source

_MEASURED: dict[type, dict[Any, Any]] = {}  # of the examples, once for all explorers


class BuiltIn(Source):
    """One of the networks that come with the package, recorded already. Running it needs PyTorch.

    A subclass has ``layers``, ``_recorded(layer)``, and ``_module()``, the network and its inputs.
    """

    def __init__(self, layer: str | None):
        super().__init__()
        self.layer = layer or self.layers[0]
        self.measured = _MEASURED.setdefault(type(self), {})  # always the same network

    def _make(self, layer, progress):
        progress.stage("Loading the example")
        return self._recorded(layer)

    def _recorded(self, layer: str) -> Recording:
        raise NotImplementedError

    def _module(self) -> tuple[Any, Any]:
        raise NotImplementedError

    @property
    def has_network(self):
        return find_spec("torch") is not None

    @property
    def quick(self):
        return True

    def network(self):
        try:
            return self._module()
        except ImportError as error:
            raise ValueError(
                "running the network needs PyTorch, which is not installed; install it as the README says, then try "
                "again"
            ) from error


class Lamp(BuiltIn):
    """A lamp with twelve switches: two of them act only together, and after the first layer everything adds up."""

    layers = ("switches", "gates")

    def _recorded(self, layer):
        from ...datasets import load_switches

        known = load_switches()
        return Recording.checked(
            known.switches if layer == "switches" else known.gates, known.lamp, output_names=["brightness"]
        )

    def _module(self):
        from ...datasets import load_switches
        from ...networks.lamp import lamp_network

        known = load_switches()
        return lamp_network(known), known.switches

    def network_layer(self, layer):
        return "input" if layer == "switches" else "relu"

    def lines(self, layer, output):
        return ["known = load_switches()", f"activations = known.{layer}", "target = known.lamp"]

    def rest_lines(self, layer, output):
        place = self.network_layer(layer)
        return [
            "known = load_switches()",
            f"rest = SubNetwork(lamp_network(known), {place!r}, known.switches, {output!r}, THRESHOLD)",
        ]


class Digits(BuiltIn):
    """A classifier of handwritten digits: the case when pairs deceive."""

    layers = ("pixels", "hidden")

    def _recorded(self, layer):
        from ...datasets import load_example

        example = load_example()
        pixels = layer == "pixels"
        return Recording.checked(
            example.pixels() if pixels else example.hidden,
            example.logits,
            image_shape=(28, 28) if pixels else None,
            examples=example.images,
            logits=self.logits,
        )

    def _module(self):
        from ...datasets import load_example
        from ...networks import DigitsClassifier

        example = load_example()
        return DigitsClassifier.load(example.weights), example.pixels()

    @property
    def logits(self):
        return self.has_network  # other targets are made with PyTorch

    def network_layer(self, layer):
        from ...datasets import load_example

        return "input" if layer == "pixels" else load_example().layer

    def lines(self, layer, output):
        target = f"example.logits[:, {output}]" if isinstance(output, int) else f"{output!r}.values(example.logits)"
        return [
            "example = load_example()",
            f"activations = example.{'pixels()' if layer == 'pixels' else 'hidden'}",
            f"target = {target}",
        ]

    def rest_lines(self, layer, output):
        place = self.network_layer(layer)
        return [
            "example = load_example()",
            "model = DigitsClassifier.load(example.weights)",
            f"rest = SubNetwork(model, {place!r}, example.pixels(), {output!r}, THRESHOLD)",
        ]


def built_in(layer: str | None) -> BuiltIn:
    """The example that has a layer; the lamp where none is named.

    Raises
    ------
    ValueError
        If none has it.
    """
    for kind in (Lamp, Digits):
        if layer is None or layer in kind.layers:
            return kind(layer)
    known = " and ".join(map(repr, (*Lamp.layers, *Digits.layers)))
    raise ValueError(f"layer={layer!r}; the built-in examples have {known}")
