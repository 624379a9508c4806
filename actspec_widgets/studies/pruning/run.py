"""One cell: units of a layer of a digits classifier removed in several orders, and its digits and units made noisy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..study import Row

LAYERS = {"hidden1": ("relu1", "hidden2"), "hidden2": ("relu2", "logits")}  # the activation, and what reads it
SHARES = (0.75, 0.5, 0.375, 0.25, 0.125)  # of the units that stay
ORDERS = ("influence", "contribution", "magnitude", "random")
FLIPPED = (0.05, 0.1, 0.2)  # of the pixels
SPREADS = (0.5, 1.0, 2.0)  # of the noise of each unit, in standard deviations of its activation
_TIMES = 10  # random orders, and draws of noise

_Answer = Callable[[NDArray], NDArray]


@dataclass(frozen=True)
class Pruning:
    """A layer of a bundled classifier of digits.

    Attributes
    ----------
    layer : str
        "hidden1" or "hidden2"; over the second the logits add up.
    dropout : float
        Of the hidden units in training.
    seed : int
        Of the network, and of all that is drawn.
    tolerance : float
        Standard error of the mean degree.
    """

    layer: str = "hidden1"
    dropout: float = 0.0
    seed: int = 0
    tolerance: float = 0.02


def run(settings: Pruning) -> Row:
    """How distributed the layer is, and the share of test digits read rightly when units go and under noise.

    Raises
    ------
    ValueError
        If the classifiers have no such layer, rate or seed.
    """
    from ...compute import distributedness
    from ...datasets import binarise, load_mnist
    from ...networks import SubNetwork
    from ...networks.trained import family_classifier
    from ...networks.training import one_thread

    if settings.layer not in LAYERS:
        raise ValueError(f"layer={settings.layer!r}; give one of {', '.join(LAYERS)}")
    data, rng = load_mnist(), np.random.default_rng(settings.seed)
    with one_thread():
        model = family_classifier(settings.dropout, settings.seed)
        name, after = LAYERS[settings.layer]
        known = SubNetwork(model, name, binarise(data.x_train), range(10), threshold="zero")
        seen = SubNetwork(model, name, binarise(data.x_test), range(10), threshold="zero")
        code = distributedness(known, tolerance=settings.tolerance, seed=settings.seed)
        weights = [getattr(model, part).weight.detach().numpy() for part in (settings.layer, after)]
        orders = ordered(code, known.activations, *weights)
        truth, values = data.y_test, np.asarray(seen.activations, np.float64)
        row: Row = {
            "units": known.n_units,
            "accuracy": right(seen(values), truth),
            "mean_degree": float(np.mean(code.mean_degree.value)),
            "mean_degree_error": float(np.sqrt(np.mean(np.square(code.mean_degree.standard_error)))),
            "joint_share": float(np.mean(code.joint_share.value)),
            "effective_units": float(np.mean(code.effective_units.value)),
        }
        middle = known.activations.mean(axis=0)
        row |= after_pruning(seen, values, truth, middle, orders, rng)
        row |= under_noise(model, seen, values, truth, binarise(data.x_test), known.activations.std(axis=0), rng)
    return row


def ordered(code, activations: NDArray, incoming: NDArray, outgoing: NDArray) -> dict[str, NDArray[np.intp]]:
    """Units, the one to keep longest first, by each reason.

    "influence": share of each logit's variance that the unit takes part in when units are resampled, mean of the ten;
    "contribution": standard deviation of its activation times the length of its outgoing weights; "magnitude": the sum
    of its incoming weights without sign (Li et al. 2017).
    """
    influence = (code.influences.value / code.variance.value).mean(axis=1)
    contribution = activations.std(axis=0) * np.sqrt((outgoing**2).sum(axis=0))
    magnitude = np.abs(incoming).sum(axis=1)
    scores = {"influence": influence, "contribution": contribution, "magnitude": magnitude}
    return {name: np.argsort(-score, kind="stable") for name, score in scores.items()}


def after_pruning(answer: _Answer, values, truth, middle, orders, rng) -> Row:
    """Accuracy when only so many units stay and the others are set to their means: ``ORDER_at_SHARE``, and the mean."""
    n = values.shape[1]
    tried = {name: [order] for name, order in orders.items()}
    tried["random"] = [rng.permutation(n) for _ in range(_TIMES)]
    row: Row = {}
    for name, several in tried.items():
        found = []
        for share in SHARES:
            kept = max(1, round(share * n))
            reached = []
            for order in several:
                pruned = values.copy()
                gone = order[kept:]
                pruned[:, gone] = middle[gone]
                reached.append(right(answer(pruned), truth))
            found.append(float(np.mean(reached)))
            row[f"{name}_at_{share}"] = found[-1]
        row[f"{name}_kept"] = float(np.mean(found))
    return row


def under_noise(model, answer: _Answer, values, truth, images, spread, rng) -> Row:
    """Accuracy lost when pixels are flipped (``lost_pixels``) and when noise is added to the units (``lost_units``)."""
    from ...networks import record

    clean = right(answer(values), truth)
    lost: dict[str, list[float]] = {"lost_pixels": [], "lost_units": []}
    for share in FLIPPED:
        for _ in range(_TIMES):
            noisy = np.where(rng.random(images.shape) < share, -images, images)
            logits = record(model, "logits", noisy, output=range(10)).target
            lost["lost_pixels"].append(clean - right(logits, truth))
    for size in SPREADS:
        for _ in range(_TIMES):
            lost["lost_units"].append(
                clean - right(answer(values + size * spread * rng.normal(size=values.shape)), truth)
            )
    return {name: float(np.mean(each)) for name, each in lost.items()}


def right(logits: NDArray, truth: NDArray) -> float:
    """Share of digits read rightly."""
    return float((np.asarray(logits).argmax(axis=1) == truth).mean())
