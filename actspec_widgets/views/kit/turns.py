"""One at a time: what is shown is touched from several threads.

JupyterLab sends clicks to a *subshell* of the kernel where the kernel has them: a thread with an event loop of its own,
beside the one that runs cells. Work ends on the loop that has started it. So whoever changes an instrument takes its
turn first; there is one for all, since instruments follow each other.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

TURN = threading.RLock()

Method = TypeVar("Method", bound=Callable[..., Any])


def in_turn(method: Method) -> Method:
    """Make a method wait until no other thread changes what is shown."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with TURN:
            return method(*args, **kwargs)

    return call  # type: ignore[return-value]


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of this thread; None in plain Python. A subshell's is closed with the last widget of the page."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
