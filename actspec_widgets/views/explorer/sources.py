"""Where an explorer's recordings come from: arrays, a model that is run, or a built-in example."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ..kit.job import Report
from .recording import Recording, checked_examples

if TYPE_CHECKING:
    from ...networks import SubNetwork

MOST_BYTES = 512 * 2**20  # of activations kept, so that going back to a layer is quick
_SMALL = 1_000_000  # weights of a network that is asked without being told to


class Source:
    """Makes recordings of layers, and keeps the latest of them.

    Attributes
    ----------
    layers : tuple of str
        What can be recorded; empty where there is one recording without a name.
    layer : str or None
        The one to start with.
    measured : dict
        How distributed its layers are, as far as that was measured.
    """

    layers: tuple[str, ...] = ()
    layer: str | None = None

    def __init__(self) -> None:
        self.measured: dict[Any, Any] = {}
        self._kept: dict[str | None, Recording] = {}

    def record(self, layer: str | None, progress: Report) -> Recording:
        """The recording of a layer, made once while it is kept."""
        recording = self._kept.pop(layer, None) or self._make(layer, progress)
        self._kept[layer] = recording  # last in the order: the latest
        while len(self._kept) > 1 and sum(kept.n_bytes for kept in self._kept.values()) > MOST_BYTES:
            del self._kept[next(iter(self._kept))]
        return recording

    def check(self, layer: str | None) -> None:
        """Refuse a layer that can not be recorded.

        Raises
        ------
        ValueError
            With the layers that can.
        """
        if layer not in (self.layers or (None,)):
            known = ", ".join(map(repr, self.layers[:12])) + (", ..." if len(self.layers) > 12 else "")
            raise ValueError(f"layer={layer!r}; " + (f"there are {known}" if known else "arrays are of one layer only"))

    def network(self) -> tuple[Any, Any]:
        """The model and its inputs, for those who run it at other points.

        Raises
        ------
        ValueError
            If there is no network behind the recording.
        """
        raise ValueError("these are recorded arrays; give the explorer model=, layer= and inputs= to run the network")

    @property
    def has_network(self) -> bool:
        """Whether there is a network to be asked."""
        return False

    @property
    def quick(self) -> bool:
        """Whether the network is so small that it may be asked much before anybody wants to know."""
        return False

    def network_layer(self, layer: str | None) -> str:
        """The model's own name of a layer."""
        return str(layer)

    def rest(self, layer: str | None, output: Any, progress: Report, **settings: Any) -> SubNetwork:
        """The network from a layer on; ``settings`` are further ones of :class:`actspec_widgets.SubNetwork`.

        Raises
        ------
        ValueError
            If there is no network, or PyTorch is missing.
        """
        model, inputs = self.network()
        from ...networks import SubNetwork

        return SubNetwork(
            model, self.network_layer(layer), inputs, output, progress=progress, **self.reading(layer), **settings
        )

    def reading(self, layer: str | None) -> dict[str, Any]:
        """How a layer is read: settings of :func:`actspec_widgets.record`, where they were given."""
        return {}

    def output(self, logit: int) -> Any:
        """What ``output=`` means the output of this number."""
        return logit

    def same_class(self, logit: int, recording: Recording) -> dict[str, NDArray[np.float64]]:
        """What else speaks for the same as an output, by name, that output first; empty where nobody knows."""
        return {}

    def lines(self, layer: str | None, logit: int) -> list[str]:
        """Python that makes ``activations`` and ``target``."""
        raise NotImplementedError

    def rest_lines(self, layer: str | None, logit: int) -> list[str]:
        """Python that makes ``rest``, the network from a layer on; THRESHOLD stands for its threshold."""
        raise NotImplementedError

    def _make(self, layer: str | None, progress: Report) -> Recording:
        raise NotImplementedError


class Arrays(Source):
    """Recorded already. Checked at once, so that the caller gets the error."""

    def __init__(self, activations: Any, outputs: Any, names: dict[str, Any]):
        super().__init__()
        self._recording = Recording.checked(activations, outputs, **names)
        self._flat = isinstance(activations, Patterns) or np.ndim(activations) == 2
        table = "outputs.to_numpy()" if hasattr(outputs, "to_numpy") else "outputs"
        self._target = f"{table}[:, {{}}]" if np.ndim(outputs) == 2 else "outputs"

    def _make(self, layer, progress):
        return self._recording

    def lines(self, layer, logit):
        flat = "" if self._flat else ".reshape(len(activations), -1)"
        return [
            "# activations and outputs: the arrays that were given to the explorer",
            *([f"activations = activations{flat}"] if flat else []),
            f"target = {self._target.format(logit)}",
        ]


