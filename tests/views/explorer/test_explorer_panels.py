"""The explorer's tabs without a browser: samples on both sides, what-if, and what is made when."""

import sys

import ipywidgets as widgets
import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets import Patterns, intervene, synthetic
from actspec_widgets.compute.method.parts import split_samples
from actspec_widgets.views import SpectrumExplorer
from actspec_widgets.views.kit.still import BEHIND
from views.spectra import make
from views.spectra import values as bars_of


@pytest.fixture(scope="module")
def example():
    explorer = SpectrumExplorer(layer="pixels")
    explorer.selection = next(s for s in explorer.spectrum.subsets if len(s) == 2)
    return explorer


@pytest.fixture
def planted():
    truth = synthetic.planted(9, [(0,), (1, 2)], [1.0, -2.0], samples=800, noise=0.1, seed=1)
    explorer = SpectrumExplorer(activations=truth.patterns, outputs=truth.target)
    explorer.selection = (1, 2)
    return explorer, truth


def panel(explorer, title):
    explorer.panels.shown = "Evidence" if title == "What if" else title
    return explorer.panels.front.what_if if title == "What if" else explorer.panels.front


def seen(panels):
    """What is in front, of the tab in front: all but what is kept behind."""
    place = panels.children[panels.selected_index]
    return [child for child in place.children if BEHIND not in child._dom_classes]


def test_a_panel_is_made_when_it_is_first_looked_at_and_stays_behind_the_one_in_front(planted):
    explorer, _ = planted
    assert list(explorer.panels.made) == ["Subsets"]
    explorer.panels.selected_index = explorer.panels.titles.index("Examples")
    assert explorer.panels.shown == "Examples" and set(explorer.panels.made) == {"Subsets", "Examples"}
    assert seen(explorer.panels) == [explorer.panels.front]
    for title in ("Matrix", "By size", "Matrix"):
        explorer.panels.shown = title
        assert seen(explorer.panels) == [explorer.panels._menu, explorer.panels.front]
    assert len(explorer.panels.children[3].children) == 3  # the menu, and each picture once
    explorer.panels.shown = "Examples"
    with pytest.raises(TraitError, match="no tab 'Elsewhere'; there are 'Subsets'"):
        explorer.panels.shown = "Elsewhere"
    assert explorer.panels.shown == "Examples"


def test_three_views_come_first_and_the_other_pictures_are_under_more(planted):
    panels = planted[0].panels
    assert panels.titles == ("Subsets", "Evidence", "Examples", "More") and "Matrix" in panels.everything
    panels.selected_index = 3
    assert panels.shown == "By size"
    panels.menu.value = "Hypergraph"
    assert panels.shown == "Hypergraph" and panels.front in panels.children[3].children
    panels.shown = "Evidence"
    assert panels.selected_index == 1 and seen(panels) == [panels.front]
    assert {planted[0].returning, planted[0].effects} < set(panels.front.children)
    panels.shown = "Matrix"
    assert panels.selected_index == 3 and panels.menu.value == "Matrix"


def test_means_of_both_sides_are_those_of_the_held_out_samples(planted):
    explorer, truth = planted
    groups = panel(explorer, "Examples").groups
    held_out = split_samples(800, 0.8, 0)[1]
    signs = truth.patterns.signs()
    parity, y = (signs[:, 1] * signs[:, 2])[held_out], truth.target[held_out]
    for side, sign in ((groups.even, 1), (groups.odd, -1)):
        values = y[parity == sign]
        assert side.n_samples == len(values) and side.mean == pytest.approx(values.mean())
        assert side.standard_error == pytest.approx(values.std(ddof=1) / len(values) ** 0.5)
        assert set(side.shown) <= set(held_out[parity == sign])
    assert groups.difference == pytest.approx(-4.0, abs=5 * groups.difference_error)


def test_samples_shown_are_evenly_spaced_in_the_order_of_the_target(planted):
    explorer, truth = planted
    side = panel(explorer, "Examples").groups.odd
    signs = truth.patterns.signs()
    held_out = split_samples(800, 0.8, 0)[1]
    mine = held_out[(signs[:, 1] * signs[:, 2])[held_out] == -1]
    ranks = np.searchsorted(np.sort(truth.target[mine]), truth.target[side.shown])
    assert np.diff(ranks).min() >= len(mine) // 6 and ranks[0] == len(mine) // 12


def test_digits_are_drawn_with_the_pixels_of_the_subset(example):
    text = panel(example, "Examples").text.value
    assert text.count("<svg") == 12 and text.count("<rect") == 24 and "evenly spaced" in text
    assert text.count('href="data:image/png;base64,') == 12


def test_digits_are_drawn_for_hidden_units_too():
    explorer = SpectrumExplorer(layer="hidden")
    explorer.selection = explorer.spectrum.subsets[0]
    text = panel(explorer, "Examples").text.value
    assert text.count("<svg") == 12 and "<rect" not in text


