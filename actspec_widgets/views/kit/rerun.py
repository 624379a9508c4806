"""A cell that is run again leaves no instrument behind that nobody can reach: its widgets would stay in the page and,
where a notebook saves its widgets, in the file.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import Any

import ipywidgets as widgets
from ipywidgets.widgets.widget import _instances

from .closing import close_tree, used_by

_SHOWN: dict[str, tuple[str, list[weakref.ref[widgets.Widget]]]] = {}  # by cell: which run, and what it showed


def shown_in_cell(instrument: widgets.Widget) -> None:
    """Note that the cell that runs now shows an instrument; close what an earlier run of it showed, if out of reach."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    kernel = getattr(shell, "kernel", None)
    message = kernel.get_parent() if kernel is not None and hasattr(kernel, "get_parent") else {}
    cell, run = message.get("metadata", {}).get("cellId"), message.get("header", {}).get("msg_id", "")
    if not cell:
        return
    before, earlier = _SHOWN.get(cell, (run, []))
    if before != run:
        close_unreachable((old for ref in earlier if (old := ref()) is not instrument), shell.user_ns)
        earlier = []
    _SHOWN[cell] = run, [*earlier, weakref.ref(instrument)]


def close_unreachable(instruments: Iterable[widgets.Widget | None], names: Mapping[str, Any]) -> None:
    """Close those that no name refers to, and no other widget uses; what a session keeps of its outputs is no name."""
    for instrument in instruments:
        if instrument is None or instrument.model_id is None:
            continue
        named = any(_holds(value, instrument) for name, value in names.items() if not _of_history(name))
        used = any(w is not instrument and any(r is instrument for r in used_by(w)) for w in list(_instances.values()))
        if not named and not used:
            close_tree(instrument)


def _of_history(name: str) -> bool:
    """Whether IPython itself keeps this name: Out, _, __, _12, ..."""
    return name in ("Out", "In") or name.startswith("_")


def _holds(value: Any, instrument: widgets.Widget) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return value is instrument or (isinstance(value, (list, tuple, set)) and any(each is instrument for each in value))
