"""Every lesson runs from top to bottom, untouched and with its own solutions filled in."""

import re
from pathlib import Path

import jupytext
import nbclient
import pytest

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.py"))


def with_solutions(notebook):
    """Put each folded solution into the exercise before it."""
    exercise = None
    filled = 0
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []):
            exercise = cell
        elif exercise is not None and (found := re.search(r"```python\n(.*?)```", cell.source, re.DOTALL)):
            exercise.source, exercise = found.group(1), None
            filled += 1
    return filled


def run(notebook):
    client = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3")
    client.execute()
    texts = [out.text for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs if "text" in out]
    return "".join(texts)


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_untouched(path):
    notebook = jupytext.read(path)
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in notebook.cells)
    said = run(notebook)
    assert said.count("not attempted yet") == exercises


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_with_the_solutions(path):
    notebook = jupytext.read(path)
    exercises = with_solutions(notebook)
    assert exercises >= 2
    assert run(notebook).count("✓ agrees with the definition") == exercises


def test_there_are_lessons():
    assert LESSONS
