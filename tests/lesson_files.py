"""The lessons as files: their exercises and the solutions folded below them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
MOST_MIB = 1.5 * 1024  # Binder gives 2 GB for the server and its kernels


def read_lesson(stem: str) -> NotebookNode:
    return jupytext.read(NOTEBOOKS / f"{stem}.py")


def exercises(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str | None]]:
    """Each cell to be filled in, with the solution that the next cell of text holds."""
    waiting = None
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []):
            if waiting is not None:
                yield waiting, None
            waiting = cell
        elif waiting is not None and cell.cell_type == "markdown":
            found = re.search(r"```python\n(.*?)```", cell.source, re.DOTALL)
            yield waiting, found.group(1) if found else None
            waiting = None
    if waiting is not None:
        yield waiting, None
