"""One cell: the published network at one dropout rate, and four measures of its pixels and its hidden layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...patterns import Patterns
from ...patterns.cube import Subset
from ..study import Row

LAYERS = (("pixels", "input"), ("hidden", "relu"))
CAREFUL = 10  # times the published draws: the error of a weight is then at most half of the threshold


@dataclass(frozen=True)
class Published:
    """The network 196-256-10 on MNIST at 14 x 14, and how its layers are looked at.

    Attributes
    ----------
    dropout : float
        Rate at which hidden units were dropped in training; published are 0 and 0.2.
    seed : int
    data : str
        "full": all 60,000 training digits, looked at on test digits. "small": the bundled 5,000 and 1,000.
    epochs : int
    samples : int
        Of the test digits that the network takes for a 7, and as many that it takes for a 1.
    draws : int
        Of the experiment.
    tolerance : float
        Standard error of the mean degree.
    """

    dropout: float = 0.0
    seed: int = 0
    data: str = "full"
    epochs: int = 10
    samples: int = 500
    draws: int = 20_000
    tolerance: float = 0.2


def run(settings: Published) -> list[Row]:
    """Train and measure: a row for each layer.

    All four ask about "the class is 7", as -1 or +1, which is the published target; the mean degree is measured of the
    centred logit as well, of which the hidden layer is a linear function.

    Raises
    ------
    ValueError
        If the digits are too few, or a setting is out of range.
    """
    from ...compute import activation_spectroscopy, distributedness, experiment, published_procedure
    from ...datasets import load_mnist
    from ...networks import SubNetwork, record, targets
    from ...networks.low_resolution import low_resolution, train_low_resolution
    from ...networks.training import one_thread

    data = load_mnist(settings.data)
    model = train_low_resolution(settings.dropout, seed=settings.seed, data=data, epochs=settings.epochs)
    images = low_resolution(data.x_test)
    with one_thread():
        classes = record(model, "logits", images, output=0).activations.argmax(1)
    chosen = equal_numbers(classes, (7, 1), settings.samples)
    inputs = images[chosen]
    rows: list[Row] = []
    for name, layer in LAYERS:
        with one_thread():
            rest = SubNetwork(model, layer, inputs, targets.is_class(7))
            row: Row = {"layer": name, "accuracy": float((classes == data.y_test).mean()), "digits": len(chosen)}
            found = published_procedure(rest, seed=settings.seed)
            row |= collection("published", found.subsets)
            row["frequency"] = frequency(found.subsets, rest.n_units)
            row |= collection("careful", published_procedure(rest, draws=1000 * CAREFUL, seed=settings.seed).subsets)
            row["published_units_left"] = found.coverage.n_units if found.coverage is not None else None
            recorded = activation_spectroscopy(
                Patterns.from_activations(rest.activations, "zero"), rest.target, max_degree=2, top=10, threads=1,
                seed=settings.seed,
            )  # fmt: skip
            row |= collection("recorded", recorded.subsets)
            row |= {"recorded_joint": int(recorded.joint.sum()), "recorded_explained": recorded.explained_variance}
            drawn = experiment(rest, share=0.3, draws=settings.draws, threshold=0.0, seed=settings.seed)
            effects = activation_spectroscopy(drawn, max_degree=2, top=20, threads=1, seed=settings.seed)
            row |= collection("experiment", effects.subsets)
            row["experiment_joint"] = int(effects.joint.sum())
            both = SubNetwork(model, layer, inputs, [targets.is_class(7), targets.centred(7)])
            spread = distributedness(both, tolerance=settings.tolerance, seed=settings.seed)
            for at, target in enumerate(("class", "logit")):
                for measure in ("mean_degree", "joint_share", "effective_units"):
                    row[f"{measure}_{target}"] = float(getattr(spread, measure).value[at])
            rows.append(row)
    return rows


def equal_numbers(classes: np.ndarray, wanted: Sequence[int], most: int) -> np.ndarray:
    """Places of equally many samples of each class, up to ``most`` of each, in their order."""
    places = [np.flatnonzero(classes == k) for k in wanted]
    count = min(most, *(len(each) for each in places))
    if count < 40:
        raise ValueError(f"the network takes only {count} digits for one of {tuple(wanted)}; use more digits")
    return np.sort(np.concatenate([each[:count] for each in places]))


def collection(name: str, subsets: Sequence[Subset]) -> Row:
    """How many subsets that are not empty, their mean and largest size, and how many units they name."""
    sizes = [len(subset) for subset in subsets if subset]
    return {
        f"{name}_subsets": len(sizes),
        f"{name}_size": float(np.mean(sizes)) if sizes else None,
        f"{name}_largest": max(sizes, default=0),
        f"{name}_units": len({unit for subset in subsets for unit in subset}),
    }


def frequency(subsets: Sequence[Subset], n_units: int) -> str:
    """In how many subsets each unit is, as ``unit:count`` with spaces between; read back by :func:`counts`."""
    found = Counter(unit for subset in subsets for unit in subset)
    return " ".join(f"{unit}:{found[unit]}" for unit in range(n_units) if found[unit])


def counts(text: str, n_units: int) -> np.ndarray:
    """The numbers of :func:`frequency`, shape (n_units,).

    Examples
    --------
    >>> counts(frequency([(0, 2), (2,)], 3), 3).tolist()
    [1, 0, 2]
    """
    out = np.zeros(n_units, dtype=int)
    for pair in text.split():
        unit, _, count = pair.partition(":")
        out[int(unit)] = int(count)
    return out
