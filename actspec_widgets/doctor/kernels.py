"""The compiled kernels: are they there, are new ones kept, are their answers right, and how long do the first take?"""

from __future__ import annotations

import time
from collections.abc import Iterator

from .check import Check

FOLDER = "set NUMBA_CACHE_DIR to a folder that you may write to, here and where JupyterLab is started"


def kernels() -> Iterator[Check]:
    """Run every kernel once, from the disk where it is there, and a scan whose answer is known."""
    from numba.core import config

    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        said = "NUMBA_DISABLE_JIT is set: every kernel runs as plain Python, hundreds of times slower"
        yield Check("kernels", "problem", said, "unset NUMBA_DISABLE_JIT and start again")
        return
    from ..compute import warm
    from ..compute.kernels import KernelCache, folder

    started = time.perf_counter()
    warm(progress=False)
    seconds = time.perf_counter() - started
    compiled, loaded = KernelCache.compiled, KernelCache.loaded
    if wrong := wrong_answer():
        yield Check("kernels", "problem", wrong, f"remove {folder()} and start again; if that does not help, report it")
    elif folder() is None:
        said = f"{compiled} compiled in {seconds:.0f} s and cannot be kept: no folder for them can be written to"
        yield Check("kernels", "warning", said, FOLDER)
    elif compiled:
        yield Check("kernels", "ok", f"{compiled} compiled just now in {seconds:.0f} s and kept in {folder()}")
    else:
        yield Check("kernels", "ok", f"all {loaded} loaded from {folder()} in {seconds:.1f} s")


def wrong_answer() -> str:
    """What a scan says of the 15 subsets of four units where their definition says another thing; empty where none."""
    import numpy as np

    from ..compute import scan
    from ..patterns import Patterns

    rng = np.random.default_rng(0)
    signs, y = rng.choice(np.array([-1, 1], np.int8), (100, 4)), rng.normal(size=100)
    found = scan(Patterns.from_signs(signs), y, max_degree=4, top=15)
    right = [((y - y.mean()) * signs[:, subset].prod(axis=1)).mean() for subset in found.subsets]
    if len(set(found.subsets)) == 15 and np.allclose(found.values, right, rtol=0, atol=1e-9):
        return ""
    return f"a scan gives {np.round(found.values, 6)} for {found.subsets}, where {np.round(right, 6)} is right"
