"""One script for a quarter of an hour with an accelerator: is the answer the CPU's, and how quick is it.

    python benchmarks/gpu.py [--device cuda] [--quick]

First equality with the CPU, then the scans, the transform and experiments. Without a card, ``--device cpu --quick``
runs all of it on torch's CPU. What is asked for: every triple of 4,096 units x 10,000 samples under 3 s on an H100,
that is 4e13 combinations x samples a second; the transform at 70 % of the card's bandwidth.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from timing import machine
from torch import nn

from actspec_widgets import Patterns, SubNetwork, activation_spectroscopy, experiment, scan, walsh_hadamard
from actspec_widgets.patterns.cube import count_subsets


def seconds(device: str, work) -> float:
    """Of the second call: the first one prepares."""
    for _ in range(2):
        if device != "cpu":
            torch.cuda.synchronize()
        start = time.perf_counter()
        work()
    return time.perf_counter() - start


def problem(n: int, m: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    signs = rng.choice(np.array([-1, 1], np.int8), (m, n))
    return Patterns.from_signs(signs), rng.normal(size=m) + 0.2 * signs[:, :3].prod(axis=1)


def equal(device: str) -> None:
    for n, m, degree, top in ((40, 500, 3, 1000), (100, 3000, 3, 100), (30, 1000, 4, 500), (7, 90, 2, 100)):
        for binary in (False, True):
            patterns, y = problem(n, m, n)
            y = (y > 0) * 1.0 if binary else y
            ours = scan(patterns, y, max_degree=degree, top=top)
            theirs = scan(patterns, y, max_degree=degree, top=top, device=device)
            same = ours.subsets == theirs.subsets and np.array_equal(ours.values, theirs.values)
            print(
                f"  {n} units x {m:,} samples, degree {degree}, top {top}: {'equal' if same else 'NOT EQUAL'}",
                flush=True,
            )


def whole_method(device: str) -> None:
    """The same answer, with scans on the device."""
    patterns, y = problem(60, 3000)
    ours, theirs = (activation_spectroscopy(patterns, y, max_degree=3, device=where) for where in (None, device))
    same = ours.subsets == theirs.subsets and np.array_equal(ours.p_values, theirs.p_values)
    print(f"  activation_spectroscopy: {'equal' if same else 'NOT EQUAL'}", flush=True)


def experiments(device: str, units: int, draws: int) -> None:
    """Draws and states are the CPU's to the bit; answers to the rounding of sums in another order."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, 10))
    for states in ("natural", "balanced"):
        rest = SubNetwork(model, "1", torch.randn(5000, 64, generator=torch.Generator().manual_seed(1)), 0)
        made, took = {}, {}
        for where in (None, device):

            def work(where=where, states=states, rest=rest, made=made):
                made[where] = experiment(rest, draws=draws, states=states, device=where)

            took[where] = seconds(device, work)
        one, other = made[None], made[device]
        same = (one.in_play, one.new, one.old) == (other.in_play, other.new, other.old)
        gap = np.abs(one.change - other.change).max() / one.change.std()
        print(
            f"  experiment, {units} units, {draws:,} {states} draws: bits {'equal' if same else 'NOT EQUAL'}, answers"
        )
        print(f"    differ by at most {gap:.1g} of their spread; here {took[None]:.3g} s, there {took[device]:.3g} s")


def scans(device: str, sizes) -> None:
    for n, m, degree in sizes:
        patterns, y = problem(n, m)
        work = count_subsets(n, degree) * float(m)
        took = seconds(device, lambda p=patterns, y=y, d=degree: scan(p, y, max_degree=d, top=1000, device=device))
        print(f"  {n:,} units x {m:,} samples, degree {degree}: {took:.3g} s, that is")
        print(f"    {work / took:.3g} combinations x samples a second", flush=True)


def transforms(device: str, sizes) -> None:
    for n in sizes:
        values = np.random.default_rng(0).normal(size=1 << n).astype(np.float32)
        same = np.allclose(walsh_hadamard(values, device=device), walsh_hadamard(values), atol=1e-6)
        table = torch.as_tensor(values, device=device)
        copied = seconds(device, lambda t=table: t.clone())
        took = seconds(device, lambda v=values: walsh_hadamard(v, device=device))
        said = "equal" if same else "NOT EQUAL"
        print(f"  transform of 2^{n} float32: {said}, {took:.3g} s with both copies; {n} passes")
        print(f"    of one table each would take {n * copied:.3g} s at the bandwidth that a copy reaches")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    options = parser.parse_args()
    name = torch.cuda.get_device_name() if options.device != "cpu" else "torch's CPU"
    print(f"{name}; {machine()}")
    equal(options.device)
    whole_method(options.device)
    small = ((100, 1000, 3), (40, 1000, 4))
    scans(
        options.device,
        small if options.quick else ((4096, 10_000, 2), (20_000, 10_000, 2), (1024, 10_000, 3), (4096, 10_000, 3)),
    )
    transforms(options.device, (16,) if options.quick else (24, 28))
    experiments(options.device, *((50, 2000) if options.quick else (784, 100_000)))
    if not options.quick:
        scans(options.device, ((200, 10_000, 4),))  # all of 784 units take 240 times as long


if __name__ == "__main__":
    main()
