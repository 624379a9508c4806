"""The Python that runs a notebook's cells, and JupyterLab with the widgets' front ends.

A JupyterLab is started with the user's own settings and asked over HTTP, as a browser asks. ``jupyter labextension
list`` says which front ends are installed and which are disabled; only here does it show whether the server comes up
with all its configuration and hands out their files.
"""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .check import Check

PACKAGE = Path(__file__).parents[1]
MANAGER = "@jupyter-widgets/jupyterlab-manager"  # draws ipywidgets: its 5.x speak the protocol of ipywidgets 8
_CONFIG = re.compile(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', re.DOTALL)
Get = Callable[[str], str]


def notebook_kernel() -> Iterator[Check]:
    """Start the kernel that the lessons name and ask it where it is: it need not be this Python."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    asked = new_notebook(cells=[new_code_cell(f"import sys, {PACKAGE.name} as p; print([sys.executable, p.__file__])")])
    mend = f"{sys.executable} -m ipykernel install --sys-prefix makes the kernel 'python3' this Python"
    try:
        NotebookClient(asked, timeout=60, startup_timeout=60, kernel_name="python3").execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        said = f"cannot import {PACKAGE.name} ({error.ename}: {error.evalue})"
        yield Check("notebook kernel", "problem", said, mend)
        return
    executable, package = ast.literal_eval(asked.cells[0].outputs[0].text)
    if Path(package).resolve() == (PACKAGE / "__init__.py").resolve():
        yield Check("notebook kernel", "ok", f"starts and imports this {PACKAGE.name}")
    else:
        yield Check("notebook kernel", "problem", f"is {executable} and imports {package}, not {PACKAGE}", mend)


def browser_extensions() -> Iterator[Check]:
    """Start a JupyterLab, look at its page, and stop it."""
    import jupyterlab

    from ..views.kit.front_ends import front_ends

    with TemporaryDirectory() as folder, _server(Path(folder)) as get:
        config = json.loads(_CONFIG.search(get("lab")).group(1))  # type: ignore[union-attr]
        yield Check("JupyterLab", "ok", f"{jupyterlab.__version__} comes up")
        for name, wanted in {MANAGER: "^5", **front_ends()}.items():
            yield extension(name, wanted, config, get)


def extension(name: str, wanted: str, config: dict[str, Any], get: Get) -> Check:
    """Whether the page loads this extension, in a version that its Python half can talk to."""
    from jupyterlab.commands import Range  # npm's ranges of versions

    package = "jupyterlab_widgets" if name == MANAGER else name
    install = f"python -m pip install --force-reinstall {package}, then reload the page"
    title = f"extension {name}"
    offered = {extension["name"]: extension for extension in config.get("federated_extensions", [])}
    if name not in offered:
        return Check(title, "problem", "is not installed in this JupyterLab", install)
    # An entry may also name one plugin: "package:plugin".
    if disabled := [entry for entry in config.get("disabledExtensions", []) if entry.partition(":")[0] == name]:
        return Check(title, "problem", f"is disabled ({disabled[0]})", f'jupyter labextension enable "{disabled[0]}"')
    try:
        version = json.loads(get(f"lab/extensions/{name}/package.json"))["version"]
        get(f"lab/extensions/{name}/{offered[name]['load']}")
    except (OSError, ValueError, KeyError) as error:
        return Check(title, "problem", f"cannot be loaded ({error})", install)
    if not Range(wanted, True).test(version):
        return Check(title, "problem", f"is {version}, its Python half needs {wanted}", install)
    return Check(title, "ok", f"{version}, as its Python half needs it ({wanted})")


@contextmanager
def _server(folder: Path) -> Iterator[Get]:
    """A JupyterLab that has come up on a free port, as a way to get what lies there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--ServerApp.base_url=/"]
    token, log = secrets.token_hex(16), folder / "log"
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_TOKEN": token}
    # No proxy for our own machine, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.addheaders = [("Authorization", f"token {token}")]

    def get(path: str) -> str:
        with opener.open(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
            return answer.read().decode("utf-8", errors="replace")

    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=folder)
    try:
        end = time.monotonic() + 60
        while not _answers(get):
            if process.poll() is not None or time.monotonic() > end:
                said = log.read_text(encoding="utf-8", errors="replace").strip() or "it said nothing"
                raise RuntimeError(f"JupyterLab did not come up: {said.splitlines()[-1]}")
            time.sleep(0.1)
        yield get
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _answers(get: Get) -> bool:
    try:
        return bool(get("api"))
    except OSError:
        return False
