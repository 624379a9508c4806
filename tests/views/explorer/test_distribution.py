"""How distributed a layer is, beside what explains it: measured in the background, kept for each layer."""

import asyncio
import threading

import numpy as np
import pytest

from actspec_widgets.views import SpectrumExplorer
from actspec_widgets.views.explorer.asked import Asked
from actspec_widgets.views.explorer.built_in import Lamp
from actspec_widgets.views.explorer.network import Network
from actspec_widgets.views.kit.banner import Banner

torch = pytest.importorskip("torch")


def shown(explorer):
    """What the title says once nothing runs any more."""
    explorer.wait(60)
    assert explorer.distribution.job.wait(60) and explorer.effects.job.wait(60)
    return explorer.title.value


def in_a_notebook(work):
    """What ``work`` gives where an event loop runs, as in a notebook."""

    async def main():
        return work()

    return asyncio.run(main())


def test_switches_act_jointly_and_their_gates_add_up():
    def look():
        explorer = SpectrumExplorer()
        switches = shown(explorer)
        explorer.layer = "gates"
        return switches, shown(explorer), explorer.distribution

    switches, gates, distribution = in_a_notebook(look)
    assert "of 12 units, which act jointly in part: mean degree 1." in switches and "V(product)" in switches
    assert "of 14 units, which add up: mean degree 1.000 ± 0.000" in gates
    assert distribution.layout.display == "none"  # nothing to do and nothing to watch


def test_a_layer_is_measured_once_for_all_its_outputs(monkeypatch):
    asked, measure = [], Network.measure
    monkeypatch.setattr(
        Network, "measure", lambda known, layer, to: asked.append(layer.name) or measure(known, layer, to)
    )
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(5, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    inputs = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)

    def look():
        explorer = SpectrumExplorer(model=model, layer="1", inputs=inputs, threshold="median")
        first = shown(explorer)
        explorer.logit = 2
        return first, shown(explorer), explorer.distribution

    first, second, distribution = in_a_notebook(look)
    assert asked == ["1"] and distribution.found.mean_degree.value.shape == (3,)
    assert "which add up" in first and "which add up" in second and first != second


def test_nothing_is_asked_of_a_network_that_is_not_there_and_of_a_large_one_only_when_told_to(monkeypatch):
    arrays = SpectrumExplorer(activations=np.eye(4)[np.arange(400) % 4], outputs=np.arange(400) % 4, threshold=0.5)
    assert arrays.distribution.layout.display == "none"
    monkeypatch.setattr(Lamp, "quick", False)
    monkeypatch.setattr("actspec_widgets.views.explorer.built_in._MEASURED", {})

    def look():
        explorer = SpectrumExplorer().wait(60)
        assert explorer.distribution.found is None and explorer.distribution.layout.display == ""
        explorer.distribution.button.click()
        return shown(explorer)

    assert "mean degree" in in_a_notebook(look)


def test_cancelling_leaves_what_is_shown_and_stops_the_thread(monkeypatch):
    def endless(network, layer, progress):
        while True:
            progress(1, 2)

    monkeypatch.setattr(Network, "measure", endless)
    monkeypatch.setattr("actspec_widgets.views.explorer.built_in._MEASURED", {})

    def look():
        explorer = SpectrumExplorer().wait(60)
        explorer.distribution.job.cancel()
        title = shown(explorer)
        return title, explorer.distribution.job.state

    title, state = in_a_notebook(look)
    assert "subsets of 12 units explain" in title and "In the network" not in title and state == "stopped"
    assert "As recorded, this list is spread over" in title  # the list's own, once nobody asks the network any more
    assert not [t for t in threading.enumerate() if t.name == "actspec-job"]


def test_what_the_network_does_stands_beside_each_recorded_coefficient():
    def look():
        explorer = SpectrumExplorer()
        shown(explorer)
        return explorer

    explorer = in_a_notebook(look)
    found = explorer.bars.effects
    assert found.name == "by experiment" and set(found.found) == set(explorer.spectrum.subsets)
    for subset, (value, error) in found.found.items():
        at = explorer.spectrum.subsets.index(subset)
        gap = np.hypot(error, explorer.spectrum.standard_errors[at])
        assert abs(value - explorer.spectrum.coefficients[at]) < 6 * gap + 1e-6, subset  # switches are independent
    assert explorer.bars.figure.content["heads"][-1]["text"] == "by experiment"


def test_by_experiment_the_subsets_are_those_that_act_and_what_was_recorded_stands_beside_them():
    def look():
        explorer = SpectrumExplorer()
        shown(explorer)
        explorer.selection = (3, 7)
        explorer.controls["evidence"].value = "experiment"
        shown(explorer)
        return explorer

    explorer = in_a_notebook(look)
    s = explorer.spectrum
    assert s.evidence == "resampled" and set(s.subsets) == {(0,), (1,), (2,), (3, 7), (4,), (8,), (4, 8)}
    assert "by experiment" not in explorer.bars.legend.value and "○ as recorded" in explorer.bars.legend.value
    assert "what resampling changes of" in explorer.title.value and "draws; the share" in explorer.title.value
    assert "It acts jointly on the output" in explorer.words.value and explorer.selection == (3, 7)
    assert explorer.returning.layout.display == "none"
    explorer.panels.shown = "Evidence"
    assert explorer.panels.front.what_if.job.wait(60)
    assert "do on average when they are changed" in explorer.panels.front.what_if.words.value
    space = {}
    exec(explorer.code(), space)
    assert space["spectrum"].subsets == s.subsets and space["selection"] == (3, 7)
    np.testing.assert_array_equal(space["spectrum"].coefficients, s.coefficients)


def test_evidence_by_experiment_needs_a_network():
    explorer = SpectrumExplorer(activations=np.eye(4)[np.arange(400) % 4], outputs=np.arange(400) % 4, threshold=0.5)
    assert "evidence" not in explorer.controls
    explorer.evidence = "experiment"
    assert "give the explorer model=" in explorer.banner.text


def test_a_question_that_fails_is_said_once_and_can_be_asked_again():
    """By the banner: a second "Failed." beside that of the search would be of nothing in particular."""

    def breaks(question, report):
        raise ValueError("the card is on fire")

    banner = Banner()
    asked = Asked("How?", "?", breaks, banner)
    asked.offer("it")
    asked.ask()
    assert "card is on fire" in banner.text and asked.job.layout.display == "none" and not asked.button.layout.display
