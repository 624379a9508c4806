"""A function in a process of its own, which can be stopped at any moment.

A library that computes for seconds in C does not react to a Cancel button, but a process can be killed. The process is
``python -m`` of this module: it reads requests as lines of JSON and answers each with rows, one a line.

The pools of concurrent.futures and loky do not do here: a busy worker of theirs goes on computing where this process is
killed, as a notebook's kernel is when it restarts; this one ends.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .study import Row

_HELD_UP = 0.1  # seconds for a killed process to be gone
_LOOK = 0.02  # seconds between two calls of ``tell`` while an answer is waited for
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_END: list[Any] = []  # the line after the last row of a request


Tell = Callable[[Row], None]


class WorkerDied(RuntimeError):
    """The process ended before it answered."""


class WorkerProcess:
    """One process, on one thread, for one function; a context that kills it at its end.

    Parameters
    ----------
    function : callable
        At the top of a module: takes a dict, and a function to call with each row of the answer.

    Notes
    -----
    The process also ends by itself when this one does, however that happens.
    """

    def __init__(self, function: Callable[[dict[str, Any], Tell], None]):
        command = [sys.executable, "-m", __name__, f"{function.__module__}:{function.__qualname__}"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | dict.fromkeys(_THREADS, "1") | {"PYTHONWARNINGS": "ignore"},
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="actspec-worker", daemon=True)
        self._reader.start()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def ask(self, request: dict[str, Any]) -> None:
        """Send a request; all rows of an earlier one have been read."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended; the next call of answer says so
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()

    def answer(self, limit: float | None = None, tell: Callable[[], None] | None = None) -> Row | None:
        """The next row of the answer; None after the last one.

        Parameters
        ----------
        limit : float, optional
            Seconds to wait.
        tell : callable, optional
            Called every now and then meanwhile; may raise to stop waiting.

        Raises
        ------
        TimeoutError
            If the row takes longer than ``limit``.
        WorkerDied
            If the process has ended.
        RuntimeError
            With the function's own error.
        """
        end = None if limit is None else time.monotonic() + limit
        while True:
            if tell is not None:
                tell()
            try:
                line = self._lines.get(timeout=_LOOK)
                break
            except queue.Empty:
                if end is not None and time.monotonic() > end:
                    raise TimeoutError(f"not done after {limit:g} s") from None
        if line is None:
            self._lines.put(None)  # for the next call
            status = self._process.wait()
            raise WorkerDied(f"the process ended early (status {status}), perhaps for lack of memory")
        said = json.loads(line)
        if said == _END:
            return None
        if "error" in said and len(said) == 1:
            raise RuntimeError(said["error"])
        return said

    def close(self) -> None:
        """Kill the process, whatever it is doing, and wait a moment for it to be gone."""
        self._process.kill()
        self._reader.join(_HELD_UP)

    def _read(self) -> None:
        assert self._process.stdout is not None and self._process.stdin is not None
        with self._process.stdout:
            for line in self._process.stdout:
                self._lines.put(line)
        self._process.wait()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._lines.put(None)


def main() -> None:
    """Run the process: answer requests until the parent closes the pipe."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    requests: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            requests.put(line)
        os._exit(0)  # the parent has ended, and nobody waits for the answer

    threading.Thread(target=listen, daemon=True).start()

    def say(what: Any) -> None:
        print(json.dumps(what), file=out, flush=True)

    module, _, name = sys.argv[1].partition(":")
    function = getattr(importlib.import_module(module), name)
    while True:
        try:
            function(json.loads(requests.get()), say)
            say(_END)
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
