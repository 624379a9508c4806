"""All layers of a model side by side: the same numbers as one by one, a linear head among them."""

import numpy as np
import pytest
import torch
from torch import nn

from actspec_widgets import Cancelled, SubNetwork, datasets, distributed_layers, distributedness, networks

LAYERS = ["relu1", "relu2"]


@pytest.fixture(scope="module")
def pixels():
    return torch.as_tensor(datasets.binarise(datasets.load_mnist().x_test[:300]), dtype=torch.float32)


def test_the_linear_head_adds_up_beside_layers_that_act_jointly(pixels):
    model = networks.family_classifier()
    found = distributed_layers(model, pixels, LAYERS, output=networks.targets.centred(3), tolerance=0.05)
    assert list(found.found) == LAYERS and not found.refused
    table = found.to_frame()
    assert abs(table.mean_degree["relu2"] - 1) < 0.001 and abs(table.joint_share["relu2"]) < 0.001
    assert table.joint_share["relu1"] > 5 * table.joint_share_error["relu1"] > 0
    assert "relu2: spread over" in found.summary() and "which add up" in found.summary()


def test_each_layer_reads_what_it_reads_alone(pixels):
    model = networks.family_classifier()
    alone = distributedness(SubNetwork(model, "relu1", pixels, [3, 8]), draws=100, seed=4)
    beside = distributed_layers(model, pixels, ["relu1", "relu2"], output=[3, 8], draws=100, seed=4)["relu1"]
    for name in ("mean_degree", "joint_share", "effective_units"):
        np.testing.assert_array_equal(getattr(beside, name).value, getattr(alone, name).value)
    assert np.shape(beside.mean_degree.value) == (2,)


class TwoEnds(nn.Module):
    """Its second branch is read by nobody, and its first gives no tensor."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.wordy, self.read, self.unread, self.head = Wordy(), nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(4, 1)

    def forward(self, x):
        self.wordy(x)
        self.unread(x)
        return self.head(self.read(x))


class Wordy(nn.Module):
    def forward(self, x):
        return "a text"


def test_a_layer_that_cannot_be_measured_says_why_and_the_others_are():
    x = torch.randn(100, 3, generator=torch.Generator().manual_seed(1))
    found = distributed_layers(TwoEnds(), x, output=0, draws=50)
    assert list(found.found) == ["input", "read", "head"] and list(found.refused) == ["wordy", "unread"]
    assert "not a tensor" in found.refused["wordy"] and "does not read" in found.refused["unread"]
    assert "unread: not measured: the output does not read" in found.summary()
    with pytest.raises(ValueError, match="none of 1 layers can be measured; unread"):
        distributed_layers(TwoEnds(), x, ["unread"], output=0, draws=50)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [("relu1", "give a list"), ([], "one layer or more"), (["relu1", "relu1"], "each once"), (["relu9"], "not exist")],
)
def test_layers_that_do_not_fit_are_refused(pixels, layers, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        distributed_layers(networks.family_classifier(), pixels, layers, output=3)


def test_progress_goes_on_and_cancel_stops(pixels):
    calls = []
    distributed_layers(
        networks.family_classifier(), pixels, ["relu2"], output=3, draws=50, progress=lambda *at: calls.append(at)
    )
    done = [at / total for at, total in calls]
    assert done == sorted(done) and done[-1] == 1

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        distributed_layers(networks.family_classifier(), pixels, ["relu2"], output=3, progress=stop)
