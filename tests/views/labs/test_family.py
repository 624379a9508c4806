"""What is read off the trained family, what the noise operator expects, and one more network."""

import numpy as np
import pytest

from actspec_widgets import Cancelled, Patterns, activation_spectroscopy
from actspec_widgets.datasets import FamilyMember, load_digits_family, load_mnist
from actspec_widgets.results.weights import explained_by_first
from actspec_widgets.views.labs.family import (
    MEASURES,
    Reading,
    read_family,
    size_shares,
    weight_shares,
)
from actspec_widgets.views.labs.family_prediction import decay_sentence, expected_degree, expected_weights
from actspec_widgets.views.labs.family_training import train_member
from views.spectra import make


def reading(rate, seed, subsets, coefficients):
    return Reading(FamilyMember(rate, seed, 0.9, 0.9, {}), make(subsets, coefficients=coefficients))


def test_a_reading_is_what_the_method_says_of_that_layer():
    members = load_digits_family().members[4:6]
    data = load_mnist()
    digits = np.concatenate([data.x_train, data.x_test])
    for layer in ("relu2", "input"):
        found = read_family(layer, 7, max_degree=1, top=4, seed=2, members=members)
        assert [r.member for r in found] == list(members)
        outputs = members[1].layers(digits)
        patterns, y = Patterns.from_activations(outputs[layer]), outputs["logits"][:, 7].astype(float)
        expected = activation_spectroscopy(patterns, y, max_degree=1, top=4, seed=2)
        assert found[1].spectrum.subsets == expected.subsets
        assert found[1].spectrum.coefficients.tolist() == expected.coefficients.tolist()


def test_shares_by_hand():
    spectrum = make([(0,), (1, 2), (3, 4)], coefficients=[2.0, 1.0, -1.0])
    assert weight_shares(spectrum, 3).tolist() == pytest.approx([4 / 6, 2 / 6, 0])
    assert size_shares(spectrum, 2).tolist() == pytest.approx([1 / 3, 2 / 3])
    assert np.isnan(weight_shares(make([]), 2)).all() and np.isnan(size_shares(make([]), 2)).all()


def test_explained_variance_of_the_whole_collection_is_that_of_held_out_samples_within_its_error():
    spectrum = read_family("relu2", members=load_digits_family().members[:1])[0].spectrum
    curve = explained_by_first(spectrum.gains, spectrum.n_samples)
    assert len(curve) == len(spectrum)
    assert abs(curve[-1] - spectrum.explained_variance) < 4 * spectrum.explained_variance_error
    half = MEASURES["subsets to half of the variance"](Reading(load_digits_family().members[0], spectrum))
    assert curve[int(half) - 1] >= 0.5 and (half == 1 or curve[int(half) - 2] < 0.5)


def test_the_expectation_damps_the_networks_without_dropout():
    readings = [reading(0.0, 0, [(0,), (1, 2)], [2.0, 1.0]), reading(0.5, 0, [(0,)], [9.0])]
    assert expected_weights(readings, 0.0, 3).tolist() == pytest.approx([4, 1, 0])
    assert expected_weights(readings, 0.5, 3).tolist() == pytest.approx([4 / 4, 1 / 16, 0])
    line = expected_degree(readings, 2)
    assert line[0].tolist() == pytest.approx([0, 6 / 5]) and line[-1, 1] == pytest.approx((1 + 2 / 16) / (1 + 1 / 16))
    assert expected_weights(readings[1:], 0.5, 3) is None and expected_degree(readings[1:], 2) is None


def test_networks_that_follow_the_expectation_are_said_to():
    rng = np.random.default_rng(0)
    readings = []
    for seed in range(4):
        for rate in (0.0, 0.3, 0.5):
            shrink = np.exp(0.01 * rng.normal()) * (1 - rate)
            readings.append(reading(rate, seed, [(0,), (1, 2)], [2.0, 1.0 * shrink]))
    assert "+1.0" in decay_sentence(readings) and "as expected within the error" in decay_sentence(readings)
    flat = [
        reading(rate, seed, [(0,), (1, 2)], [2.0, 1.0 + 0.01 * rng.normal()])
        for seed in range(4)
        for rate in (0.0, 0.5)
    ]
    assert "no decay is seen, and the theory does not fit" in decay_sentence(flat)
    assert "no single unit, or no pair" in decay_sentence([reading(0.0, 0, [(0,)], [1.0])])
    assert "from one seed" in decay_sentence(readings[:3])


def test_one_more_network_is_that_of_train_digits():
    torch = pytest.importorskip("torch", reason="training needs torch")
    from actspec_widgets.networks import train_digits

    seen = []
    member = train_member(0.3, 5, epochs=1, progress=lambda done, steps: seen.append((done, steps)))
    here = train_digits(0.3, hidden=load_digits_family().hidden, seed=5, epochs=1, data=load_mnist(), progress=None)
    for name, tensor in here.state_dict().items():
        assert torch.equal(torch.from_numpy(member.weights[name].copy()), tensor)
    assert (member.dropout, member.seed, member.accuracy) == (0.3, 5, here.report["test_accuracy"])
    assert member.layers(load_mnist().x_test[:2])["logits"].shape == (2, 10)
    assert seen[-1][1] == 79 and all(0 < done <= 79 for done, _ in seen)


def test_training_stops_where_it_is_told_to_and_says_what_is_wrong():
    def stop(*_):
        raise Cancelled

    with pytest.raises(Cancelled):
        train_member(0.3, 5, starting=stop)
    pytest.importorskip("torch", reason="training needs torch")
    with pytest.raises(Cancelled):
        train_member(0.3, 5, progress=stop)
    with pytest.raises(ValueError, match=r"dropout=1.5; a dropout rate lies in 0 <= rate < 1"):
        train_member(1.5, 5)
