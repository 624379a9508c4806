"""Errors, degrees of freedom and intervals are those of the definitions, and are not there where none can be had."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_inference
from actspec_widgets.compute.inference.errors import first_of_fit, robust_fit, selected_intervals
from actspec_widgets.compute.inference.joint import independent_rows

seeds = st.integers(0, 10_000)


def problem(seed, m=60, k=3):
    rng = np.random.default_rng(seed)
    rows = np.where(rng.random((k, m)) < rng.uniform(0.2, 0.8, (k, 1)), 1.0, -1.0)
    return rows, rows[0] + rng.normal(size=m) * (1 + (rows[1] > 0))


@given(seeds)
@settings(max_examples=25)
def test_hc3_leaves_every_sample_out_once(seed):
    rows, y = problem(seed)
    found = robust_fit(rows, y)
    for j in range(len(rows)):
        coefficient, error, freedom = naive_inference.hc3(list(rows), y, j)
        assert found.coefficients[j] == pytest.approx(coefficient, abs=1e-10)
        assert found.standard_errors[j] == pytest.approx(error, rel=1e-7)
        assert found.freedom[j] == pytest.approx(min(freedom, len(y) - len(rows) - 1), rel=1e-7)


@given(seeds, st.integers(4, 12))
@settings(max_examples=25)
def test_by_groups_errors_and_freedom_are_those_of_bell_and_mccaffrey(seed, count):
    rows, y = problem(seed)
    groups = np.unique(np.random.default_rng(seed).integers(0, count, y.size), return_inverse=True)[1]
    y = y + np.random.default_rng(seed).normal(size=count)[groups]
    found = robust_fit(rows, y, groups)
    for j in range(len(rows)):
        coefficient, error, freedom = naive_inference.cr2(list(rows), y, groups.tolist(), j)
        assert found.coefficients[j] == pytest.approx(coefficient, abs=1e-10)
        assert found.standard_errors[j] == pytest.approx(error, rel=1e-6)
        assert found.freedom[j] == pytest.approx(freedom, rel=1e-6)


@given(seeds, st.integers(1, 5), st.booleans())
@settings(max_examples=25)
def test_the_first_of_a_fit_is_that_of_the_whole_fit(seed, k, grouped):
    rows, y = problem(seed, k=max(k, 2))
    rows = rows[:k]
    groups = np.arange(y.size) // 5 if grouped else None
    centred = rows - rows.mean(axis=1, keepdims=True)
    whole = robust_fit(rows, y, groups)
    found = first_of_fit(rows, centred @ centred.T, y, groups)
    numbers = whole.coefficients, whole.standard_errors, whole.freedom, whole.p
    assert found == pytest.approx([number[0] for number in numbers], rel=1e-9)


def test_a_coefficient_that_leans_on_a_sample_alone_has_no_error():
    rng = np.random.default_rng(0)
    rows = rng.choice([-1.0, 1.0], (2, 40))
    alone = np.where(np.arange(40) == 7, 1.0, -1.0)
    found = robust_fit(np.vstack([rows, alone]), rng.normal(size=40))
    assert found.standard_errors[2] == np.inf and found.t[2] == 0 and found.p[2] == 1
    assert np.isfinite(found.standard_errors[:2]).all(), "the others lean on the other samples"


def test_two_such_samples_leave_one_degree_of_freedom():
    two = np.where(np.arange(4000) < 2, 1.0, -1.0)
    found = robust_fit(two[None], np.random.default_rng(0).normal(size=4000))
    assert found.freedom[0] == pytest.approx(1.0, abs=0.01)


def test_a_group_alone_on_its_side_has_no_error():
    groups = np.repeat(np.arange(10), 8)
    found = robust_fit(np.where(groups == 3, 1.0, -1.0)[None], np.random.default_rng(0).normal(size=80), groups)
    assert found.standard_errors[0] == np.inf and found.p[0] == 1


def test_without_columns_the_fit_is_the_mean():
    found = robust_fit(np.empty((0, 4)), np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.intercept == 2.5 and found.coefficients.size == found.standard_errors.size == 0


@given(st.floats(0, 4), st.floats(0.5, 3), st.booleans())
@settings(max_examples=25)
def test_intervals_after_selection_are_the_definition(above, error, negative):
    level = 1e-3
    cut = -NormalDist().inv_cdf(level / 2)
    z = cut + above + 1e-6
    sign = -1 if negative else 1
    found = selected_intervals(np.array([sign * z * error]), np.array([error]), np.array([1e9]), level)[0]
    low, high = naive_inference.selected_interval(z, cut)
    assert sorted(found) == pytest.approx(sorted((sign * low * error, sign * high * error)), abs=1e-4 * error)


@pytest.mark.parametrize("mean", [0.0, 2.0, 3.5, 5.0])
def test_of_those_that_are_selected_95_percent_are_covered(mean):
    level = 0.01
    z = np.random.default_rng(1).normal(mean, 1, 60_000 if mean < 1 else 3_000)
    kept = z[np.abs(z) > -NormalDist().inv_cdf(level / 2)][:400]
    found = selected_intervals(kept, np.ones(kept.size), np.full(kept.size, 1e9), level)
    share = np.mean((found[:, 0] <= mean) & (mean <= found[:, 1]))
    assert abs(share - 0.95) < 4 * np.sqrt(0.95 * 0.05 / kept.size)


def test_far_from_the_level_the_interval_is_the_plain_one():
    found = selected_intervals(np.array([12.0]), np.array([1.0]), np.array([1e9]), 1e-4)[0]
    assert found == pytest.approx([12 - 1.96, 12 + 1.96], abs=1e-3)


def test_rows_that_the_ones_before_give_are_left_out_and_all_where_they_give_the_first(rng):
    first, second = rng.normal(size=(2, 20))
    for rows, kept in [((first, second, 2 * second), [0, 1]), ((first, second, first + second), [])]:
        assert independent_rows(np.array(rows) @ np.array(rows).T).tolist() == kept
