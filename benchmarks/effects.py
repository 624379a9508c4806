"""How distributed is a layer: do the errors cover, what does it cost beside bare forward passes, and two known layers.

    python benchmarks/effects.py [--runs 300]

Coverage is of 95 % intervals (1.96 errors) with the default stopping; the truth is summed over all mixtures.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from timing import machine

from actspec_widgets import datasets, distributedness, networks, record


def truth(weights):
    total = sum(weights.values())
    return sum(len(s) * w for s, w in weights.items()) / total, 1 - sum(
        w for s, w in weights.items() if len(s) == 1
    ) / total


def and_weights(p, q):
    return {(0,): q * q * p * (1 - p), (1,): p * p * q * (1 - q), (0, 1): p * (1 - p) * q * (1 - q)}


def coverage(runs: int) -> None:
    print("\nCoverage of 95 % intervals, default tolerance 0.02 (mean degree, joint share), and what was refused")
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (4000, 3))
    signs = np.r_[signs, -signs]  # balanced
    shared = np.sign(
        np.random.default_rng(1).normal(size=(20_000, 1)) + np.random.default_rng(2).normal(size=(20_000, 3))
    )
    cases = {}
    for rate in (0.5, 0.1, 0.03):
        A = (np.random.default_rng(3).random((20_000, 2)) < rate) * 1.0
        cases[f"AND of two at an on-rate of {rate}"] = (A, lambda a: a[:, 0] * a[:, 1], and_weights(*A.mean(axis=0)))
    cases["majority of three"] = (
        signs,
        lambda a: np.sign(a.sum(axis=1)),
        {(i,): 0.25 for i in range(3)} | {(0, 1, 2): 0.25},
    )
    means, spread = shared.mean(axis=0), 1 - shared.mean(axis=0) ** 2
    # x0 + x1 x2 / 2: a product of units with means mu has first-order parts mu_j (x_i - mu_i)
    mixture = {(0,): spread[0], (1,): spread[1] * means[2] ** 2 / 4, (2,): spread[2] * means[1] ** 2 / 4}
    cases["x0 + x1 x2 / 2, units correlated 0.5"] = (
        shared, lambda a: a[:, 0] + a[:, 1] * a[:, 2] / 2, mixture | {(1, 2): spread[1] * spread[2] / 4},
    )  # fmt: skip
    for name, (A, f, weights) in cases.items():
        wanted = np.array(truth(weights))
        inside, refused, draws = np.zeros(2), 0, []
        for seed in range(runs):
            found = distributedness(f, activations=A, seed=seed)
            if found.too_rare:
                refused += 1
                continue
            draws.append(found.draws)
            for k, measure in enumerate((found.mean_degree, found.joint_share)):
                inside[k] += abs(measure.value - wanted[k]) <= 1.96 * measure.standard_error
        shares = " ".join(f"{100 * count / len(draws):5.1f} %" for count in inside)
        known = f"truth {wanted[0]:.3f} {wanted[1]:.3f}"
        print(f"  {name:40s} {shares}   refused {refused} of {runs}, {np.median(draws):,.0f} draws, {known}")


def layers() -> None:
    import torch

    print("\nThe bundled classifier of digits, logit of 3: layer, outputs, answer, seconds")
    model, digits = networks.family_classifier(), datasets.load_mnist()
    names = [name for name, _ in model.named_children()]
    for layer in ("dropout0", *[n for n in names if n.startswith("relu")]):
        inputs = torch.as_tensor(datasets.binarise(digits.x_test), dtype=torch.float32)
        A = record(model, layer, inputs, output=3)[0].astype(np.float32)
        rest = torch.nn.Sequential(*list(model.children())[names.index(layer) + 1 :]).eval()

        def ask(a, rest=rest):
            with torch.no_grad():
                return rest(torch.from_numpy(np.ascontiguousarray(a))).numpy()

        outputs = {
            "logit 3": lambda a: ask(a)[:, 3],
            "log-probability 3": lambda a: torch.log_softmax(torch.from_numpy(ask(a)), 1)[:, 3].numpy(),
            "the class is 3": lambda a: np.where(ask(a).argmax(axis=1) == 3, 1.0, -1.0),
        }
        for name, f in outputs.items():
            start = time.perf_counter()
            found = distributedness(f, activations=A)
            seconds = time.perf_counter() - start
            rows = A[np.random.default_rng(0).integers(0, len(A), 4096)]
            start = time.perf_counter()
            for _ in range(5):
                f(rows)
            bare = (time.perf_counter() - start) / 5 / len(rows) * found.runs
            print(f"  {layer}, {name}: {found.summary()}")
            print(f"      {seconds:.1f} s; {found.runs:,} bare passes {bare:.1f} s (ratio {seconds / bare:.1f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    print(machine())
    layers()
    coverage(parser.parse_args().runs)
