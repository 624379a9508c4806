"""Every lesson runs from top to bottom with its own solutions filled in; `tests/browser` runs it untouched."""

import re

import nbclient
import nbformat
import pytest

from lesson_files import LESSONS, MOST_MIB, NOTEBOOKS, exercises, read_lesson
from tools.peak_memory import PEAK_MIB


@pytest.mark.usefixtures("warmed")
@pytest.mark.parametrize("stem", [path.stem for path in LESSONS])
def test_with_its_solutions_every_exercise_agrees_and_nothing_complains(stem):
    lesson = read_lesson(stem)
    found = list(exercises(lesson))
    assert len(found) >= 2
    for cell, solution in found:
        assert solution, f"no solution below {cell.source}"
        cell.source = solution
    lesson.cells.append(nbformat.v4.new_code_cell(PEAK_MIB))
    folder = {"metadata": {"path": str(NOTEBOOKS)}}
    nbclient.NotebookClient(lesson, timeout=300, kernel_name="python3", resources=folder).execute()
    outputs = [output for cell in lesson.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    printed = "".join(output.text for output in outputs if "text" in output)
    assert printed.count("✓ agrees with the definition") == len(found)
    assert float(re.search(r"peak MiB (\S+)", printed)[1]) < MOST_MIB
