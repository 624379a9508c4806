"""Say so when kernels are compiled: the first use on a machine takes seconds, and silence looks like a hang."""

from __future__ import annotations

import sys
from typing import Any

from numba.core import event

PACKAGE = __name__.partition(".")[0]


class _Announcer(event.Listener):
    """Writes one line to standard error when the first of our kernels is compiled in this process."""

    silent = False

    def on_start(self, event: Any) -> None:
        ours = event.data["dispatcher"].py_func.__module__.startswith(PACKAGE)
        if ours and not self.silent:
            self.silent = True
            print(
                f"{PACKAGE}: compiling kernels for this machine, once; "
                f"{PACKAGE}.warm() does all of them with a progress bar",
                file=sys.stderr,
            )

    def on_end(self, event: Any) -> None:
        """Nothing to say."""


ANNOUNCER = _Announcer()
event.register("numba:compile", ANNOUNCER)
