"""The dropout lab without a browser."""

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.datasets import load_digits_family, load_mnist
from actspec_widgets.views import DropoutLab
from actspec_widgets.views.dropout_lab import MEASURES
from actspec_widgets.views.rate_figure import RateFigure


@pytest.fixture(scope="module")
def lab():
    return DropoutLab(max_degree=1, max_subsets=5)


def test_every_network_of_the_family_is_a_point_and_one_is_shown(lab):
    assert len(lab.readings) == len(load_digits_family().members) == len(lab.figure.points)
    assert "second hidden layer" in lab.title.value and "each network" in lab.figure.twin._make().csv()
    lab.rate, lab.member = 0.5, 1
    shown = next(r for r in lab.readings if (r.member.dropout, r.member.seed) == (0.5, 1))
    assert lab.spectrum is shown.spectrum and lab.network.value == (0.5, 1)
    lab.network.value = (0.0, 2)
    assert (lab.rate, lab.member) == (0.0, 2)


def test_a_reading_is_what_the_method_says_of_that_layer(lab):
    data, reading = load_mnist(), lab.readings[4]
    outputs = reading.member.layers(np.concatenate([data.x_train, data.x_test]))
    patterns, y = Patterns.from_activations(outputs["relu2"]), outputs["logits"][:, lab.digit].astype(float)
    expected = activation_spectroscopy(patterns, y, max_degree=1, max_subsets=5)
    assert reading.spectrum.subsets == expected.subsets
    assert reading.spectrum.coefficients.tolist() == expected.coefficients.tolist()


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_is_drawn_with_its_means(lab, measure):
    lab.measure_choice.value = measure
    assert lab.measure == measure and lab.figure.label == measure
    known = lab.figure.points[np.isfinite(lab.figure.points).all(axis=1)]
    assert len(known) == len(lab.figure.seeds.y)
    assert (lab.figure.theory is not None) == (measure == "effective degree")


def test_an_unknown_measure_or_network_is_a_sentence(lab):
    with pytest.raises(TraitError, match="beauty"):
        lab.measure = "beauty"
    lab.rate = 0.25
    assert "no network with rate 0.25" in lab.banner.text
    lab.rate, lab.member = 0.0, 0


def test_means_errors_and_what_is_missing():
    figure = RateFigure()
    figure.points = np.array([[0.0, 1.0], [0.0, 3.0], [0.5, 2.0], [0.5, np.nan]])
    assert figure.means.y.tolist() == [2.0, 2.0] and figure.errors.y.tolist() == [1.0, 3.0]
    assert "1 of 4 networks do not reach this" in figure.note.value
    figure.points = np.array([[0.0, np.nan]])
    assert figure.figure not in figure.children and "nothing to draw" in figure.heading.value


def test_one_more_network_is_trained_and_shown(monkeypatch):
    torch = pytest.importorskip("torch", reason="training needs torch")
    assert torch.__version__
    lab = DropoutLab(max_degree=1, max_subsets=3)
    from actspec_widgets import networks

    quick = networks.train_digits
    monkeypatch.setattr(networks, "train_digits", lambda *a, **k: quick(*a, **k, epochs=1))
    before = len(lab.readings)
    lab.train_button.click()
    assert len(lab.readings) == before + 1 and lab.member == 3
    assert "it was trained here" in lab.words.value and lab.job.state == "done"
