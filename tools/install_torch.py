"""Install the pinned PyTorch into the running Python as a CPU build; a torch that is there is left alone.

    python tools/install_torch.py

On Linux the package index's own wheels bring gigabytes of CUDA with them, so there only a wheel marked `+cpu`
is accepted: from PyTorch's CPU index, or from wherever pip is configured to look besides. On macOS and
Windows the package index's wheels are CPU builds.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# What torch needs; the +cpu wheel itself comes without dependencies, for pip would look for them on the CPU
# index instead of the usual one.
NEEDS = ["filelock", "fsspec", "jinja2", "networkx", "setuptools", "sympy", "typing-extensions"]

NOT_FOUND = """
No CPU build of torch {version} for Python {python} was found at {index}
(is it reachable from here?) or among pip's other sources. Nothing bigger was installed in its place.
Install a torch of your choice, which is then left alone, and repeat the command:

    {executable} -m pip install torch
"""


def pip_install(*arguments: str) -> bool:
    command = [sys.executable, "-m", "pip", "install", "-q", *arguments]
    return subprocess.run(command, check=False).returncode == 0


def main() -> str | None:
    """Install torch; returns the sentence for the user when that was not possible."""
    if importlib.util.find_spec("torch"):
        return None
    version = re.search(r"^torch==(\S+)", CONSTRAINTS.read_text(), re.MULTILINE).group(1)
    pinned = ["-c", str(CONSTRAINTS)]
    if sys.platform != "linux":
        return None if pip_install(*pinned, f"torch=={version}") else "torch was not installed; see pip's words above."
    if not pip_install(*pinned, *NEEDS):
        return "What torch needs was not installed; see pip's words above."
    from_cpu_index = ["--no-deps", "--retries", "0", "--timeout", "15", "--index-url", CPU_INDEX]
    if pip_install(*from_cpu_index, f"torch=={version}+cpu"):
        return None
    python = "{}.{}".format(*sys.version_info)
    return NOT_FOUND.format(version=version, python=python, index=CPU_INDEX, executable=sys.executable)


if __name__ == "__main__":
    sys.exit(main())
