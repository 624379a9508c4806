"""The rows of ``benchmarks/inference.py``: for each a function from the number of a run to its numbers."""

from __future__ import annotations

import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product

import numpy as np
from scipy.special import ndtri

from actspec_widgets import Patterns, activation_spectroscopy, stability
from actspec_widgets.compute.inference.errors import robust_fit, two_sided
from actspec_widgets.compute.method.relations import unit_classes
from actspec_widgets.datasets import binarise, load_example, load_mnist
from actspec_widgets.studies.methods import METHODS, Found
from actspec_widgets.studies.problems import make_problem
from actspec_widgets.studies.scoring import canonical, score

ALPHA = 0.05

Run = Callable[[int], dict[str, float]]


@dataclass(frozen=True)
class Row:
    """One setting; ``run(number)`` gives the numbers of one run, NaN where they do not apply."""

    part: str
    name: str
    run: Run
    most: int = 10**9  # runs that make sense

    @property
    def key(self) -> str:
        return f"{self.part}: {self.name}"


def drawn(row: str, number: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(row.encode()), number])


def signs(rng, m, n, rate=0.5, correlation=0.0):
    """Units active with probability ``rate``, their hidden normal values correlated."""
    hidden = np.sqrt(1 - correlation) * rng.normal(size=(m, n)) + np.sqrt(correlation) * rng.normal(size=(m, 1))
    return np.where(hidden > -ndtri(rate), np.int8(1), np.int8(-1))


def skewed(rng, m, n):
    return np.where(rng.random((m, n)) < rng.uniform(0.02, 0.5, n), np.int8(1), np.int8(-1))


def mixed(rng, m, n):
    hidden = rng.normal(size=(m, 10)) @ rng.normal(size=(10, n)) + rng.normal(size=(m, n))
    return np.where(hidden > 0, np.int8(1), np.int8(-1))


UNITS = {"independent": signs, "skewed": skewed, "correlated": mixed}
NOISE = {
    "normal": lambda rng, m: rng.normal(size=m),
    "t with 2 df": lambda rng, m: rng.standard_t(2, m),
    "t with 3 df": lambda rng, m: rng.standard_t(3, m) / np.sqrt(3),
    "rare, 5 %": lambda rng, m: (rng.random(m) < 0.05) * 1.0,
}


