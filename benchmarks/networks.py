"""What a query of a layer of the sentence encoder costs, and what a million tokens recorded into bits cost.

    python benchmarks/networks.py [--only price|tokens]

``price`` needs the encoder (see docs/models.rst): for each feed-forward layer the processor's time for one answer of
``resample`` on one thread, against the layer's own block from that layer on and all later ones run alone, and against
the whole model; and whether the answers have the bits of a run of the whole model. ``tokens`` records 4,096 units at a
million tokens; its memory is the most that the process has held.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from timing import machine
from torch import nn

from actspec_widgets import Patterns, SubNetwork, networks, record

ROWS, ROUNDS = 64, 9
TOKENS, LENGTH, UNITS = 1_000_000, 25, 4096


def cpu_seconds(work) -> float:
    """Median of some rounds, of the processor's time: what else runs on the machine counts little."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times[1:])


def price() -> None:
    torch.set_num_threads(1)
    model = networks.sentence_encoder().eval()
    nn.init.normal_(model.probe.weight, generator=torch.Generator().manual_seed(0))
    texts = [f"it is film number {i} and I liked the {part} of it" for i in range(16) for part in ("music", "end")]
    inputs = model.tokens(texts)
    print(f"\nOne answer for sentences of {inputs['input_ids'].shape[1]} tokens, {ROWS} at a time, CPU milliseconds")
    base = np.zeros(ROWS, int)
    donors = np.random.default_rng(0).integers(0, len(texts), (ROWS, 1536))
    same = {name: values[base] for name, values in inputs.items()}
    blocks = model.encoder.encoder.layer
    with torch.no_grad():
        hidden = model.encoder(**same).last_hidden_state

        def rest_alone(number):
            out = hidden
            for block in blocks[number:]:
                out = block(out)
                out = out[0] if isinstance(out, tuple) else out
            return model.probe(nn.functional.normalize(out.mean(1)))

        whole = cpu_seconds(lambda: model(**same)) / ROWS
        for number, layer in enumerate(model.feed_forward_layers()):
            rest = SubNetwork(model, layer, inputs, 0, threshold="median")
            answers = [rest.resample(base, donors) for _ in range(3)]
            ours = cpu_seconds(lambda rest=rest: rest.resample(base, donors)) / ROWS
            alone = cpu_seconds(lambda number=number: rest_alone(number)) / ROWS
            bits = "the same bits" if np.array_equal(answers[0], answers[-1]) else "OTHER BITS"  # the first ran all
            print(
                f"  layer {number + 1}: {1e3 * ours:6.2f}   its block and later ones {1e3 * alone:6.2f} "
                f"({ours / alone:.2f} x)   whole model {1e3 * whole:6.2f} ({ours / whole:.2f} x)   {bits}; {rest.runs}"
            )


def tokens() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(1000, 64), nn.Linear(64, UNITS), nn.ReLU(), Mean(), nn.Linear(UNITS, 1))
    ids = torch.randint(0, 1000, (TOKENS // LENGTH, LENGTH))
    before, start, cpu = peak(), time.perf_counter(), time.process_time()
    found = record(model, "2", ids, output=0, per="position", to=0.0, batch_size=64)
    assert isinstance(found.activations, Patterns)
    print(f"\n{found.activations.n_samples:,} tokens x {found.activations.n_units:,} units recorded into bits")
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    print(f"  {seconds:.0f} s, {used:.0f} s of the processor; {peak():,.0f} MiB at most ({before:,.0f} before)")


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(1)


def peak() -> float:
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("price", "tokens"))
    print(machine())
    asked = parser.parse_args().only
    if asked != "tokens":
        price()
    if asked != "price":
        tokens()
