import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive_wht
from actspec_widgets import Patterns, scan
from actspec_widgets.compute import memory
from actspec_widgets.compute.transform.block import block_spectrum


@st.composite
def recordings(draw, most_units=7):
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    m, n = draw(st.integers(1, 150)), draw(st.integers(1, most_units))
    X = rng.choice([-1, 1], (m, n), p=rng.choice([[0.5, 0.5], [0.1, 0.9]]))
    y = draw(st.sampled_from([rng.normal(size=m), rng.integers(-1, 2, m), np.zeros(m)]))
    units = rng.permutation(n)[: draw(st.integers(0, n))].tolist()
    return X, y, units


@given(recordings())
def test_block_is_the_definition(recording):
    X, y, units = recording
    found = block_spectrum(Patterns.from_signs(X), y, units=units)
    assert found == pytest.approx(naive_wht.block_spectrum(X, y, units), abs=1e-13)


def test_a_whole_truth_table_gives_fourier_coefficients():
    X = np.array([[a, b, c] for a in (1, -1) for b in (1, -1) for c in (1, -1)])
    found = block_spectrum(Patterns.from_signs(X), np.sign(X.sum(axis=1)), units=[0, 1, 2])
    assert found.tolist() == [0, 0.5, 0.5, 0, 0.5, 0, 0, -0.5]


def test_order_of_units_is_the_order_of_bits():
    patterns = Patterns.from_signs([[1, 1, -1], [1, -1, 1], [-1, 1, 1], [1, 1, 1]])
    y = [1.0, 2.0, 3.0, 4.0]
    found = block_spectrum(patterns, y, units=[2, 0])
    assert found.tolist() == [0.0, 0.75, -0.25, 0.5]  # {}, {2}, {0}, {0, 2}


def test_samples_beyond_one_chunk(rng):
    m = 300_000
    X = rng.choice(np.array([-1, 1], np.int8), (m, 5))
    y = rng.integers(-5, 6, m)
    y[0] -= y.sum()  # a mean of 0: sums of whole numbers are exact
    found = block_spectrum(Patterns.from_signs(X), y, units=range(5))
    assert found[0b10110] == np.sum(y * X[:, 1] * X[:, 2] * X[:, 4]) / m


def test_its_means_are_those_of_the_scan(rng):
    X, y = rng.choice([-1, 1], (300, 6), p=[0.2, 0.8]), rng.normal(7.0, 1.0, 300)
    patterns, units = Patterns.from_signs(X), [4, 1, 3]
    found = block_spectrum(patterns, y, units=units)
    scanned = scan(patterns, y, max_degree=3, units=units)
    masks = [sum(1 << units.index(unit) for unit in subset) for subset in scanned.subsets]
    assert found[masks] == pytest.approx(scanned.values, abs=1e-13)
    assert len(masks) == 7 and found[0] == 0


def test_any_number_of_threads_gives_the_same_bits(rng):
    X, y = rng.choice([-1, 1], (500, 24)), rng.normal(size=500)
    patterns = Patterns.from_signs(X)
    one = block_spectrum(patterns, y, units=range(22), threads=1)
    assert np.array_equal(one, block_spectrum(patterns, y, units=range(22), threads=2))


def test_bad_input_is_refused():
    patterns = Patterns.from_signs(np.ones((4, 40), int))
    y = np.arange(4.0)
    with pytest.raises(ValueError, match="repeats"):
        block_spectrum(patterns, y, units=[0, 0])
    with pytest.raises(ValueError, match="outside"):
        block_spectrum(patterns, y, units=[0, 40])
    with pytest.raises(TypeError, match="integer"):
        block_spectrum(patterns, y, units=[0.5])
    with pytest.raises(ValueError, match=r"33 units .* at most 26"):
        block_spectrum(patterns, y, units=range(33))
    with pytest.raises(ValueError, match="shape"):
        block_spectrum(patterns, y[:3], units=[0])
    with pytest.raises(ValueError, match="nan"):
        block_spectrum(patterns, [0, 1, np.nan, 2], units=[0])
    with pytest.raises(ValueError, match="threads=0"):
        block_spectrum(patterns, y, units=[0], threads=0)


def test_memory_is_foreseen(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**27)
    patterns = Patterns.from_signs(np.ones((4, 40), int))
    with pytest.raises(MemoryError, match=r"needs 0\.50 GiB and 0\.12 GiB are available"):
        block_spectrum(patterns, np.arange(4.0), units=range(26))
