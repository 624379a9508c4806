import tracemalloc
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actspec_widgets import Patterns
from actspec_widgets.patterns import packing
from actspec_widgets.patterns.table import KIND

signs = st.tuples(st.integers(1, 200), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.int8, shape, elements=st.sampled_from([-1, 1]))
)


@given(signs)
def test_signs_come_back(X):
    patterns = Patterns.from_signs(X)
    assert np.array_equal(patterns.signs(), X)
    assert patterns.inactive_counts().tolist() == (X == -1).sum(axis=0).tolist()
    assert patterns.constant_units() == tuple(i for i in range(X.shape[1]) if np.ptp(X[:, i]) == 0)


def test_one_table_pins_the_bits():
    planes = Patterns.from_signs([[1, -1], [-1, -1], [1, 1]]).planes
    assert planes[:, 0].tolist() == [0b010, 0b011]
    assert not planes[:, 1:].any()


def test_true_means_active():
    assert Patterns.from_signs(np.array([[True, False]])).signs().tolist() == [[1, -1]]


@given(signs, st.lists(st.integers(1, 199), max_size=4))
def test_batches_and_merged_recordings_are_the_whole(X, cuts):
    pieces = [p for p in np.split(X, sorted(c for c in cuts if c < len(X))) if len(p)]
    whole = Patterns.from_signs(X)
    assert Patterns.from_batches(iter(pieces)) == whole
    assert Patterns.concatenate([Patterns.from_signs(p) for p in pieces]) == whole


@given(signs, st.data())
def test_samples_and_units_can_be_chosen(X, data):
    rows = data.draw(st.lists(st.integers(0, len(X) - 1), min_size=1, max_size=150))
    columns = data.draw(st.lists(st.integers(0, X.shape[1] - 1), min_size=1, max_size=5))
    chosen = Patterns.from_signs(X).take(np.array(rows)).select(columns)
    assert np.array_equal(chosen.signs(), X[rows][:, columns])


def test_names_travel_with_the_units():
    patterns = Patterns.from_signs([[1, -1, 1]], unit_names=["a", "b", "c"])
    assert patterns.select([2, 0]).unit_names == ("c", "a")
    assert patterns.take([0]).unit_names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("X", "sentence"),
    [
        ([1, -1], "shape \\(2,\\)"),
        (np.empty((0, 3)), "nothing was recorded"),
        ([[1, 0]], "hold 0 at sample 0, unit 1; only -1 and \\+1 fit"),
        ([[1.0, np.nan]], "hold nan at sample 0, unit 1"),
        ([["a"]], "dtype"),
    ],
)
def test_tables_that_are_not_signs_are_refused(X, sentence):
    with pytest.raises(ValueError, match=sentence):
        Patterns.from_signs(X)


def test_batches_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="batch 1 has 2 units, those before it 3"):
        Patterns.from_batches([np.ones((1, 3)), np.ones((1, 2))])
    with pytest.raises(ValueError, match="no batch"):
        Patterns.from_batches([])
    with pytest.raises(ValueError, match="same units"):
        Patterns.concatenate([Patterns.from_signs([[1]]), Patterns.from_signs([[1, 1]])])
    with pytest.raises(ValueError, match="no recordings"):
        Patterns.concatenate([])


def test_names_and_indices_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 unit names came for 1 units"):
        Patterns.from_signs([[1]], unit_names=["a", "b"])
    with pytest.raises(ValueError, match=r"outside 0\.\.0"):
        Patterns.from_signs([[1]]).take([1])


def test_batches_of_activations_are_cut_at_a_threshold():
    A = np.random.default_rng(0).normal(size=(300, 4))
    cuts = np.array([0.0, 0.5, -0.5, 1.0])
    whole = Patterns.from_activations(A, cuts)
    assert Patterns.from_batches(iter(np.array_split(A, 7)), threshold=cuts) == whole


@given(st.integers(1, 6000), st.integers(1, 20), st.lists(st.integers(1, 5999), max_size=6), st.integers(0, 99))
def test_planes_that_grow_in_place_hold_every_sample(m, n, cuts, seed):
    X = np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (m, n))
    pieces = [p for p in np.split(X, sorted(c for c in cuts if c < m)) if len(p)]
    with patch.object(packing, "_BLOCK", 1), patch.object(packing, "_DOUBLED", 0):  # a line at a time, an eighth more
        grown = Patterns.from_batches(iter(pieces))
    assert np.array_equal(grown.signs(), X)
    assert grown.planes.shape == (n, packing.words_for(m))
    assert grown.inactive_counts().tolist() == (X < 0).sum(axis=0).tolist()  # the padding is clear
    with patch.object(packing, "_PIECE", 1):
        assert Patterns.concatenate([Patterns.from_signs(p) for p in pieces]) == grown


