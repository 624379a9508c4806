"""The data that the lessons read: the files that come with the package, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .findings import Finding

AGAIN = "copy the file again from its source: git checkout -- actspec_widgets/datasets/files, or install anew"


def bundled_files(folder: Path | None = None) -> Iterator[Finding]:
    from ..datasets.checksums import examine
    from ..datasets.mnist import FILES

    folder = FILES if folder is None else folder
    try:
        states = examine(folder)
    except (OSError, ValueError) as error:
        yield Finding("data", "problem", f"the list of checksums cannot be read ({error})", AGAIN)
        return
    for name, state in states.items():
        if state != "intact":
            yield Finding("data", "problem", f"{folder / name} is {state}", AGAIN)
    intact = sum(state == "intact" for state in states.values())
    if intact:
        yield Finding("data", "ok", f"{intact} of {len(states)} bundled files are there and intact")
