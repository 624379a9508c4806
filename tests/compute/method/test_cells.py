"""How many samples show each combination of a subset's units."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns, activation_spectroscopy, synthetic
from actspec_widgets.compute.method.cells import cell_means, smallest_cells


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 200))
def test_counts_are_those_of_the_definition(seed, n, m):
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((m, n)) < rng.random(n), 1, -1)
    subsets = naive.subsets_up_to(n, 4)
    found = smallest_cells(Patterns.from_signs(X), subsets)
    assert found.tolist() == [naive.smallest_cell(X, s) for s in subsets]


@given(st.integers(0, 10_000), st.integers(2, 3), st.integers(1, 30))
def test_none_is_missing_exactly_where_the_character_says_something_of_its_own(seed, size, m):
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((m, size)) < rng.random(size), 1, -1)
    whole = tuple(range(size))
    parts = [np.ones(m), *([naive.chi(s, x) for x in X] for s in naive.subsets_up_to(size, size - 1))]
    smaller, all_of_them = np.array(parts).T, np.array([*parts, [naive.chi(whole, x) for x in X]]).T
    in_their_span = np.linalg.matrix_rank(smaller) == np.linalg.matrix_rank(all_of_them)
    assert (smallest_cells(Patterns.from_signs(X), [whole])[0] == 0) == in_their_span


def test_subsets_larger_than_a_code():
    cube = np.array(list(itertools.product((-1, 1), repeat=5)))
    X = np.hstack([np.ones((32, 70), int), cube])
    subsets = [tuple(range(75)), tuple(range(68, 72)), (70, 71, 72, 73, 74)]
    assert smallest_cells(Patterns.from_signs(X), subsets).tolist() == [0, 0, 1]


@pytest.mark.compiled
def test_the_method_counts_them_in_the_whole_recording():
    hidden = synthetic.planted(8, [(0, 1), (4,)], [1.0, 0.5], samples=2000, noise=0.5, bias=0.6, seed=0)
    X = hidden.patterns.signs()
    for settings in ({}, {"basis": "biased"}):
        found = activation_spectroscopy(hidden.patterns, hidden.target, max_degree=2, **settings)
        assert len(found) and found.smallest_cells.tolist() == [naive.smallest_cell(X, s) for s in found.subsets]
    continuous = activation_spectroscopy(X.astype(float), hidden.target, max_degree=2, basis="continuous")
    assert continuous.smallest_cells is None


def test_two_rare_units_that_never_meet_are_never_called_joint():
    rng = np.random.default_rng(0)
    which = rng.random(4000)
    X = rng.choice([-1, 1], (4000, 6))
    X[:, 0], X[:, 1] = np.where(which < 0.05, 1, -1), np.where(which > 0.95, 1, -1)
    y = (X[:, 0] > 0) + (X[:, 1] > 0) + rng.normal(size=4000) / 4  # a sum; no joint effect
    found = activation_spectroscopy(Patterns.from_signs(X), y, max_degree=2)
    assert set(found.subsets) == {(0,), (1,)} and not found.joint.any()
    asked = activation_spectroscopy(Patterns.from_signs(X), y, max_degree=2, must_include=[(0, 1)])
    assert asked.smallest_cells[0] == 0 and np.isnan(asked.joint_parts[0]) and not asked.joint[0]


@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 40))
def test_means_are_those_of_the_definition(seed, size, m):
    rng = np.random.default_rng(seed)
    X, y = rng.choice([-1, 1], (m, 4)), rng.normal(size=m)
    subset = tuple(range(size))
    found = cell_means(Patterns.from_signs(X), y, subset)
    for cell, (count, mean) in enumerate(naive.cell_means(X.tolist(), y.tolist(), subset)):
        mine = found.samples[cell]
        assert found.counts[cell] == count == mine.size and (np.diff(y[mine]) >= 0).all()
        assert np.isnan(found.means[cell]) if mean is None else np.isclose(found.means[cell], mean)
        assert count < 2 or np.isclose(found.standard_errors[cell], y[mine].std(ddof=1) / count**0.5)


def test_a_sum_has_no_contrast_and_a_product_has_all_of_it():
    X = np.array(list(itertools.product((1, -1), repeat=2)) * 2)
    total = cell_means(Patterns.from_signs(X), X @ [2.0, 3.0], (0, 1))
    assert total.contrast.value == 0 and total.added_up == total.means[0] == 5
    product = cell_means(Patterns.from_signs(X), X.prod(axis=1) * 1.0, (0, 1))
    assert product.contrast.value == 4 and product.added_up == -3


def test_cells_of_no_subset_or_a_very_large_one_are_refused():
    X = Patterns.from_signs(np.ones((3, 12), int))
    for subset in ((), range(11)):
        with pytest.raises(ValueError, match="give 1 to 10"):
            cell_means(X, np.zeros(3), subset)
