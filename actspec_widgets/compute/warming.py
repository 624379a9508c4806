"""Compile every kernel once, so that the first answer does not wait for it."""

from __future__ import annotations

import numpy as np

from ..patterns import Patterns
from ..progress import Progress, tick


def warm(progress: Progress | bool = True) -> None:
    """Run every kernel on a tiny problem; compiled code is kept on disk for the next session.

    Parameters
    ----------
    progress : bool or callable
        True shows a progress bar; a callable gets ``(done, total)``.
    """
    from . import activation_spectroscopy, block_spectrum, character_means, scan, walsh_hadamard

    rng = np.random.default_rng(0)
    signs = rng.choice(np.array([-1, 1], np.int8), (128, 6))
    patterns = Patterns.from_signs(signs)
    y = signs[:, 0] * signs[:, 1] + 0.5 * signs[:, 2] + rng.normal(size=128)
    steps = [
        ("transform", lambda: [walsh_hadamard(np.ones(1 << 14, kind)) for kind in (np.float32, np.float64)]),
        ("block spectrum", lambda: block_spectrum(patterns, y, range(6))),
        ("character means", lambda: character_means(patterns, y, [(0, 1)])),
        ("scan", lambda: [scan(patterns, y, 3, top=5), scan(patterns, signs[:, 0], 2, top=5)]),
        ("activation spectroscopy", lambda: activation_spectroscopy(patterns, y)),
    ]
    report = _bar(len(steps)) if progress is True else (progress or None)
    tick(report, 0, len(steps))
    for done, (_, step) in enumerate(steps, 1):
        step()
        tick(report, done, len(steps))


def _bar(total):
    from tqdm.auto import tqdm

    bar = tqdm(total=total, desc="compiling kernels", unit="kernel")

    def report(done, total):
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return report
