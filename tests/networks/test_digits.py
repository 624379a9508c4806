"""The digits classifier: trained from a seed, saved without pickle, and the example made with it."""

import copy
import json
import threading

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import safetensors.torch  # noqa: E402

from actspec_widgets import Cancelled  # noqa: E402
from actspec_widgets.datasets import Mnist, binarise, load_example, load_mnist  # noqa: E402
from actspec_widgets.networks import DigitsClassifier, accuracy, record, train_digits  # noqa: E402
from actspec_widgets.networks.make_example import make_example  # noqa: E402


def bits(model):
    return b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())


@pytest.fixture(scope="module")
def few():
    data = load_mnist()
    return Mnist(data.x_train[::20], data.y_train[::20], data.x_test[::10], data.y_test[::10])


@pytest.fixture(scope="module")
def trained(few):
    return train_digits(0.3, hidden=(12, 7), data=few, epochs=2, progress=None)


def test_bundled_digits_are_learnt():
    model = train_digits(0.2, progress=None)
    data = load_mnist()
    assert model.report["test_accuracy"] > 0.87
    logits = record(model, "input", binarise(data.x_test), output=lambda out: out).target
    assert model.report["test_accuracy"] == np.mean(logits.argmax(1) == data.y_test)
    assert accuracy(model, data.x_test, data.y_test) == model.report["test_accuracy"]
    assert model.report["loss"][-1] < model.report["loss"][0]
    hidden = record(model, "relu1", binarise(data.x_train), output=0).activations
    assert (hidden > 0).any(0).all(), "a unit is off for every digit"


def test_layers_have_names_and_settings_are_kept(trained):
    names = [name for name, _ in trained.named_children()]
    assert names == ["dropout0", "hidden1", "relu1", "dropout1", "hidden2", "relu2", "dropout2", "logits"]
    assert trained.settings == {"hidden": [12, 7], "dropout": 0.3, "input_dropout": 0.0, "seed": 0}
    assert not trained.training


def test_same_seed_same_bits_whatever_the_threads(few, trained):
    settings = {"hidden": (12, 7), "data": few, "epochs": 2, "progress": None}
    before = torch.get_num_threads()
    again = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            again.append(bits(train_digits(0.3, **settings)))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    workers = [threading.Thread(target=lambda: again.append(bits(train_digits(0.3, **settings)))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert again == [bits(trained)] * 5
    assert bits(train_digits(0.3, seed=1, **settings)) != bits(trained)


def test_global_random_states_are_left_alone(few):
    np.random.seed(5)  # noqa: NPY002 - the state that must not move
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    train_digits(0.5, input_dropout=0.2, data=few, epochs=1, progress=None)
    assert torch.equal(torch.get_rng_state(), torch_before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002


def test_progress_is_told_and_may_cancel(few):
    told = []
    train_digits(data=few, epochs=3, batch_size=10, progress=lambda *at: told.append(at))
    assert told[-1] == (75, 75) and told == sorted(told) and len(told) > 2

    def stop(done, total):
        raise Cancelled

    threads = torch.get_num_threads()
    with pytest.raises(Cancelled):
        train_digits(data=few, epochs=3, batch_size=10, progress=stop)
    assert torch.get_num_threads() == threads


def test_progress_bar_is_drawn_unless_silenced(few, capsys):
    train_digits(0.25, data=few, epochs=1, progress=None)
    assert capsys.readouterr().err == ""
    train_digits(0.25, data=few, epochs=1)
    assert "dropout 0.25: 100%" in capsys.readouterr().err


def test_trained_models_can_be_copied(trained):
    assert bits(copy.deepcopy(trained)) == bits(trained)


def test_dropout_in_training_mode_also_works_without_our_generator():
    model = DigitsClassifier(dropout=0.5).train()
    x = torch.ones(1, 784)
    torch.manual_seed(0)
    assert not torch.equal(model(x), model(x))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"dropout": 1.0}, "dropout=1.0; a dropout rate lies in 0 <= rate < 1"),
        ({"input_dropout": -0.1}, "input_dropout=-0.1"),
        ({"hidden": (64, 0)}, r"hidden=\(64, 0\); give the number of units"),
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"learning_rate": 0.0}, "a positive rate"),
    ],
)
def test_wrong_training_settings_get_a_sentence(settings, sentence, few):
    with pytest.raises(ValueError, match=sentence):
        train_digits(**{"data": few, "progress": None, **settings})


def test_no_digits_cannot_be_learnt():
    empty = Mnist(*(np.zeros(shape, np.uint8) for shape in ((0, 28, 28), (0,), (0, 28, 28), (0,))))
    with pytest.raises(ValueError, match="no training digits"):
        train_digits(data=empty, progress=None)


def test_classifier_says_what_it_takes():
    with pytest.raises(ValueError, match=r"got shape \(3, 28, 28\); it takes binarised digits"):
        DigitsClassifier()(torch.zeros(3, 28, 28))


def test_accuracy_needs_a_digit_for_each_image(few, trained):
    with pytest.raises(ValueError, match=r"100 images came with digits of shape \(99,\)"):
        accuracy(trained, few.x_test, few.y_test[1:])


# --- files


def test_saved_classifier_comes_back_bit_for_bit(trained, tmp_path):
    trained.save(tmp_path / "net.safetensors")
    loaded = DigitsClassifier.load(tmp_path / "net.safetensors")
    assert bits(loaded) == bits(trained)
    assert loaded.settings == trained.settings and loaded.report == trained.report
    assert not loaded.training
    assert [path.name for path in tmp_path.iterdir()] == ["net.safetensors"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"settings": {"hidden": [12, 8], "dropout": 0, "input_dropout": 0, "seed": 0}}, "cannot be read"),
        ({"settings": {}}, r"cannot be read as a digits classifier \(KeyError\)"),
        ({"settings": None}, "cannot be read"),
    ],
)
def test_files_with_other_contents_get_a_sentence(trained, tmp_path, change, sentence):
    path = tmp_path / "net.safetensors"
    trained.save(path)
    with safetensors.safe_open(path, framework="pt") as file:
        text = json.loads(file.metadata()["actspec_widgets"])
    metadata = {"actspec_widgets": json.dumps({**text, **change})}
    path.write_bytes(safetensors.torch.save(trained.state_dict(), metadata))
    with pytest.raises(ValueError, match=sentence):
        DigitsClassifier.load(path)


# --- the built-in example


def test_shipped_weights_give_the_shipped_recording():
    example = load_example()
    model = DigitsClassifier.load(example.weights)
    assert {**model.settings, **model.report} == example.settings
    hidden, logits = record(model, example.layer, example.pixels(), output=lambda out: out)
    # Another CPU may add in another order, hence no equality of bits; float16 keeps 11 of them.
    np.testing.assert_allclose(example.hidden, hidden, rtol=2**-11, atol=1e-4)
    np.testing.assert_allclose(example.logits, logits, rtol=1e-4, atol=1e-3)
    assert np.mean((example.hidden > 0) == (hidden > 0)) > 0.9999


def test_making_the_example_twice_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make_example(tmp_path / name, epochs=1)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["digits_classifier.safetensors", "digits_recording.npz"]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