class Model(Source):
    """A model that is run on inputs, one layer at a time with all its outputs."""

    def __init__(
        self,
        model: Any,
        layers: Sequence[str] | None,
        layer: str | None,
        inputs: Any,
        names: dict[str, Any],
        reading: dict[str, Any],
    ):
        super().__init__()
        self._targets = _several(reading.pop("output", None))
        self._of_one = {name: reading.pop(name) for name in ("dictionary", "site") if name in reading}
        self._reading = reading
        if self._of_one and layer is None:
            said = " and ".join(f"{name}=" for name in self._of_one)
            raise ValueError(f"{said} is about one layer; say with layer= which one that is")
        from ...networks.layers import last_hidden_layer, layer_names
        from ...networks.sites import Site

        known = layer_names(model)
        for name in (*(layers or ()), *(() if layer is None else (layer,))):
            Site.find(model, name)  # says which there are
        self._model, self._inputs, self._names = model, inputs, names
        self._asked: Any = None
        self.layer = layer or (layers[0] if layers else last_hidden_layer(model))
        offered = known if layers is None else tuple(layers)
        self.layers = offered if self.layer in offered else (self.layer, *offered)

    def _make(self, layer, progress):
        progress.stage(f"Recording {layer}")
        from ...networks import record
        from ...networks.layers import all_logits

        if not hasattr(self._inputs, "shape") and not isinstance(self._inputs, (tuple, list, Mapping)):
            self._inputs = list(self._inputs)  # walked again for every layer, and a shuffling loader changes its order
        activations, outputs = record(
            self._model, layer, self._inputs, output=self._targets or all_logits, progress=progress,
            **self.reading(layer),
        )  # fmt: skip
        return Recording.checked(activations, outputs, **self._names_of(layer, activations.shape))

    def _names_of(self, layer, shape):
        """The given names where they fit: an image's shape is one layer's, or that of the inputs."""
        m, n = shape
        image_shape, unit_names = self._names["image_shape"], self._names["unit_names"]
        images = _images(self._inputs, image_shape)
        sides = None if images is None else tuple(images.shape[-2:])
        if image_shape is None and sides is not None and layer == "input" and np.prod(sides) == n:
            image_shape = sides
        elif image_shape is not None and tuple(image_shape) == sides and np.prod(sides) != n:
            image_shape = None  # that of the inputs, and this layer's units are no pixels
        if self._names["examples"] is not None:
            images = checked_examples(self._names["examples"], m)
        return {
            "output_names": self._output_names(),
            "image_shape": image_shape,
            "unit_names": unit_names if layer == self.layer else None,
            "examples": images,
        }

    def _output_names(self):
        given = self._names["output_names"]
        return given if given is not None or self._targets is None else list(map(str, self._targets))

    @property
    def has_network(self):
        return True

    @property
    def quick(self):
        return sum(weights.numel() for weights in self._model.parameters()) <= _SMALL

    def network(self):
        """A small network as a copy: cells that run it meanwhile must not meet what is being asked here."""
        if self._asked is None:
            self._asked = copy.deepcopy(self._model) if self.quick else self._model
        return self._asked, self._inputs

    def reading(self, layer):
        """A dictionary is of one layer; the others show their own units."""
        return self._reading | (self._of_one if layer == self.layer else {})

    def output(self, logit):
        return logit if self._targets is None else self._targets[logit]

    def same_class(self, logit, recording):
        """The outputs that were asked for by name, which are there to be compared; else what is made of the logits."""
        if self._targets is None:
            return _of_logits(logit, recording)
        order = sorted(range(len(self._targets)), key=lambda at: at != logit)
        return {recording.target_name(at): recording.target(at) for at in order}

    def lines(self, layer, logit):
        reading = self.reading(layer)
        given = "".join(f", {name}={name}" for name in reading)
        output = logit if self._targets is None else f"output[{logit}]"
        return [
            f"# model and inputs{''.join(f', {name}' for name in reading)}: what was given to the explorer",
            f"activations, target = record(model, {layer!r}, inputs, output={output}{given})",
        ]

    def rest_lines(self, layer, logit):
        head, recording = self.lines(layer, logit)
        return [
            head,
            recording.replace("activations, target = record(", "rest = SubNetwork(")
            .replace(", output=", ", ")
            .replace(")", ", THRESHOLD)"),
        ]


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

    def lines(self, layer, logit):
        return ["known = load_switches()", f"activations = known.{layer}", "target = known.lamp"]

    def rest_lines(self, layer, logit):
        place = self.network_layer(layer)
        return [
            "known = load_switches()",
            f"rest = SubNetwork(lamp_network(known), {place!r}, known.switches, {logit}, THRESHOLD)",
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
        )

    def _module(self):
        from ...datasets import load_example
        from ...networks import DigitsClassifier

        example = load_example()
        return DigitsClassifier.load(example.weights), example.pixels()

    def same_class(self, logit, recording):
        return _of_logits(logit, recording) if self.has_network else {}

    def network_layer(self, layer):
        from ...datasets import load_example

        return "input" if layer == "pixels" else load_example().layer

    def lines(self, layer, logit):
        return [
            "example = load_example()",
            f"activations = example.{'pixels()' if layer == 'pixels' else 'hidden'}",
            f"target = example.logits[:, {logit}]",
        ]

    def rest_lines(self, layer, logit):
        place = self.network_layer(layer)
        return [
            "example = load_example()",
            "model = DigitsClassifier.load(example.weights)",
            f"rest = SubNetwork(model, {place!r}, example.pixels(), {logit}, THRESHOLD)",
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


def source(
    *,
    activations: Any = None,
    outputs: Any = None,
    model: Any = None,
    layers: Sequence[str] | None = None,
    layer: str | None = None,
    inputs: Any = None,
    names: dict[str, Any],
    reading: dict[str, Any] | None = None,
) -> Source:
    """The source that the arguments of an explorer ask for.

    Raises
    ------
    ValueError
        If the parts do not fit each other, one is missing, or two sources are given.
    """
    arrays, run = (activations, outputs), (model, inputs)
    reading = {name: value for name, value in (reading or {}).items() if value is not None}
    if any(a is not None for a in arrays) and any(r is not None for r in run):
        raise ValueError("got both recorded arrays and a model to run; give one of them")
    if any(a is not None for a in arrays):
        if reading:
            raise ValueError(f"{' and '.join(reading)} say how a model's layers are read; leave that out for arrays")
        if any(a is None for a in arrays):
            raise ValueError("give activations and outputs together: (samples, units) and (samples, outputs)")
        if layer is not None or layers is not None:
            raise ValueError("a layer is chosen of a model; recorded arrays are of one layer only, so leave it out")
        return Arrays(activations, outputs, names)
    if any(r is not None for r in run):
        if any(r is None for r in run):
            raise ValueError("give model, layer and inputs together; layer='input' takes the inputs themselves")
        return Model(model, layers, layer, inputs, names, reading)
    if reading:
        raise ValueError(f"{' and '.join(reading)} say how a model's layers are read; give model= and inputs= too")
    if layers is not None:
        raise ValueError("layers are chosen of a model; give model= and inputs= too")
    return built_in(layer)


def _of_logits(logit, recording):
    """Numbers that are made of the logits and speak for one class."""
    if recording.outputs.shape[1] < 2:
        return {}
    from ...networks.targets import of_one_class

    names = recording.output_names
    found = of_one_class(logit, recording.outputs)
    return {target.named([names[k] for k in target.classes]): values for target, values in found}


def _several(output):
    """The outputs that were asked for as a list; None where they are the model's logits."""
    if output is None:
        return None
    return list(output) if isinstance(output, (list, tuple, range)) else [output]


def _images(inputs, image_shape):
    """The model's inputs as images, one for each sample, or None where they are none."""
    shape = tuple(getattr(inputs, "shape", ()))
    if len(shape) == 4 and shape[1] in (1, 3):
        sides = shape[1:]
    elif len(shape) == 3 and min(shape[1:]) > 1:
        sides = shape[1:]
    elif len(shape) == 2 and image_shape is not None and np.prod(image_shape) == shape[1]:
        sides = tuple(image_shape)
    else:
        return None
    values = inputs.detach().cpu().numpy() if hasattr(inputs, "detach") else np.asarray(inputs)
    return values.reshape(len(values), *sides) if values.dtype.kind in "biuf" else None
