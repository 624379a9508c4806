"""Is this machine ready for the lessons? ``python -m actspec_widgets.doctor`` looks, and says how to mend what is not.

Nothing here is imported by the rest of the package, and nothing heavy is imported before it is looked at: the
examination must run where the package does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from .browser import browser_extensions
from .data import bundled_files
from .findings import Check, Finding, guarded
from .kernels import kernels
from .machine import disk, memory, text
from .notebook_kernel import notebook_kernel
from .torch_build import torch_build
from .versions import packages, python

CHECKS: dict[str, Check] = {
    "python": python,
    "packages": packages,
    "text": text,
    "disk": disk,
    "data": bundled_files,
    "kernels": kernels,
    "memory": memory,
    "torch": torch_build,
    "notebook": notebook_kernel,
    "browser": browser_extensions,
}

__all__ = ["CHECKS", "Finding", "examine"]


def examine(checks: dict[str, Check] | None = None) -> Iterator[Finding]:
    """Look at this machine, one thing after the other.

    Parameters
    ----------
    checks : dict, optional
        What to look at; default everything.

    Yields
    ------
    Finding
        As soon as it is there: some checks take seconds.
    """
    for name, check in (CHECKS if checks is None else checks).items():
        yield from guarded(name, check)
