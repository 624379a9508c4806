"""The torch path, on whatever device there is: torch's own CPU at least."""

import itertools
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actspec_widgets import Patterns, scan
from actspec_widgets.compute import device as device_path
from actspec_widgets.compute.device import quantised_to_bytes

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


@given(st.integers(0, 999), st.integers(1, 200), st.sampled_from([1e-9, 1.0, 1e12]))
def test_a_target_of_two_bytes_keeps_its_bound(seed, m, size):
    rng = np.random.default_rng(seed)
    y = size * rng.standard_t(2, size=m)
    high, low, scale, error = quantised_to_bytes(y)
    assert high.dtype == low.dtype == np.int8
    for _ in range(5):
        signs = rng.choice([-1.0, 1.0], m)
        rounded = scale * (128 * int((high * signs).sum()) + int((low * signs).sum()))
        assert abs(rounded - (y * signs).sum()) <= error
    assert error <= m * scale / 2 + 1e-11 * np.abs(y).sum()


def test_sums_of_bytes_are_exact_integers_and_more_samples_than_fit_are_refused():
    signs = torch.ones((32, 70_000), dtype=torch.int8)
    assert torch._int_mm(127 * signs, signs.T).unique().tolist() == [127 * 70_000]  # in float32 this would round
    with (
        patch.object(device_path, "_MOST_SAMPLES", 3),
        pytest.raises(ValueError, match="up to 3 samples and there are 4"),
    ):
        scan(Patterns.from_signs([[1], [-1], [1], [1]]), [0.0, 1.0, 2.0, 3.0], max_degree=1, device="cpu")


@pytest.mark.compiled
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("n, m, degree", [(1, 5, 1), (2, 7, 2), (17, 33, 3), (40, 1000, 2), (5, 300, 5)])
def test_tables_of_any_size_are_filled_up(device, n, m, degree):
    rng = np.random.default_rng(n)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (m, n))), rng.standard_t(2, size=m)
    ours = scan(patterns, y, max_degree=degree, top=10_000)
    theirs = scan(patterns, y, max_degree=degree, top=10_000, device=device)
    assert ours.subsets == theirs.subsets and np.array_equal(ours.values, theirs.values)


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="cannot be used here"):
        scan(Patterns.from_signs([[1], [-1]]), [0.0, 1.0], max_degree=1, device="cuda:99")
