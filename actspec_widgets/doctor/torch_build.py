"""PyTorch: is it there, does it load, and which build is it? Asked in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from .findings import Finding

INSTALL = "python tools/install_torch.py in a clone takes the CPU build (elsewhere: python -m pip install torch)"
_ASK = "import torch; print(torch.__version__, torch.version.cuda or torch.version.hip or 'CPU')"


def torch_build(code: str = _ASK) -> Iterator[Finding]:
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    if asked.returncode == 0:
        version, build = asked.stdout.split()[-2:]
        yield Finding("torch", "ok", f"{version}, {'CPU build' if build == 'CPU' else f'GPU build ({build})'}")
        return
    last = (asked.stderr.strip().splitlines() or [f"exit status {asked.returncode}"])[-1]
    if last == "ModuleNotFoundError: No module named 'torch'":
        yield Finding("torch", "warning", "is missing; lessons that run a network need it", INSTALL)
    else:
        yield Finding("torch", "problem", f"is there and does not load ({last})", INSTALL)
