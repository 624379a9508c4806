"""A network that is queried: the answer knows its units."""

import numpy as np
import pytest
import torch
from torch import nn

from actspec_widgets import Spectrum, SubNetwork, goldreich_levin, sparse_transform


def test_a_network_brings_its_thresholds_and_predictions_take_its_activations(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 2))
    rest = SubNetwork(model, "1", torch.randn(200, 5), 1)
    found = goldreich_levin(rest, tau=1e-9, unit_names=[f"unit {i}" for i in range(8)])
    assert found.n_units == 8 and found.unit_names[3] == "unit 3" and found.queries == 2**8 + 16
    assert np.array_equal(found.encoding.thresholds, rest.thresholds)
    assert found.constant_units == rest.constant_units
    signs = np.where(rest.activations > rest.thresholds, 1, -1)
    assert found.predict(rest.activations) == pytest.approx(rest.query(signs), abs=1e-6)
    found.save(tmp_path / "found.npz")
    again = Spectrum.load(tmp_path / "found.npz")
    assert (
        again.evidence == "uniform"
        and again.queries == found.queries
        and again.summary(full=True) == found.summary(full=True)
    )
    assert "unit " in found.summary(full=True) and len(found.to_frame()) == len(found)


def test_units_that_the_network_does_not_have_are_refused():
    rest = SubNetwork(nn.Sequential(nn.Linear(5, 2)), "input", torch.randn(50, 5), 0)
    with pytest.raises(ValueError, match="n_units=7 came for a function of 5 units"):
        goldreich_levin(rest, 7, tau=0.1)
    with pytest.raises(ValueError, match="n_units is missing"):
        sparse_transform(lambda x: x[:, 0], sparsity=1)
    with pytest.raises(ValueError, match="2 unit names came for 5 units"):
        goldreich_levin(rest, tau=0.1, unit_names=["a", "b"])
