"""The text of a lesson's page: its cells in order, each with what it gave."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import nbformat

HEAD = "<!-- Made from {source} by `make pages`; change the lesson, not this page. -->"
INVITATION = (
    "*This page shows the lesson as it runs untouched. To predict, move and solve things yourself: `make lab`.*"
)
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s]+)(?=\))")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_MOST_LINES = 60
_WIDTH = 120


def page(lesson: nbformat.NotebookNode, name: str, outputs: Sequence[Sequence[str]]) -> str:
    """One page in Markdown.

    Parameters
    ----------
    lesson : NotebookNode
    name : str
        File name of the lesson's source.
    outputs : sequence of sequences of str
        For each code cell, its outputs as Markdown (:func:`text_output`, :func:`picture`).
    """
    parts = [HEAD.format(source=f"notebooks/{name}")]
    remaining = iter(outputs)
    for cell, said in zip(lesson.cells, blocks(lesson), strict=True):
        parts.append(said)
        if cell.cell_type == "code":
            parts += next(remaining)
        elif len(parts) == 2:
            parts.append(INVITATION)
    return "\n\n".join(part for part in parts if part) + "\n"


def blocks(lesson: nbformat.NotebookNode) -> list[str]:
    """What each cell says, as a page of the folder below shows it."""
    return [
        f"```python\n{cell.source}\n```" if cell.cell_type == "code" else _LINK.sub(_from_below, cell.source)
        for cell in lesson.cells
    ]


def missing(lesson: nbformat.NotebookNode, text: str) -> str | None:
    """What a lesson says and its page does not, or not in this order; None where the page is up to date."""
    position = 0
    for said in blocks(lesson):
        if (position := text.find(said, position)) < 0:
            return said
    return None


def text_output(text: str) -> str:
    """Printed text; long lines are wrapped, and a very long text is cut, and says so."""
    lines = []
    for line in _ANSI.sub("", text).rstrip().splitlines():
        lines += textwrap.wrap(line, _WIDTH, break_on_hyphens=False) if len(line) > _WIDTH else [line]
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"... ({len(lines) - _MOST_LINES} more lines)"]
    fence = "````" if any("```" in line for line in lines) else "```"
    return "\n".join([f"{fence}text", *lines, fence]) if lines else ""


def picture(path: str, words: str) -> str:
    """A picture with its text twin as the alternative text."""
    flat = re.sub(r"\s+", " ", re.sub(r"[\[\]<>`*_\\]", " ", words)).strip()
    return f"![{flat[:297] + '...' if len(flat) > 300 else flat}]({path})"


def _from_below(link: re.Match[str]) -> str:
    target = link.group(1)
    if re.fullmatch(r"\d\d-[\w-]+\.ipynb", target):
        return target.replace(".ipynb", ".md")
    return f"../{target}"
