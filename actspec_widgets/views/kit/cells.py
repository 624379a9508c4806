"""Which cell made what: when a cell runs again, nobody can reach what it made before, so that work is stopped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from .job import Job

_made: dict[str, tuple[str, WeakSet[Job]]] = {}  # by cell: the run of it, and the jobs made in that run


def made_here(job: Job) -> None:
    """Remember that the running cell has made ``job``; stop the jobs that an earlier run of the same cell made."""
    if (running := _running()) is None:
        return
    cell, run = running
    known = _made.get(cell)
    if known is None or known[0] != run:
        for old in known[1] if known else ():
            old.cancel()
        known = _made[cell] = run, WeakSet()
    known[1].add(job)


def _running() -> tuple[str, str] | None:
    """The running cell and which run of it this is; None outside of a notebook, and in a widget's callback."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)() or {}
    header, cell = parent.get("header", {}), parent.get("metadata", {}).get("cellId")
    return (cell, header["msg_id"]) if cell and header.get("msg_type") == "execute_request" else None
