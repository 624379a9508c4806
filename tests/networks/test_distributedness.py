"""How distributed real layers are: a linear head is known to add up, whatever its units do together."""

import numpy as np
import pytest
import torch

from actspec_widgets import SubNetwork, datasets, distributedness, networks
from actspec_widgets.networks import DigitsClassifier


@pytest.fixture(scope="module")
def pixels():
    return torch.as_tensor(datasets.binarise(datasets.load_mnist().x_test[:600]), dtype=torch.float32)


def last_layer(pixels, output):
    return SubNetwork(networks.family_classifier(), "relu2", pixels, output)


def test_a_linear_head_adds_up_for_every_linear_target(pixels):
    found = distributedness(last_layer(pixels, lambda logits: logits), tolerance=0.005)
    assert np.abs(found.mean_degree.value - 1).max() < 0.001 and np.abs(found.joint_share.value).max() < 0.001
    assert found.mean_degree.standard_error.max() < 0.005 and found.mean_degree.value.shape == (10,)
    centred = distributedness(last_layer(pixels, lambda logits: logits[:, 3] - logits.mean(1)))
    assert abs(centred.mean_degree.value - 1) < 0.001 and "add up" in centred.summary()


def test_the_same_head_is_not_additive_for_a_log_probability_or_a_class(pixels):
    log_probability = distributedness(last_layer(pixels, lambda logits: torch.log_softmax(logits, 1)[:, 3]))
    three_or_eight = distributedness(
        last_layer(pixels, lambda logits: torch.where(logits[:, 3] > logits[:, 8], 1.0, -1.0)), draws=4000
    )
    assert log_probability.mean_degree.value > 1.1 and three_or_eight.mean_degree.value > 2
    assert "act jointly" in log_probability.summary() and "act jointly" in three_or_eight.summary()


def test_a_layer_below_a_relu_acts_jointly(pixels):
    found = distributedness(SubNetwork(networks.family_classifier(), "relu1", pixels, 3), tolerance=0.03)
    assert found.joint_share.value > 5 * found.joint_share.standard_error > 0


def test_what_is_random_in_a_network_is_refused(pixels):
    model = DigitsClassifier(hidden=(8,), seed=0)
    with pytest.raises(ValueError, match="or is random"):
        SubNetwork(model, "relu1", pixels[:50], lambda logits: logits[:, 0] + torch.rand(len(logits)))
    known, rng = SubNetwork(model, "relu1", pixels[:50], 0), np.random.default_rng(0)
    with pytest.raises(ValueError, match="the function answers the same"):
        distributedness(lambda values: known(values) + rng.random(len(values)), activations=known.activations)
