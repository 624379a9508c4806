"""What the machine itself offers: memory, disk, and text in any script."""

from __future__ import annotations

import locale
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .findings import Finding

_GIB = 2**30
# A lesson may take 1.5 GB at its peak (tested), and the browser needs some too.
MEMORY = 2 * _GIB
# Compiled kernels and notebooks take some tens of MB; Jupyter fails oddly on a full disk.
DISK = _GIB // 2


def memory() -> Iterator[Finding]:
    from ..compute.memory import available_bytes

    available = available_bytes()
    if available is None:
        yield Finding("memory", "ok", "this system does not tell how much is free")
    elif available < MEMORY:
        yield Finding(
            "memory",
            "warning",
            f"{available / _GIB:.1f} GiB are free; a lesson can need 1.5 GB",
            "close other programs, and shut down the kernels of lessons that are done",
        )
    else:
        yield Finding("memory", "ok", f"{available / _GIB:.1f} GiB are free")


def disk(folder: Path | None = None) -> Iterator[Finding]:
    folder = Path.home() if folder is None else folder
    free = shutil.disk_usage(folder).free
    if free < DISK:
        yield Finding("disk", "problem", f"{free / 2**20:.0f} MiB are free at {folder}", "free half a GiB there")
    else:
        yield Finding("disk", "ok", f"{free / _GIB:.1f} GiB are free at {folder}")


def text() -> Iterator[Finding]:
    """Names of units may be in any script, and Jupyter writes its files in UTF-8."""
    used = {"files": locale.getpreferredencoding(False), "names of files": sys.getfilesystemencoding()}
    other = [f"{what}: {encoding}" for what, encoding in used.items() if encoding.lower().replace("-", "") != "utf8"]
    if other:
        yield Finding("text", "warning", f"is not in UTF-8 here ({', '.join(other)})", "set PYTHONUTF8=1")
    else:
        yield Finding("text", "ok", "is in UTF-8")
