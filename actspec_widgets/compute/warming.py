"""Compile every kernel once, so that the first answer does not wait for it."""

from __future__ import annotations

import tempfile

import numpy as np

from ..patterns import Patterns
from ..progress import Progress, shown, tick
from .dense import inverse
from .effects.mixing import exchange, parts_that_differ, put
from .exhaustive.scan import scan
from .exhaustive.screen import deal_out
from .exhaustive.together import coactive
from .inference.state import without_column
from .kernels import leave_out_that_kernels_are_compiled
from .means import character_means
from .method.relations import exact_relations
from .method.spectroscopy import activation_spectroscopy
from .queries.goldreich_levin import goldreich_levin
from .queries.sparse_transform import sparse_transform
from .samples.beam import beam
from .samples.best_first import best_first
from .transform.block import block_spectrum
from .transform.wht import join_columns, walsh_hadamard


def warm(progress: Progress | bool = True) -> None:
    """Run every kernel on a tiny problem; compiled code is kept on disk for the next session.

    Parameters
    ----------
    progress : bool or callable
        True shows a progress bar; a callable gets ``(done, total)``.
    """
    rng = np.random.default_rng(0)
    signs = rng.choice(np.array([-1, 1], np.int8), (128, 14))  # more units than one bucket's transform finishes
    patterns = Patterns.from_signs(signs)
    y = signs[:, 0] * signs[:, 1] + 0.5 * signs[:, 2] + rng.normal(size=128)

    few = Patterns.from_signs(np.where(np.arange(4096)[:, None] % 512 == np.arange(14), 1, -1))  # scanned by lists

    def query(points):
        return points[:, 0] * points[:, 1] + 0.5 * points[:, 2]

    def rough(points):  # no list of subsets explains it, so that the tree is grown
        return np.sign(np.sin(points @ (977.3 * np.arange(30))))

    steps = [
        lambda: character_means(patterns, y, [(0, 1)]),
        # a target of two balanced values has a kernel of its own
        lambda: [scan(patterns, target, max_degree=3, top=5) for target in (y, np.repeat([1.0, -1.0], 64))],
        lambda: [scan(few, np.arange(4096.0), max_degree=2, top=5), exact_relations(few.select([0, 0]))],
        lambda: _scan_of_a_file(patterns, y),
        lambda: deal_out(np.zeros(2, np.uint8), 0, np.zeros(1, np.int64), np.zeros(2, np.uint32)),  # of long targets
        lambda: coactive(few, np.arange(4096.0), max_degree=3, top=5),
        lambda: [activation_spectroscopy(patterns, y, groups=groups) for groups in (None, np.arange(128) // 4)],
        lambda: activation_spectroscopy(patterns, y, error_rate="fdr"),
        lambda: without_column(np.ones((2, 1)), np.ones(1), np.ones(1), 1.0, np.ones(2), 0),  # a swap, seldom needed
        lambda: [walsh_hadamard(np.ones(1 << n, kind)) for n in (6, 14) for kind in (np.float32, np.float64)],
        lambda: [join_columns(np.ones(4096, kind), 0, 64, 64) for kind in (np.float32, np.float64)],
        lambda: [_mix(*kinds) for kinds in ((np.float32, np.uint32), (np.float64, np.uint64))],
        lambda: block_spectrum(patterns, y, units=range(6)),
        lambda: beam(patterns, y, width=5, top=5),
        lambda: best_first(patterns, y, top=5, max_nodes=50),
        lambda: goldreich_levin(rough, 30, tau=0.8, bound=1.0),
        lambda: [sparse_transform(query, 24, sparsity=4), inverse(np.eye(65))],
    ]
    leave_out_that_kernels_are_compiled()  # the progress bar says it
    with shown(progress, "compiling kernels", "step") as report:
        tick(report, 0, len(steps))
        for done, step in enumerate(steps, 1):
            step()
            tick(report, done, len(steps))


def _mix(kind, bits):
    one, zero = np.zeros((1, 1, 1), kind), np.zeros((1, 1), np.int64)
    exchange(one.copy(), one, zero == 0, zero, zero[0], one[0])
    parts_that_differ(zero == 1, zero, 1)
    put(np.zeros((1, 1), bits), np.zeros((1, 1), bits), zero, zero, zero[0])


def _scan_of_a_file(patterns, y):
    with tempfile.TemporaryDirectory() as folder:
        patterns.save(f"{folder}/a.safetensors")
        scan(Patterns.open(f"{folder}/a.safetensors"), y, max_degree=2, top=5)
