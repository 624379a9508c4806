"""The two helpers of the setup: lessons as notebooks, and torch without CUDA."""

import importlib.util
import re
import sys
from pathlib import Path

import nbformat
import pytest

TOOLS = Path(__file__).parents[1] / "tools"


def load(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def lesson(tmp_path):
    source = tmp_path / "01-lesson.py"
    source.write_text("# %% [markdown]\n# # Title\n\n# %%\nanswer = ...\n")
    return source


@pytest.fixture
def make(lesson):
    tool = load("make_notebooks")
    return lambda: tool.make(lesson, lesson.with_suffix(".ipynb"))


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
    said = load("make_notebooks").make_all(tmp_path)
    assert said and len(list(tmp_path.glob("*.ipynb"))) == len(said)
    for path in tmp_path.glob("*.ipynb"):
        text = "\n".join(sources(path))
        for beside in re.findall(r"""[("']((?:images|results)/[^)"']+)""", text):
            assert (tmp_path / beside).is_file(), f"{path.name} names {beside}"


@pytest.fixture
def torch_installer(monkeypatch):
    """The installer on a machine without torch, with a list of the pip calls that it would have made."""
    tool = load("install_torch")
    calls = []
    monkeypatch.setattr(tool, "pip_install", lambda *arguments: calls.append(arguments) or True)
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: None)
    return tool, calls


def test_on_linux_only_a_cpu_build_is_asked_for(torch_installer, monkeypatch):
    tool, calls = torch_installer
    monkeypatch.setattr(sys, "platform", "linux")
    assert tool.main() is None
    needs, wheel = calls
    assert not [argument for argument in needs if argument.startswith("torch")]
    assert wheel[-1].startswith("torch==") and wheel[-1].endswith("+cpu")
    assert {"--no-deps", tool.CPU_INDEX} <= set(wheel)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_the_usual_wheel_is_a_cpu_build(torch_installer, monkeypatch, platform):
    tool, calls = torch_installer
    monkeypatch.setattr(sys, "platform", platform)
    assert tool.main() is None
    assert len(calls) == 1
    assert "--index-url" not in calls[0]


def test_without_a_cpu_build_nothing_is_installed_instead(torch_installer, monkeypatch):
    tool, calls = torch_installer
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(tool, "pip_install", lambda *arguments: calls.append(arguments) or len(calls) == 1)
    said = tool.main()
    assert len(calls) == 2
    assert "No CPU build of torch" in said and "-m pip install torch" in said


def test_a_torch_that_is_there_is_left_alone(torch_installer, monkeypatch):
    tool, calls = torch_installer
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: object())
    assert tool.main() is None
    assert calls == []
