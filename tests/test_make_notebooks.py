"""Lessons as notebooks: made anew where they have changed, and what a learner wrote in one is never lost."""

import re

import nbformat
import pytest

from tools import make_notebooks


@pytest.fixture
def lesson(tmp_path):
    source = tmp_path / "01-lesson.py"
    source.write_text("# %% [markdown]\n# # Title\n\n# %%\nanswer = ...\n")
    return source


@pytest.fixture
def make(lesson):
    return lambda: make_notebooks.make(lesson, lesson.with_suffix(".ipynb"))


def work_in(path, answer):
    """Do what a learner does: fill in a cell, run it, save."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = answer
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="seen")]
    nbformat.write(notebook, path)


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_notebook_has_the_cells_a_kernel_and_no_outputs(lesson, make):
    make()
    notebook = nbformat.read(lesson.with_suffix(".ipynb"), as_version=4)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("markdown", "# Title"),
        ("code", "answer = ..."),
    ]
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.cells[1].outputs == []


def test_unchanged_lesson_leaves_a_learners_notebook_alone(lesson, make):
    make()
    work_in(lesson.with_suffix(".ipynb"), "answer = 42")
    before = lesson.with_suffix(".ipynb").read_bytes()
    assert "up to date" in make()
    assert lesson.with_suffix(".ipynb").read_bytes() == before


def test_changed_lesson_replaces_a_notebook_that_was_only_run(lesson, make):
    make()
    work_in(lesson.with_suffix(".ipynb"), "answer = ...")
    lesson.write_text(lesson.read_text().replace("Title", "New title"))
    make()
    assert sources(lesson.with_suffix(".ipynb")) == ["# New title", "answer = ..."]
    assert len(list(lesson.parent.glob("*.ipynb"))) == 1


def test_changed_lesson_keeps_what_a_learner_wrote_beside_the_new_notebook(lesson, make):
    notebook = lesson.with_suffix(".ipynb")
    for attempt in (1, 2):
        make()
        work_in(notebook, f"answer = {attempt}")
        lesson.write_text(lesson.read_text().replace("Title", "Title, again"))
    assert "01-lesson.mine-2.ipynb" in make()
    assert sources(notebook)[1] == "answer = ..."
    kept = [sources(lesson.parent / f"01-lesson.mine-{attempt}.ipynb")[1] for attempt in (1, 2)]
    assert kept == ["answer = 1", "answer = 2"]


def test_lessons_in_another_folder_find_their_tables_and_pictures_there(tmp_path):
    said = make_notebooks.make_all(tmp_path)
    assert said and len(list(tmp_path.glob("*.ipynb"))) == len(said)
    for path in tmp_path.glob("*.ipynb"):
        text = "\n".join(sources(path))
        for beside in re.findall(r"""[("']((?:images|results)/[^)"']+)""", text):
            assert (tmp_path / beside).is_file(), f"{path.name} names {beside}"
