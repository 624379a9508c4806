"""Every lesson runs from top to bottom, untouched and with its own solutions filled in."""

import re
import time

import nbclient
import nbformat
import pytest

from lesson_files import LESSONS, NOTEBOOKS, exercises, read_lesson
from tools.peak_memory import PEAK_MIB

MOST_MIB = 1.5 * 1024  # Binder gives 2 GB for the server and its kernels


@pytest.fixture
def run(lesson_runs):
    """Run a notebook in the lessons' folder, note its time and memory, and return what it printed."""

    def run(notebook, name, how):
        notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MIB))
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


STEMS = [path.stem for path in LESSONS]


@pytest.mark.parametrize("stem", STEMS)
def test_untouched(stem, run):
    notebook = read_lesson(stem)
    said = run(notebook, stem, "untouched")
    assert said.count("not attempted yet") == len(list(exercises(notebook)))
    assert said.count("no guess yet") >= 2  # learners are asked to predict


@pytest.mark.parametrize("stem", STEMS)
def test_with_the_solutions(stem, run):
    notebook = read_lesson(stem)
    found = list(exercises(notebook))
    assert len(found) >= 2
    for cell, solution in found:
        assert solution, f"no solution below {cell.source}"
        cell.source = solution
    assert run(notebook, stem, "with solutions").count("✓ agrees with the definition") == len(found)


def test_there_are_lessons():
    assert STEMS
