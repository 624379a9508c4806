"""A cell that is run again closes what it showed before, unless somebody can still reach it."""

from types import SimpleNamespace

import ipywidgets as widgets
import pytest
from ipywidgets.widgets.widget import _instances

from actspec_widgets.views.kit import rerun


@pytest.fixture
def session(monkeypatch):
    """A stand-in for a kernel's shell: ``session.run(cell, make)`` shows what ``make`` makes, and names it."""
    names = {"Out": {}}
    runs = iter(range(1000))
    shell = SimpleNamespace(kernel=SimpleNamespace(), user_ns=names)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr(rerun, "_SHOWN", {})

    def run(cell, make, name=None):
        message = {"header": {"msg_id": f"run {next(runs)}"}, "metadata": {"cellId": cell} if cell else {}}
        shell.kernel.get_parent = lambda: message
        made = make()
        rerun.shown_in_cell(made)
        names["_"] = names["Out"][len(names["Out"])] = made
        if name:
            names[name] = made
        return made

    return SimpleNamespace(run=run, names=names)


def make():
    return widgets.VBox([widgets.HTML("one"), widgets.HTML("two")])


def alive(widget):
    return widget in _instances.values()


def test_what_an_earlier_run_of_a_cell_showed_is_closed_with_its_parts(session):
    first = session.run("a", make)
    parts = first.children
    count = len(_instances)
    for _ in range(3):
        last = session.run("a", make)
    assert not alive(first) and not any(map(alive, parts)) and alive(last)
    assert len(_instances) == count


def test_what_has_a_name_is_in_a_list_or_in_another_widget_stays(session):
    named = session.run("a", make, "explorer")
    listed = session.run("b", make)
    session.names["all"] = [listed]
    inside = session.run("c", make)
    box = widgets.HBox([inside])
    for cell in "abc":
        session.run(cell, make)
    assert alive(named) and alive(listed) and alive(inside) and box.children == (inside,)


def test_two_in_one_run_stay_and_so_does_what_other_cells_and_front_ends_without_cells_show(session):
    message = {"header": {"msg_id": "the same"}, "metadata": {"cellId": "a"}}
    shown = [session.run("b", make), session.run(None, make), session.run(None, make)]
    session.run("a", make)
    rerun._SHOWN.clear()
    from IPython import get_ipython

    get_ipython().kernel.get_parent = lambda: message
    for _ in range(2):
        both = make()
        rerun.shown_in_cell(both)
        shown.append(both)
    assert all(map(alive, shown))
