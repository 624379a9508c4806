import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Cancelled
from actspec_widgets.compute.dense import inverse
from actspec_widgets.compute.queries.hashing import HashGroup, group_queries, transform_rows
from actspec_widgets.compute.queries.queries import MeteredQuery
from actspec_widgets.compute.queries.sparse_transform import sparse_transform
from actspec_widgets.compute.queries.subset_code import LowDegreeCode, PlainCode, subset_code
from naive_query import Planted, f_hat, planted


def assert_recovers(found, truth, exact=False):
    assert set(found.subsets) == set(truth)
    for subset, value, error in zip(found.subsets, found.values, found.standard_errors, strict=True):
        assert abs(value - truth[subset]) <= (1e-9 if exact else 6 * error)
    assert list(np.abs(found.values)) == sorted(np.abs(found.values), reverse=True)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 8), st.integers(0, 10_000), st.integers(1, 6))
def test_small_cubes_give_what_the_definition_gives(n, seed, sparsity):
    rng = np.random.default_rng(seed)
    table = dict(zip(itertools.product([1, -1], repeat=n), rng.normal(size=2**n), strict=True))
    found = sparse_transform(lambda x: [table[tuple(p)] for p in x.tolist()], n, sparsity=sparsity, seed=seed)
    expected = sorted(f_hat(table.__getitem__, n).items(), key=lambda pair: -abs(pair[1]))[: len(found)]
    if found.coverage.method == "exhaustive":
        assert len(found) == min(sparsity, 2**n)
        assert found.subsets == tuple(s for s, _ in expected)
        assert found.values == pytest.approx([v for _, v in expected], abs=1e-12)
    else:  # a dense function is beyond so few queries: whatever is returned must still be right
        truth = f_hat(table.__getitem__, n)
        assert not found.coverage.complete or found.subsets == tuple(s for s, _ in expected)
        assert all(
            abs(v - truth[s]) <= 6 * e
            for s, v, e in zip(found.subsets, found.values, found.standard_errors, strict=True)
        )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 2))
def test_hashing_on_eight_units_gives_what_the_definition_gives(seed, count):
    function = planted(8, count, 8, seed)
    found = sparse_transform(function, 8, sparsity=count, seed=seed)
    assert found.coverage.method == "hashing" and found.coverage.complete
    expected = f_hat(lambda x: function(np.array([x], dtype=np.int8))[0], 8)
    assert_recovers(found, {s: v for s, v in expected.items() if abs(v) > 1e-9}, exact=True)


@pytest.mark.parametrize("max_degree", [5, None])
@pytest.mark.parametrize("n", [30, 784])
def test_eight_parities_with_noise_that_is_not_told(n, max_degree):
    for seed in range(15):
        function = planted(n, 8, 5, seed, noise=0.1)
        budget = 1500 if n == 30 else 9800
        found = sparse_transform(function, n, sparsity=8, max_degree=max_degree, max_queries=budget, seed=seed)
        assert_recovers(found, function.coefficients)
        assert found.queries == function.asked <= budget
        assert found.coverage.complete and found.error is None


@pytest.mark.once
@pytest.mark.parametrize("n, count, degree, max_degree", [(200, 300, 5, 5), (100, 200, 60, None), (40, 64, 3, 3)])
def test_hundreds_of_coefficients_without_noise_are_exact(n, count, degree, max_degree):
    function = planted(n, count, degree, 1)
    found = sparse_transform(function, n, sparsity=count, max_degree=max_degree, seed=2)
    assert_recovers(found, function.coefficients, exact=True)
    assert found.queries == function.asked and found.coverage.complete


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_stronger_noise_takes_more_queries_and_errors_are_honest(noise):
    scores = []
    for seed in range(6):
        function = planted(30, 6, 4, seed, noise=noise)
        found = sparse_transform(function, 30, sparsity=6, max_degree=4, seed=seed)
        assert set(found.subsets) <= set(function.coefficients) and len(found) >= 5
        truth = [function.coefficients[s] for s in found.subsets]
        scores.extend((found.values - truth) / found.standard_errors)
    assert 0.6 < np.std(scores) < 1.5


def test_noise_may_be_told():
    function = planted(40, 5, 3, 4, noise=0.3)
    assert_recovers(sparse_transform(function, 40, sparsity=5, noise=0.3, seed=0), function.coefficients)