def answer(X, y, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few groups: the benchmark asks for them
        return activation_spectroscopy(
            Patterns.from_signs(X), y, halves=0, **settings
        )  # families have rows of their own


def noise_rows() -> Iterator[Row]:
    def run(name, units, noise, m, n, degree, number):
        rng = drawn(name, number)
        X, y = UNITS[units](rng, m, n), NOISE[noise](rng, m)
        return {"reports": float(len(answer(X, y, max_degree=degree, seed=number)) > 0)}

    def shared(name, size, within, number):
        rng = drawn(name, number)
        groups = np.repeat(np.arange(2000 // size), size)
        X = signs(rng, len(groups), 100)
        if within:  # samples of a group look alike
            X = np.where(rng.random(X.shape) < within, X[groups * size], X)
        found = answer(X, rng.normal(size=groups[-1] + 1)[groups], max_degree=2, seed=number, groups=groups)
        return {"reports": float(len(found) > 0)}

    targets = ("normal", "t with 2 df", "rare, 5 %")
    for units, noise, m in product(UNITS, targets, (100, 400, 2000)):
        name = f"50 units, {m} samples, degree 3, {units}, {noise}"
        yield Row("noise", name, partial(run, name, units, noise, m, 50, 3))
    for units in UNITS:
        name = f"784 units, 400 samples, degree 2, {units}, normal"
        yield Row("noise", name, partial(run, name, units, "normal", 400, 784, 2))
    for size, within in product((5, 20, 50), (0.0, 0.5)):
        name = f"noise shared in groups of {size}, units alike by {within}"
        yield Row("noise", name, partial(shared, name, size, within))


def joint_rows() -> Iterator[Row]:
    def run(name, rate, correlation, noise, number):
        rng = drawn(name, number)
        X, k = signs(rng, 6000, 100, rate, correlation), int(rng.integers(2, 11))
        y = (X[:, :k] > 0) @ rng.uniform(0.5, 1.5, k) + 0.5 * NOISE[noise](rng, 6000)
        found = answer(X, y, max_degree=2, seed=number)
        truly = {(unit,) for unit in range(k)}
        return {"joint": float(any(found.joint)), "found": len(truly & set(found.subsets)) / k}

    for rate, correlation, noise in product((1, 3, 10, 50, 90, 97), (0.0, 0.3, 0.8), ("normal", "t with 3 df")):
        name = f"on-rate {rate} %, correlation {correlation}, {noise}"
        yield Row("joint", name, partial(run, name, rate / 100, correlation, noise))


def planted_rows() -> Iterator[Row]:
    gates = {
        "AND of 2": lambda on: on.all(axis=1),
        "OR of 2": lambda on: on.any(axis=1),
        "parity of 2": lambda on: on.sum(axis=1) % 2,
        "AND of 3": lambda on: on.all(axis=1),
    }

    def run(name, gate, rate, noise, number):
        rng, size = drawn(name, number), int(gate[-1])
        X = signs(rng, 4000, 30, rate)
        planted = tuple(range(4, 4 + size))
        y = (X[:, :4] > 0).sum(axis=1) + 1.0 * gates[gate](X[:, planted] > 0) + noise * rng.normal(size=4000)
        found = answer(X, y, max_degree=size, seed=number)
        claims = [members for members, joint in zip(found.classes, found.joint, strict=True) if joint]
        model = [(0,), (1,), (2,), (3,), *_parts(planted), planted]
        fit = robust_fit(np.array([X[:, s].prod(axis=1) for s in model], float), y)
        told = two_sided(fit.t, fit.freedom)[-1] * found.coverage.examined
        others = sum(not any(set(s) <= set(planted) for s in members) for members in claims)
        return {
            "found": float(any(planted in members for members in claims)),
            "told": float(told <= ALPHA),
            "told, level of a claim": float(told <= ALPHA / 2),  # models without the subset have the other half
            "others": float(others > 0),
        }

    for gate, rate, noise in product(gates, (0.03, 0.1, 0.5), (0.5, 4.0)):
        name = f"{gate}, on-rate {rate:.0%}, noise {noise}"
        yield Row("planted", name, partial(run, name, gate, rate, noise))


SCENES = {
    "noise 4": dict(kind="mixed", n=30, degree=2, terms=8, samples=2000, noise=4.0),
    "noise 8": dict(kind="mixed", n=30, degree=2, terms=8, samples=2000, noise=8.0),
    "misread signs": dict(kind="mixed", n=20, degree=3, terms=6, samples=2000, noise=0.5, flips=0.2),
    "noisy copies": dict(kind="mixed", n=20, degree=3, terms=6, samples=5000, copies=10, noise=4.0),
    "noisy and skewed": dict(kind="mixed", n=20, degree=3, terms=6, samples=2000, bias=0.6, noise=4.0),
    "mean .8, 256 samples": dict(kind="parity", n=16, degree=3, terms=4, samples=256, noise=1.0, bias=0.8),
    "mean .9, 256 samples": dict(kind="parity", n=16, degree=3, terms=4, samples=256, noise=1.0, bias=0.9),
    "mean .9, 1,024 samples": dict(kind="parity", n=16, degree=3, terms=4, samples=1024, noise=1.0, bias=0.9),
    "mean .9, 4,096 samples": dict(kind="parity", n=16, degree=3, terms=4, samples=4096, noise=1.0, bias=0.9),
    "correlated .6, 256": dict(kind="parity", n=16, degree=3, terms=4, samples=256, noise=1.0, correlation=0.6),
    "correlated .8, 256": dict(kind="parity", n=16, degree=3, terms=4, samples=256, noise=1.0, correlation=0.8),
    "twelve copies": dict(kind="mixed", n=12, degree=3, terms=6, samples=2000, copies=12, noise=0.5),
    "no noise": dict(kind="mixed", n=20, degree=3, terms=6, samples=1000),
}


def scene_rows() -> Iterator[Row]:
    def run(name, number):
        problem, truth = make_problem(seed=10_000 + number, **SCENES[name])
        classes = unit_classes(problem.patterns)
        wanted = {canonical(subset, classes) for subset in truth}
        settings = {"max_degree": problem.max_degree, "top": max(20, 2 * len(truth)), "seed": number, "halves": 0}
        strict, longer = (
            activation_spectroscopy(problem.patterns, problem.target, error_rate=rate, **settings)
            for rate in ("fwer", "fdr")
        )

        def f1(subsets):
            return score(Found(tuple(subsets), (1.0,) * len(subsets)), truth, classes)

        def false_claims(found):
            claims = [{canonical(s, classes) for s in members} for members in found.classes if members]
            return [not claim & wanted for claim in claims]

        told = {name: METHODS[name].find(problem) for name in ("lasso", "omp")}
        return {
            "F1": f1(strict.subsets)["f1"],
            "F1 fdr": f1(longer.subsets)["f1"],
            "false fdr": 1 - f1(longer.subsets)["precision"],
            "false claim": float(any(false_claims(strict))),
            "false claims fdr": float(np.mean(false_claims(longer) or [0.0])),
            **{name: f1(found.subsets)["f1"] for name, found in told.items()},
        }

    yield from (Row("scenes", name, partial(run, name)) for name in SCENES)


PLANTED = {(0,): 0.5, (1, 2): -0.7, (3, 4, 5): 0.6}


def coverage_rows() -> Iterator[Row]:
    def run(name, units, noise, size, rate, number):
        rng = drawn(name, number)
        X = UNITS[units](rng, 2000, 20) if units != "skewed" else signs(rng, 2000, 20, 0.3)
        y = sum(c * X[:, s].prod(axis=1) for s, c in PLANTED.items()) + size * NOISE[noise](rng, 2000)
        found = answer(X, y, max_degree=3, seed=number, error_rate=rate)
        if not set(PLANTED) <= set(found.subsets) and units != "independent":
            return {"covered": float("nan")}  # what is missing changes what the others stand for
        if not len(found):
            return {"covered": float("nan")}
        true = np.array([PLANTED.get(s, 0.0) for s in found.subsets])
        low, high = found.intervals.T
        return {"covered": float(((low <= true) & (true <= high)).mean())}

    for units, noise, size, rate in product(UNITS, ("normal", "t with 3 df"), (1.0, 5.0), ("fwer", "fdr")):
        name = f"{units}, {noise}, noise {size}, {rate}"
        yield Row("coverage", name, partial(run, name, units, noise, size, rate))


def return_rows() -> Iterator[Row]:
    example = load_example()

    def run(recorded, least, number):
        y, other = example.logits[:, number].astype(float), example.logits[:, (number + 1) % 10].astype(float)
        spectrum = activation_spectroscopy(recorded, y, max_degree=2, top=3)  # its settings are what counts here
        found = stability(recorded, y, spectrum, least=least, other=other, seed=number)
        return {
            "returned": float(found.on_disjoint_halves.value),
            "explained": float(found.explained_variance.value),
            "other logit": float(found.other_target.value),
            "random": float(found.by_chance.value),
            "families": len(found),
        }

    for name, recorded in (
        ("pixels", Patterns.from_signs(example.pixels())),
        ("hidden units", Patterns.from_activations(example.hidden)),
    ):
        for least in (0.3, 0.9):
            title = f"{name}, families of {least:.0%} of half-samples or more"
            yield Row("return", title, partial(run, recorded, least), most=10)


def seconds_rows() -> Iterator[Row]:
    def run(name, n, m, degree, number):
        rng = drawn(name, number)
        if m == 60_000:
            digits = load_mnist("full")
            X, y = binarise(digits.x_train), (digits.y_train == 3) + 0.3 * rng.normal(size=m)
        else:
            X = signs(rng, m, n)
            y = X[:, 0] + X[:, 1] * X[:, 2] + X[:, :degree].prod(axis=1) + rng.normal(size=m)
        patterns = Patterns.from_signs(X)
        activation_spectroscopy(patterns.take(range(500)), y[:500], max_degree=2)  # compiles
        begun, used = time.perf_counter(), time.process_time()
        activation_spectroscopy(patterns, y, max_degree=degree, threads=2)
        return {"seconds": time.perf_counter() - begun, "CPU seconds": time.process_time() - used}

    for n, m, degree in ((784, 60_000, 2), (100, 20_000, 3), (784, 10_000, 3)):
        name = f"{n} units, {m:,} samples, degree {degree}"
        yield Row("seconds", name, partial(run, name, n, m, degree), most=1)


PARTS = {
    "noise": noise_rows, "joint": joint_rows, "planted": planted_rows, "scenes": scene_rows,
    "coverage": coverage_rows, "return": return_rows, "seconds": seconds_rows,
}  # fmt: skip
SHARES = {"reports", "joint", "told", "told, level of a claim", "others", "false claim"}  # of runs; the rest are means


def _parts(subset):
    return [part for size in range(1, len(subset)) for part in combinations(subset, size)]
