"""How many samples show each combination of a subset's units."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns, activation_spectroscopy, synthetic
from actspec_widgets.compute.method.cells import smallest_cells


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
