"""The dropout lab without a browser."""

from dataclasses import replace

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets.datasets import load_digits_family
from actspec_widgets.views import DropoutLab
from actspec_widgets.views.labs import dropout_lab
from actspec_widgets.views.labs.family import DISTRIBUTIONS, MEASURES, effects_in, read_family
from actspec_widgets.views.parts.multiples_figure import MultiplesFigure, Panel
from actspec_widgets.views.parts.rate_figure import RateFigure


@pytest.fixture(scope="module")
def lab():
    return DropoutLab(max_degree=2, top=20, layer="relu1")


@pytest.fixture
def three_networks(monkeypatch):
    """Three networks in the place of the whole family, for a lab and for its code."""
    family = load_digits_family()
    three = replace(family, members=tuple(family.member(rate) for rate in (0.0, 0.3, 0.7)))
    for place in ("datasets", "views.labs.dropout_lab", "views.labs.family"):
        monkeypatch.setattr(f"actspec_widgets.{place}.load_digits_family", lambda: three)


def test_every_network_of_the_family_is_a_point_and_one_is_shown(lab):
    assert len(lab.readings) == len(load_digits_family().members) == len(lab.figure.points)
    assert "first hidden layer" in lab.title.value
    lab.rate, lab.member = 0.5, 1
    shown = next(r for r in lab.readings if r.network == (0.5, 1))
    assert lab.spectrum is shown.spectrum and lab.bars.spectrum is shown.spectrum
    assert (lab.rate_choice.value, lab.member_choice.value) == (0.5, 1)
    lab.rate_choice.value = 0.0
    lab.member_choice.value = 2
    assert (lab.rate, lab.member) == (0.0, 2) and lab.readings[lab.figure.marked].network == (0.0, 2)
    assert lab.bars.effects.name == "by experiment" and set(lab.bars.effects.found) == set(lab.spectrum.subsets)
    lab.measure = "explained variance"
    lab.figure._clicked(None, {"data": {"index": 4}})
    assert (lab.rate, lab.member) == lab.readings[4].network and not lab.banner.text


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_is_drawn_with_its_means(lab, measure):
    lab.measure_choice.value = measure
    assert lab.measure == measure and lab.figure.label == measure
    known = lab.figure.points[np.isfinite(lab.figure.points).all(axis=1)]
    assert len(known) == len(lab.figure.seeds.y)
    assert (lab.figure.theory is not None) == (measure == "effective degree")


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_each_shape_has_a_panel_a_rate_with_every_seed_in_it(lab, name):
    lab.distribution_choice.value = name
    panels = lab.multiples.panels
    assert [p.name for p in panels] == ["0", "0.1", "0.2", "0.3", "0.5", "0.7"]
    assert all(p.seeds == (0, 1, 2) for p in panels)
    shape = DISTRIBUTIONS[name][1]
    expected = [shape(r.spectrum, 2, 20) for r in lab.readings if r.member.dropout == 0.3]
    assert np.array_equal(panels[3].values, expected, equal_nan=True)
    assert (panels[3].expected is not None) == name.startswith("share of the weight")
    table = lab.multiples.twin._make()
    assert len(table) == sum(p.values.size for p in panels)


def test_the_theory_says_what_it_assumes_and_how_it_does(lab):
    lab.measure, lab.distribution = "test accuracy", "share of the subsets of each size"
    assert lab.expectation.value == "" and "At 1 (units in the subset) the mean goes" in lab.multiples.heading.value
    lab.measure = "effective degree"
    assert "would hold for one network whose units are dropped" in lab.expectation.value
    assert "Measured over expected change" in lab.expectation.value
    lab.distribution = "share of the weight at each degree"
    panels = lab.multiples.panels
    weights = [lab.readings[i].spectrum.degree_weights() for i in range(3)]
    first, second = (sum(w[k] for w in weights) for k in (1, 2))
    kept = 0.5**2
    assert panels[4].expected.tolist() == pytest.approx(
        [first * kept / (first * kept + second * kept**2), second * kept**2 / (first * kept + second * kept**2)]
    )


def test_nothing_is_expected_of_pixels(monkeypatch):
    members = load_digits_family().members[:1]
    monkeypatch.setattr(dropout_lab, "read_family", lambda **k: read_family(**k | {"members": members}))
    lab = DropoutLab(layer="input", max_degree=1, top=3)
    lab.measure = "effective degree"
    assert lab.figure.theory is None and lab.multiples.panels[0].expected is None
    assert "No expectation for pixels" in lab.expectation.value


def test_an_unknown_measure_or_network_is_a_sentence(lab):
    with pytest.raises(TraitError, match="beauty"):
        lab.measure = "beauty"
    lab.rate = 0.25
    assert "no network with rate 0.25" in lab.banner.text
    lab.rate, lab.member = 0.0, 0
    assert not lab.banner.text


