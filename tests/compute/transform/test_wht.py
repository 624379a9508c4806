import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import naive_wht
from actspec_widgets import Cancelled, walsh_hadamard
from actspec_widgets.compute import memory
from actspec_widgets.compute.phases import Chain, run_phases
from actspec_widgets.compute.transform import wht
from actspec_widgets.patterns.cube import points_from_index

PRECISIONS = [np.float64, np.float32]


def tables(dtype):
    width = np.dtype(dtype).itemsize * 8
    numbers = st.floats(-1e6, 1e6, width=width, allow_subnormal=False)
    return st.integers(1, 8).flatmap(lambda n: hnp.arrays(dtype, 1 << n, elements=numbers))


def plain_butterflies(values):
    """Two terms a sum, lowest bit first: the order that the package promises for any number of threads."""
    table = values * values.dtype.type(1 / values.size)
    stride = 1
    while stride < table.size:
        pairs = table.reshape(-1, 2, stride)
        table = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1)
        stride *= 2
    return table.ravel()


def of_points(n, function):
    return function(points_from_index(np.arange(1 << n), n).astype(np.int64))


def degrees(n):
    return np.bitwise_count(np.arange(1 << n))


@given(tables(np.float64))
def test_it_is_the_definition(values):
    largest = np.abs(values).max()
    assert walsh_hadamard(values) == pytest.approx(naive_wht.spectrum(values), rel=0, abs=1e-14 * largest)


@given(tables(np.float32))
def test_it_is_the_definition_in_single_precision(values):
    f_hat = walsh_hadamard(values)
    assert f_hat.dtype == np.float32
    assert f_hat == pytest.approx(naive_wht.spectrum(values), rel=0, abs=8e-7 * float(np.abs(values).max()))


@given(tables(np.float64))
def test_transforming_twice_gives_the_function_back(values):
    again = walsh_hadamard(walsh_hadamard(values)) * values.size
    assert again == pytest.approx(values, rel=0, abs=1e-14 * np.abs(values).max())


@given(tables(np.float64))
def test_parseval(values):
    assert np.sum(walsh_hadamard(values) ** 2) == pytest.approx(np.mean(values**2), rel=1e-12)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("n", range(1, 19))
def test_the_bits_are_those_of_plain_butterflies(rng, dtype, n):
    values = rng.normal(size=1 << n).astype(dtype)
    before = values.copy()
    assert np.array_equal(walsh_hadamard(values), plain_butterflies(values))
    assert np.array_equal(values, before)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("threads", [1, 2, 3, 64])
@pytest.mark.parametrize("n", [14, 15, 16])
def test_any_number_of_threads_and_chunks_gives_the_same_bits(rng, monkeypatch, dtype, threads, n):
    monkeypatch.setattr(wht, "_THREADED", 1 << 10)
    monkeypatch.setattr(wht, "_PIECE", 1 << 14)
    values = rng.normal(size=1 << n).astype(dtype)
    assert np.array_equal(walsh_hadamard(values, threads=threads), plain_butterflies(values))


def test_a_table_large_enough_for_threads(rng):
    values = rng.normal(size=1 << 22)
    assert values.nbytes >= wht._THREADED
    f_hat = walsh_hadamard(values, threads=2)
    assert np.array_equal(f_hat, walsh_hadamard(values, threads=1))
    for mask in (0, 1, 0b1011, (1 << 22) - 1):
        signs = 1 - 2 * (np.bitwise_count(np.arange(1 << 22) & mask) & 1).astype(np.int64)
        assert f_hat[mask] == pytest.approx(np.mean(values * signs), abs=1e-14)


def test_bit_order_by_hand():
    # index      0: (+,+)  1: (-,+)  2: (+,-)  3: (-,-)
    values = [1.0, 2.0, 3.0, 5.0]
    # {}: 11/4; {0}: (1-2+3-5)/4; {1}: (1+2-3-5)/4; {0,1}: (1-2-3+5)/4
    assert walsh_hadamard(values).tolist() == [2.75, -0.75, -1.25, 0.25]


def test_a_parity_is_one_coefficient():
    for mask in range(16):
        S = naive_wht.subset(mask, 4)
        f_hat = walsh_hadamard(of_points(4, lambda x, S=S: x[:, S].prod(axis=1)))
        assert np.flatnonzero(f_hat).tolist() == [mask]
        assert f_hat[mask] == 1


