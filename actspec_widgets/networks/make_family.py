"""Make the family of classifiers again: ``python -m actspec_widgets.networks.make_family [folder]``.

Trains a classifier on all 60,000 MNIST digits at each rate of hidden dropout and from each seed (some minutes on one
core), rounds the weights to float16, measures what the rounded weights read rightly, and writes one file: the same
bytes each time on the same machine and versions. The full MNIST comes from where :func:`load_mnist` finds it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..datasets import Mnist, checksums, load_mnist
from ..datasets.family import FAMILY, KIND, tensor_prefix
from ..progress import Progress, tick
from .building import set_weights, weights_of
from .digits import accuracy
from .digits_training import train_digits
from .trained import BATCH_SIZE, EPOCHS, LEARNING_RATE, require_learnt

RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
SEEDS = 3
HIDDEN = (64, 64)


def make_family(
    folder: str | Path,
    *,
    data: Mnist | None = None,
    rates: Sequence[float] = RATES,
    seeds: int = SEEDS,
    hidden: Sequence[int] = HIDDEN,
    epochs: int = EPOCHS,
    progress: Progress | None = None,
) -> Path:
    """Write ``digits_family.safetensors`` into ``folder``; :func:`load_digits_family` reads it.

    Raises
    ------
    ValueError
        If a classifier does not learn.
    """
    data = load_mnist("full") if data is None else data
    tensors: dict[str, NDArray] = {}
    members: list[dict[str, float]] = []
    for number, (rate, seed) in enumerate((rate, seed) for rate in rates for seed in range(seeds)):
        tick(progress, number, len(rates) * seeds)
        model = train_digits(
            rate,
            hidden=hidden,
            seed=seed,
            data=data,
            epochs=epochs,
            batch_size=BATCH_SIZE,
            learning_rate=LEARNING_RATE,
            anneal=True,
            progress=None,
        )
        rounded = {name: array.astype(np.float16) for name, array in weights_of(model).items()}
        set_weights(model, rounded)
        model.report["test_accuracy"] = accuracy(model, data.x_test, data.y_test)
        require_learnt(model, len(data.x_test))
        tensors |= {tensor_prefix(rate, seed) + name: array for name, array in rounded.items()}
        members.append(
            {
                "dropout": float(rate),
                "seed": seed,
                "accuracy": model.report["test_accuracy"],
                "train_accuracy": accuracy(model, data.x_train, data.y_train),
            }
        )
    header = {
        "hidden": list(hidden),
        "recipe": {
            "epochs": epochs,
            "batch_size": BATCH_SIZE,
            "learning_rate": LEARNING_RATE,
            "anneal": True,
            "n_train": len(data.x_train),
            "n_test": len(data.x_test),
            "torch": torch.__version__,
        },
        "members": members,
    }
    tick(progress, len(members), len(members))
    target = Path(folder, FAMILY.name)
    KIND.save_tensors(target, header, tensors)
    return target


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FAMILY.parent
    print(make_family(target))
    checksums.write(target)
