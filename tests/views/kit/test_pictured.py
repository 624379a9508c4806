"""When a lab waits for its picture before it is shown: where a program runs the notebook, and nobody looks."""

import subprocess
import sys
from types import SimpleNamespace

import IPython
import nbformat
import pytest

from actspec_widgets.views.kit.pictured import nobody_is_there


@pytest.mark.parametrize(
    ("stdin", "served", "nobody"),
    [(False, False, True), (True, False, False), (False, True, False)],
    ids=["nbclient", "JupyterLab", "voila"],
)
def test_a_program_that_runs_a_notebook_is_told_from_people(monkeypatch, stdin, served, nobody):
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=stdin))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    if served:
        monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert nobody_is_there() is nobody


def test_plain_python_waits_for_nothing(monkeypatch):
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    assert not nobody_is_there()


def test_a_notebook_that_is_run_and_exported_shows_the_finished_picture(tmp_path):
    """``jupyter nbconvert --execute --to html``, with a page that needs no network for it."""
    cell = nbformat.v4.new_code_cell("from actspec_widgets.views import SpectrumExplorer\nSpectrumExplorer()")
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    picture = page.partition('class="actspec-static"')[2].partition("</figure>")[0]
    assert "data:image/svg+xml" in picture and "subsets of 12 units explain" in picture
    assert "changed in the network" in picture  # what comes last
