"""The torch path, on whatever device there is: torch's own CPU at least."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actspec_widgets import Patterns, activation_spectroscopy, experiment, scan, scan_targets, walsh_hadamard
from actspec_widgets.compute import device as device_path
from actspec_widgets.compute.device import quantised_to_bytes
from actspec_widgets.compute.effects.device_draws import DeviceGenerator
from actspec_widgets.compute.effects.rest import as_rest
from actspec_widgets.compute.inference import feed

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


@pytest.mark.compiled
@pytest.mark.parametrize("device", DEVICES)
def test_a_table_of_pairs_is_made_in_blocks_of_units(device):
    rng = np.random.default_rng(3)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (300, 75))), rng.normal(size=300)
    units = [*range(5, 60), 74]
    whole = [scan(patterns, y, max_degree=degree, top=50, units=units) for degree in (2, 3)]
    with patch.object(device_path, "_BLOCK", 16), patch.object(device_path, "_UNPACKED", 512):
        for degree, ours in zip((2, 3), whole, strict=True):
            theirs = scan(patterns, y, max_degree=degree, top=50, units=units, device=device)
            assert ours.subsets == theirs.subsets and np.array_equal(ours.values, theirs.values)


@given(st.integers(0, 10**6), st.lists(st.integers(2, 2**31 - 1), min_size=1, max_size=3), st.booleans())
def test_a_device_gives_the_numbers_of_numpys_generator_in_their_order(seed, bounds, half):
    here = np.random.default_rng(seed)
    here.integers(0, 9, 1 + half)  # one leaves half of a number of 64 bits
    there = DeviceGenerator(here, "cpu")
    for size, below in enumerate(bounds, 1):
        shape = (3 * size, 5)
        assert np.array_equal(here.random(shape), there.random(shape))
        assert np.array_equal(here.integers(np.zeros((3 * size, 1), int), below, shape), there.integers(below, shape))


def made_alike(one, other):
    assert (one.in_play, one.new, one.old, one.share) == (other.in_play, other.new, other.old, other.share)
    assert np.array_equal(one.base, other.base)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("states", ["natural", "balanced"])
def test_draws_on_a_device_are_those_of_an_experiment_here(device, states):
    A = np.random.default_rng(0).integers(0, 3, (90, 7)).astype(float)

    def product(a):
        return a[:, 1] * a[:, 4] + a[:, 2]

    asked = {"activations": A, "states": states, "draws": 130, "units": [1, 2, 4, 5], "base": range(40), "seed": 5}
    one, other = experiment(product, **asked), experiment(product, **asked, device=device)
    made_alike(one, other)
    assert np.array_equal(one.change, other.change)  # whole numbers, which no order of adding rounds
    assert other.rest.function is product


@pytest.mark.compiled
@pytest.mark.parametrize("device", DEVICES)
def test_what_is_said_of_samples_and_of_an_experiment_is_the_same_on_a_device(device):
    rng = np.random.default_rng(1)
    signs = rng.choice([-1, 1], (400, 12))
    y = 1.0 * signs[:, 0] * signs[:, 2] + signs[:, 5] + rng.normal(size=400)
    made = experiment(lambda a: a[:, 0] * a[:, 1] + a[:, 2], activations=signs, threshold=0, draws=1500, share=0.5)
    with patch.object(feed, "_ALL", 0):  # else so few subsets are not scanned
        for data, target in ((Patterns.from_signs(signs), y), (made, None)):
            one = activation_spectroscopy(data, target, max_degree=2)
            other = activation_spectroscopy(data, target, max_degree=2, device=device)
            assert one.subsets == other.subsets and len(one.subsets) > 1
            for name in ("coefficients", "standard_errors", "p_values", "joint_p_values"):
                assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
            assert one.coverage == other.coverage


def test_a_spectrum_scans_on_the_device_that_is_asked_for():
    rng = np.random.default_rng(1)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (200, 8))), rng.normal(size=200)
    with (
        patch.object(feed, "_ALL", 0),
        patch("actspec_widgets.compute.exhaustive.scan.screen_on_device", side_effect=KeyError("on the device")),
        pytest.raises(KeyError, match="on the device"),
    ):
        activation_spectroscopy(patterns, y, max_degree=2, device="cpu")


def product_of_two(a):
    return a[:, 0] * a[:, 1]


TWO = np.random.default_rng(0).choice([-1.0, 1.0], (80, 2))
ASKED = {
    "scan": lambda **where: scan(Patterns.from_signs(TWO), TWO[:, 0], max_degree=1, **where),
    "scan_targets": lambda **where: scan_targets(Patterns.from_signs(TWO), TWO, max_degree=1, **where),
    "activation_spectroscopy": lambda **where: activation_spectroscopy(Patterns.from_signs(TWO), TWO[:, 0], **where),
    "experiment": lambda **where: experiment(product_of_two, activations=TWO, threshold=0, draws=64, **where),
    "walsh_hadamard": lambda **where: walsh_hadamard([1.0, 2.0], **where),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("device", ["cuda:99", "gpu", "meta", ""])
def test_a_device_that_is_not_there_is_refused_in_a_sentence(name, device):
    with pytest.raises(ValueError, match=f"device='{device}' cannot be used here .*; leave it out"):
        ASKED[name](device=device)


@pytest.mark.parametrize("name", [name for name in ASKED if name != "walsh_hadamard"])
def test_a_device_and_an_executor_are_not_taken_together(name):
    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="executor= and device='cpu' both say where"):
        ASKED[name](device="cpu", executor=pool)


def test_a_device_screens_signs_only_and_takes_functions_that_can_be_sent_there():
    with pytest.raises(ValueError, match="scans of signs, not of basis='biased'; leave device out"):
        activation_spectroscopy(TWO, TWO[:, 0], basis="biased", threshold=0, device="cpu")

    class OfDonors:
        activations, lengths = TWO, np.ones(len(TWO), int)
        resample = as_rest(product_of_two, TWO).resample

    with pytest.raises(TypeError, match="OfDonors, which cannot be sent to device='cpu'; give a SubNetwork"):
        experiment(OfDonors(), threshold=0, draws=64, device="cpu")


def test_what_a_device_has_no_room_for_is_said_before_anything_is_sent_there():
    with (
        patch.object(device_path, "available_bytes", return_value=2**26),
        pytest.raises(
            MemoryError, match=r"screen of 2 units on 80 samples on cpu needs 0.06 GiB and 0.06 .* are available"
        ),
    ):
        scan(Patterns.from_signs(TWO), TWO[:, 0], max_degree=2, device="cpu")