def test_sentences_are_shown_as_text(planted):
    _, truth = planted
    sentences = [f"<b>sentence</b> {i}" for i in range(800)]
    explorer = SpectrumExplorer(activations=truth.patterns, outputs=truth.target, examples=sentences)
    explorer.selection = (0,)
    text = panel(explorer, "Examples").text.value
    assert text.count("&lt;b&gt;sentence&lt;/b&gt;") == 12 and "<b>sentence" not in text


def test_without_pictures_the_number_of_the_sample_stands_there(planted):
    explorer, truth = planted
    examples = panel(explorer, "Examples")
    first = int(examples.groups.even.shown[0])
    assert f"no. {first:,}<br><b>{truth.target[first]:.3g}</b>" in examples.text.value
    explorer.selection = None
    assert examples.groups is None and "Select a subset" in examples.text.value


def test_examples_of_another_number_are_refused(planted):
    _, truth = planted
    with pytest.raises(ValueError, match="2 examples came for 800 samples"):
        SpectrumExplorer(activations=truth.patterns, outputs=truth.target, examples=["a", "b"])
    with pytest.raises(ValueError, match="give one string for each sample, or images"):
        SpectrumExplorer(activations=truth.patterns, outputs=truth.target, examples=np.zeros(800))


def test_a_finished_spectrum_says_what_samples_and_what_if_need():
    explorer = SpectrumExplorer(make([(0,), (1, 2)]))
    assert "give the explorer activations=" in panel(explorer, "Examples").text.value
    assert "give the explorer model=" in panel(explorer, "What if").note.value


def test_what_if_asks_the_network_and_says_what_the_spectrum_predicts(example):
    torch = pytest.importorskip("torch")
    what_if = panel(example, "What if")
    what_if.sample = 17
    from actspec_widgets.datasets import load_example
    from actspec_widgets.networks import DigitsClassifier

    data = load_example()
    points = np.repeat(data.pixels()[17:18], 2, axis=0)
    points[1, what_if.flipped] *= -1
    model = DigitsClassifier.load(data.weights)
    with torch.no_grad():
        before, after = model(torch.from_numpy(points))[:, 0].numpy()
    assert what_if.flip.before == pytest.approx(before, abs=1e-4)
    assert what_if.flip.measured == pytest.approx(after - before, abs=1e-4)
    patterns = Patterns.from_signs(points.astype(int))
    predicted = np.diff(example.spectrum.predict(patterns))[0]
    assert what_if.flip.predicted == pytest.approx(predicted)
    assert f"{what_if.flip.measured:+.2f}" in what_if.words.value and "association" in what_if.words.value
    assert "of the output's variance over the recorded" in what_if.words.value  # what on and off leave
    assert "of the output's variance over the recorded samples is left" in what_if.words.value
    np.testing.assert_allclose(what_if.picture.after[0].x, what_if.flip.after)
    np.testing.assert_allclose(what_if.picture.after[1].x, what_if.flip.before + predicted)
    error = what_if.flip.predicted_error
    np.testing.assert_allclose(what_if.picture.error.x, what_if.flip.before + predicted + np.array([-error, error]))
    assert f"± {error:.2f}" in what_if.words.value
    what_if.picture.twin.button.value = True
    network, prediction = what_if.picture.twin.table.content["cells"]
    assert float(network[3]) == pytest.approx(after - before, abs=1e-3) and float(prediction[4]) > 0


def test_what_if_of_a_spectrum_set_from_outside_does_not_ask_for_a_model():
    explorer = SpectrumExplorer(layer="hidden", max_degree=1)
    explorer.selection = explorer.spectrum.subsets[0]
    what_if = panel(explorer, "What if")
    explorer.spectrum = make([(0,), (1, 2)], n_units=64)
    assert "run the search again" in what_if.note.value and what_if.picture not in what_if.children


def test_what_if_in_many_samples_is_the_public_intervention(example):
    pytest.importorskip("torch")
    what_if = panel(example, "What if")
    what_if.many_button.click()
    computed = what_if.computed
    query = what_if._network.query(computed, 0, None)
    expected = intervene(
        query, computed.spectrum, example.selection, patterns=computed.patterns, units=what_if.flipped, samples=500
    )
    assert what_if.many.slope == pytest.approx(expected.slope) and f"{expected.slope:.3f}" in what_if.many_words.value
    assert "By experiment these pixels do together" in what_if.many_words.value
    assert what_if.many.joint.value == expected.joint.value and "an association" in what_if.words.value
    what_if.flipped = (example.selection[1],)
    assert what_if.many is None and what_if.flip.units == (example.selection[1],)


def test_what_if_refuses_other_units_and_samples(example):
    pytest.importorskip("torch")
    what_if = panel(example, "What if")
    sample, flipped = what_if.sample, what_if.flipped
    with pytest.raises(TraitError, match="samples 0 to 5999"):
        what_if.sample = 6000
    outside = next(u for u in range(784) if u not in example.selection)
    with pytest.raises(TraitError, match="not inside the subset"):
        what_if.flipped = (outside,)
    assert (what_if.sample, what_if.flipped) == (sample, flipped)


