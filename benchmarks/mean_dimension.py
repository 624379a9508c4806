"""The mean dimension of an MNIST classifier after Hoyt and Owen (arXiv:2007.01281), and estimators compared.

    python benchmarks/mean_dimension.py network [--epochs 10]     # all 70,000 digits: ACTSPEC_MNIST
    python benchmarks/mean_dimension.py functions                 # with SALib where it is installed

The network is a common tutorial's, as we understand theirs to be (their text was not at hand): a convolution of 28
kernels of 3 x 3, the largest of 2 x 2, 128 ReLUs, 20 % of them dropped in training, ten inputs to the softmax; Adam,
batches of 32. Each pixel takes a value that it has in an image of its own: of all training images, or of one digit's.

Naive, radial and winding stairs change one variable at a time: 2 d, d + 1 and d runs for each of d
variables. "Variance per run" is the squared standard error times the runs spent: half of it is half of the cost.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from timing import machine

from actspec_widgets import distributedness, load_mnist


def naive(f, draw, passes, rng):
    """Pairs that differ in one variable, each pair new: (total influence, variance, runs)."""
    d = draw(1, rng).shape[1]
    first = np.repeat(draw(passes, rng), d, axis=0)
    first[:] = draw(len(first), rng)
    second, new = first.copy(), draw(len(first), rng)
    changed = np.tile(np.arange(d), passes)
    rows = np.arange(len(first))
    second[rows, changed] = new[rows, changed]
    before, after = f(first), f(second)
    influence = ((before - after) ** 2).reshape(passes, d, -1).mean(axis=0).sum(axis=0) / 2
    return influence, before.var(axis=0, ddof=1), 2 * len(first)


def radial(f, draw, passes, rng):
    """Each of the variables changed in one base point, which is then left."""
    base, new = draw(passes, rng), draw(passes, rng)
    d = base.shape[1]
    stars = np.repeat(base[:, None], d, axis=1)
    stars[:, np.arange(d), np.arange(d)] = new
    before, after = f(base), f(stars.reshape(-1, d)).reshape(passes, d, -1)
    influence = ((before[:, None] - after) ** 2).mean(axis=0).sum(axis=0) / 2
    return influence, before.var(axis=0, ddof=1), passes * (d + 1)


def winding_stairs(f, draw, passes, rng):
    """A chain that changes the variables in turn; whole passes apart its points are independent."""
    point = draw(1, rng)[0]
    new = draw(passes, rng)
    d = len(point)
    chain = [point.copy()]
    for row in new:
        steps = np.repeat(point[None], d, axis=0)
        steps[np.tril_indices(d)] = np.repeat(row[None], d, axis=0)[np.tril_indices(d)]
        chain.append(steps)
        point = row
    values = f(np.vstack(chain))
    influence = (np.diff(values, axis=0) ** 2).reshape(passes, d, -1).mean(axis=0).sum(axis=0) / 2
    return influence, values[::d].var(axis=0, ddof=1), len(values)


SAMPLERS = {"naive": naive, "radial": radial, "winding stairs": winding_stairs}


def ratio(parts):
    """Mean dimension and its standard error over replicates, each (influence, variance, runs); and runs in all."""
    influence, variance = (np.array([part[i] for part in parts]) for i in (0, 1))
    value = influence.mean(axis=0) / variance.mean(axis=0)
    terms = (influence - value * variance) / variance.mean(axis=0)
    return value, terms.std(axis=0, ddof=1) / len(parts) ** 0.5, sum(part[2] for part in parts)


def row(name, value, error, runs):
    per_run = np.asarray(error) ** 2 * runs
    print(
        f"  {name:<34} {np.mean(value):7.3f} ± {np.mean(error):.3f}   runs {runs:>9,}   per run {per_run.mean():10.3g}"
    )


def train(data, epochs):
    import torch
    from torch import nn

    from actspec_widgets.networks.building import SeededDropout
    from actspec_widgets.networks.training import fit

    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 28, 3), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(28 * 13 * 13, 128), nn.ReLU(), SeededDropout(0.2), nn.Linear(128, 10),
    )  # fmt: skip
    pixels = torch.from_numpy(scaled(data.x_train))
    digits = torch.from_numpy(data.y_train.astype(np.int64))

    def loss_of(chosen, _):
        return nn.functional.cross_entropy(model(pixels[chosen]), digits[chosen])

    fit(
        model, loss_of, len(pixels), make_optimiser=torch.optim.Adam, epochs=epochs, batch_size=32,
        learning_rate=1e-3, seed=0, anneal=False, progress=None,
    )  # fmt: skip
    return model


def scaled(images):
    return images.reshape(len(images), -1).astype(np.float32) / 255


def network(epochs: int) -> None:
    import torch

    torch.set_num_threads(1)
    data = load_mnist("full")
    start = time.process_time()
    model = train(data, epochs)

    def f(points):
        with torch.inference_mode():
            parts = torch.from_numpy(np.ascontiguousarray(points, np.float32)).split(2048)
            return torch.cat([model(part) for part in parts]).double().numpy()

    right = (f(scaled(data.x_test)).argmax(axis=1) == data.y_test).mean()
    print(f"{epochs} epochs in {time.process_time() - start:.0f} s of CPU; {right:.2%} of the test digits read rightly")
    images = scaled(data.x_train)
    print("Mean dimension of the input to the softmax of each digit, pixels from images of")
    print("  " + " ".join(["all".rjust(14), *(str(k).rjust(14) for k in range(10))]))
    found = []
    for k in (None, *range(10)):
        found.append(distributedness(f, activations=images if k is None else images[data.y_train == k]))
    for digit in range(10):
        values = (f"{one.mean_degree.value[digit]:.3f} ± {one.mean_degree.standard_error[digit]:.3f}" for one in found)
        print(f"{digit} " + " ".join(value.rjust(14) for value in values), flush=True)
    print("V(product) / V(data): " + " ".join(f"{value:.3f}" for value in found[0].off_data.value))
    print("\nVariance per run, mean over the ten inputs, pixels from all images")
    rng = np.random.default_rng(1)

    def draw(m, rng):
        return images[rng.integers(len(images), size=(m, 784)), np.arange(784)]

    for name, sampler in SAMPLERS.items():
        row(name, *ratio([sampler(f, draw, 6, rng) for _ in range(12 if name == "naive" else 24)]))
    row("distributedness, all it measures", found[0].mean_degree.value, found[0].mean_degree.standard_error,
        found[0].runs)  # fmt: skip
    row("distributedness, its mean degree", found[0].mean_degree.value, found[0].mean_degree.standard_error,
        found[0].draws * 66)  # fmt: skip


def ishigami(x):
    x = np.pi * (2 * x - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


G = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def g_function(x):
    return np.prod((np.abs(4 * x - 2) + G) / (1 + G), axis=1)


def total(x):
    return x @ np.arange(1.0, 21)


def product(x):
    return np.prod(1 + 0.3 * (12**0.5) * (x - 0.5), axis=1)


def of_product(variances):
    """Mean dimension of a product of factors with mean 1."""
    whole = np.prod(1 + variances)
    return float((variances * whole / (1 + variances)).sum() / (whole - 1))


def functions() -> None:
    first = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2
    both = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    cases = {
        "Ishigami, 3 variables": (ishigami, 3, 1 + both / (first + 49 / 8 + both)),
        "Sobol' g, 8 variables": (g_function, 8, of_product(1 / 3 / (1 + G) ** 2)),
        "a sum of 20": (total, 20, 1.0),
        "a product of 10": (product, 10, of_product(np.full(10, 0.09))),
    }
    for name, (f, d, truth) in cases.items():
        print(f"\n{name}: mean dimension {truth:.4f}")
        rng = np.random.default_rng(0)

        def values(points, f=f):
            return f(points)[:, None]

        def draw(m, rng, d=d):
            return rng.random((m, d))

        for sampler_name, sampler in SAMPLERS.items():
            row(sampler_name, *ratio([sampler(values, draw, 256, rng) for _ in range(40)]))
        recorded = rng.random((100_000, d))
        several = [distributedness(f, activations=recorded, draws=1024, seed=seed) for seed in range(20)]
        for label, runs in (
            ("distributedness, all it measures", sum(one.runs for one in several)),
            ("distributedness, its mean degree", sum(one.draws * (2 * d + 2) for one in several)),
        ):
            spread = np.array([one.mean_degree.value for one in several])
            row(label, spread.mean(), spread.std(ddof=1) / 20**0.5, runs)
        said = np.mean([one.mean_degree.standard_error for one in several])
        print(f"    its own errors {said:.4f}, their spread {spread.std(ddof=1):.4f}")
        salib(f, d)


def salib(f, d) -> None:
    try:
        from SALib.analyze import sobol as analysed
        from SALib.sample import sobol as sampled
    except ImportError:
        return
    problem = {"num_vars": d, "names": [f"x{i}" for i in range(d)], "bounds": [[0, 1]] * d}
    found, runs = [], 0
    for seed in range(20):
        points = sampled.sample(problem, 1024, calc_second_order=False, seed=seed)
        runs += len(points)
        indices = analysed.analyze(problem, f(points), calc_second_order=False, num_resamples=2, seed=seed)
        found.append(indices["ST"].sum())
    row("SALib, scrambled Sobol' sequence", np.mean(found), np.std(found, ddof=1) / 20**0.5, runs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["network", "functions"])
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    print(machine())
    functions() if options.what == "functions" else network(options.epochs)