def known_functions():
    bits = (2, 11, 30, 38)
    conjunction = {s: 1 / 16 for d in range(5) for s in itertools.combinations(bits, d)}
    majority = {(1,): 0.5, (7,): 0.5, (20,): 0.5, (1, 7, 20): -0.5}
    address = {(3,): 0.5, (4,): 0.5, (0, 3): 0.5, (0, 4): -0.5}
    return {"parity of 33": {tuple(range(33)): -2.0}, "constant": {(): 3.0}, "zero": {}, "and": conjunction} | {
        "majority": majority,
        "address": address,
    }


@pytest.mark.parametrize("name", known_functions())
def test_functions_that_a_reader_can_check(name):
    truth = known_functions()[name]
    found = sparse_transform(Planted(truth), 40, sparsity=16, seed=3)
    assert_recovers(found, truth, exact=True)
    assert found.coverage.complete


class InSingle(Planted):
    """Answers as a network does: float32 sums, handed over as float64."""

    def __call__(self, points):
        values = np.zeros(len(points), np.float32)
        for subset, coefficient in self.coefficients.items():
            values += np.float32(coefficient) * points[:, list(subset)].prod(axis=1)
        self.asked += len(points)
        return values.astype(np.float64)


@pytest.mark.parametrize("n", [16, 60, 200])
def test_rounding_of_float32_is_no_coefficient(n):
    for seed in range(6):
        function = InSingle(planted(n, 8, 4, seed).coefficients)
        found = sparse_transform(function, n, sparsity=12, seed=seed)
        assert set(found.subsets) == set(function.coefficients) and found.coverage.complete
        assert found.values == pytest.approx([function.coefficients[s] for s in found.subsets], abs=1e-6)
        assert found.queries < 1600 and (n == 16 or "no more than rounding" in str(found.coverage))


def test_short_numbers_in_double_precision_hide_nothing():
    small = {(1,): 1.0, (2, 3): 2.0**-30}
    found = sparse_transform(Planted(small), 60, sparsity=4)
    assert set(found.subsets) == set(small) and found.coverage.complete


def test_degree_zero_is_the_mean():
    found = sparse_transform(Planted({(): 2.0, (3, 4): 0.5}), 60, sparsity=1, max_degree=0, seed=0)
    assert found.subsets == ((),) and abs(found.values[0] - 2.0) <= 6 * found.standard_errors[0]


def test_pure_noise_yields_nothing():
    false = [
        len(sparse_transform(Planted({}, 1.0, seed), 40, sparsity=8, max_degree=3, seed=seed)) for seed in range(20)
    ]
    assert sum(false) == 0


def test_more_coefficients_than_told_are_announced():
    function = planted(30, 20, 4, 0)
    found = sparse_transform(function, 30, sparsity=8, max_degree=4, seed=0)
    assert len(found) == 8 and all(
        abs(function.coefficients[s] - v) < 1e-9 for s, v in zip(found.subsets, found.values, strict=True)
    )
    assert "12 more were confirmed" in str(found.coverage)


def test_what_cannot_be_decoded_is_said():
    function = planted(30, 150, 5, 0)
    found = sparse_transform(function, 30, sparsity=8, max_degree=5, max_queries=1500, seed=0)
    assert set(found.subsets) <= set(function.coefficients)
    assert not found.coverage.complete and "Unresolved" in str(found.coverage)


def test_degrees_beyond_the_limit_stay_unresolved():
    low, high = {(1,): 0.7, (2, 5): -0.6}, {tuple(range(10, 17)): 1.0}
    found = sparse_transform(Planted(low | high), 50, sparsity=3, max_degree=2, max_queries=5000, seed=0)
    assert set(found.subsets) == set(low) and not found.coverage.complete


def same_syndrome(n, degree):
    """A subset of high degree that the low-degree code cannot tell from a small one."""
    rows = LowDegreeCode(n, degree).rows.astype(int)
    free = rows.shape[0] + 1  # that many columns are dependent: eliminate to find the relation
    columns = [(int("".join(map(str, rows[:, i])), 2), 1 << i) for i in range(free)]
    basis = {}
    for value, members in columns:
        while value:
            top = value.bit_length()
            if top not in basis:
                basis[top] = (value, members)
                break
            value, members = value ^ basis[top][0], members ^ basis[top][1]
        else:
            relation = {i for i in range(free) if members >> i & 1}
            small = set(sorted(relation)[:2])
            return tuple(sorted(small)), tuple(sorted(relation - small))
    raise AssertionError("no relation")


