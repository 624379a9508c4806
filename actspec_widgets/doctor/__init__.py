"""Is this machine ready for the lessons? ``python -m actspec_widgets.doctor`` looks, and says how to mend what is not.

Nothing here is imported by the rest of the package, and nothing heavy is imported before it is looked at: the
examination must run where the package does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from .check import Check, Look, guarded
from .jupyter import browser_extensions, notebook_kernel
from .kernels import kernels
from .machine import bundled_files, packages, room, torch

LOOKS: dict[str, Look] = {
    "packages": packages,
    "data": bundled_files,
    "kernels": kernels,
    "room": room,
    "torch": torch,
    "notebook": notebook_kernel,
    "browser": browser_extensions,
}

__all__ = ["LOOKS", "Check", "examine"]


def examine(*names: str) -> Iterator[Check]:
    """Look at everything, or at what is named; each check comes as soon as it is there, for some take seconds."""
    for name in names or LOOKS:
        yield from guarded(name, LOOKS[name])
