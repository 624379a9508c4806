"""What must not change the answer, and what must change it exactly as it should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Patterns, activation_spectroscopy

pytestmark = pytest.mark.once

N = 7
seeds = st.integers(0, 10_000)


def problem(seed):
    rng = np.random.default_rng(seed)
    X = rng.choice(np.array([-1, 1], np.int8), (600, N), p=[0.4, 0.6])
    y = X[:, 0] * X[:, 1] - 0.7 * X[:, 2] + 0.5 * X[:, [3, 4, 5]].prod(axis=1) + 0.5 * rng.normal(size=600)
    return rng, X, y


def answer(X, y):
    return activation_spectroscopy(Patterns.from_signs(X), y, max_degree=3)


@given(seeds, st.floats(0.01, 1000) | st.floats(-1000, -0.01), st.floats(-100, 100))
@settings(max_examples=15)
def test_scaling_and_shifting_the_target(seed, scale, shift):
    _, X, y = problem(seed)
    plain, changed = answer(X, y), answer(X, scale * y + shift)
    assert changed.subsets == plain.subsets
    assert changed.coefficients == pytest.approx(scale * plain.coefficients, rel=1e-6)
    assert changed.standard_errors == pytest.approx(abs(scale) * plain.standard_errors, rel=1e-6)
    assert changed.intercept == pytest.approx(scale * plain.intercept + shift, abs=1e-6 * max(abs(scale), abs(shift)))
    assert changed.explained_variance == pytest.approx(plain.explained_variance, rel=1e-6)


@given(seeds, st.integers(0, N - 1))
@settings(max_examples=15)
def test_flipping_the_sign_of_a_unit(seed, unit):
    _, X, y = problem(seed)
    flipped = X.copy()
    flipped[:, unit] *= -1
    plain, changed = answer(X, y), answer(flipped, y)
    assert changed.subsets == plain.subsets
    signs = np.array([-1.0 if unit in s else 1.0 for s in plain.subsets])
    assert changed.coefficients == pytest.approx(signs * plain.coefficients, rel=1e-9)


@given(seeds)
@settings(max_examples=15)
def test_permuting_the_units(seed):
    rng, X, y = problem(seed)
    order = rng.permutation(N)
    plain, changed = answer(X, y), answer(X[:, order], y)
    relabelled = {
        tuple(sorted(order[i] for i in s)): c for s, c in zip(changed.subsets, changed.coefficients, strict=True)
    }
    assert relabelled.keys() == set(plain.subsets)
    for subset, value in zip(plain.subsets, plain.coefficients, strict=True):
        assert relabelled[subset] == pytest.approx(value, rel=1e-9)


@given(seeds)
@settings(max_examples=15)
def test_adding_constants_duplicates_and_negated_duplicates(seed):
    rng, X, y = problem(seed)
    copied = rng.integers(0, N, 3)
    more = np.column_stack([X, -np.ones((600, 2), np.int8), X[:, copied[:2]], -X[:, copied[2:]]])
    plain, changed = answer(X, y), answer(more, y)
    assert changed.subsets == plain.subsets
    assert np.array_equal(changed.coefficients, plain.coefficients)
    assert np.array_equal(changed.p_values, plain.p_values)
    for subset, equivalents in zip(changed.subsets, changed.equivalents, strict=True):
        for at, unit in enumerate(copied):
            swapped = tuple(sorted((set(subset) - {int(unit)}) | {N + 2 + at}))
            assert (swapped in equivalents) == (unit in subset)
