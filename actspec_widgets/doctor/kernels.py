"""The compiled kernels: are they there, is a new one kept, and how long does the first answer take?"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .findings import Finding

PACKAGE = __name__.partition(".")[0]


def kernels() -> Iterator[Finding]:
    """Run every kernel once, from the cache where it is there."""
    from numba.core import config

    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        yield Finding(
            "kernels",
            "problem",
            "NUMBA_DISABLE_JIT is set: every kernel runs as plain Python, hundreds of times slower",
            "unset NUMBA_DISABLE_JIT and start again",
        )
        return
    started = time.perf_counter()
    try:
        from ..compute import warm

        warm(progress=False)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        yield Finding(
            "kernels",
            "problem",
            "compiled code cannot be kept: neither the package's folder nor the user's cache can be written to",
            "set NUMBA_CACHE_DIR to a folder that you may write to, here and where JupyterLab is started",
        )
        return
    seconds = time.perf_counter() - started
    found = _dispatchers()
    compiled = sum(sum(kernel.stats.cache_misses.values()) for kernel in found)
    loaded = sum(sum(kernel.stats.cache_hits.values()) for kernel in found)
    folders = {Path(kernel.stats.cache_path) for kernel in found if kernel.stats.cache_path}
    where = os.path.commonpath(folders) if folders else "no folder"
    if not compiled:
        yield Finding("kernels", "ok", f"all {loaded} loaded from {where} in {seconds:.1f} s")
    elif all(os.access(folder, os.W_OK) for folder in folders):
        yield Finding("kernels", "ok", f"{compiled} compiled just now in {seconds:.0f} s and kept in {where}")
    else:
        yield Finding(
            "kernels",
            "warning",
            f"{compiled} had to be compiled ({seconds:.0f} s) and cannot be kept: {where} cannot be written to",
            "set NUMBA_CACHE_DIR to a folder that you may write to, here and where JupyterLab is started",
        )


def _dispatchers() -> set[Any]:
    from numba.core.dispatcher import Dispatcher

    ours = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == PACKAGE]
    return {value for module in ours for value in vars(module).values() if isinstance(value, Dispatcher)}
