"""Every lesson runs from top to bottom, untouched and with its own solutions filled in."""

import re
import time
from pathlib import Path

import jupytext
import nbclient
import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
MOST_MIB = 1.5 * 1024  # Binder gives 2 GB for the server and its kernels


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


PEAK = """
import resource, sys
print("peak MiB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024))
"""


@pytest.fixture
def run(lesson_runs):
    """Run a notebook in the lessons' folder, note its time and memory, and return what it printed."""

    def run(notebook, name, how):
        notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
        client = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
        )
        started = time.perf_counter()
        client.execute()
        seconds = time.perf_counter() - started
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        complaints = [out.text for cell in cells for out in cell.outputs if out.get("name") == "stderr"]
        assert not complaints
        said = "".join(out.text for cell in cells for out in cell.outputs if "text" in out)
        peak = float(re.search(r"peak MiB (\S+)", said).group(1))
        lesson_runs.append((name, how, seconds, peak))
        assert peak < MOST_MIB
        return said

    return run


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_untouched(path, run):
    notebook = jupytext.read(path)
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in notebook.cells)
    said = run(notebook, path.stem, "untouched")
    assert said.count("not attempted yet") == exercises
    assert said.count("no guess yet") >= 2  # learners are asked to predict


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_with_the_solutions(path, run):
    notebook = jupytext.read(path)
    exercises = with_solutions(notebook)
    assert exercises >= 2
    assert run(notebook, path.stem, "with solutions").count("✓ agrees with the definition") == exercises


def test_there_are_lessons():
    assert LESSONS
