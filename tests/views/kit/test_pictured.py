"""When a lab waits for its picture before it is shown: where a program runs the notebook, and nobody looks."""

from types import SimpleNamespace

import IPython
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
