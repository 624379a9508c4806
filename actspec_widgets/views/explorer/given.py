"""What people give an explorer: arrays that were recorded, or a model to run."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...patterns import Patterns
from .built_in import built_in
from .recording import Recording, checked_examples
from .sources import Source

_SMALL = 1_000_000  # weights of a network that is asked without being told to


class Arrays(Source):
    """Recorded already. Checked at once, so that the caller gets the error."""

    def __init__(self, activations: Any, outputs: Any, names: dict[str, Any]):
        super().__init__()
        self._recording = Recording.checked(activations, outputs, **names)
        self._flat = isinstance(activations, Patterns) or np.ndim(activations) == 2
        self._renamed = isinstance(activations, Patterns) and names["unit_names"] is not None
        table = "outputs.to_numpy()" if hasattr(outputs, "to_numpy") else "outputs"
        self._target = f"{table}[:, {{}}]" if np.ndim(outputs) == 2 else "outputs"

    def _make(self, layer, progress):
        return self._recording

    def lines(self, layer, output):
        flat = "" if self._flat else ".reshape(len(activations), -1)"
        return [
            "# activations and outputs: the arrays that were given to the explorer",
            *([f"activations = activations{flat}"] if flat else []),
            *(["activations = activations.named(unit_names)  # those given to the explorer"] if self._renamed else []),
            f"target = {self._target.format(output)}",
        ]


class Model(Source):
    """A model that is run on inputs, with all its outputs: for the first layer, then for all others that were named."""

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
        self.logits = self._targets is None
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
        self._named = tuple(layers or ())
        self.layer = layer or (layers[0] if layers else last_hidden_layer(model))
        offered = known if layers is None else tuple(layers)
        self.layers = offered if self.layer in offered else (self.layer, *offered)

    def _make(self, layer, progress):
        together = self._together(layer)
        if len(together) > 1:
            progress.stage(f"Recording {len(together)} layers")
            try:
                self._kept |= self._recorded(together, progress)
                return self._kept.pop(layer)
            except (TypeError, ValueError):
                self._named = ()  # of one of them nothing can be recorded: each by itself, when asked for
        progress.stage(f"Recording {layer}")
        return self._recorded([layer], progress)[layer]

    def _together(self, layer):
        """The layers to record with one in a single pass: those that were named, where there is room for them."""
        missing = [name for name in self._named if name not in self._kept]
        wanted = self._kept and layer in missing and not self._of_one and self._fits(len(missing))
        return missing if wanted else [layer]

    def _recorded(self, layers, progress):
        """Recordings of layers from one pass, by name."""
        from ...networks import record
        from ...networks.layers import all_logits

        if not hasattr(self._inputs, "shape") and not isinstance(self._inputs, (tuple, list, Mapping)):
            self._inputs = list(self._inputs)  # walked again for every layer, and a shuffling loader changes its order
        asked = {"output": self._targets or all_logits, "progress": progress, **self.reading(layers[0])}
        alone = len(layers) == 1
        found = record(self._model, layers[0] if alone else list(layers), self._inputs, **asked)
        return {
            name: Recording.checked(*one, **self._names_of(name, one.activations.shape))
            for name, one in ({layers[0]: found} if alone else found).items()
        }

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
            "logits": self.logits,
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

    def output(self, output):
        return output if self._targets is None else self._targets[output]

    def same_class(self, computed):
        """The outputs that were asked for by name, which are there to be compared; else what is made of the logits."""
        if self._targets is None:
            return super().same_class(computed)
        order = sorted(range(len(self._targets)), key=lambda at: at != computed.output)
        return {computed.recording.target_name(at): computed.recording.target(at) for at in order}

    def lines(self, layer, output):
        head, output, given = self._written(layer, output)
        return [head, f"activations, target = record(model, {layer!r}, inputs, output={output}{given})"]

    def rest_lines(self, layer, output):
        head, output, given = self._written(layer, output)
        return [head, f"rest = SubNetwork(model, {layer!r}, inputs, {output}{given}, THRESHOLD)"]

    def _written(self, layer, output):
        """The line that says what is given, an output and how a layer is read, as Python."""
        reading = self.reading(layer)
        head = f"# model and inputs{''.join(f', {name}' for name in reading)}: what was given to the explorer"
        chosen = repr(output) if self._targets is None else f"output[{output}]"
        return head, chosen, "".join(f", {name}={name}" for name in reading)


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
