"""Memory that is available, asked for before a large table is allocated."""

from __future__ import annotations

import os
from pathlib import Path

_GIB = 2**30
_UNASKED = 1 << 26  # bytes: tables up to this size are allocated without reading the system's files
_CGROUP = Path("/sys/fs/cgroup")


def available_bytes() -> int | None:
    """Bytes that this process may still allocate; None where the system does not tell."""
    known = [size for size in (_machine(), _container()) if size is not None]
    return min(known) if known else None


def _machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _container() -> int | None:
    """What the container's limit leaves (cgroup version 2), counting cached files as free."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
        counts = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        return None if limit == "max" else max(int(limit) - used + int(counts.get("inactive_file", 0)), 0)
    except (OSError, ValueError):
        return None


def require_memory(needed: int, what: str, remedy: str, available: int | None = None) -> None:
    """Refuse work that would not fit, before anything is allocated; ``available`` is what there is elsewhere.

    Raises
    ------
    MemoryError
        Saying what needs how many GiB, how many there are, and what to do.
    """
    if needed <= _UNASKED:
        return
    available = available_bytes() if available is None else available
    if available is not None and needed > available:
        raise MemoryError(
            f"{what} needs {needed / _GIB:.2f} GiB and {available / _GIB:.2f} GiB are available; {remedy}"
        )
