"""Lists of active units: the same patterns as bits, made without a table of all of them."""

import pickle
import tracemalloc
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse as scipy_sparse

from actspec_widgets import Patterns, scan
from actspec_widgets.patterns import sparse
from actspec_widgets.patterns.table import KIND


def drawn(seed, m, n, rate=0.2):
    rng = np.random.default_rng(seed)
    return rng.random((m, n)) < rate * rng.random(n)


def lists_of(X):
    """Patterns with lists, written from the definition."""
    rows = [np.flatnonzero(row) for row in X]
    starts = np.cumsum([0, *map(len, rows)])
    units = np.concatenate(rows).astype(np.int32)
    return Patterns(sparse.ActiveLists(starts, units, X.shape[1]), len(X))


@given(st.integers(0, 999), st.integers(1, 200), st.integers(1, 9))
def test_everything_that_bits_can_do_lists_can(tmp_path_factory, seed, m, n):
    X, rng = drawn(seed, m, n), np.random.default_rng(seed)
    lists, bits = lists_of(X), Patterns.from_signs(X)
    assert lists.active is not None and bits.active is None
    assert lists == bits and np.array_equal(lists.planes, bits.planes)
    assert (lists.n_units, lists.n_samples) == (n, m)
    assert lists.inactive_counts().tolist() == bits.inactive_counts().tolist()
    assert lists.constant_units() == bits.constant_units()
    samples = rng.integers(0, m, 5)
    assert lists_of(X).take(samples) == bits.take(samples) and lists.take(samples).active is not None
    units = rng.permutation(n)[: 1 + n // 2].tolist()
    assert lists_of(X).select(units) == bits.select(units) and lists.select(units).active is not None
    assert lists_of(X).select([0, 0]) == bits.select([0, 0])
    assert Patterns.concatenate([lists_of(X)] * 3) == Patterns.concatenate([bits] * 3)
    path = tmp_path_factory.mktemp("lists") / "a.safetensors"
    lists_of(X).save(path)
    assert Patterns.open(path) == bits and Patterns.open(path).active is not None
    assert pickle.loads(pickle.dumps(lists_of(X))) == bits


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil"])
def test_a_sparse_matrix_of_few_active_units_becomes_lists_of_them(kind):
    on = drawn(0, 300, 40, 0.05)
    on[7] = False
    values = np.where(on, np.random.default_rng(1).uniform(0.1, 1, on.shape), 0.0)
    for table, threshold in ((values, "zero"), (values, 0.5), (values, np.linspace(0, 1, 40)), (values - 0.2, "zero")):
        found = Patterns.from_activations(scipy_sparse.csr_matrix(table).asformat(kind), threshold)
        assert found == Patterns.from_activations(table, threshold)
    assert Patterns.from_activations(scipy_sparse.csr_matrix(values)).active is not None
    assert Patterns.from_signs(scipy_sparse.csr_matrix(on).asformat(kind)) == Patterns.from_signs(on)
    assert Patterns.from_activations(scipy_sparse.csr_matrix(values), threshold=-1.0).inactive_counts().sum() == 0


def test_entries_that_a_matrix_holds_twice_are_added_and_what_is_not_finite_is_named():
    twice = scipy_sparse.coo_matrix(([0.3, 0.4, 1.0], ([0, 0, 1], [2, 2, 5])), (40, 9)).tocsr()
    twice.has_canonical_format = False
    assert Patterns.from_activations(twice, 0.5) == Patterns.from_activations(twice.toarray(), 0.5)
    wrong = scipy_sparse.csr_matrix(([np.nan], ([3], [1])), (40, 9))
    with pytest.raises(ValueError, match="nan at sample 3, unit 1"):
        Patterns.from_activations(wrong)


def test_the_first_batch_decides_and_those_that_follow_may_show_more():
    few, many = drawn(0, 50, 1200, 0.01), drawn(1, 50, 1200, 0.9)
    for batches, listed in (([few, many, few], True), ([many, few], False)):
        found = Patterns.from_batches(iter(batches))
        assert (found.active is not None) == listed
        assert np.array_equal(found.signs() > 0, np.concatenate(batches))
    with patch.object(sparse, "_BLOCK", 5000):
        assert Patterns.from_signs(few) == lists_of(few)


def test_a_scan_of_lists_makes_the_bits_of_few_units_only():
    rng, m, n = np.random.default_rng(0), 4000, 2000
    on = scipy_sparse.random(m, n, 0.004, "csr", random_state=0, dtype=np.float64) > 0
    lists, y = Patterns.from_signs(on), rng.normal(size=m)
    found = scan(lists, y, max_degree=2, top=30)
    assert lists.active is not None and lists._planes is None
    bits = scan(Patterns.from_signs(on.toarray()), y, max_degree=2, top=30)
    assert found.subsets == bits.subsets and np.array_equal(found.values, bits.values)
    assert np.array_equal(found.standard_errors, bits.standard_errors) and found.coverage == bits.coverage


def test_a_large_matrix_is_never_made_dense():
    rng, m, n = np.random.default_rng(0), 20_000, 8_000
    table = scipy_sparse.csr_matrix((np.ones(5 * m), rng.integers(0, n, 5 * m), np.arange(0, 5 * m + 1, 5)), (m, n))
    tracemalloc.start()
    found = Patterns.from_activations(table)
    halves = Patterns.concatenate([found.take(np.arange(m // 2)), found.take(np.arange(m // 2, m))])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.n_units == n and halves.n_samples == m
    assert peak < m * n // 8 // 2  # half of what the bits would take


@pytest.mark.parametrize(
    ("starts", "units", "n_units"),
    [
        ([0, 2], [1, 1], 5),
        ([0, 2], [0, 5], 5),
        ([0, 3], [0, 1], 5),
        ([0, 2, 1], [0], 5),
        ([1, 2], [0, 1], 5),
        ([0], [], 5),
    ],
)
def test_lists_that_do_not_fit_together_are_a_sentence(tmp_path, starts, units, n_units):
    header = {"n_samples": max(len(starts) - 1, 1), "unit_names": None, "n_units": n_units}
    tables = {"starts": np.array(starts, np.int64), "units": np.array(units, np.int32)}
    KIND.save_mapped(tmp_path / "a", header, tables)
    with pytest.raises(ValueError, match="cannot be read as patterns"):
        Patterns.open(tmp_path / "a")
