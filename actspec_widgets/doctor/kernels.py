"""The compiled kernels: are they there, are new ones kept, are their answers right, and how long do the first take?"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from .findings import Finding

PACKAGE = __name__.partition(".")[0]


def kernels() -> Iterator[Finding]:
    """Run every kernel once, from the disk where it is there, and a scan whose answer is known."""
    from numba.core import config

    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        yield Finding(
            "kernels",
            "problem",
            "NUMBA_DISABLE_JIT is set: every kernel runs as plain Python, hundreds of times slower",
            "unset NUMBA_DISABLE_JIT and start again",
        )
        return
    from ..compute import warm
    from ..compute.kernels import folder

    started = time.perf_counter()
    warm(progress=False)
    seconds = time.perf_counter() - started
    if wrong := _wrong_answers():
        yield Finding("kernels", "problem", f"give a wrong answer: {wrong}", f"remove {folder()} and start again")
        return
    found = _dispatchers()
    compiled = sum(sum(kernel.stats.cache_misses.values()) for kernel in found)
    loaded = sum(sum(kernel.stats.cache_hits.values()) for kernel in found)
    if folder() is None:
        yield Finding(
            "kernels",
            "warning",
            f"{compiled} had to be compiled ({seconds:.0f} s) and cannot be kept: no folder for them can be written to",
            "set NUMBA_CACHE_DIR to a folder that you may write to, here and where JupyterLab is started",
        )
    elif compiled:
        yield Finding("kernels", "ok", f"{compiled} compiled just now in {seconds:.0f} s and kept in {folder()}")
    else:
        yield Finding("kernels", "ok", f"all {loaded} loaded from {folder()} in {seconds:.1f} s")


def _wrong_answers() -> str:
    """What a scan says of all 16 subsets of four units, where it is not what their definition gives; else empty."""
    from itertools import combinations

    import numpy as np

    from ..compute import scan
    from ..patterns import Patterns

    rng = np.random.default_rng(0)
    signs, y = rng.choice(np.array([-1, 1], np.int8), (100, 4)), rng.normal(size=100)
    found = scan(Patterns.from_signs(signs), y, max_degree=4, top=16)
    expected = {
        subset: ((y - y.mean()) * signs[:, subset].prod(axis=1)).mean()
        for degree in (1, 2, 3, 4)
        for subset in combinations(range(4), degree)
    }
    given = dict(zip(found.subsets, found.values, strict=True))
    wrong = [s for s in expected if s not in given or abs(given[s] - expected[s]) > 1e-9]
    return ", ".join(f"{s}: {given.get(s)} where {expected[s]:.6f} is right" for s in wrong[:2])


def _dispatchers() -> set[Any]:
    from numba.core.dispatcher import Dispatcher

    ours = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == PACKAGE]
    return {value for module in ours for value in vars(module).values() if isinstance(value, Dispatcher)}
