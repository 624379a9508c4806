"""Layers of a model in the explorer, and the Python that reproduces what is shown."""

import asyncio
import time

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets.views import SpectrumExplorer
from actspec_widgets.views.explorer import sources
from views.spectra import make


@pytest.fixture
def network(rng):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    nn = torch.nn
    model = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3))
    return model, rng.normal(size=(500, 12)).astype("f4")


def test_all_named_layers_are_offered_and_the_last_activation_comes_first(network):
    model, inputs = network
    explorer = SpectrumExplorer(model=model, inputs=inputs, max_degree=1)
    assert [value for _, value in explorer.controls["layer"].options] == ["input", "0", "1", "3", "4", "5"]
    assert explorer.layer == explorer.controls["layer"].value == "4" and explorer.spectrum.n_units == 5
    explorer.controls["layer"].value = "1"
    assert explorer.layer == "1" and explorer.spectrum.n_units == 8
    explorer.layer = "input"
    assert explorer.controls["layer"].value == "input" and explorer.spectrum.n_units == 12
    assert explorer.settings["layer"] == "input"


def test_a_layer_may_have_the_name_that_another_library_gives_it(rng):
    nn = pytest.importorskip("torch").nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.attn, self.mlp = nn.Identity(), nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 6))

        def forward(self, x):
            return x + self.mlp(self.attn(x))

    model = nn.Sequential(nn.Sequential(Block(), Block()), nn.Linear(6, 2))
    inputs = rng.normal(size=(200, 6)).astype("f4")
    explorer = SpectrumExplorer(model=model, layer="blocks.1.mlp.hook_post", inputs=inputs, max_degree=1)
    assert explorer.spectrum.n_units == 9
    with pytest.raises(ValueError, match=r"layer='blocks\.7\.mlp\.hook_post' does not exist"):
        SpectrumExplorer(model=model, layer="blocks.7.mlp.hook_post", inputs=inputs)


def test_given_layers_are_the_choice_and_layer_may_be_one_more(network):
    model, inputs = network
    explorer = SpectrumExplorer(model=model, layers=["1", "4"], inputs=inputs, max_degree=1)
    assert explorer.layer == "1" and explorer.controls["layer"].options == (("1", "1"), ("4", "4"))
    with pytest.raises(TraitError, match="layer='input'; there are '1', '4'"):
        explorer.layer = "input"
    assert explorer.layer == "1" and explorer.banner.text == ""
    more = SpectrumExplorer(model=model, layers=["1", "4"], layer="input", inputs=inputs, max_degree=1)
    assert [value for _, value in more.controls["layer"].options] == ["input", "1", "4"]
    with pytest.raises(ValueError, match="layer='9' does not exist"):
        SpectrumExplorer(model=model, layers=["1", "9"], inputs=inputs)


def test_a_recording_is_made_once_while_it_fits_into_memory(network, monkeypatch):
    from actspec_widgets import networks

    model, inputs = network
    recorded, record = [], networks.record
    monkeypatch.setattr(
        networks, "record", lambda m, layer, *a, **k: recorded.append(layer) or record(m, layer, *a, **k)
    )
    explorer = SpectrumExplorer(model=model, layers=["1", "4"], inputs=inputs, max_degree=1)
    explorer.layer, explorer.logit, explorer.layer = "4", 1, "1"
    assert recorded == ["1", "4"]
    monkeypatch.setattr(sources, "MOST_BYTES", 500 * 8 * 4)
    explorer.layer = "4"
    assert list(explorer._source._kept) == ["4"]
    explorer.layer = "1"
    assert recorded == ["1", "4", "1"]


def test_layers_that_were_named_are_recorded_in_one_pass_once_a_second_is_asked_for(network):
    model, inputs = network
    passes = []
    model.register_forward_hook(lambda module, args, out: passes.append(len(out)))
    named = SpectrumExplorer(model=model, layers=["1", "4", "5"], inputs=inputs, max_degree=1)
    first = len(passes)
    named.layer = "4"
    assert len(passes) == 2 * first
    named.layer = "5"
    assert len(passes) == 2 * first and set(named._source._kept) == {"1", "4", "5"}
    alone = SpectrumExplorer(model=model, layer="5", inputs=inputs, max_degree=1)
    np.testing.assert_array_equal(named._recording.activations, alone._recording.activations)


def test_a_named_layer_that_gives_nothing_to_record_leaves_the_others_alone(rng):
    nn = pytest.importorskip("torch").nn

    class Pairs(nn.Module):
        def forward(self, x):
            return {"a": (x, x)}

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.pairs, self.c = nn.Linear(6, 5), nn.ReLU(), Pairs(), nn.Linear(5, 2)

        def forward(self, x):
            return self.c(self.pairs(self.b(self.a(x)))["a"][0])

    inputs = rng.normal(size=(300, 6)).astype("f4")
    explorer = SpectrumExplorer(model=Model(), layers=["a", "b", "pairs"], inputs=inputs, max_degree=1)
    explorer.layer = "b"
    assert explorer.spectrum.n_units == 5 and explorer.banner.text == ""
    explorer.layer = "pairs"
    assert "pairs" in explorer.banner.text