def test_building_from_batches_holds_little_more_than_the_packed_samples():
    batch = np.random.default_rng(0).normal(size=(1000, 256)).astype(np.float32)
    Patterns.from_batches([batch], threshold=0.0)
    with patch.object(packing, "_DOUBLED", 1 << 20), patch.object(packing, "_BLOCK", 1 << 17):
        tracemalloc.start()
        patterns = Patterns.from_batches((batch for _ in range(300)), threshold=0.0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        with patch.object(packing, "_PIECE", 1 << 12):
            merged = Patterns.concatenate([patterns, patterns.take([0]), patterns])
        _, merging = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert patterns.planes.nbytes == 300_032 * 256 // 8
    assert peak < 1.2 * patterns.planes.nbytes + 4 * (1 << 17)
    assert merging - before < 1.1 * merged.planes.nbytes


numbers = {dtype: st.floats(width=8 * np.dtype(dtype).itemsize, allow_nan=False, allow_infinity=False)
           for dtype in (np.float16, np.float32, np.float64)}  # fmt: skip


@given(st.sampled_from(list(numbers)), st.data())
def test_activations_are_compared_with_thresholds_of_full_precision(dtype, data):
    cuts = data.draw(arrays(np.float64, 3, elements=numbers[np.float64]))
    A = data.draw(arrays(dtype, (5, 3), elements=numbers[dtype]))
    with np.errstate(over="ignore"):
        A[0] = np.clip(cuts, np.finfo(dtype).min, np.finfo(dtype).max).astype(dtype)  # the nearest there is
    expected = np.where(A.astype(np.float64) > cuts, 1, -1)
    assert np.array_equal(Patterns.from_activations(A, cuts).signs(), expected)
    assert np.array_equal(Patterns.from_batches([A], cuts).signs(), expected)


def test_activations_whose_sum_is_infinite_are_fine_and_infinite_ones_are_not():
    A = np.full((4, 2), 3e38, np.float32)
    assert Patterns.from_activations(A).inactive_counts().tolist() == [0, 0]
    A[2, 1] = -np.inf
    with pytest.raises(ValueError, match="-inf at sample 2, unit 1"):
        Patterns.from_batches([A], threshold=0.0)


def test_a_wrong_value_deep_inside_a_batch_is_named():
    X = np.ones((3000, 2), np.int8)
    X[2500, 1] = 0
    with patch.object(packing, "_BLOCK", 1), pytest.raises(ValueError, match="0 at sample 2500, unit 1"):
        Patterns.from_signs(X)


@given(m=st.integers(1, 1100), n=st.integers(1, 5), named=st.booleans(), seed=st.integers(0, 99))
def test_saved_patterns_come_back_bit_for_bit(tmp_path_factory, m, n, named, seed):
    path = tmp_path_factory.mktemp("patterns") / "a.safetensors"
    names = [f"é {i}" for i in range(n)] if named else None
    patterns = Patterns.from_signs(np.random.default_rng(seed).choice([-1, 1], (m, n)), unit_names=names)
    patterns.save(path)
    back = Patterns.open(path)
    assert back == patterns and back.unit_names == patterns.unit_names
    assert np.array_equal(back.take([0, m - 1]).signs(), patterns.take([0, m - 1]).signs())


def test_opened_patterns_are_read_only_when_they_are_used(tmp_path):
    Patterns.from_signs(np.ones((64 * 512, 64), np.int8)).save(tmp_path / "a")
    tracemalloc.start()
    back = Patterns.open(tmp_path / "a")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < back.planes.nbytes / 2 and not back.planes.flags.writeable and back.planes.base is not None


@pytest.mark.parametrize(
    ("header", "planes"),
    [
        ({"n_samples": 3, "unit_names": None}, np.full((2, 8), 15, np.uint64)),
        ({"n_samples": 513, "unit_names": None}, np.zeros((2, 8), np.uint64)),
        ({"n_samples": 0, "unit_names": None}, np.zeros((2, 0), np.uint64)),
        ({"n_samples": 3, "unit_names": ["a"]}, np.zeros((2, 8), np.uint64)),
        ({"n_samples": 3, "unit_names": None}, np.zeros((2, 8))),
        ({"unit_names": None}, np.zeros((2, 8), np.uint64)),
    ],
)
def test_a_file_whose_bits_are_no_patterns_is_a_sentence(tmp_path, header, planes):
    KIND.save_mapped(tmp_path / "a", header, {"rows": planes})
    with pytest.raises(ValueError, match="cannot be read as patterns"):
        Patterns.open(tmp_path / "a")
