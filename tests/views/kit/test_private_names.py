"""No widget of ours replaces by accident what ipywidgets calls on its own widgets."""

import importlib
import pkgutil

import ipywidgets as widgets

from actspec_widgets import synthetic, views
from actspec_widgets.views import SpectrumExplorer

for module in pkgutil.walk_packages(views.__path__, f"{views.__name__}."):
    importlib.import_module(module.name)


def ours(base=widgets.Widget):
    for one in base.__subclasses__():
        yield from ours(one)
        if one.__module__.startswith(views.__name__):
            yield one


def test_functions_of_a_base_are_replaced_only_where_that_is_meant():
    meant = {"close", "__init__"}
    replaced = {
        (one.__name__, name, base.__name__)
        for one in ours()
        for name, value in vars(one).items()
        for base in one.__mro__[1:]
        if callable(value) and callable(vars(base).get(name)) and name not in meant
        if base.__module__.startswith(("ipywidgets", "traitlets", "anywidget", "bqplot"))
    }
    assert not replaced


def test_an_explorer_can_be_printed_whatever_is_in_front():
    truth = synthetic.planted(6, [(0,), (1, 2)], [1.0, -2.0], samples=400, noise=0.1, seed=1)
    explorer = SpectrumExplorer(activations=truth.patterns, outputs=truth.target)
    for title in explorer.panels.everything:
        explorer.panels.shown = title
        assert repr(explorer).startswith("SpectrumExplorer(")