def test_recording_another_layer_shows_progress_and_can_be_cancelled(network, monkeypatch):
    from actspec_widgets import networks

    model, inputs = network
    explorer = SpectrumExplorer(model=model, layers=["1", "4"], inputs=inputs, max_degree=1)
    before = explorer.spectrum

    def endless(*_, progress, **__):
        while True:
            progress(1, 4)
            time.sleep(0.005)

    monkeypatch.setattr(networks, "record", endless)

    async def main():
        explorer.layer = "4"
        await asyncio.sleep(0.3)
        assert explorer.busy and explorer.job.progress_text.value.startswith("Recording 4: 25%")
        explorer.job.cancel_button.click()
        explorer.wait(10)

    asyncio.run(main())
    assert explorer.spectrum is before and explorer.job.state == "stopped" and "8 units" in explorer.title.value


def test_batches_that_can_be_walked_once_serve_every_layer(network):
    torch = pytest.importorskip("torch")
    model, inputs = network
    batches = (torch.from_numpy(part) for part in np.array_split(inputs, 3))
    explorer = SpectrumExplorer(model=model, layers=["1", "4"], inputs=batches, max_degree=1)
    explorer.layer = "4"
    whole = SpectrumExplorer(model=model, layer="4", inputs=inputs, max_degree=1)
    assert explorer.banner.text == "" and explorer.spectrum.subsets == whole.spectrum.subsets


def test_arrays_and_finished_spectra_have_no_layers(rng):
    signs = rng.choice([-1.0, 1.0], (300, 4))
    arrays = SpectrumExplorer(activations=signs, outputs=signs[:, 0])
    with pytest.raises(TraitError, match="arrays are of one layer only"):
        arrays.layer = "relu"
    with pytest.raises(TraitError, match="a finished spectrum is of one layer"):
        SpectrumExplorer(make([(0,)])).layer = "relu"
    assert "layer" not in arrays.controls
    with pytest.raises(ValueError, match="layers are chosen of a model"):
        SpectrumExplorer(layers=["a"])
    with pytest.raises(ValueError, match="a layer is chosen of a model"):
        SpectrumExplorer(activations=signs, outputs=signs[:, 0], layer="a")


def test_unit_names_are_those_of_the_layer_named_first(network):
    model, inputs = network
    explorer = SpectrumExplorer(model=model, layer="4", inputs=inputs, unit_names=list("abcde"), max_degree=1)
    assert explorer.spectrum.unit_names == tuple("abcde")
    explorer.layer = "1"
    assert explorer.spectrum.unit_names is None


def test_an_image_shape_of_the_inputs_serves_where_units_are_pixels(network):
    model, inputs = network
    explorer = SpectrumExplorer(model=model, layer="4", inputs=inputs, image_shape=(3, 4), max_degree=1)
    assert explorer.bars.figure.place["kind"] == "strip"
    explorer.layer = "input"
    assert explorer.bars.figure.place["kind"] == "image"
    wrong = SpectrumExplorer(model=model, layer="4", inputs=inputs, image_shape=(2, 2))
    assert "4 pixels for 5 units" in wrong.banner.text and wrong.spectrum is None


def same(a, b):
    assert a.subsets == b.subsets and a.equivalents == b.equivalents and a.unit_names == b.unit_names
    for name in ("coefficients", "standard_errors", "p_values", "gains", "gram", "character_means"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert a.explained_variance == b.explained_variance


def run(code, **known):
    space = dict(known)
    exec(code, space)
    return space


@pytest.mark.parametrize("threshold", ["zero", "otsu", "informative", 0.25])
def test_code_of_arrays_gives_the_same_spectrum(rng, threshold):
    activations, names = rng.normal(size=(400, 3, 2)), [f"u{i}" for i in range(6)]
    outputs = np.column_stack([activations[:, 0, 0], activations[:, 1, 1] - np.sign(activations[:, 2, 0])])
    explorer = SpectrumExplorer(
        activations=activations, outputs=outputs, logit=1, threshold=threshold, unit_names=names, seed=5
    )
    explorer.selection = explorer.spectrum.subsets[0]
    space = run(explorer.code(), activations=activations, outputs=outputs, unit_names=names)
    same(space["spectrum"], explorer.spectrum)
    assert space["selection"] == explorer.selection


def test_code_of_patterns_a_model_and_the_example_gives_the_same_spectrum(network):
    model, inputs = network
    explorer = SpectrumExplorer(model=model, layer="1", inputs=inputs, logit=2, top=4, max_degree=1)
    same(run(explorer.code(), model=model, inputs=inputs)["spectrum"], explorer.spectrum)
    patterns, y = explorer._computed.patterns, explorer._computed.target
    packed = SpectrumExplorer(activations=patterns, outputs=y)
    same(run(packed.code(), activations=patterns, outputs=y)["spectrum"], packed.spectrum)
    example = SpectrumExplorer(layer="hidden", logit=3)
    same(run(example.code())["spectrum"], example.spectrum)


def test_code_of_a_finished_spectrum_shows_the_same_of_it():
    spectrum = make([(0,), (1, 2), (3, 4, 5)], [0.25, -1.0, 0.5])
    explorer = SpectrumExplorer(spectrum, max_degree=2)
    explorer.selection = (1, 2)
    again = run(explorer.code(), spectrum=spectrum)["explorer"]
    assert again.bars.drawn == explorer.bars.drawn and again.selection == (1, 2)


def test_code_before_the_first_answer_says_what_to_wait_for(rng):
    explorer = SpectrumExplorer(activations=rng.normal(size=(300, 3)), outputs=np.ones(300))
    with pytest.raises(ValueError, match="no spectrum has been computed"):
        explorer.code()
