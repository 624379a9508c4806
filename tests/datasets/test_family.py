"""The classifiers that come with the package, read without torch."""

import subprocess
import sys

import numpy as np
import pytest

from actspec_widgets.datasets import load_digits_family, load_mnist
from actspec_widgets.datasets.family import FAMILY

DATA = load_mnist()


def test_six_rates_by_three_seeds_in_one_small_file():
    family = load_digits_family()
    assert family.rates == (0.0, 0.1, 0.2, 0.3, 0.5, 0.7) and family.seeds == (0, 1, 2)
    assert [(m.dropout, m.seed) for m in family.members] == [(r, s) for r in family.rates for s in family.seeds]
    assert family.recipe["n_train"] == 60_000 and family.recipe["n_test"] == 10_000
    assert FAMILY.stat().st_size < 3e6


def test_each_reads_digits_about_as_well_as_it_says():
    for member in load_digits_family().members:
        read = np.mean(member.layers(DATA.x_test)["logits"].argmax(axis=1) == DATA.y_test)
        # 1,000 of the 10,000 test digits that the accuracy was measured on
        assert abs(read - member.accuracy) < 6 * np.sqrt(member.accuracy * (1 - member.accuracy) / 1000)
        assert member.accuracy > 0.9


def test_layers_are_those_of_the_network():
    family = load_digits_family()
    layers = family.member(0.3, 2).layers(DATA.x_test[:5])
    assert {name: values.shape[1] for name, values in layers.items()} == {
        "input": 784, "relu1": family.hidden[0], "relu2": family.hidden[1], "logits": 10,
    }  # fmt: skip
    assert set(np.unique(layers["input"])) == {-1, 1} and layers["relu1"].min() == 0
    assert not family.member(0.3, 2).weights["hidden1.weight"].flags.writeable


def test_a_rate_or_seed_that_is_not_there_is_said():
    with pytest.raises(ValueError, match=r"dropout 0.4 and seed 0; it has the rates 0, 0.1, 0.2, 0.3, 0.5, 0.7"):
        load_digits_family().member(0.4)


def test_torch_is_not_needed():
    code = (
        "import sys; from actspec_widgets.datasets import load_digits_family as f; f(); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_file_with_other_contents_is_refused(tmp_path):
    path = tmp_path / "family.safetensors"
    with pytest.raises(FileNotFoundError, match="make_family"):
        load_digits_family(path)
    path.write_bytes(FAMILY.read_bytes().replace(b'\\"members\\"', b'\\"numbers\\"'))
    with pytest.raises(ValueError, match=r"cannot be read as a family of digits classifiers \(KeyError\)"):
        load_digits_family(path)
