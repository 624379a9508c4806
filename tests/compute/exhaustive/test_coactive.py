"""The scan of pairs by samples in which both units are active: the same list as by popcounts, and as defined."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns, scan, scan_targets
from actspec_widgets.compute.exhaustive import coactive


def drawn(rng, m, n, rate):
    """Units of any rate below ``rate`` or above 1 - ``rate``, some of them equal or constant."""
    on = rng.random((m, n)) < rng.uniform(0, rate, n)
    on[:, 0] = on[:, -1]
    return np.where(on ^ (rng.random(n) < 0.3), 1, -1)


@given(st.integers(0, 10_000), st.integers(2, 150), st.integers(2, 9), st.integers(1, 2), st.integers(1, 50))
def test_the_list_is_the_one_that_the_definition_gives(seed, m, n, degree, top):
    rng = np.random.default_rng(seed)
    X, y = drawn(rng, m, n, 0.4), rng.standard_t(2, size=m)
    with patch.object(coactive, "_GAIN", 0.0):
        assert coactive.coactive_lists(Patterns.from_signs(X), degree) is not None
        found = scan(Patterns.from_signs(X), y, max_degree=degree, top=top)
    expected = naive.scan(X.tolist(), y.tolist(), degree, top)
    assert found.subsets == tuple(s for s, _ in expected)
    assert found.values == pytest.approx([v for _, v in expected], abs=1e-11 * np.abs(y).max())


@given(st.integers(0, 10_000), st.integers(1, 700), st.integers(1, 6))
def test_the_lists_hold_the_rarer_state_of_each_unit(seed, m, n):
    X = drawn(np.random.default_rng(seed), m, n, 0.5)
    with patch.object(coactive, "_GAIN", 0.0):
        lists = coactive.coactive_lists(Patterns.from_signs(X), 2)
    shown = X == np.where((X < 0).sum(axis=0) * 2 > m, 1, -1)
    for unit in range(n):
        mine = lists.samples[lists.unit_starts[unit] : lists.unit_starts[unit + 1]]
        assert mine.tolist() == np.flatnonzero(shown[:, unit]).tolist()
    for sample in range(m):
        mine = lists.units[lists.sample_starts[sample] : lists.sample_starts[sample + 1]]
        assert mine.tolist() == np.flatnonzero(shown[sample]).tolist()
    rows = [row for degree, start, count in lists.chunks(2) if degree == 2 for row in range(start, start + count)]
    assert rows == list(range(n))


@pytest.mark.compiled
def test_few_active_units_are_scanned_by_lists_with_the_same_answer_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    X = np.where(rng.random((20_000, 600)) < 0.01, 1, -1)
    X[:, 5] = np.where(rng.random(20_000) < 0.4, X[:, 3], X[:, 5])  # often active together
    targets = rng.normal(size=(20_000, 2)) + 30.0 * ((X[:, 3] > 0) & (X[:, 5] > 0))[:, None]
    patterns = Patterns.from_signs(X)
    assert coactive.coactive_lists(patterns, 2) is not None
    one, three = (scan_targets(patterns, targets, max_degree=2, top=300, threads=t) for t in (1, 3))
    with patch.object(coactive, "_GAIN", np.inf):
        dense = scan_targets(patterns, targets, max_degree=2, top=300)
    for a, b, c in zip(one, three, dense, strict=True):
        assert a.subsets == b.subsets == c.subsets
        assert np.array_equal(a.values, b.values) and np.array_equal(a.values, c.values)
        assert np.array_equal(a.standard_errors, c.standard_errors) and a.coverage == c.coverage
    assert coactive.coactive_lists(Patterns.from_signs(rng.choice([-1, 1], (2000, 60))), 2) is None
    assert coactive.coactive_lists(patterns, 3) is None
