"""The Python that runs a notebook's cells, and JupyterLab with the widgets' front ends."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .check import Check

PACKAGE = Path(__file__).parents[1]
MANAGER = "@jupyter-widgets/jupyterlab-manager"  # draws ipywidgets: its 5.x speak the protocol of ipywidgets 8


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
    """Start a JupyterLab with the user's own settings, stop it, and look at the extensions that it would load."""
    import jupyterlab
    from jupyter_core.paths import jupyter_path
    from jupyterlab.commands import AppOptions, get_app_info

    from ..views.kit.front_ends import front_ends

    command = [sys.executable, "-m", "jupyterlab.browser_check", "--no-browser-test", "--no-browser", "--allow-root"]
    started = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=90, check=False
    )
    if "Test Complete" not in started.stdout:
        last = (started.stdout.strip().splitlines() or ["it said nothing"])[-1]
        yield Check("JupyterLab", "problem", f"did not come up: {last}", "mend the settings that this line names")
        return
    yield Check("JupyterLab", "ok", f"{jupyterlab.__version__} comes up")
    app = get_app_info(AppOptions(labextensions_path=jupyter_path("labextensions")))
    for name, wanted in {MANAGER: "^5", **front_ends()}.items():
        yield extension(name, wanted, app)


def extension(name: str, wanted: str, app: dict[str, Any]) -> Check:
    """Whether JupyterLab would load this extension, in a version that its Python half can talk to."""
    from jupyterlab.commands import Range  # npm's ranges of versions

    package = "jupyterlab_widgets" if name == MANAGER else name
    install = f"python -m pip install --force-reinstall {package}, then reload the page"
    title = f"extension {name}"
    found = app["federated_extensions"].get(name)
    if found is None:
        return Check(title, "problem", "is not installed in this JupyterLab", install)
    # An entry may also name one plugin: "package:plugin".
    disabled = [entry for entry, off in app["disabled"].items() if off and entry.partition(":")[0] == name]
    if disabled:
        return Check(title, "problem", f"is disabled ({disabled[0]})", f'jupyter labextension enable "{disabled[0]}"')
    code = Path(found["ext_path"]) / found["jupyterlab"]["_build"]["load"]
    if not code.is_file():
        return Check(title, "problem", f"cannot be loaded ({code} is missing)", install)
    if not Range(wanted, True).test(found["version"]):
        return Check(title, "problem", f"is {found['version']}, its Python half needs {wanted}", install)
    return Check(title, "ok", f"{found['version']}, as its Python half needs it ({wanted})")
