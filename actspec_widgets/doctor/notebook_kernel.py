"""The Python that runs a notebook's cells: it need not be the one that runs this program."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .findings import Finding

PACKAGE = __name__.partition(".")[0]
_ASK = f"import sys, {PACKAGE}; print([sys.executable, {PACKAGE}.__file__])"
LESSONS_KERNEL = "python3"


def notebook_kernel() -> Iterator[Finding]:
    """Start the kernel that the lessons name and ask it where it is."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name=LESSONS_KERNEL, startup_timeout=60, stderr=subprocess.DEVNULL)
    said: list[str] = []
    errors: list[str] = []

    def listen(message: dict) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            said.append(content["text"])
        elif message["msg_type"] == "error":
            errors.append(f"{content['ename']}: {content['evalue']}")

    try:
        client.execute_interactive(_ASK, output_hook=listen, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    another = f"{sys.executable} -m ipykernel install --sys-prefix makes the kernel {LESSONS_KERNEL!r} this Python"
    if errors:
        yield Finding("notebook kernel", "problem", f"cannot import {PACKAGE} ({errors[0]})", another)
        return
    executable, package = ast.literal_eval("".join(said))
    here = str(Path(__file__).parents[1] / "__init__.py")
    if os.path.realpath(package) == os.path.realpath(here):
        yield Finding("notebook kernel", "ok", f"starts and imports this {PACKAGE}")
    else:
        yield Finding("notebook kernel", "problem", f"is {executable} and imports {package}, not {here}", another)
