import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_wht
from actspec_widgets import Cancelled, Patterns, character_means
from actspec_widgets.compute import memory
from actspec_widgets.compute.transform.block import block_spectrum
from actspec_widgets.compute.transform.block_top import block_top


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
    found = block_spectrum(Patterns.from_signs(X), y, units)
    assert found == pytest.approx(naive_wht.block_spectrum(X, y, units), abs=1e-13)


@settings(max_examples=60)
@given(recordings(), st.sampled_from([1, 3, 20, 500]), st.sampled_from([None, 0, 2, 4]), st.sampled_from([1, 2]))
def test_top_is_the_definition(recording, top, table_bits, threads):
    X, y, units = recording
    found = block_top(Patterns.from_signs(X), y, units, top, table_bits=table_bits, threads=threads)
    expected = naive_wht.block_top(X, y, units, top)
    assert found.subsets == tuple(subset for subset, _ in expected)
    assert found.values == pytest.approx([value for _, value in expected], abs=1e-13)
    assert found.standard_errors == pytest.approx(
        character_means(Patterns.from_signs(X), y, found.subsets).standard_errors, abs=1e-7
    )


def test_a_whole_truth_table_gives_fourier_coefficients():
    X = np.array([[a, b, c] for a in (1, -1) for b in (1, -1) for c in (1, -1)])
    found = block_spectrum(Patterns.from_signs(X), np.sign(X.sum(axis=1)), [0, 1, 2])
    assert found.tolist() == [0, 0.5, 0.5, 0, 0.5, 0, 0, -0.5]


def test_order_of_units_is_the_order_of_bits():
    patterns = Patterns.from_signs([[1, 1, -1], [1, -1, 1], [-1, 1, 1], [1, 1, 1]])
    y = [1.0, 2.0, 3.0, 4.0]
    found = block_spectrum(patterns, y, [2, 0])
    assert found.tolist() == [2.5, 2.0, 1.0, 0.5]  # {}, {2}, {0}, {0, 2}


def test_samples_beyond_one_chunk(rng):
    m = 300_000
    X = rng.choice(np.array([-1, 1], np.int8), (m, 5))
    y = rng.integers(-5, 6, m)
    found = block_spectrum(Patterns.from_signs(X), y, range(5))
    assert found[0b10110] == np.sum(y * X[:, 1] * X[:, 2] * X[:, 4]) / m


def test_any_number_of_threads_gives_the_same_bits(rng):
    X, y = rng.choice([-1, 1], (500, 24)), rng.normal(size=500)
    patterns = Patterns.from_signs(X)
    one = block_spectrum(patterns, y, range(22), threads=1)
    assert np.array_equal(one, block_spectrum(patterns, y, range(22), threads=2))
    tops = [block_top(patterns, y, range(16), 300, table_bits=9, threads=threads) for threads in (1, 2)]
    assert tops[0].subsets == tops[1].subsets
    assert np.array_equal(tops[0].values, tops[1].values)


def test_top_of_more_units_than_a_table_holds(rng):
    X = rng.choice([-1, 1], (3000, 30))
    planted = [(3, 29), (3, 5, 8, 13, 21, 28), tuple(range(10, 20))]
    weights = [1.0, -0.8, 0.6]
    y = sum(weight * X[:, S].prod(axis=1) for weight, S in zip(weights, planted, strict=True))
    found = block_top(Patterns.from_signs(X), y, {i for S in planted for i in S}, 3, table_bits=9)
    assert found.coverage.examined == 1 << 16
    assert list(found.subsets) == planted
    assert found.values == pytest.approx(weights, abs=0.12)


def test_top_says_what_it_covered():
    patterns = Patterns.from_signs([[1, 1, 1], [1, -1, 1], [-1, 1, 1], [-1, -1, 1]])
    y = [3.0, 0.0, 1.0, 2.0]
    part = block_top(patterns, y, [1, 0], top=2)
    assert part.coverage.complete
    assert part.coverage.examined == 4
    assert part.coverage.missed_bound == abs(part.values[-1])
    assert "chosen ones of 3" in str(part.coverage)
    whole = block_top(patterns, y, [2, 1, 0], top=100)
    assert len(whole) == 8
    assert whole.coverage.missed_bound == 0.0
    assert whole.coverage.notes == ()


def test_a_target_that_ties_everywhere_keeps_the_simplest():
    patterns = Patterns.from_signs(np.ones((3, 16), int))
    found = block_top(patterns, [1.0, 1.0, 1.0], range(16), top=20, table_bits=8)
    assert found.subsets == ((), *((i,) for i in range(16)), (0, 1), (0, 2), (0, 3))


@pytest.mark.parametrize("call", [block_spectrum, block_top])
def test_bad_input_is_refused(call):
    patterns = Patterns.from_signs(np.ones((4, 40), int))
    y = np.arange(4.0)
    with pytest.raises(ValueError, match="repeats"):
        call(patterns, y, [0, 0])
    with pytest.raises(ValueError, match="outside"):
        call(patterns, y, [0, 40])
    with pytest.raises(TypeError, match="integer"):
        call(patterns, y, [0.5])
    with pytest.raises(ValueError, match=r"33 units .* at most (26|32)"):
        call(patterns, y, range(33))
    with pytest.raises(ValueError, match="shape"):
        call(patterns, y[:3], [0])
    with pytest.raises(ValueError, match="nan"):
        call(patterns, [0, 1, np.nan, 2], [0])
    with pytest.raises(ValueError, match="threads=0"):
        call(patterns, y, [0], threads=0)


def test_top_refuses_impossible_numbers():
    patterns = Patterns.from_signs([[1], [-1]])
    with pytest.raises(ValueError, match="top=0"):
        block_top(patterns, [0, 1], [0], top=0)
    with pytest.raises(ValueError, match="table_bits=-1"):
        block_top(patterns, [0, 1], [0], table_bits=-1)


def test_memory_is_foreseen(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**27)
    patterns = Patterns.from_signs(np.ones((4, 40), int))
    with pytest.raises(MemoryError, match=r"needs 0\.50 GiB and 0\.12 GiB are available"):
        block_spectrum(patterns, np.arange(4.0), range(26))
    with pytest.raises(MemoryError, match="table_bits"):
        block_top(patterns, np.arange(4.0), range(30), table_bits=26, threads=1)


@pytest.mark.parametrize("call", [block_spectrum, block_top])
def test_progress_counts_up_and_can_cancel(rng, call):
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (100, 8))), rng.normal(size=100)
    seen = []
    call(patterns, y, range(8), progress=lambda *step: seen.append(step))
    done, totals = zip(*seen, strict=True)
    assert len(set(totals)) == 1
    assert (done[0], done[-1]) == (0, totals[0])
    assert list(done) == sorted(done)

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        call(patterns, y, range(8), progress=stop)