def test_what_is_shown_can_be_given_at_the_start(monkeypatch):
    members = load_digits_family().members[:5]
    monkeypatch.setattr(dropout_lab, "read_family", lambda **k: read_family(**k | {"members": members}))
    lab = DropoutLab(rate=0.1, member=1, measure="explained variance", distribution="share of the subsets of each size")
    assert (lab.rate_choice.value, lab.member_choice.value) == (0.1, 1) and not lab.banner.text
    assert lab.measure_choice.value == "explained variance" == lab.figure.label
    assert lab.distribution_choice.value == lab.distribution and lab.spectrum is lab.readings[4].spectrum
    with pytest.raises(TraitError, match=r"outside 0..63"):
        lab.selection = (64,)
    lab.selection = (3, 1)
    assert lab.selection == (1, 3)


def test_the_code_gives_what_is_shown(three_networks):
    lab = DropoutLab(max_degree=2, layer="relu1")
    lab.rate, lab.member, lab.measure = 0.3, 0, "mean size of the subsets"
    lab.selection = lab.spectrum.subsets[0]
    place = {}
    exec(lab.code(), place)
    assert place["spectrum"].subsets == lab.spectrum.subsets and place["selection"] == lab.bars.selection
    assert place["spectrum"].coefficients.tolist() == lab.spectrum.coefficients.tolist()
    assert [[rate, number] for rate, _, number in place["numbers"]] == lab.figure.points.tolist()
    assert np.array_equal(np.concatenate([p.values for p in lab.multiples.panels]), place["shapes"], equal_nan=True)


def test_means_errors_and_what_is_missing():
    figure = RateFigure()
    figure.points = np.array([[0.0, 1.0], [0.0, 3.0], [0.5, 2.0], [0.5, np.nan]])
    assert figure.means.y.tolist() == [2.0, 2.0] and figure.errors.y.tolist() == [1.0, 3.0]
    assert "1 of 4 networks do not reach this" in figure.note.value
    figure.marked = 3
    assert figure.ring.x.size == 0
    figure.marked = 2
    assert (figure.ring.x.tolist(), figure.ring.y.tolist()) == ([0.5], [2.0])
    figure.points = np.array([[0.0, np.nan]])
    assert figure.figure not in figure.children and "nothing to draw" in figure.heading.value


def test_panels_share_their_scales_and_gaps_stay_inside():
    nothing = np.nan
    figure = MultiplesFigure()
    figure.show("shares", "size", "A sentence.", [
        Panel("0", (0, 1), np.array([[0.5, 0.5], [nothing, nothing]]), np.array([0.6, 0.4])),
        Panel("0.5", (0,), np.array([[1.0, nothing]]), None),
    ])  # fmt: skip
    assert figure.x_axis.tick_labels == {"0": "0", "1": "0.5"} and figure.y.max == pytest.approx(1.06)
    assert figure.dots.y.tolist() == [0.5, 0.5, 1.0]
    assert figure.dots.x.tolist() == pytest.approx([-0.205, 0.205, 0.795])
    for line in (figure.networks, figure.means, figure.expected, figure.frames):
        assert line.y.size == 0 or (np.isfinite(line.y[-1]) and np.isfinite(line.y[0]))
        assert (np.isnan(line.x) == np.isnan(line.y)).all()
    assert figure.twin._make().csv().splitlines()[:2] == ["dropout rate,seed,size,shares,expected", "0.0,0,1,0.5,0.6"]
    figure.show("shares", "size", "A sentence.", [Panel("0", (0,), np.array([[nothing]]), None)])
    assert figure.figure not in figure.children


def test_one_more_network_is_trained_and_shown(three_networks):
    pytest.importorskip("torch", reason="training needs torch")
    lab = DropoutLab(max_degree=1, top=3)
    before = len(lab.readings)
    lab.training.rate.value, lab.training.epochs.value = 0.4, 1
    lab.training.button.click()
    assert len(lab.readings) == before + 1 and (lab.rate, lab.member) == (0.4, 0)
    assert "it was trained here" in lab.words.value and lab.job.state == "done"
    place = {}
    exec(lab.code(), place)
    assert place["spectrum"].coefficients.tolist() == lab.spectrum.coefficients.tolist()


def test_training_that_fails_says_why_and_leaves_nothing(three_networks):
    lab = DropoutLab(max_degree=1, top=3)
    before = lab.readings
    lab.train(1.5)
    assert "dropout=1.5; a dropout rate lies in" in lab.banner.text and lab.job.state == "failed"
    assert "Nothing was trained" in lab.job.status.value and lab.readings is before
    lab.run()
    assert lab.job.aftermath == lab.AFTERMATH and not lab._trained


def test_the_code_is_of_the_network_that_is_shown(lab):
    lab.rate = lab.readings[0].member.dropout
    drawn, code = lab.spectrum, lab.code()
    lab.rate = 0.33
    assert "no network with rate 0.33" in lab.banner.text and lab.spectrum is drawn
    assert code.splitlines()[-1] == lab.code().splitlines()[-1]


def test_beside_the_bars_stands_what_the_network_does_which_in_a_sum_is_nothing_joint():
    member = load_digits_family().members[0]
    reading = read_family("relu2", 3, members=[member])[0]
    found = effects_in(reading, "relu2", 3).found
    assert any(len(subset) > 1 for subset in found)
    for subset, (value, error) in found.items():
        if len(subset) > 1:  # the logit adds the second hidden layer up
            assert abs(value) < 1e-5
        else:
            weight = member.weights["logits.weight"][3, subset[0]]
            assert np.sign(value) == np.sign(weight) and abs(value) > 3 * error
