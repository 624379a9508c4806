"""Widgets with code of their own in the page, which hear Python however long the page takes to load them.

anywidget gives a widget two seconds to load. One that a busy page (a slow machine, a large notebook) loads later is
drawn, but everything that Python says to it is thrown away from then on, so that it stays as it was made: an explorer
without a bar. So each of ours finds out in the page whether that has happened, listens by itself where it has, and asks
Python for what it missed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
from traitlets import Unicode

_BEFORE = (Path(__file__).parent / "js" / "heard.js").read_text(encoding="utf-8")


def page_code(path: Path) -> str:
    """The text of a JavaScript module that exports ``{ initialize, render }``; the first is defined for it."""
    return _BEFORE + path.read_text(encoding="utf-8")


class Heard(anywidget.AnyWidget):
    """What to derive from; ``_esm`` is made by :func:`page_code`."""

    own_id = Unicode().tag(sync=True)  # the page knows a widget by it

    def __init__(self, **kwargs: Any):
        own_id = uuid4().hex
        super().__init__(model_id=own_id, own_id=own_id, **kwargs)
