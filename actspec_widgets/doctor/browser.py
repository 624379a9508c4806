"""JupyterLab and the front ends of the widgets, asked for over HTTP as a browser asks for them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .findings import Finding

# The extension that draws ipywidgets: its 5.x speak the protocol of ipywidgets 8.
MANAGER = {"@jupyter-widgets/jupyterlab-manager": "^5"}
PACKAGE_OF = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets"}
_CONFIG = re.compile(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', re.DOTALL)
Get = Callable[[str], str]


def browser_extensions() -> Iterator[Finding]:
    """Start a JupyterLab with the user's own settings, look at its page, and stop it."""
    import jupyterlab

    from ..views.kit.front_ends import front_ends

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (base, get):
        found = _CONFIG.search(get("lab"))
        if not found:
            yield Finding("JupyterLab", "problem", "its page holds no settings", "install jupyterlab anew")
            return
        seconds = time.perf_counter() - started
        yield Finding("JupyterLab", "ok", f"{jupyterlab.__version__} answers on {base} after {seconds:.1f} s")
        config = json.loads(found.group(1))
        for name, wanted in {**MANAGER, **front_ends()}.items():
            yield examine_extension(name, wanted, config, get)


def examine_extension(name: str, wanted: str, config: dict[str, Any], get: Get) -> Finding:
    """Whether the page loads this extension, in a version that its Python half can talk to."""
    package = PACKAGE_OF.get(name, name)
    install = f"python -m pip install --force-reinstall {package}, then reload the page"
    title = f"extension {name}"
    offered = {extension["name"]: extension for extension in config.get("federated_extensions", [])}
    if name not in offered:
        return Finding(title, "problem", "is not installed in this JupyterLab", install)
    # An entry may also name one plugin: "package:plugin".
    if disabled := [entry for entry in config.get("disabledExtensions", []) if entry.partition(":")[0] == name]:
        return Finding(title, "problem", f"is disabled ({disabled[0]})", f'jupyter labextension enable "{disabled[0]}"')
    folder = f"lab/extensions/{name}"
    try:
        version = json.loads(get(f"{folder}/package.json"))["version"]
        get(f"{folder}/{offered[name]['load']}")
    except (OSError, ValueError, KeyError) as error:
        return Finding(title, "problem", f"cannot be loaded ({error})", install)
    if not fits(version, wanted):
        return Finding(title, "problem", f"is {version}, its Python half needs {wanted}", install)
    return Finding(title, "ok", f"{version}, as its Python half needs it ({wanted})")


def fits(version: str, wanted: str) -> bool:
    """Whether a version is in a range as npm writes it.

    ``^0.6.1`` allows what leaves the first number that is not zero, ``~0.11.*`` what leaves the first two.

    Examples
    --------
    >>> fits("0.6.4", "^0.6.1"), fits("0.7.0", "^0.6.1"), fits("5.2.0", "^5"), fits("0.11.3", "~0.11.*")
    (True, False, True, True)
    """
    from packaging.version import Version

    if wanted == "*":
        return True
    least = Version(wanted.lstrip("^~").removesuffix(".*"))
    if wanted.startswith("^"):
        kept = 1 + next((at for at, number in enumerate(least.release) if number), len(least.release) - 1)
    else:
        kept = 2 if wanted.startswith("~") else len(least.release)
    return Version(version) >= least and Version(version).release[:kept] == least.release[:kept]


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[tuple[str, Get]]:
    """A JupyterLab on a free port, with the user's settings: its address, and a way to get what lies there."""
    token = secrets.token_hex(16)
    log = folder / "log"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    command.append(f"--ServerApp.root_dir={folder}")
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_TOKEN": token}
    # No proxy for our own machine, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.addheaders = [("Authorization", f"token {token}")]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
        try:
            about = wait_until_up(folder, process, log)
            base = f"http://127.0.0.1:{about['port']}{about['base_url']}"

            def get(path: str) -> str:
                with opener.open(base + path, timeout=20) as answer:
                    return answer.read().decode("utf-8", errors="replace")

            yield base, get
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def wait_until_up(folder: Path, process: subprocess.Popen, log: Path, seconds: float = 60) -> dict[str, Any]:
    """What the server writes about itself, once it listens: the file comes a moment before that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            for about in folder.glob("jpserver-*.json"):  # its process id is not always the one that we started
                said = json.loads(about.read_text(encoding="utf-8"))
                with socket.create_connection(("127.0.0.1", said["port"]), timeout=5):
                    return said
        time.sleep(0.05)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
    raise RuntimeError(f"JupyterLab did not come up: {lines[-1]}")
