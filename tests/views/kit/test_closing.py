"""Closing an instrument closes all that it is made of, and nothing that others use."""

import asyncio
import gc
import threading
import weakref

import ipywidgets as widgets
import pytest
from ipywidgets.widgets.widget import _instances

from actspec_widgets import synthetic
from actspec_widgets.views import RecoveryLab, SideBySide, SpectrumExplorer
from actspec_widgets.views.kit.closing import close_tree
from views.spectra import make


def opened_and_closed(make_one):
    """How many widgets an instrument takes, how many are left, and what tells whether the object is gone."""
    before = set(_instances)
    instrument = make_one()
    taken = len(set(_instances) - before)
    instrument.close()
    instrument.close()  # once more is no error
    left = len(set(_instances) - before)
    return taken, left, weakref.ref(instrument)


def explorer_with_everything_looked_at():
    explorer = SpectrumExplorer(make([(0,), (1, 2), (2, 3)]))
    for title in explorer.panels.everything:
        explorer.panels.shown = title
    explorer.selection = (1, 2)
    return explorer


def test_fifty_explorers_opened_and_closed_leave_no_widget():
    objects = []
    for _ in range(50):
        taken, left, explorer = opened_and_closed(lambda: SpectrumExplorer(make([(0,), (1, 2)])))
        assert taken > 100 and left == 0
        objects.append(explorer)
    gc.collect()
    assert [explorer() for explorer in objects] == [None] * 50


@pytest.mark.parametrize(
    "make_one",
    [
        explorer_with_everything_looked_at,
        lambda: SpectrumExplorer(max_degree=1),
        lambda: RecoveryLab(samples=300),
        lambda: SideBySide(make([(0,), (1, 2)]), make([(0,), (1, 3)])),
    ],
    ids=["explorer", "data", "recovery", "side by side"],
)
def test_every_instrument_takes_all_its_widgets_along(make_one):
    taken, left, instrument = opened_and_closed(make_one)
    assert taken > 100 and left == 0
    gc.collect()
    assert instrument() is None


def test_what_others_use_stays():
    shared = widgets.HTML("shared")
    first, second = widgets.VBox([shared, widgets.HTML()]), widgets.VBox([shared])
    assert close_tree(first) == 5  # itself, its other child, two layouts and a style
    assert shared.comm is not None and shared.layout.comm is not None and first.comm is None
    close_tree(second)
    assert shared.comm is None


def test_work_that_runs_is_stopped():
    async def main():
        hidden = synthetic.planted(30, [(0, 1)], [1.0], samples=3000, noise=0.5, seed=0)
        explorer = SpectrumExplorer(activations=hidden.patterns, outputs=hidden.target, max_degree=3)
        explorer.close()
        for _ in range(200):
            await asyncio.sleep(0.05)
            if not [t for t in threading.enumerate() if t.name == "actspec-job"]:
                return True
        return False

    assert asyncio.run(main())
