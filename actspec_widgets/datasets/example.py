"""The built-in example: a small trained network and what it computes from the bundled digits. No torch needed."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .mnist import FILES, binarise, load_mnist

WEIGHTS = FILES / "digits_classifier.safetensors"
RECORDING = FILES / "digits_recording.npz"


@dataclass(frozen=True, eq=False)
class Example:
    """The bundled digits and what the bundled classifier computes from them; the arrays are read-only.

    The 5,000 training digits come first, then the 1,000 test digits.

    Attributes
    ----------
    images : ndarray of uint8, shape (m, 28, 28)
    digits : ndarray of uint8, shape (m,)
        The digit that each image shows.
    is_test : ndarray of bool, shape (m,)
        True where the network was not trained on the image.
    hidden : ndarray of float32, shape (m, n)
        Activations of the layer ``layer`` after its ReLU, rounded to float16.
    logits : ndarray of float32, shape (m, 10)
    layer : str
        Name of the recorded layer in the network.
    weights : Path
        The network itself: ``networks.DigitsClassifier.load(example.weights)``.
    settings : dict
        How the network was trained, and its accuracy.
    """

    images: NDArray[np.uint8] = field(repr=False)
    digits: NDArray[np.uint8] = field(repr=False)
    is_test: NDArray[np.bool_] = field(repr=False)
    hidden: NDArray[np.float32] = field(repr=False)
    logits: NDArray[np.float32] = field(repr=False)
    layer: str
    weights: Path = field(repr=False)
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        for name in ("images", "digits", "is_test", "hidden", "logits"):
            getattr(self, name).setflags(write=False)

    def pixels(self) -> NDArray[np.float32]:
        """The images as points of the cube, shape (m, 784): the network's inputs."""
        return binarise(self.images)


@functools.cache
def load_example() -> Example:
    """The recorded digits classifier that comes with the package.

    ``python -m actspec_widgets.networks.make_example`` makes the files again.

    Examples
    --------
    >>> example = load_example()
    >>> example.hidden.shape, example.logits.shape
    ((6000, 64), (6000, 10))
    """
    data = load_mnist()
    with np.load(RECORDING, allow_pickle=False) as archive:
        text = json.loads(archive["header"].tobytes())
        hidden = archive["hidden"].astype(np.float32)
        logits = archive["logits"]
    return Example(
        images=np.concatenate([data.x_train, data.x_test]),
        digits=np.concatenate([data.y_train, data.y_test]),
        is_test=np.arange(len(hidden)) >= len(data.y_train),
        hidden=hidden,
        logits=logits,
        layer=text["layer"],
        weights=WEIGHTS,
        settings=text["settings"],
    )
