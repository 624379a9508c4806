"""One cell: a classifier trained at one dropout rate, and what is read off its layers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ..study import Row
from .product_measure import product_weights
from .reading import Layer

# Name in the table, layer of the network, threshold of a unit, largest subsets searched completely, and by beam.
LAYERS = (("pixels", "input", 2, 3), ("hidden1", "relu1", 3, 6), ("hidden2", "relu2", 3, 6))
TARGETS = ("logit", "margin")


@dataclass(frozen=True)
class Dropout:
    """A classifier with hidden layers of 256 and 128 units, and how its layers are looked at.

    Attributes
    ----------
    input_dropout, hidden_dropout : float
        Rates at which pixels and hidden units were dropped in training.
    seed : int
        Of weights, order of the digits and drops; also of which digits judge the share of variance.
    data : str
        "full": all 60,000 training digits, looked at on the 10,000 test digits. "small": the bundled 5,000 and 1,000.
    epochs : int
    classes : str
        Digits whose logit and margin are looked at, e.g. "3 8".
    top : int
        Most subsets of a collection.
    resamples : int
        Half-samples, in pairs, for how often the first 20 subsets return.
    """

    input_dropout: float = 0.0
    hidden_dropout: float = 0.0
    seed: int = 0
    data: str = "full"
    epochs: int = 8
    classes: str = "3 8"
    top: int = 30
    resamples: int = 4


def run(settings: Dropout) -> list[Row]:
    """Train (or take from the cache) and measure: a row for each layer, target, class and search.

    Everything is measured on the test digits, which the network was not trained on; a fifth of them judges the share of
    variance.

    Raises
    ------
    ValueError
        If the classifier did not learn, or a setting is out of range.
    """
    from ...datasets import load_mnist
    from ...networks.trained import layer_outputs, logits_at, trained_digits

    classes = _classes(settings.classes)
    data = load_mnist(settings.data)
    model = trained_digits(
        settings.hidden_dropout,
        input_dropout=settings.input_dropout,
        seed=settings.seed,
        data=data,
        epochs=settings.epochs,
    )
    outputs = layer_outputs(model, data.x_test)
    common: Row = {
        "accuracy": model.report["test_accuracy"],
        "train_accuracy": model.report["train_accuracy"],
    }
    targets = [(target, digit, target_of(outputs["logits"], target, digit)) for target in TARGETS for digit in classes]
    rows: list[Row] = []
    for name, place, degree, wide_degree in LAYERS:
        layer = Layer(Patterns.from_activations(outputs[place], "zero"), settings.seed)
        frequencies = (outputs[place] > 0).mean(axis=0)
        totals = product_weights(
            partial(logits_at, model, place, outputs[place]),
            frequencies,
            [partial(target_of, target=target, digit=digit) for target, digit, _ in targets],
            settings.seed,
        )
        for (target, digit, y), total in zip(targets, totals, strict=True):
            head: Row = {"layer": name, "target": target, "digit": digit}
            complete = layer.collection(y, "exhaustive", degree, settings.top)
            stable = layer.stability(y, degree, min(settings.top, 20), settings.resamples)
            rows.append(head | common | layer.units() | complete | total | stable)
        target, digit, y = targets[0]
        wide = layer.collection(y, "beam", wide_degree, min(settings.top, 20))
        first: Row = {"layer": name, "target": target, "digit": digit}
        rows.append(first | common | layer.units() | wide)
    return rows


def target_of(logits: NDArray, target: str, digit: int) -> NDArray[np.float64]:
    """The logit of a digit, or its margin: the logit less the largest of the other nine, shape (m,)."""
    logits = np.asarray(logits, dtype=np.float64)
    own = logits[:, digit]
    return own if target == "logit" else own - np.delete(logits, digit, axis=1).max(axis=1)


def _classes(text: str) -> tuple[int, ...]:
    words = text.split()
    if not words or not all(word.isdecimal() and int(word) < 10 for word in words) or len(set(words)) < len(words):
        raise ValueError(f'classes={text!r} are not digits; give some of 0 to 9, each once, e.g. "3 8"')
    return tuple(map(int, words))
