"""How distributed classifiers of digits are: by dropout, training, width and weight decay, over seeds and all targets.

    python benchmarks/family.py [--seeds 5] [--only dropout,training]     # all 70,000 digits: ACTSPEC_MNIST

Two hidden layers, the recipe of the bundled family, the ten centred logits; numbers are means over the logits with the
standard error over networks. The logits add up the second hidden layer, whose mean degree is 1.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from timing import machine

from actspec_widgets import SubNetwork, datasets, distributedness, load_mnist, networks

RECIPE = {"hidden": (64, 64), "epochs": 8, "batch_size": 256, "learning_rate": 2e-3, "anneal": True, "progress": None}
LAYERS = {"pixels": ("input", 0.02), "first hidden": ("relu1", 0.01), "second hidden": ("relu2", 0.01)}
AXES = {
    "dropout": [{"dropout": rate} for rate in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)],
    "training": [{"epochs": epochs} for epochs in (1, 2, 4, 16, 32)],
    "width": [{"hidden": (width, width)} for width in (16, 32, 128, 256)],
    "weight decay": [{"weight_decay": decay} for decay in (0.1, 1.0, 3.0)],
}
NUMBERS = ("mean_degree", "joint_share", "effective_units")


def measured(settings, seed, data, inputs):
    """Accuracy, then the three numbers of each layer, mean over the ten logits."""
    model = networks.train_digits(**{**RECIPE, **settings}, seed=seed, data=data)
    outputs = [networks.targets.centred(k) for k in range(10)]
    found = [model.report["test_accuracy"]]
    for layer, tolerance in LAYERS.values():
        one = distributedness(SubNetwork(model, layer, inputs, outputs), tolerance=tolerance, seed=seed)
        found += [np.nanmean(getattr(one, name).value) for name in NUMBERS]
    return found


def main(seeds: int, axes: list[str]) -> None:
    torch.set_num_threads(1)
    data = load_mnist("full")
    inputs = torch.as_tensor(datasets.binarise(load_mnist().x_test), dtype=torch.float32)
    for axis in axes:
        print(f"\n{axis}, {seeds} seeds; elsewhere as in the family without dropout")
        for settings in AXES[axis]:
            start = time.process_time()
            rows = np.array([measured(settings, seed, data, inputs) for seed in range(seeds)])
            means, errors = rows.mean(axis=0), rows.std(axis=0, ddof=1) / seeds**0.5
            said = [f"{mean:.3f} ± {error:.3f}" for mean, error in zip(means, errors, strict=True)]
            print(f"  {settings}: accuracy {said[0]}  ({time.process_time() - start:.0f} s)")
            for at, layer in enumerate(LAYERS):
                degree, joint, units = said[1 + 3 * at : 4 + 3 * at]
                print(f"    {layer:14s} mean degree {degree}, joint share {joint}, effective units {units}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default=",".join(AXES))
    asked = parser.parse_args()
    print(machine())
    main(asked.seeds, asked.only.split(","))