@pytest.mark.parametrize("n", [3, 5, 7])
def test_majority(n):
    """O'Donnell (2014), theorem 5.19: nothing at even degrees, a closed form at odd ones."""
    f_hat = walsh_hadamard(of_points(n, lambda x: np.sign(x.sum(axis=1))))
    half = (n - 1) // 2
    for mask, degree in enumerate(degrees(n)):
        expected = 0.0
        if degree % 2:
            j = (int(degree) - 1) // 2
            expected = (-1) ** j * math.comb(half, j) / math.comb(n - 1, 2 * j) * 2 / 2**n * math.comb(n - 1, half)
        assert f_hat[mask] == pytest.approx(expected, abs=1e-15)


def test_majority_of_three_by_hand():
    f_hat = walsh_hadamard(of_points(3, lambda x: np.sign(x.sum(axis=1))))
    assert f_hat.tolist() == [0, 0.5, 0.5, 0, 0.5, 0, 0, -0.5]


@pytest.mark.parametrize("n", [2, 3, 6, 10])
def test_and(n):
    """-1 only where every coordinate is -1: 1 - 2 prod (1 - x_i) / 2."""
    f_hat = walsh_hadamard(of_points(n, lambda x: np.where((x == -1).all(axis=1), -1, 1)))
    expected = -2.0 * (1 - 2.0 * (degrees(n) % 2)) / 2**n
    expected[0] += 1
    assert np.array_equal(f_hat, expected)


@pytest.mark.parametrize("address_bits", [1, 2, 3])
def test_address_function(address_bits):
    """The addressed bit: each x_j times the indicator of its address has 2^k coefficients of size 2^-k."""
    k, data = address_bits, 1 << address_bits
    weights = 1 << np.arange(k)

    def multiplexer(x):
        return x[np.arange(len(x)), k + ((x[:, :k] < 0) @ weights)]

    f_hat = walsh_hadamard(of_points(k + data, multiplexer))
    expected = np.zeros(1 << (k + data))
    for j, mask in itertools.product(range(data), range(1 << k)):
        expected[mask | 1 << (k + j)] = (-1) ** (mask & j).bit_count() / data
    assert np.array_equal(f_hat, expected)


@pytest.mark.parametrize("n", [2, 4, 8, 12])
def test_inner_product_is_bent(n):
    half = n // 2
    values = of_points(n, lambda x: 1 - 2 * (((x[:, :half] < 0) & (x[:, half:] < 0)).sum(axis=1) % 2))
    assert np.array_equal(np.abs(walsh_hadamard(values)), np.full(1 << n, 2.0 ** (-half)))


@pytest.mark.parametrize(
    "given",
    [
        [1, 2, 3, 4],
        np.array([1, 2, 3, 4], np.uint8),
        np.array([1, 2, 3, 4], ">f8"),
        np.array([1, 9, 2, 9, 3, 9, 4, 9], np.float64)[::2],
        np.frombuffer(np.array([1.0, 2.0, 3.0, 4.0]).tobytes()),
        np.array([1, 2, 3, 4], np.float16),
    ],
)
def test_other_kinds_of_tables(given):
    f_hat = walsh_hadamard(given)
    assert f_hat.dtype == np.float64
    assert f_hat.tolist() == [2.5, -0.5, -1.0, 0.0]


def test_booleans_and_big_endian_single_precision():
    assert walsh_hadamard(np.array([True, False])).tolist() == [0.5, 0.5]
    assert walsh_hadamard(np.array([3, 1], ">f4")).dtype == np.dtype(np.float32)


def test_sums_do_not_overflow():
    assert walsh_hadamard(np.full(1 << 10, 1.5e308))[0] == 1.5e308


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_values_that_are_not_finite_are_refused(value, dtype):
    values = np.ones(1 << 10, dtype)
    values[[77, 500]] = value, -value
    with pytest.raises(ValueError, match="index 77"):
        walsh_hadamard(values)


@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (12,), (2, 2), ()])
def test_shapes_that_are_no_cube_are_refused(shape):
    with pytest.raises(ValueError, match=r"2\*\*n|single dimension"):
        walsh_hadamard(np.ones(shape))


@pytest.mark.parametrize("dtype", [complex, object, "U1", "M8[s]", np.longdouble])
def test_what_is_no_real_number_is_refused(dtype):
    with pytest.raises(TypeError, match="give float64"):
        walsh_hadamard(np.zeros(4, dtype))