def test_an_impostor_with_the_same_syndrome_is_found_out():
    small, large = same_syndrome(200, 5)
    assert len(small) == 2 and len(large) > 5
    for seed in range(5):
        found = sparse_transform(Planted({large: 1.0, (150,): 0.5}), 200, sparsity=2, seed=seed)
        assert set(found.subsets) == {large, (150,)} and found.coverage.complete
        limited = sparse_transform(Planted({large: 1.0}), 200, sparsity=2, max_degree=5, max_queries=4000, seed=seed)
        assert len(limited) == 0 and not limited.coverage.complete


def test_the_same_seed_gives_the_same_bits_whatever_the_batches():
    runs = [
        sparse_transform(planted(60, 10, 4, 0), 60, sparsity=10, seed=5, batch_size=batch_size)
        for batch_size in (None, None, 77)
    ]
    other = sparse_transform(planted(60, 10, 4, 0), 60, sparsity=10, seed=6)
    for run in runs[1:]:
        assert run.subsets == runs[0].subsets and run.values.tobytes() == runs[0].values.tobytes()
    assert other.values.tobytes() != runs[0].values.tobytes()


def test_batches_stay_within_their_size():
    function = planted(60, 10, 4, 0)
    sparse_transform(function, 60, sparsity=10, seed=5, batch_size=50)
    assert function.largest == 50


def test_a_small_budget_is_refused_with_one_that_does():
    function = planted(784, 8, 5, 0, noise=0.1)
    with pytest.raises(ValueError, match="max_queries=500 is too small") as refused:
        sparse_transform(function, 784, sparsity=8, max_degree=5, max_queries=500, seed=0)
    assert function.asked == 0
    enough = int(re.search(r"at least ([\d,]+) queries", str(refused.value)).group(1).replace(",", ""))
    found = sparse_transform(function, 784, sparsity=8, max_degree=5, max_queries=enough, seed=0)
    assert_recovers(found, function.coefficients)
    assert found.queries <= enough


class Faulty(Planted):
    """Answers ``good`` batches properly, then does ``fault``."""

    def __init__(self, coefficients, good, fault):
        super().__init__(coefficients)
        self.left, self.fault = good, fault

    def __call__(self, points):
        values = super().__call__(points)
        self.left -= 1
        return values if self.left >= 0 else self.fault(values)


def fail(values):
    raise RuntimeError("the device went away")


def spoil(values):
    values[3] = np.nan
    return values


