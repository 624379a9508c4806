"""The built-in example, as it reaches somebody without torch."""

import subprocess
import sys

import numpy as np

from actspec_widgets.datasets import load_example, load_mnist
from actspec_widgets.datasets.example import RECORDING, WEIGHTS


def test_example_is_the_bundled_digits_and_their_recording():
    example, data = load_example(), load_mnist()
    assert example.hidden.shape == (6000, 64) and example.logits.shape == (6000, 10)
    np.testing.assert_array_equal(example.images[example.is_test], data.x_test)
    np.testing.assert_array_equal(example.digits[~example.is_test], data.y_train)
    assert set(np.unique(example.pixels())) == {-1.0, 1.0}
    assert (example.hidden >= 0).all() and (example.hidden > 0).any(0).all()


def test_recorded_logits_have_the_accuracy_that_the_settings_state():
    example = load_example()
    right = example.logits.argmax(1) == example.digits
    assert right[example.is_test].mean() == example.settings["test_accuracy"] > 0.85
    assert right[~example.is_test].mean() == example.settings["train_accuracy"]


def test_example_is_compact_and_needs_no_pickle():
    assert RECORDING.stat().st_size + WEIGHTS.stat().st_size < 1_000_000
    with np.load(RECORDING, allow_pickle=False) as archive:
        assert {name: archive[name].dtype.kind for name in archive} == {"header": "u", "hidden": "f", "logits": "f"}


def test_example_loads_nothing_heavy():
    code = (
        "import sys; from actspec_widgets.datasets import load_example; load_example()\n"
        "print(*{'torch', 'safetensors', 'pooch', 'tqdm', 'requests'}.intersection(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
