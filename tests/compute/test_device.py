"""The torch path, on whatever device there is: torch's own CPU at least."""

import itertools

import numpy as np
import pytest

from actspec_widgets import Patterns, scan

torch = pytest.importorskip("torch")
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")),
]


@pytest.mark.compiled
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_a_device_gives_the_same_list(device, degree):
    rng = np.random.default_rng(degree)
    X = rng.choice([-1, 1], (600, 14), p=[0.3, 0.7])
    X[:, 3] = -X[:, 9]
    patterns = Patterns.from_signs(X)
    for y, top in itertools.product((rng.normal(size=600), (rng.random(600) < 0.2) * 1.0), (1, 40, 5000)):
        ours, theirs = (
            scan(patterns, y, max_degree=degree, top=top),
            scan(patterns, y, max_degree=degree, top=top, device=device),
        )
        assert ours.subsets == theirs.subsets
        assert np.array_equal(ours.values, theirs.values)
        assert ours.coverage == theirs.coverage


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="cannot be used here"):
        scan(Patterns.from_signs([[1], [-1]]), [0.0, 1.0], max_degree=1, device="cuda:99")