def test_too_many_coordinates_are_refused():
    with pytest.raises(ValueError, match=r"2\*\*29"):
        walsh_hadamard(np.broadcast_to(np.float32(1), 1 << 29))


def test_no_thread_is_refused():
    with pytest.raises(ValueError, match="threads=0"):
        walsh_hadamard(np.ones(4), threads=0)


def test_memory_is_foreseen(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**30)
    monkeypatch.setattr(wht, "aligned_empty", lambda *_: pytest.fail("allocated"))
    with pytest.raises(MemoryError, match=r"needs 2\.00 GiB and 1\.00 GiB are available"):
        walsh_hadamard(np.broadcast_to(1.0, 1 << 28))


def test_this_machine_tells_its_memory():
    assert memory.available_bytes() > 2**20


def test_progress_counts_up_and_can_cancel(rng, monkeypatch):
    monkeypatch.setattr(wht, "_THREADED", 1 << 10)
    values, seen = rng.normal(size=1 << 16), []
    walsh_hadamard(values, threads=2, progress=lambda *step: seen.append(step))
    done, totals = zip(*seen, strict=True)
    assert len(set(totals)) == 1
    assert (done[0], done[-1]) == (0, totals[0])
    assert list(done) == sorted(done)
    assert len(set(done)) > 2

    def stop(done, total):
        if done > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        walsh_hadamard(values, threads=2, progress=stop)


def test_torch_gives_the_same_bits(rng):
    pytest.importorskip("torch")
    values = rng.normal(size=1 << 12)
    assert np.array_equal(walsh_hadamard(values, device="cpu"), walsh_hadamard(values))
    with pytest.raises(ValueError, match="index 1 is nan"):
        walsh_hadamard([0.0, np.nan], device="cpu")


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("n", range(22, 29))
def test_little_of_a_table_is_worked_on_between_two_ticks(monkeypatch, dtype, n):
    """Counted in bytes, with kernels that do nothing: even the largest table is told of every few milliseconds."""
    table = np.broadcast_to(dtype(0), 1 << n)
    read = [0]

    def work(array):
        read[0] += array.nbytes

    monkeypatch.setattr(wht, "transform_block", lambda source, out, scale: work(out))
    monkeypatch.setattr(wht, "join_eight", lambda out, first, stop, stride: work(np.repeat(out[first:stop], 8)))
    monkeypatch.setattr(wht, "join_columns", lambda out, first, stop, stride: work(np.repeat(out[first:stop], 64)))
    monkeypatch.setattr(wht, "_THREADED", 0)
    seen = []
    run_phases(wht.transform_phases(table, table, 1.0, 1), lambda done, total: seen.append((done, total, read[0])))
    done, totals, at = (np.array(column) for column in zip(*seen, strict=True))
    assert np.diff(at).max() <= 1 << 22
    assert done[0] == 0 and done[-1] == totals[0] and (np.diff(done) >= 0).all() and np.ptp(totals) == 0
    assert at[-1] >= 2 * table.nbytes


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_done_in_chains_give_the_same_bits(rng, monkeypatch, dtype, threads):
    monkeypatch.setattr(wht, "_THREADED", 1 << 10)
    monkeypatch.setattr(wht, "_PIECE", 1 << 13)
    values = rng.normal(size=1 << 19).astype(dtype)
    assert np.array_equal(walsh_hadamard(values, threads=threads), plain_butterflies(values))


def test_other_kinds_of_large_tables_are_taken_over_piece_by_piece(rng, monkeypatch):
    monkeypatch.setattr(wht, "_THREADED", 1 << 10)
    monkeypatch.setattr(wht, "_PIECE", 1 << 12)
    values, seen = rng.integers(-5, 5, 1 << 12), []
    f_hat = walsh_hadamard(values, progress=lambda *step: seen.append(step))
    assert np.array_equal(f_hat, walsh_hadamard(values.astype(float)))
    assert seen[-1][1] == 8 + 64 + 8


def test_work_begun_in_other_threads_ends_when_progress_stops_it():
    ran = []

    def work(link):
        time.sleep(0.001)
        ran.append(link)

    def stop(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_phases([(work, [Chain(range(5000)), Chain(range(5000))], 2)], stop)
    assert len(ran) < 5000


def test_an_error_in_another_thread_is_raised():
    def fail(piece):
        raise OSError(f"piece {piece}")

    with pytest.raises(OSError, match="piece"):
        run_phases([(fail, range(10), 3)], None)
