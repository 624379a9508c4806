"""SHA-256 sums of the bundled files, in a list that ``sha256sum -c`` checks too."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..files import write_whole
from .mnist import FILES

LIST = "SHA256SUMS"


def examine(folder: Path = FILES) -> dict[str, str]:
    """Whether each file of the list is "intact", "missing" or "damaged".

    Raises
    ------
    FileNotFoundError
        If there is no list.
    ValueError
        If it is no list of checksums.

    Examples
    --------
    >>> set(examine().values())
    {'intact'}
    """
    states = {}
    for line in (folder / LIST).read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        if len(expected) != 64 or not name:
            raise ValueError(f"{folder / LIST} holds the line {line!r}, which is no checksum; copy it again")
        path = folder / name
        if not path.is_file():
            states[name] = "missing"
        else:
            states[name] = "intact" if _sum(path) == expected else "damaged"
    return states


def write(folder: Path = FILES) -> None:
    """Write the list again, after a script has made a file again."""
    files = sorted(path for path in folder.iterdir() if path.suffix in {".npz", ".safetensors"})
    lines = [f"{_sum(path)}  {path.name}\n" for path in files]
    write_whole(folder / LIST, "".join(lines))


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