def test_what_if_without_torch_is_a_sentence(example, monkeypatch):
    what_if = panel(example, "What if")
    monkeypatch.setitem(sys.modules, "actspec_widgets.networks", None)
    what_if._network._made = None
    what_if.sample = 3
    assert "needs PyTorch" in example.banner.text and what_if.job.state == "failed"
    example.banner.clear()


def test_what_if_of_recorded_arrays_says_what_is_missing(planted):
    explorer, _ = planted
    what_if = panel(explorer, "What if")
    assert "These are recorded arrays; give the explorer model=, layer= and inputs=" in what_if.note.value
    assert what_if.children == (what_if.note,) and not explorer.banner.text  # nothing failed


def test_what_if_of_an_example_without_torch_says_what_to_install(monkeypatch):
    monkeypatch.setattr("actspec_widgets.views.explorer.built_in.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "actspec_widgets.networks", None)
    monkeypatch.setitem(sys.modules, "actspec_widgets.networks.lamp", None)
    explorer = SpectrumExplorer()
    explorer.selection = explorer.spectrum.subsets[0]
    what_if = panel(explorer, "What if")
    assert "needs PyTorch, which is not installed" in what_if.note.value and what_if.children == (what_if.note,)


def test_a_residual_network_is_asked_with_the_sample_as_its_base(rng):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)

    class Residual(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.relu, self.last = torch.nn.Linear(6, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2)

        def forward(self, x):
            return self.last(x + self.relu(self.inner(x)))

    model, inputs = Residual(), rng.normal(size=(400, 6)).astype("f4")
    explorer = SpectrumExplorer(model=model, inputs=inputs, max_degree=1)
    assert explorer.layer == "relu" and explorer.spectrum.n_units == 6
    explorer.selection = explorer.spectrum.subsets[0]
    what_if = panel(explorer, "What if")
    for sample in (0, 11):
        what_if.sample = sample
        with torch.no_grad():
            expected = model(torch.from_numpy(inputs[[sample]]))[0, 0].item()
        assert what_if.flip.before == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("title", ["By size", "Influence", "Redundancy", "Matrix", "Hypergraph"])
def test_every_picture_shows_what_is_explored_and_shares_the_selection(planted, title):
    explorer, _ = planted
    part = panel(explorer, title)
    assert part.spectrum is explorer.spectrum and part.selection == (1, 2)
    part.selection = (0,)
    assert explorer.selection == explorer.bars.selection == (0,)
    explorer.selection = (1, 2)
    assert part.selection == (1, 2)
    explorer.panels.shown = "Subsets"
    explorer.max_degree = 1
    assert explorer.selection is None and explorer.banner.text == "" and explorer.job.state == "done"
    assert part.spectrum is not explorer.spectrum, "a picture that nobody looks at is not drawn again"
    explorer.panels.shown = title
    assert part.spectrum is explorer.spectrum and part.selection is None


def test_a_spectrum_of_many_subsets_is_drawn_in_part_and_the_rest_is_said():
    subsets = [(i, j) for i in range(200) for j in range(i + 1, 200)]
    spectrum = make(subsets, np.linspace(1, 0.001, len(subsets)), n_units=200, gram=None)
    explorer = SpectrumExplorer(spectrum)
    assert len(bars_of(explorer.bars)) == 200 and "Not drawn: 19,700 smaller coefficients" in explorer.bars.note.value
    explorer.bars.twin.button.value = True
    assert len(explorer.bars.twin.table.content["cells"]) == 200
    for title in explorer.panels.everything:
        explorer.panels.shown = title
    assert "does not carry" in explorer.panels.made["Redundancy"].heading.value


def test_what_is_set_together_is_drawn_once(planted, monkeypatch):
    explorer, _ = planted
    drawn = []
    draw = type(explorer.bars)._draw
    monkeypatch.setattr(type(explorer.bars), "_draw", lambda self, s: drawn.append(s) or draw(self, s))
    explorer.spectrum = make([(0,), (1, 2)], n_units=9)
    assert drawn == [explorer.spectrum]


def test_another_finished_spectrum_is_shown_whole_where_the_one_before_was():
    explorer = SpectrumExplorer(make([(0,), (1, 2)]))
    explorer.spectrum = make([(0,), (1, 2), (3, 4, 5), (6,)])
    assert len(bars_of(explorer.bars)) == 4 and (explorer.max_degree, explorer.top) == (3, 4)
    explorer.max_degree = 1
    explorer.spectrum = make([(0,), (1, 2, 3)])
    assert explorer.max_degree == 1 and explorer.top == 2 and explorer.bars.drawn.order == (0,)


def test_a_panel_that_can_not_be_made_says_so_and_the_one_before_stays():
    from actspec_widgets.views.explorer.panels import Panels
    from actspec_widgets.views.kit.banner import Banner

    banner = Banner()
    panels = Panels({"good": widgets.HTML, "bad": lambda: 1 / 0}, banner)
    panels.selected_index = 1
    assert "ZeroDivisionError" in banner.text and panels.shown == "good" and panels.selected_index == 0
    assert len(panels.children[0].children) == 1
