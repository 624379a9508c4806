"""Effects: do errors cover, are joint claims right, do two runs agree, and what it costs beside bare forward passes.

    python benchmarks/effects.py [--runs 200] [--only layers,gated]

Coverage is of 95 % intervals (1.96 errors) with the default stopping; the truth is summed over all mixtures. Times are
CPU seconds.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from timing import machine

from actspec_widgets import (
    Patterns,
    SubNetwork,
    activation_spectroscopy,
    datasets,
    distributedness,
    experiment,
    networks,
    record,
    scan,
)
from actspec_widgets.compute.exhaustive.masked import scan_masked


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
    for rates in ((0.5, 0.5), (0.1, 0.1), (0.5, 0.1), (0.03, 0.03)):
        A = (np.random.default_rng(3).random((20_000, 2)) < rates) * 1.0
        name = " and ".join(f"{rate:g}" for rate in rates)
        cases[f"AND of two at on-rates {name}"] = (A, lambda a: a[:, 0] * a[:, 1], and_weights(*A.mean(axis=0)))
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
        shares = " ".join(f"{100 * count / len(draws):5.1f} %" for count in inside) if draws else "too rare to say"
        known = f"truth {wanted[0]:.3f} {wanted[1]:.3f}"
        print(
            f"  {name:40s} {shares}   refused {refused} of {runs}, {np.median(draws or [0]):,.0f} draws, {known}",
            flush=True,
        )


def layer_of(kind: str, n: int, m: int = 1500, seed: int = 0):
    """Recorded ReLU activations whose units depend on each other in some way."""
    rng = np.random.default_rng(seed)
    own, common = rng.normal(size=(m, n)), rng.normal(size=(m, 1))
    mixed = {
        "independent": own,
        "correlated 0.5": (own + common) / 2**0.5,
        "correlated 0.9": 0.1**0.5 * own + 0.9**0.5 * common,
        "in fours that are equal": np.repeat(own[:, : n // 4], 4, axis=1),
        "rarely on": own - 1.3,
        "one at a time": own + 2.5 * np.eye(n)[rng.integers(0, n, m)] - 1.5,
    }
    return np.maximum(mixed[kind], 0)


def joint(found):
    return {subset for subset, claimed in zip(found.subsets, found.joint, strict=True) if claimed}


def additive(runs: int) -> None:
    print(f"\nAdditive truth, {runs} runs each: those with a joint claim (5 % allowed); up to 3 of 16 units")
    for kind in (
        "independent",
        "correlated 0.5",
        "correlated 0.9",
        "in fours that are equal",
        "rarely on",
        "one at a time",
    ):
        A = layer_of(kind, 16)
        for states in ("natural", "balanced"):
            false = 0
            for seed in range(runs):
                slopes = np.random.default_rng(100 + seed).normal(size=16)
                made = experiment(
                    lambda a, w=slopes: np.sqrt(a + 0.1) @ w,
                    activations=A,
                    states=states,
                    seed=seed,
                    draws=30_000 if kind in ("rarely on", "one at a time") else 10_000,
                )
                false += bool(joint(activation_spectroscopy(made, max_degree=3, seed=seed)))
            print(f"  {kind:26s} {states:10s} {false} of {runs}", flush=True)


def planted(runs: int) -> None:
    few = max(runs // 5, 20)
    print(
        f"\nA planted product of two of 64 units, {few} runs: found, and the rate that its size over its error allows"
    )
    A, n = layer_of("correlated 0.5", 64), 64
    states_of = np.where(A > 0, 1.0, -1.0)
    pairs = n * (n - 1) // 2
    for size in (0.02, 0.04, 0.06, 0.08, 0.12):
        for states in ("natural", "balanced"):
            found, expected = 0, 0.0
            for seed in range(few):
                slopes = np.random.default_rng(seed).normal(size=n) / n**0.5

                def f(a, w=slopes, c=size):
                    x = np.where(a > 0, 1.0, -1.0)
                    return x @ w + c * x[:, 0] * x[:, 1]

                made = experiment(f, activations=A, draws=20_000, states=states, seed=seed)
                found += (0, 1) in joint(activation_spectroscopy(made, max_degree=2, seed=seed))
                # Half of the draws propose the 40 pairs that stand out most; what they say of a true one is normal.
                spread = (states_of @ slopes)[made.base[:10_000]].std()
                error = spread / (made.share * np.prod(made.scales[:2]) * 10_000**0.5)
                expected += ndtr(size / error - ndtri(1 - 20 / pairs))
            print(f"  size {size:.2f} {states:10s} found {found / few:.2f}, allowed {expected / few:.2f}", flush=True)


def gated(runs: int) -> None:
    few = max(runs // 5, 20)
    print(
        f"\nAn AND of two units that acts only where at most 4 of 12 units are on, {few} runs: found, and other claims"
    )
    rare = layer_of("correlated 0.5", 12) * (np.random.default_rng(1).random((1500, 12)) < 0.4)
    slopes = np.random.default_rng(2).normal(size=12)

    def f(a):
        both = (a[:, 0] > 0) & (a[:, 1] > 0)
        return np.sqrt(a + 0.1) @ slopes + 4 * both * ((a > 0).sum(axis=1) <= 4)

    for states in ("natural", "balanced"):
        lists = [
            joint(activation_spectroscopy(experiment(f, activations=rare, states=states, seed=s), max_degree=2, seed=s))
            for s in range(few)
        ]
        found = sum((0, 1) in one for one in lists)
        print(
            f"  {states:10s} found {found} of {few}; {np.mean([len(one) for one in lists]):.1f} claims a run",
            flush=True,
        )


def agreement(runs: int) -> None:
    few = max(runs // 5, 20)
    print(f"\nAgreement of two runs, {few} pairs of them: differences within two joint errors (95 % wanted)")
    A, slopes = layer_of("correlated 0.5", 12), np.random.default_rng(3).normal(size=12)
    gaps = []
    for seed in range(few):
        one, two = (
            activation_spectroscopy(
                experiment(lambda a: np.sqrt(a + 0.1) @ slopes + a[:, 0] * a[:, 1] * a[:, 2], activations=A, seed=s),
                seed=s,
            )
            for s in (2 * seed, 2 * seed + 1)
        )
        for i, subset in enumerate(one.subsets):
            if subset in two.subsets:
                j = two.subsets.index(subset)
                error = np.hypot(one.standard_errors[i], two.standard_errors[j])
                gaps.append((one.coefficients[i] - two.coefficients[j]) / error)
    print(f"  {np.mean(np.abs(gaps) <= 2):.1%} of {len(gaps)} differences, the largest {np.abs(gaps).max():.1f} errors")


def layers() -> None:
    print("\nThe bundled classifier of digits, logit of 3: layer, outputs, answer, seconds")
    model, digits = networks.family_classifier(), datasets.load_mnist()
    names = [name for name, _ in model.named_children()]
    for layer in ("dropout0", *[n for n in names if n.startswith("relu")]):
        inputs = torch.as_tensor(datasets.binarise(digits.x_test), dtype=torch.float32)
        A = record(model, layer, inputs, output=3).activations.astype(np.float32)
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
            start = time.process_time()
            found = distributedness(f, activations=A)
            seconds = time.process_time() - start
            rows = A[np.random.default_rng(0).integers(0, len(A), 4096)]
            start = time.process_time()
            for _ in range(5):
                f(rows)
            bare = (time.process_time() - start) / 5 / len(rows) * found.runs
            print(f"  {layer}, {name}: {found.summary()}")
            print(f"      {seconds:.1f} s; {found.runs:,} bare passes {bare:.1f} s (ratio {seconds / bare:.1f})")


def three_states() -> None:
    print("\nUnits of three states (on, off, not in play) beside units of two: CPU seconds, medians of 3 in turn")
    rng = np.random.default_rng(0)
    for n, m, degree in ((784, 50_000, 2), (400, 10_000, 3), (200, 50_000, 3), (400, 50_000, 3)):
        signs, in_play = rng.choice(np.array([-1, 1], np.int8), (m, n)), rng.random((m, n)) < 0.5
        y = signs[:, 0] * signs[:, 1] * (in_play[:, 0] & in_play[:, 1]) + rng.normal(size=m)
        states, played = Patterns.from_signs(signs), Patterns.from_signs(in_play)
        spent = np.empty((4, 2))
        for row in spent:  # the first compiles
            start = time.process_time()
            scan(states, y, max_degree=degree, top=40, threads=1)
            middle = time.process_time()
            scan_masked(states, played, y, degree=degree, top=40, threads=1)
            row[:] = middle - start, time.process_time() - middle
        two, three = np.median(spent[1:], axis=0)
        said = f"{two:.2f} s, {three:.2f} s (ratio {three / two:.2f})"
        print(f"  {n} units, {m:,} draws, degree {degree}: {said}", flush=True)


def classifier() -> None:
    """Medians of five, ours and bare passes in turn."""
    print("\nThe bundled classifier of digits, as a function and as a SubNetwork: CPU seconds, medians of 5 in turn")
    model, digits = networks.family_classifier(), datasets.load_mnist()
    names = [name for name, _ in model.named_children()]
    inputs = torch.as_tensor(datasets.binarise(digits.x_test), dtype=torch.float32)
    for layer, outputs in (("dropout0", [3]), ("dropout0", list(range(10))), ("relu1", [3]), ("relu2", [3])):
        found = record(model, layer, inputs, output=outputs)
        A = found.activations.astype(np.float32)
        rest = torch.nn.Sequential(*list(model.children())[names.index(layer) + 1 :]).eval()

        def f(a, rest=rest, outputs=outputs):
            with torch.no_grad():
                return rest(torch.from_numpy(np.ascontiguousarray(a))).numpy()[:, outputs]

        rows = A[np.random.default_rng(0).integers(0, len(A), 4096)]
        sub = SubNetwork(model, layer, inputs, outputs)
        ways = {
            "a function": lambda A=A, f=f: distributedness(f, activations=A),
            "SubNetwork": lambda sub=sub: distributedness(sub),
        }
        for name, ask in ways.items():
            asked = ask().runs
            spent = np.empty((5, 2))
            for row in spent:
                start = time.process_time()
                ask()
                middle = time.process_time()
                for _ in range(5):
                    f(rows)
                row[:] = middle - start, (time.process_time() - middle) / 5 / len(rows) * asked
            ours, bare = np.median(spent, axis=0)
            print(
                f"  {layer}, {len(outputs)} outputs, {name}: {asked:,} runs, {ours:.3f} s, bare {bare:.3f} s "
                f"(ratio {ours / bare:.2f})",
                flush=True,
            )


def encoder(runs: int) -> None:
    """Needs the encoder and the rated sentences, which docs/models.rst and docs/studies.rst say how to get."""
    from actspec_widgets.networks import rest as answering

    print("\nFeed-forward layers of the sentence encoder, short film sentences, tolerance 0.02: CPU seconds")
    model = networks.film_encoder()
    train = datasets.load_reviews(source="movie").polar(0.5).part("train").texts
    inputs = model.batches([text for text in train if len(text.split()) <= 8][:400])[0]
    spent = dict.fromkeys(("rest", "injected", "rows"), 0.0)
    replayed = answering.replayed

    def timed(model, site, memory, batch, inject):
        """The network from the layer on, apart from making what is put into it."""

        def made(own):
            start = time.process_time()
            out = inject(own)
            spent["injected"] += time.process_time() - start
            return out

        start = time.process_time()
        answer = replayed(model, site, memory, batch, made)
        spent["rest"] += time.process_time() - start
        spent["rows"] += batch.size
        return answer

    answering.replayed = timed
    for name in model.feed_forward_layers()[::5]:
        rest = SubNetwork(model, name, inputs, 0, threshold="median", batch_size=256)
        spent.update(rest=0.0, injected=0.0, rows=0.0)
        start, wall = time.process_time(), time.perf_counter()
        found = distributedness(rest)
        seconds, wall = time.process_time() - start, time.perf_counter() - wall
        bare = (spent["rest"] - spent["injected"]) * found.runs / spent["rows"]  # some are run twice
        rows = np.random.default_rng(0).choice(len(rest.target), 256)
        samples = rest._answers.samples
        batch = samples.take(rows[samples.kind[rows] == samples.kind[rows[0]]])
        start = time.process_time()
        with torch.no_grad():
            for _ in range(5):
                batch(model)
        whole = (time.process_time() - start) / 5 / batch.size * found.runs
        print(f"  {name}: {found.summary()}")
        print(
            f"      {found.draws} draws, {found.runs:,} runs: {seconds:.0f} s ({wall:.0f} s by the clock); the layers "
            f"behind it alone {bare:.0f} s (ratio {seconds / bare:.2f}), the whole model about {whole:.0f} s",
            flush=True,
        )
    answering.replayed = replayed


PARTS = {
    "layers": lambda runs: layers(),
    "classifier": lambda runs: classifier(),
    "states": lambda runs: three_states(),
    "additive": additive,
    "planted": planted,
    "gated": gated,
    "agreement": agreement,
    "coverage": coverage,
    "encoder": encoder,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", default=",".join(part for part in PARTS if part != "encoder"))
    asked = parser.parse_args()
    print(machine())
    for part in asked.only.split(","):
        PARTS[part](asked.runs)
