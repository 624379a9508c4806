"""The layers that are looked at, in the order in which they are shown, and how each is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..encoder import material
from ..encoder.material import FEED_FORWARD, LATENTS
from ..encoder.run import threshold_of

if TYPE_CHECKING:
    from ...networks import SubNetwork

DIGITS = {"pixels": "input", "hidden1": "relu1", "hidden2": "relu2"}
SMALL = ("feed_forward", "hidden")
ENCODER = (*FEED_FORWARD, LATENTS, "embedding")
RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
LINEAR = (("digits", "hidden2"), ("small", "hidden"), ("encoder", "embedding"))  # the output is a sum over the units
LOGIT = 3  # of the digits
_SENTENCES, _BATCH = 2000, 256


def opened(network: str, layer: str, dropout: float, seed: int, samples: int) -> SubNetwork:
    """The rest of a network behind one of its layers, on the samples that it was recorded on.

    Raises
    ------
    ValueError
        If there is no such network, layer, rate or seed.
    """
    if network == "digits":
        return _digits(layer, dropout, seed, samples)
    makers: dict[str, Any] = {"encoder": material.encoder, "small": material.small}
    if network not in makers:
        raise ValueError(f"network={network!r}; give 'digits', 'small' or 'encoder'")
    return of_sentences(makers[network]("movie", min(samples, _SENTENCES), seed), layer)


def of_sentences(found: material.Material, layer: str) -> SubNetwork:
    """The rest of a network that reads sentences."""
    from ...networks import SubNetwork

    try:
        seen = found.seen(layer)
    except KeyError:
        raise ValueError(f"the network has no layer {layer!r} in this study") from None
    return SubNetwork(
        found.model, seen.layer, found.known, 0, threshold=threshold_of(layer), dictionary=seen.dictionary,
        recording=seen.known, batch_size=_BATCH,
    )  # fmt: skip


def _digits(layer: str, dropout: float, seed: int, samples: int) -> SubNetwork:
    """A classifier of the bundled family on bundled digits: the test digits first, then those for training."""
    import numpy as np

    from ...datasets import binarise, load_mnist
    from ...networks import SubNetwork
    from ...networks.trained import family_classifier

    if layer not in DIGITS:
        raise ValueError(f"the classifiers of digits have no layer {layer!r}; they have {', '.join(DIGITS)}")
    data = load_mnist()
    images = np.concatenate([data.x_test, data.x_train])[:samples]
    model = family_classifier(dropout, seed)
    return SubNetwork(model, DIGITS[layer], binarise(images), LOGIT, threshold="zero")
