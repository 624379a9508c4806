"""Where an explorer's recording comes from: arrays, a model that is run, or the built-in example."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..results import Spectrum
from .recording import Recording, Settings, Stages, compute

Source = Callable[[Stages], Recording]
EXAMPLE_LAYERS = ("pixels", "hidden")


def source(
    *,
    activations: Any = None,
    outputs: Any = None,
    model: Any = None,
    layer: str | None = None,
    inputs: Any = None,
    names: dict[str, Any],
) -> Source:
    """A function that makes the recording, in a thread of its own if need be.

    Arrays are checked here and now, so that the caller gets the error.

    Raises
    ------
    ValueError
        If the parts do not fit each other, one is missing, or two sources are given.
    """
    arrays, run = (activations, outputs), (model, inputs)
    if any(a is not None for a in arrays) and any(r is not None for r in run):
        raise ValueError("got both recorded arrays and a model to run; give one of them")
    if any(a is not None for a in arrays):
        if any(a is None for a in arrays):
            raise ValueError("give activations and outputs together: (samples, units) and (samples, outputs)")
        recording = Recording.checked(activations, outputs, **names)
        return lambda progress: recording
    if any(r is not None for r in run):
        if any(r is None for r in run) or layer is None:
            raise ValueError("give model, layer and inputs together; layer='input' takes the inputs themselves")
        return partial(_run_model, model, layer, inputs, names)
    if layer not in (None, *EXAMPLE_LAYERS):
        raise ValueError(f"layer={layer!r}; the built-in example has {' and '.join(map(repr, EXAMPLE_LAYERS))}")
    return partial(_example, layer or EXAMPLE_LAYERS[0])


def record_and_compute(known: Recording | Source, settings: Settings, progress: Stages) -> tuple[Recording, Spectrum]:
    """All the work behind a picture; a recording made once is handed back, to be given again."""
    recording = known if isinstance(known, Recording) else known(progress)
    return recording, compute(recording, settings, progress)


def _run_model(model, layer, inputs, names, progress):
    """Run the model once and keep one layer with all its outputs."""
    progress.stage(f"Recording {layer}")
    from ..networks import record

    activations, outputs = record(model, layer, inputs, output=_all_outputs, progress=progress)
    if layer == "input" and names["image_shape"] is None:
        sides = [side for side in getattr(inputs, "shape", ())[1:] if side > 1]
        if len(sides) == 2 and sides[0] * sides[1] == activations.shape[1]:
            names = {**names, "image_shape": sides}
    return Recording.checked(activations, outputs, **names)


def _all_outputs(result):
    result = getattr(result, "logits", result)
    result = result[0] if isinstance(result, (tuple, list)) else result
    return result if result.ndim == 2 else result.reshape(len(result), -1)


def _example(layer, progress):
    progress.stage("Loading the digits")
    from ..datasets import load_example

    example = load_example()
    if layer == "pixels":
        return Recording.checked(example.pixels(), example.logits, image_shape=(28, 28))
    return Recording.checked(example.hidden, example.logits)
