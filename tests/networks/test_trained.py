"""Classifiers that are trained once and kept, their layers, and the family that comes with the package."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from actspec_widgets.datasets import Mnist, load_digits_family, load_mnist  # noqa: E402
from actspec_widgets.networks import (  # noqa: E402
    SubNetwork,
    accuracy,
    binarise,
    family_classifier,
    train_digits,
    trained,
    trained_digits,
)
from actspec_widgets.networks.make_family import make_family  # noqa: E402
from actspec_widgets.networks.trained import layer_outputs, logits_at  # noqa: E402


@pytest.fixture(scope="module")
def few():
    data = load_mnist()
    return Mnist(data.x_train[::4], data.y_train[::4], data.x_test[::10], data.y_test[::10])


def bits(model):
    return b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())


def test_a_classifier_is_trained_once_for_each_setting(few, tmp_path, monkeypatch):
    settings = {"hidden": (20, 10), "data": few, "folder": tmp_path, "epochs": 12, "least_accuracy": 0.5}
    first = trained_digits(0.1, **settings)
    other = trained_digits(0.1, seed=1, **settings)
    assert len(list(tmp_path.iterdir())) == 2 and bits(first) != bits(other)

    damaged = next(path for path in tmp_path.iterdir() if "seed1" in path.name)
    damaged.write_bytes(damaged.read_bytes()[:-10])
    assert bits(trained_digits(0.1, seed=1, **settings)) == bits(other), "a damaged file is as good as none"

    monkeypatch.setattr(trained, "train_digits", lambda *a, **k: pytest.fail("trained again"))
    assert bits(trained_digits(0.1, **settings)) == bits(first)


def test_one_that_does_not_learn_is_refused(few, tmp_path):
    with pytest.raises(ValueError, match=r"did not learn: it reads .* of 100 test digits rightly and 99% is the least"):
        trained_digits(hidden=(4,), data=few, folder=tmp_path, epochs=1, least_accuracy=0.99)
    with pytest.raises(ValueError, match="no test digits"):
        trained_digits(data=Mnist(few.x_train, few.y_train, few.x_test[:0], few.y_test[:0]), folder=tmp_path)


def test_weight_decay_makes_weights_smaller(few):
    settings = {"hidden": (8,), "epochs": 2, "data": few, "progress": None, "learning_rate": 0.01}
    plain, decayed = train_digits(**settings), train_digits(weight_decay=5.0, **settings)
    assert "weight_decay" not in plain.report and decayed.report["weight_decay"] == 5.0
    assert bits(train_digits(weight_decay=0.0, **settings)) == bits(plain)
    sizes = [
        sum(float(w.detach().square().sum()) for w in model.parameters() if w.ndim == 2) for model in (plain, decayed)
    ]
    assert sizes[1] < 0.8 * sizes[0]
    with pytest.raises(ValueError, match="weight_decay=-1"):
        train_digits(weight_decay=-1, **settings)


def test_an_annealed_rate_goes_to_nothing(few):
    settings = {"hidden": (8,), "data": few, "epochs": 2, "progress": None}
    plain, annealed = train_digits(**settings), train_digits(anneal=True, **settings)
    assert "anneal" not in plain.report and annealed.report["anneal"] is True
    assert bits(plain) != bits(annealed)
    # one epoch of one batch: a single step, at the full rate
    whole = {"batch_size": len(few.x_train), "epochs": 1} | {k: settings[k] for k in ("hidden", "data", "progress")}
    assert bits(train_digits(**whole)) == bits(train_digits(anneal=True, **whole))


@pytest.mark.parametrize("layer", ["input", "relu1", "relu2"])
def test_logits_at_patterns_are_those_of_the_sub_network(few, layer):
    model = train_digits(hidden=(12, 7), data=few, epochs=1, progress=None)
    outputs = layer_outputs(model, few.x_train)
    assert list(outputs) == ["input", "relu1", "relu2", "logits"]
    on = np.random.default_rng(0).random((50, outputs[layer].shape[1])) < 0.4
    (found,) = logits_at(model, layer, outputs[layer], [on])
    query = SubNetwork(model, layer, binarise(few.x_train), 3)
    np.testing.assert_allclose(found[:, 3], query(np.where(on, 1, -1)), rtol=1e-4, atol=1e-4)


# -- the family ----------------------------------------------------------------------------------------------------


def test_a_member_is_the_same_network_with_and_without_torch():
    data = load_mnist()
    member, model = load_digits_family().member(0.5, 1), family_classifier(0.5, 1)
    expected = layer_outputs(model, data.x_test[:200])
    for name, values in member.layers(data.x_test[:200]).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-4, atol=1e-4, err_msg=name)
    assert model.report["test_accuracy"] == member.accuracy and not model.training
    assert abs(accuracy(model, data.x_test, data.y_test) - member.accuracy) < 0.05


def test_a_family_can_be_made_again_to_the_byte(few, tmp_path):
    settings = {"data": few, "rates": (0.0, 0.2), "seeds": 1, "hidden": (24,), "epochs": 40}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make_family(tmp_path / name, **settings)
    first, second = ((tmp_path / name / "digits_family.safetensors").read_bytes() for name in ("a", "b"))
    assert first == second
    family = load_digits_family(tmp_path / "a" / "digits_family.safetensors")
    assert family.rates == (0.0, 0.2) and family.seeds == (0,) and family.hidden == (24,)
    member = family.member(0.2)
    read = member.layers(few.x_test)["logits"].argmax(axis=1) == few.y_test
    assert member.accuracy == read.mean(), "the accuracy is that of the rounded weights"
