"""Numbers read off a spectrum: closed forms, and errors that are those of repeated experiments."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actspec_widgets import Coverage, Patterns, Spectrum, activation_spectroscopy
from actspec_widgets.results import Measure, weights


def spectrum_of(subsets, coefficients, covariance, n_units, gram=None):
    """A spectrum with these numbers and nothing else of interest."""
    k = len(subsets)
    errors = np.zeros(k) if covariance is None else np.sqrt(np.diag(covariance))
    return Spectrum(
        subsets=tuple(subsets), coefficients=coefficients, standard_errors=errors, character_means=coefficients,
        p_values=np.zeros(k), gains=np.zeros(k), equivalents=((),) * k, explained_variance=1.0,
        explained_variance_error=0.0, intercept=0.0, gram=np.eye(k) if gram is None else gram,
        coverage=Coverage("exhaustive", n_units, n_units, 2**n_units - 1, True), n_units=n_units, n_search=100,
        n_estimate=100, covariance=covariance, redundancy_error=0.0,
    )  # fmt: skip


def all_subsets(n):
    return [s for k in range(1, n + 1) for s in itertools.combinations(range(n), k)]


def test_majority_of_five():
    # f_hat is 3/8 on single units, -1/8 on three and 3/8 on all five
    values = {1: 3 / 8, 3: -1 / 8, 5: 3 / 8}
    subsets = [s for s in all_subsets(5) if len(s) in values]
    c = np.array([values[len(s)] for s in subsets])
    found = spectrum_of(subsets, c, np.zeros((16, 16)), 5).summary_numbers()
    assert found["degree_weights"].value * 64 == pytest.approx([0, 45, 0, 10, 0, 9])
    assert found["influences"].value == pytest.approx([math.comb(4, 2) / 2**4] * 5)  # the others are tied
    assert found["effective_degree"].value == pytest.approx(5 * 3 / 8)
    assert found["locality"].value == pytest.approx(45 / 64)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_all_units_active(n):
    # the indicator of one point has 2^-n on every subset
    subsets = all_subsets(n)
    k = len(subsets)
    found = spectrum_of(subsets, np.full(k, 2.0**-n), np.zeros((k, k)), n).summary_numbers()
    assert found["degree_weights"].value[1:] == pytest.approx([math.comb(n, d) / 4**n for d in range(1, n + 1)])
    assert found["influences"].value == pytest.approx([2 ** (n - 1) / 4**n] * n)
    assert found["effective_degree"].value == pytest.approx(n * 2 ** (n - 1) / k)
    assert found["locality"].value == pytest.approx(n / k)
    assert found["effective_number"].value == pytest.approx(k)
    assert found["subsets_for"].value.tolist() == [math.ceil(level * k) for level in (0.5, 0.8, 0.9)]


def test_a_parity():
    found = spectrum_of([(0, 1, 2)], np.array([2.0]), np.array([[0.01]]), 4).summary_numbers()
    assert found["effective_degree"].value == 3.0 and found["locality"].value == 0.0
    assert found["effective_number"].value == 1.0 and found["redundancy"].value == 0.0
    # one subset holds all the weight whatever its size; the weight itself has d(c^2) = 2 c dc
    for name in ("effective_degree", "locality", "entropy", "effective_number"):
        assert found[name].standard_error == 0.0
    assert found["degree_weights"].standard_error == pytest.approx([0, 0, 0, 2 * 2.0 * 0.1])
    assert found["influences"].standard_error == pytest.approx([0.4, 0.4, 0.4, 0])
    assert found["degree_weights"].corrected == pytest.approx([0, 0, 0, 4.0 - 0.01])


def test_redundancy_is_the_mean_size_off_the_diagonal():
    gram = np.array([[1, 0.2, -0.4], [0.2, 1, 0], [-0.4, 0, 1]])
    assert weights.redundancy(gram) == pytest.approx(0.2)
    assert weights.redundancy(np.ones((1, 1))) == 0.0


NUMBERS = {
    "degree_weights": weights.degree_weights,
    "influences": lambda subsets, c: weights.influences(subsets, c, 4),
    "effective_degree": weights.effective_degree,
    "locality": weights.locality,
    "entropy": lambda subsets, c: weights.concentration(c).entropy,
    "effective_number": lambda subsets, c: weights.concentration(c).effective_number,
}


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_errors_follow_the_gradient(seed, k):
    rng = np.random.default_rng(seed)
    choices = all_subsets(4)
    subsets = [choices[i] for i in rng.choice(len(choices), k, replace=False)]
    c = rng.choice([-1, 1], k) * rng.uniform(0.2, 1.0, k)
    root = rng.normal(size=(k, k))
    found = spectrum_of(subsets, c, root @ root.T, 4).summary_numbers()
    for name, number in NUMBERS.items():
        step = 1e-6 * np.eye(k)
        slopes = np.array([(number(subsets, c + h) - number(subsets, c - h)) / 2e-6 for h in step])
        assert found[name].value == pytest.approx(number(subsets, c))
        spread = np.linalg.norm(root.T @ slopes.reshape(k, -1), axis=0)
        assert np.atleast_1d(found[name].standard_error) == pytest.approx(spread, rel=1e-5, abs=1e-7), name


def test_counts_vary_as_far_as_the_coefficients_do():
    sure = spectrum_of([(0,), (1,), (2,)], np.array([1.0, 0.5, 0.2]), 1e-8 * np.eye(3), 3).summary_numbers()
    assert sure["subsets_for"].value.tolist() == [1, 2, 2]
    assert sure["subsets_for"].standard_error.tolist() == [0, 0, 0]
    unsure = spectrum_of([(0,), (1,), (2,)], np.array([1.0, 0.5, 0.2]), 0.04 * np.eye(3), 3).summary_numbers()
    assert (unsure["subsets_for"].standard_error > 0).all()


def test_without_a_covariance_the_errors_are_unknown():
    bare = replace(spectrum_of([(0,), (1,)], np.ones(2), None, 2), redundancy_error=None)
    for name, measure in bare.summary_numbers().items():
        assert np.isnan(measure.standard_error).all(), name


def test_an_empty_collection():
    found = spectrum_of([], np.empty(0), np.empty((0, 0)), 3).summary_numbers()
    assert found["degree_weights"].value.tolist() == [0.0] and found["influences"].value.tolist() == [0.0] * 3
    assert found["effective_number"].value == 0.0 == found["redundancy"].value
    assert np.isnan(found["effective_degree"].value) and np.isnan(found["locality"].standard_error)


@pytest.mark.compiled
def test_errors_are_those_of_repeated_experiments():
    """95 % intervals over 1,000 experiments: one that covers 93 to 97 % passes all but once in a million."""
    from scipy.stats import binom

    n, m, runs, bias = 4, 800, 1000, 0.5
    subsets = ((0,), (1,), (0, 1), (0, 1, 2))
    c = np.array([1.0, -0.7, 0.8, 0.4])
    distances = [len(set(s) ^ set(t)) for s, t in itertools.combinations(subsets, 2)]
    truth = {name: np.asarray(number(subsets, c)) for name, number in NUMBERS.items()}
    truth["redundancy"] = np.mean([bias**distance for distance in distances])
    rng = np.random.default_rng(1)
    covered = {name: np.zeros(np.shape(value)) for name, value in truth.items()}
    for _ in range(runs):
        X = np.where(rng.random((m, n)) < (1 + bias) / 2, 1, -1)
        signal = sum(value * X[:, list(s)].prod(axis=1) for s, value in zip(subsets, c, strict=True))
        y = signal + (1 + (X[:, 3] > 0)) * rng.normal(size=m)  # the noise is not the same everywhere
        found = activation_spectroscopy(Patterns.from_signs(X), y, must_include=subsets, top=len(subsets))
        numbers = found.summary_numbers()
        for name, value in truth.items():
            measure = numbers[name]
            covered[name] += np.abs(measure.value - value) <= 1.959964 * np.asarray(measure.standard_error) + 1e-12
    least, most = binom.ppf(1e-8, runs, 0.93), binom.isf(1e-8, runs, 0.97)
    for name, count in covered.items():
        varies = truth[name] > 0  # W^0, and the influence of a unit in no subset, are zero without error
        assert (count >= least).all(), (name, count)
        assert (np.asarray(count)[varies] <= most).all(), (name, count)


def test_a_single_number_is_read_as_a_float():
    assert float(Measure(0.5, 0.1)) == 0.5
    with pytest.raises(TypeError):
        float(Measure(np.zeros(2), np.zeros(2)))
