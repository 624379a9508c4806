import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
import naive_search
from actspec_widgets import Patterns, scan
from actspec_widgets.compute.ranking import FIXED_POINT
from actspec_widgets.compute.samples import sample_tree
from actspec_widgets.compute.samples.best_first import best_first
from actspec_widgets.compute.samples.sample_tree import build_tree, group_sums


@st.composite
def problems(draw):
    """Few units, with duplicates and skew, and a target that is not constant."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    m, n = draw(st.integers(2, 60)), draw(st.integers(1, 8))
    X = rng.choice([-1, 1], (m, n), p=[0.3, 0.7])
    if draw(st.booleans()):
        X[:, -1] = X[:, 0]  # makes ties
    y = rng.normal(size=m) if draw(st.booleans()) else rng.integers(0, 3, m) * 1.0
    y[0], y[1] = y[0], y[0] + 1.0
    return X, y


def blocks(size):
    """Finish buckets of that many undecided units by a transform: small ones leave more of the tree to walk."""
    return patch.object(sample_tree, "BLOCK_UNITS", size)


@given(problems(), st.integers(0, 8), st.integers(1, 60), st.integers(1, 8), st.data())
def test_the_list_is_the_one_that_the_definition_gives(problem, block, top, degree, data):
    X, y = problem
    n = X.shape[1]
    units = data.draw(st.sets(st.integers(0, n - 1), min_size=1))
    with blocks(block):
        found = best_first(Patterns.from_signs(X), y, top=top, max_degree=degree, units=units)
    allowed = [s for s in naive.subsets_up_to(n, degree) if units.issuperset(s)]
    expected = naive_search.ranked(X.tolist(), y.tolist(), allowed)[:top]
    assert found.subsets == tuple(s for s, _ in expected)
    assert found.values == pytest.approx([v for _, v in expected], abs=1e-11 * np.abs(y).max())
    assert found.coverage.complete and found.coverage.examined == len(allowed)
    missed = abs(expected[-1][1]) if len(allowed) > top else 0.0
    assert found.coverage.missed_bound == pytest.approx(missed, abs=1e-11 * np.abs(y).max())
    errors = [naive.covariance_error(X.tolist(), y.tolist(), s) for s in found.subsets[:3]]
    assert found.standard_errors[:3] == pytest.approx(errors, rel=1e-6, abs=1e-7 * np.abs(y).max())


@given(problems(), st.integers(0, 3), st.integers(2, 120), st.integers(1, 30), st.integers(1, 8), st.booleans())
def test_the_certificate_holds_wherever_the_search_stops(problem, block, max_nodes, top, degree, with_tau):
    X, y = problem
    tau = 0.5 * y.std() if with_tau else 0.0
    with blocks(block):
        found = best_first(Patterns.from_signs(X), y, top=top, max_degree=degree, max_nodes=max_nodes, tau=tau)
    slack = 1e-11 * np.abs(y).max()
    rows = [(s, naive.covariance(X.tolist(), y.tolist(), s)) for s in naive.subsets_up_to(X.shape[1], degree)]
    unlisted = [abs(v) for s, v in rows if s not in found.subsets]
    assert max(unlisted, default=0.0) <= found.coverage.missed_bound + slack
    assert all(abs(v) >= tau - slack for v in found.values)
    values = dict(rows)
    assert found.values == pytest.approx([values[s] for s in found.subsets], abs=slack)
    assert found.coverage.examined <= len(rows)
    if found.coverage.complete:
        largest = sorted((abs(v) for _, v in rows if abs(v) >= tau + slack), reverse=True)[:top]
        assert np.abs(found.values)[: len(largest)] == pytest.approx(largest, abs=slack)


@given(problems(), st.data())
def test_grouped_sums_bound_every_member_of_a_bucket(problem, data):
    X, y = problem
    n = X.shape[1]
    centred = y - y.mean()
    with blocks(0):
        tree, order = build_tree(Patterns.from_signs(X), centred)
    assert sorted(order) == list(range(n))
    depth = data.draw(st.integers(0, n))
    inside = data.draw(st.sets(st.sampled_from(range(depth)))) if depth else set()
    sums = np.empty(tree.counts[depth], np.int64)
    group_sums(tree, np.array([sum(1 << p for p in inside)], np.uint64), depth, sums)
    bound = np.abs(sums).sum() / FIXED_POINT * np.abs(centred).mean()
    decided, units = [order[p] for p in range(depth)], tuple(sorted(order[p] for p in inside))
    assert bound == pytest.approx(naive_search.bucket_bound(X.tolist(), y.tolist(), decided, units))
    for subset in naive_search.bucket_members(n, decided, units):
        assert abs(naive.covariance(X.tolist(), y.tolist(), subset)) <= bound + 1e-12


def correlated(n, m, rng, flip=0.0):
    """Units that are half-spaces of six hidden signs: 2^6 joint patterns before any are flipped."""
    hidden = rng.choice([-1, 1], (m, 6))
    X = np.where(hidden @ rng.normal(size=(6, n)) > 0, 1, -1)
    return np.where(rng.random((m, n)) < flip, -X, X)


def nodes(found):
    return int(found.coverage.notes[0].split()[0].replace(",", ""))


@pytest.mark.compiled
def test_the_bound_bites_where_samples_share_patterns():
    rng = np.random.default_rng(0)
    m = 20_000
    skewed = np.where(rng.random((m, 26)) < rng.uniform(0.005, 0.5, 26), -1, 1)
    copies = rng.choice([-1, 1], (m, 10))
    copies = np.concatenate([copies, np.where(rng.random((m, 10)) < 0.02, -copies, copies)], axis=1)
    for X in (skewed, copies, correlated(24, m, rng, flip=0.01)):
        n = X.shape[1]
        planted = tuple(sorted(rng.choice(n, 6, replace=False).tolist()))
        y = X[:, planted].prod(axis=1) + 0.3 * rng.normal(size=m)
        with blocks(0):  # no help from transforms
            found = best_first(Patterns.from_signs(X), y, top=5, tau=0.5)
        assert found.subsets[0] == planted and found.coverage.complete
        assert nodes(found) < 2**n / 100


@pytest.mark.compiled
def test_a_decision_tree_is_found_whole_from_a_fraction_of_the_buckets():
    rng = np.random.default_rng(1)
    X = rng.choice([-1, 1], (200_000, 16))
    deep = np.where(X[:, 7] > 0, X[:, 11] * X[:, 13], X[:, 2] * X[:, 4])
    y = np.where(X[:, 3] > 0, deep, X[:, 9])
    with blocks(0):
        found = best_first(Patterns.from_signs(X), y, top=50, tau=0.1)
    # (1 + x3)/2 ((1 + x7)/2 x11 x13 + (1 - x7)/2 x2 x4) + (1 - x3)/2 x9, multiplied out
    terms = {(9,): 0.5, (3, 9): -0.5}
    for pair, sign in (((11, 13), 1), ((2, 4), -1)):
        terms |= {pair: 0.25, tuple(sorted((3, *pair))): 0.25}
        terms |= {tuple(sorted((7, *pair))): 0.25 * sign, tuple(sorted((3, 7, *pair))): 0.25 * sign}
    assert set(found.subsets) == set(terms)
    for subset, value, error in zip(found.subsets, found.values, found.standard_errors, strict=True):
        assert abs(value - terms[subset]) <= 6 * error
    assert found.coverage.complete and nodes(found) < 2**16 / 10


@pytest.mark.once
@pytest.mark.parametrize("degree", [6, 8])
def test_lonely_parities_of_high_degree_are_found_in_few_units(degree):
    rng = np.random.default_rng(degree)
    X = rng.choice([-1, 1], (50_000, 14))
    planted = tuple(sorted(rng.choice(14, degree, replace=False).tolist()))
    y = 0.2 * X[:, planted].prod(axis=1) + rng.normal(size=50_000)
    found = best_first(Patterns.from_signs(X), y, top=10)
    assert found.subsets[0] == planted and found.coverage.complete
    assert abs(found.values[0] - 0.2) <= 6 * found.standard_errors[0]
    assert found.coverage.examined == 2**14 - 1


@pytest.mark.compiled
def test_a_small_degree_agrees_with_the_scan():
    rng = np.random.default_rng(4)
    patterns, y = Patterns.from_signs(correlated(40, 3000, rng, flip=0.05)), rng.normal(size=3000)
    ours, theirs = best_first(patterns, y, top=200, max_degree=3), scan(patterns, y, max_degree=3, top=200)
    assert ours.subsets == theirs.subsets and np.array_equal(ours.values, theirs.values)
    assert np.array_equal(ours.standard_errors, theirs.standard_errors)
    assert ours.coverage.examined == theirs.coverage.examined
    assert ours.coverage.missed_bound == theirs.coverage.missed_bound


@pytest.mark.compiled
def test_where_the_bound_cannot_bite_the_certificate_says_so():
    rng = np.random.default_rng(5)
    X, y = rng.choice([-1, 1], (2000, 100)), rng.normal(size=2000)
    found = best_first(Patterns.from_signs(X), y, top=10, max_nodes=500)
    assert not found.coverage.complete
    assert found.coverage.missed_bound == pytest.approx(np.abs(y - y.mean()).mean())
    assert 5050 <= found.coverage.examined < 2**98
    assert "did not bite" in str(found.coverage)
    assert found.subsets == scan(Patterns.from_signs(X), y, max_degree=2, top=10).subsets or len(found.subsets[0]) > 2


@pytest.mark.compiled
def test_more_than_a_word_of_units():
    rng = np.random.default_rng(6)
    X = correlated(70, 2000, rng, flip=0.002)
    X[:, 10:] = X[:, :1]  # sixty copies
    X[rng.integers(0, 2000, 40), rng.integers(10, 70, 40)] *= -1
    y = X[:, [1, 3, 5, 65]].prod(axis=1) + 0.1 * rng.normal(size=2000)
    found = best_first(Patterns.from_signs(X), y, top=1, max_degree=4)
    expected = scan(Patterns.from_signs(X), y, max_degree=4, top=1)
    assert found.subsets == expected.subsets and found.coverage.complete


def test_ties_are_settled_when_there_are_more_than_can_be_held():
    X = np.where(np.arange(64)[:, None] % 2, 1, -1) * np.ones((64, 18), int)  # every odd subset has the same value
    found = best_first(Patterns.from_signs(X), np.arange(64) % 2, top=25)
    assert found.subsets == tuple([(i,) for i in range(18)] + [(0, 1, i) for i in range(2, 9)])
    with patch("actspec_widgets.compute.samples.best_first._LISTED", 3000):
        assert best_first(Patterns.from_signs(X), np.arange(64) % 2, top=25).subsets == found.subsets


@pytest.mark.compiled
def test_the_answer_does_not_depend_on_threads():
    rng = np.random.default_rng(7)
    patterns, y = Patterns.from_signs(correlated(30, 3000, rng, flip=0.05)), rng.normal(size=3000)
    one, three = (best_first(patterns, y, top=50, max_nodes=30_000, threads=t) for t in (1, 3))
    assert one.subsets == three.subsets and one.coverage == three.coverage
    assert np.array_equal(one.values, three.values)
    assert np.array_equal(one.standard_errors, three.standard_errors)


def test_a_list_is_as_long_as_there_are_subsets_and_one_that_no_memory_holds_is_refused():
    assert len(best_first(Patterns.from_signs([[1, -1], [1, 1], [-1, 1]]), [0.0, 1.0, 3.0], top=10**12)) <= 3
    wide = Patterns.from_signs(np.where(np.eye(2, 64, dtype=bool), -1, 1))
    with pytest.raises(ValueError, match="too many to hold"):
        best_first(wide, [0.0, 1.0], top=10**12)


def test_refusals():
    patterns, y = Patterns.from_signs([[1, -1], [1, 1]]), [0.0, 1.0]
    for settings, sentence in (
        ({"top": 0}, "top=0; give a whole number, 1 or more"),
        ({"top": 2.5}, "top=2.5; give a whole number"),
        ({"max_degree": 0}, "max_degree=0; give a whole number"),
        ({"units": []}, "units is empty"),
        ({"units": [2]}, "outside 0..1"),
        ({"tau": math.inf}, "0 or more"),
        ({"max_nodes": 1}, "at least two buckets"),
    ):
        with pytest.raises(ValueError, match=sentence):
            best_first(patterns, y, **settings)
    with pytest.raises(ValueError, match="for all 2 samples"):
        best_first(patterns, [1.0, 1.0])


@pytest.mark.compiled
def test_tables_that_would_not_fit_are_refused():
    rng = np.random.default_rng(9)
    patterns = Patterns.from_signs(rng.choice(np.array([-1, 1], np.int8), (5000, 300)))
    with (
        patch("actspec_widgets.compute.memory._UNASKED", 0),
        patch("actspec_widgets.compute.memory.available_bytes", return_value=1 << 20),
        pytest.raises(MemoryError, match="choose fewer units or use a beam search"),
    ):
        best_first(patterns, rng.normal(size=5000), top=1)
