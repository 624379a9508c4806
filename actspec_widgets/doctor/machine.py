"""The installed packages, PyTorch, the bundled files, and the room that the machine has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from .check import Check

INSTALL = 'python -m pip install -c constraints.txt -e ".[lab]" in a clone (or "make lab")'
TORCH = "python tools/install_torch.py in a clone takes the CPU build (elsewhere: python -m pip install torch)"
COPY_AGAIN = "copy it again from its source: git checkout -- actspec_widgets/datasets/files, or install anew"
_GIB = 2**30
# A lesson may take 1.5 GB at its peak (tested), and the browser needs some too.
MEMORY = 2 * _GIB
# Compiled kernels and notebooks take some tens of MB; Jupyter fails oddly on a full disk.
DISK = _GIB // 2


def packages(project: str = "actspec_widgets", extras: tuple[str, ...] = ("", "lab")) -> Iterator[Check]:
    """One line for all packages that fit what the project asks for, one for each that is missing or does not."""
    from packaging.requirements import Requirement

    try:
        asked = [Requirement(text) for text in metadata.requires(project) or []]
    except metadata.PackageNotFoundError:
        yield Check("packages", "warning", f"pip knows no {project} here, so versions were not compared", INSTALL)
        return
    fitting = []
    for requirement in asked:
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            version = "missing"
        if version != "missing" and requirement.specifier.contains(version, prereleases=True):
            fitting.append(f"{requirement.name} {version}")
        else:
            yield Check(requirement.name, "problem", f"is {version}; {requirement} is needed", INSTALL)
    said = f"Python {sys.version.split()[0]} at {sys.executable} has {len(fitting)} that fit: {', '.join(fitting)}"
    yield Check("packages", "ok", said)


def torch(code: str = "import torch as t; print(t.__version__, t.version.cuda or t.version.hip)") -> Iterator[Check]:
    """PyTorch, asked in a process of its own: a broken one can take the process with it."""
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    last = (asked.stderr.strip().splitlines() or [f"exit status {asked.returncode}"])[-1]
    if asked.returncode == 0:
        version, build = asked.stdout.split()[-2:]
        yield Check("torch", "ok", f"{version}, {'CPU build' if build == 'None' else f'GPU build ({build})'}")
    elif last == "ModuleNotFoundError: No module named 'torch'":
        yield Check("torch", "warning", "is missing; lessons that run a network need it", TORCH)
    else:
        yield Check("torch", "problem", f"is there and does not load ({last})", TORCH)


def bundled_files(folder: Path | None = None) -> Iterator[Check]:
    """The data that the lessons read, byte for byte."""
    from ..datasets.checksums import examine
    from ..datasets.mnist import FILES

    folder = FILES if folder is None else folder
    try:
        wrong = [f"{name} is {state} in {folder}" for name, state in examine(folder).items() if state != "intact"]
    except (OSError, ValueError) as error:
        wrong = [f"the list of checksums cannot be read ({error})"]
    yield from (Check("data", "problem", said, COPY_AGAIN) for said in wrong)
    if not wrong:
        yield Check("data", "ok", "all bundled files are there and intact")


def room() -> Iterator[Check]:
    """Memory and disk."""
    from ..compute.memory import available_bytes

    free, home = shutil.disk_usage(Path.home()).free, Path.home()
    if free < DISK:
        yield Check("disk", "problem", f"{free / 2**20:.0f} MiB are free at {home}", "free half a GiB there")
    else:
        yield Check("disk", "ok", f"{free / _GIB:.1f} GiB are free at {home}")
    available = available_bytes()
    if available is not None and available < MEMORY:
        said = f"{available / _GIB:.1f} GiB are free; a lesson can need 1.5 GB"
        yield Check("memory", "warning", said, "close other programs, and shut down the kernels of finished lessons")
    else:
        yield Check("memory", "ok", "is not told" if available is None else f"{available / _GIB:.1f} GiB are free")
