"""The layers of a model side by side in the explorer: measured one after another, kept, drawn as they are done."""

import asyncio

import numpy as np
import pytest

from actspec_widgets.views import SpectrumExplorer
from actspec_widgets.views.explorer.network import Network
from actspec_widgets.views.kit.still import figure_svg
from actspec_widgets.views.parts.layers_figure import layers_table

torch = pytest.importorskip("torch")


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr("actspec_widgets.views.explorer.built_in._MEASURED", {})


def panel(explorer):
    explorer.panels.shown = "Layers"
    return explorer.panels.front


def small():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2))
    inputs = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    return {"model": model, "inputs": inputs, "layers": ["input", "1"], "layer": "1", "threshold": "median"}


def test_the_lamp_acts_jointly_before_its_gates_and_adds_up_behind_them(fresh):
    explorer = SpectrumExplorer()
    layers = panel(explorer)
    assert layers.figure.layers == () and layers.button.layout.display == ""
    layers.measure()
    assert layers.figure.layers == ("switches", "gates") and layers.button.layout.display == "none"
    said = layers.figure.heading.value
    assert (
        "act jointly most in switches (mean degree 1." in said and "least in gates (mean degree 1.000 ± 0.000)" in said
    )
    degree = layers.figure.points[0]
    assert degree.x[0] > degree.x[1] == pytest.approx(0, abs=1e-6) and degree.y.tolist() == [0, 1]
    table = layers_table(layers.found, 0)
    by_name = dict(zip([c.head for c in table.columns], [c.values for c in table.columns], strict=True))
    assert abs(by_name["joint share"][1]) < 1e-6 < by_name["joint share"][0] and by_name["units"].tolist() == [12, 14]
    drawn, _ = figure_svg(layers.figure.figure, 700)
    assert all(word in drawn for word in ("mean degree", "effective units", "joint share", "gates"))


def test_another_output_is_drawn_from_what_is_known(monkeypatch):
    asked, measure = [], Network.measure
    monkeypatch.setattr(
        Network, "measure", lambda known, layer, to: asked.append(layer.name) or measure(known, layer, to)
    )
    explorer = SpectrumExplorer(**small())
    layers = panel(explorer)
    layers.measure()
    first = layers.figure.points[0].x[0], layers.figure.points[1].x.tolist()
    explorer.logit = 1
    assert asked == ["input", "1"] and layers.button.layout.display == "none"
    assert (layers.figure.points[0].x[0], layers.figure.points[1].x.tolist()) != first


def test_a_layer_that_fails_says_why_and_the_others_are_drawn(monkeypatch):
    measure = Network.measure

    def fails(network, layer, report):
        if layer.name == "input":
            raise ValueError("the output does not read it")
        return measure(network, layer, report)

    monkeypatch.setattr(Network, "measure", fails)
    layers = panel(SpectrumExplorer(**small()))
    layers.measure()
    assert layers.figure.layers == ("1",)
    assert "input was not measured: the output does not read it." in layers.figure.note.value


def test_cancelling_keeps_the_layers_that_are_done(monkeypatch):
    measure = Network.measure

    def slow(network, layer, report):
        if layer.name == "1":
            while True:
                report(1, 2)
        return measure(network, layer, report)

    monkeypatch.setattr(Network, "measure", slow)

    async def look():
        explorer = SpectrumExplorer(**small())
        explorer.wait(60)
        layers = panel(explorer)
        explorer.distribution.job.cancel()
        layers.measure()
        while not layers.figure.layers:
            await asyncio.sleep(0.02)
        layers.job.cancel()
        assert layers.job.wait(60)
        return layers

    layers = asyncio.run(look())
    assert layers.job.state == "stopped" and layers.figure.layers == ("input",) and layers.button.layout.display == ""


def test_without_a_network_the_panel_says_what_is_missing():
    explorer = SpectrumExplorer(activations=np.eye(4)[np.arange(400) % 4], outputs=np.arange(400) % 4, threshold=0.5)
    layers = panel(explorer)
    assert "give the explorer model=" in layers.note.value and layers.children == (layers.note,)
