import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns
from actspec_widgets.compute.method.inference import fit, fit_significant, usable

SUBSETS = ((0,), (1, 2), (0, 1, 3))


@given(st.integers(0, 10_000))
def test_the_joint_fit_is_the_definition(seed):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (80, 4))
    y = X[:, 0] - 0.5 * X[:, 1] * X[:, 2] + rng.normal(size=80) * (1 + (X[:, 3] > 0))
    found = fit(Patterns.from_signs(X), y, SUBSETS, examined=14)
    beta, residual = naive.least_squares(X.tolist(), y.tolist(), SUBSETS)
    assert [found.intercept, *found.coefficients] == pytest.approx(beta, abs=1e-10)
    errors = naive.hc3_errors(X.tolist(), y.tolist(), SUBSETS)[1:]
    assert found.standard_errors == pytest.approx(errors, rel=1e-8)
    assert found.character_means == pytest.approx([naive.character_mean(X, y, s) for s in SUBSETS])
    assert found.gram.ravel() == pytest.approx([naive.rho(X, s, t) for s in SUBSETS for t in SUBSETS])
    share = 1 - sum(r * r for r in residual) / ((y - y.mean()) ** 2).sum()
    assert found.gains.sum() == pytest.approx(share)
    assert found.explained_variance == pytest.approx(1 - (1 - share) * 79 / 76)


def test_the_covariance_is_that_of_the_leave_one_out_residuals():
    rng = np.random.default_rng(3)
    X = rng.choice([-1, 1], (60, 4), p=[0.3, 0.7])
    y = X[:, 0] + rng.normal(size=60) * (1 + (X[:, 3] > 0))
    found = fit(Patterns.from_signs(X), y, SUBSETS, examined=14)
    Z = np.column_stack([np.ones(60), *(X[:, list(s)].prod(axis=1) for s in SUBSETS)])
    left_out = np.empty(60)
    for i in range(60):
        rest = np.arange(60) != i
        left_out[i] = y[i] - Z[i] @ np.linalg.lstsq(Z[rest], y[rest])[0]
    pull = np.linalg.pinv(Z) * left_out
    assert found.covariance == pytest.approx((pull @ pull.T)[1:, 1:], rel=1e-8)
    assert np.array_equal(found.standard_errors, np.sqrt(np.diag(found.covariance)))


def test_the_redundancy_error_is_that_of_a_mean_over_samples():
    rng = np.random.default_rng(3)
    X = rng.choice([-1, 1], (200, 4), p=[0.2, 0.8])
    found = fit(Patterns.from_signs(X), rng.normal(size=200), SUBSETS, examined=14)
    pairs = [(S, T) for i, S in enumerate(SUBSETS) for T in SUBSETS[:i]]
    signs = [np.sign(naive.rho(X, S, T)) for S, T in pairs]
    each = [np.mean([g * naive.chi(S, x) * naive.chi(T, x) for g, (S, T) in zip(signs, pairs, strict=True)]) for x in X]
    assert found.redundancy_error == pytest.approx(np.std(each) / np.sqrt(200))


def test_p_values_are_those_of_student_times_the_subsets_examined():
    from scipy.stats import t

    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (200, 4), p=[0.2, 0.8])
    y = 0.2 * X[:, 0] + rng.normal(size=200)
    found = fit(Patterns.from_signs(X), y, ((0,),), examined=3)
    freedom = (X[:, 0] == -1).sum() - 1
    ratio = abs(found.coefficients[0]) / found.standard_errors[0]
    assert found.p_values[0] == pytest.approx(min(1.0, 3 * 2 * t.sf(ratio, freedom)))


def test_what_is_not_significant_goes_and_the_rest_is_estimated_again():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (500, 4))
    y = X[:, 0] + 0.1 * rng.normal(size=500)
    patterns = Patterns.from_signs(X)
    found = fit_significant(patterns, y, SUBSETS, 14, 0.05)
    assert found.subsets == ((0,),)
    assert found.coefficients == pytest.approx(fit(patterns, y, ((0,),), 14).coefficients)
    assert fit_significant(patterns, y, ((1, 2), (0,), (3,)), 14, 0.05, kept=1).subsets == ((1, 2), (0,))


def test_an_empty_collection_is_the_mean():
    patterns = Patterns.from_signs([[1], [-1], [1], [-1]])
    found = fit(patterns, np.array([1.0, 2.0, 3.0, 4.0]), (), 1)
    assert found.intercept == 2.5 and found.explained_variance == 0.0


def test_subsets_that_cannot_be_estimated_are_left_out():
    X = np.where(np.arange(60)[:, None] >> np.arange(3) & 1, -1, 1)
    X = np.column_stack([X, np.ones(60, int), X[:, 0]])
    assert usable(Patterns.from_signs(X), ((0,), (3,), (4,), (1, 2)), 10) == ((0,), (1, 2))