@pytest.mark.parametrize("fault, kind", [(fail, RuntimeError), (spoil, ValueError), (lambda v: v[:, None], ValueError)])
def test_what_was_confirmed_before_a_fault_is_returned(fault, kind):
    truth = planted(100, 8, 3, 0).coefficients
    full = sparse_transform(Planted(truth), 100, sparsity=8, max_degree=3, seed=0, batch_size=32)
    counts = []
    for good in range(1, -(-full.queries // 32)):
        found = sparse_transform(Faulty(truth, good, fault), 100, sparsity=8, max_degree=3, seed=0, batch_size=32)
        assert type(found.error) is kind and not found.coverage.complete
        assert all(abs(truth[s] - v) < 1e-9 for s, v in zip(found.subsets, found.values, strict=True))
        counts.append(len(found))
    assert counts[0] == 0 and counts[-1] == 8


@pytest.mark.parametrize(
    "query, message",
    [
        (lambda x: x, "returned shape"),
        (lambda x: 1.0, "returned shape"),
        (lambda x: np.full(len(x), np.inf), "returned inf"),
        (lambda x: np.full(len(x), 1j), "dtype complex128"),
        (lambda x: ["a"] * len(x), "dtype"),
    ],
)
def test_a_malformed_first_answer_is_refused(query, message):
    with pytest.raises(ValueError, match=message):
        sparse_transform(query, 40, sparsity=3)


def test_a_query_that_fails_at_once_returns_nothing_but_the_error():
    for n in (4, 40):
        found = sparse_transform(Faulty({}, 0, fail), n, sparsity=3)
        assert len(found) == 0 and "went away" in str(found.error) and not found.coverage.complete


@pytest.mark.parametrize("where", ["progress", "query"])
def test_cancelling_returns_nothing(where):
    def stop(*_):
        raise Cancelled

    with pytest.raises(Cancelled):
        if where == "progress":
            sparse_transform(planted(40, 3, 3, 0), 40, sparsity=3, progress=stop)
        else:
            sparse_transform(stop, 40, sparsity=3)


def test_progress_counts_queries():
    seen = []
    found = sparse_transform(planted(40, 3, 3, 0), 40, sparsity=3, seed=0, progress=lambda *step: seen.append(step))
    assert seen[-1][0] == found.queries and all(done <= total for done, total in seen)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"sparsity": 0}, "sparsity=0"),
        ({"sparsity": 2.5}, "sparsity=2.5"),
        ({"sparsity": 2, "max_degree": -1}, "max_degree=-1"),
        ({"sparsity": 2, "noise": -0.1}, "noise=-0.1"),
        ({"sparsity": 2, "noise": float("nan")}, "noise=nan"),
        ({"sparsity": 2, "batch_size": 0}, "batch_size=0"),
        ({"sparsity": 2, "max_queries": -5}, "max_queries=-5"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        sparse_transform(planted(40, 3, 3, 0), 40, **arguments)
    with pytest.raises(ValueError, match="n_units=0"):
        sparse_transform(planted(40, 3, 3, 0), 0, sparsity=2)
    with pytest.raises(TypeError, match="query is int"):
        sparse_transform(7, 40, sparsity=2)


@given(st.integers(5, 1200), st.integers(1, 8), st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_codes_name_every_subset_they_cover(n, degree, seed):
    code = subset_code(n, min(degree, n - 1))
    rng = np.random.default_rng(seed)
    subsets = np.zeros((20, n), dtype=np.uint8)
    for row in subsets:
        row[rng.choice(n, rng.integers(0, min(degree, n - 1) + 1), replace=False)] = 1
    named, read = code.decode((subsets.astype(int) @ code.rows.T.astype(int) % 2).astype(np.uint8))
    assert named.all() and np.array_equal(read, subsets)
    assert code.rows.shape[0] <= n


@given(st.integers(4, 300), st.integers(1, 4), st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_a_bucket_with_one_coefficient_spells_it(n, bits, seed):
    rng = np.random.default_rng(seed)
    subset = tuple(sorted(rng.choice(n, min(n, 3), replace=False).tolist()))
    for code in (PlainCode(n), subset_code(n, 3)):
        group = HashGroup(code, bits, rng)
        function = Planted({subset: -1.5})
        group.ask(MeteredQuery(function, n))
        assert function.asked == group.queries == group_queries(code, bits)
        row = np.zeros((1, n), dtype=np.uint8)
        row[0, list(subset)] = 1
        bucket, signs = group.locate(row)
        expected = np.zeros_like(group.values)
        expected[:, bucket[0]] = -1.5 * signs[0]
        assert group.values == pytest.approx(expected, abs=1e-12)
        assert np.array_equal(group.read(group.values, bucket), row)


def test_rows_are_transformed_as_the_definition_says():
    rows = np.random.default_rng(0).normal(size=(3, 8))
    signs = [[1 - 2 * (bin(i & j).count("1") % 2) for i in range(8)] for j in range(8)]
    assert transform_rows(rows) == pytest.approx(rows @ np.array(signs).T, abs=1e-12)


@pytest.mark.parametrize("k", [1, 20, 120])
def test_the_inverse_is_one(k):
    factor = np.random.default_rng(k).normal(size=(k, 2 * k))
    matrix = factor @ factor.T / (2 * k)
    before = matrix.copy()
    assert inverse(matrix) @ matrix == pytest.approx(np.eye(k), abs=1e-9)
    assert np.array_equal(matrix, before)


def test_of_a_function_that_is_zero_nothing_is_found():
    found = sparse_transform(Planted({}), 40, sparsity=8, max_degree=3)
    assert len(found) == 0 and "No subset of the 40 units was found." in found.summary()


def test_of_a_sum_only_single_units_are_found():
    sums = {(0,): 1.0, (3,): -0.8, (17,): 0.6}
    found = sparse_transform(Planted(sums, 0.3), 40, sparsity=8, max_degree=3)
    assert set(found.subsets) == set(sums) and not found.joint.any()
    assert "All of them are single units." in found.summary()
