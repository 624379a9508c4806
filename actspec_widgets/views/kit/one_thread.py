"""What the page says is heard on the loop that the widgets were made on, so that they are touched from one thread.

JupyterLab sends clicks to a *subshell* of the kernel where the kernel has them (ipykernel 7): a thread with a loop of
its own, beside the one that runs cells. Some come here, some there, and their callbacks would be in each other's way.
"""

from __future__ import annotations

import asyncio
import sys
import weakref
from types import FrameType
from typing import Any

import ipywidgets as widgets

_PACKAGE = __name__.partition(".")[0] + "."


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread; None in plain Python, and in a thread that has none."""
    return asyncio._get_running_loop()


def listen_on_one_thread() -> None:
    """Let widgets that this package makes from now on hear their messages on the loop they are made on.

    Widgets of others stay as they are, and so does what they have registered with ipywidgets.
    """
    before = widgets.Widget._widget_construction_callback

    def made(widget: widgets.Widget) -> None:
        if before is not None:
            before(widget)
        if _made_here(sys._getframe(1)):
            _bind(widget)

    widgets.Widget.on_widget_constructed(made)


def _made_here(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(_PACKAGE):
            return True
        frame = frame.f_back
    return False


def _bind(widget: widgets.Widget) -> None:
    """Before its comm is opened, which registers ``_handle_msg``; plain Python has no loop, and needs none."""
    loop = running_loop()
    if loop is None:
        return
    there = weakref.ref(widget)

    def hear(message: dict[str, Any]) -> None:
        if (widget := there()) is not None:
            type(widget)._handle_msg(widget, message)

    def handle(message: dict[str, Any]) -> None:
        if running_loop() is loop or not loop.is_running():
            hear(message)
        else:
            loop.call_soon_threadsafe(hear, message)

    widget._handle_msg = handle
