"""The game-theoretic views against their definitions, over every set of present units."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive_indices as naive
from actspec_widgets import Coverage, Spectrum, walsh_hadamard
from actspec_widgets.results.indices import banzhaf_values, interactions, moebius, shapley_values

INDICES = ["SII", "k-SII", "STII", "FSII", "BII", "Moebius"]
MAJORITY = ([(0,), (1,), (2,), (0, 1, 2)], [0.5, 0.5, 0.5, -0.5])


@st.composite
def spectra(draw, most_units=6):
    """Units, distinct subsets in any order (the empty one too), and coefficients."""
    n = draw(st.integers(1, most_units))
    masks = draw(st.lists(st.integers(0, 2**n - 1), unique=True, max_size=12))
    number = st.floats(-3, 3, allow_subnormal=False)
    coefficients = draw(st.lists(number, min_size=len(masks), max_size=len(masks)))
    return n, [tuple(i for i in range(n) if mask >> i & 1) for mask in masks], coefficients


def some_spectrum(n, subsets, seed):
    rng = np.random.default_rng(seed)
    masks = rng.choice(2**n, subsets, replace=False).tolist()
    return [tuple(i for i in range(n) if mask >> i & 1) for mask in masks], rng.normal(size=subsets).tolist()


def as_dict(found):
    return dict(zip(found.subsets, found.values.tolist(), strict=True))


def assert_same(found, expected, tolerance=1e-9):
    """Every listed value, and zero for every one that is not listed."""
    found = as_dict(found)
    assert set(found) <= set(expected)
    for T, value in expected.items():
        assert found.get(T, 0.0) == pytest.approx(value, abs=tolerance), T


@pytest.mark.parametrize("index", INDICES)
@given(spectra(most_units=5), st.integers(1, 5))
def test_an_index_is_what_its_definition_says(index, spectrum, order):
    n, subsets, coefficients = spectrum
    order = min(order, n)
    v = naive.game(n, subsets, coefficients)
    assert_same(interactions(subsets, coefficients, n, index, order), naive.interactions(v, n, index, order))


@pytest.mark.parametrize(("n", "order"), [(8, 3), (10, 2)])
@pytest.mark.parametrize("index", INDICES)
def test_larger_games(index, n, order):
    subsets, coefficients = some_spectrum(n, 20, seed=n)
    v = naive.game(n, subsets, coefficients)
    assert_same(interactions(subsets, coefficients, n, index, order), naive.interactions(v, n, index, order), 1e-8)


@given(spectra(most_units=5))
def test_shapley_values_are_means_over_orders_of_arrival(spectrum):
    n, subsets, coefficients = spectrum
    v = naive.game(n, subsets, coefficients)
    found = shapley_values(subsets, coefficients, n)
    assert found == pytest.approx(naive.shapley_by_orders(v, n), abs=1e-9)
    assert found.sum() == pytest.approx(v[-1] - v[0], abs=1e-9)


@given(spectra(), st.data())
def test_moebius_coefficients_add_up_to_the_game(spectrum, data):
    n, subsets, coefficients = spectrum
    v = naive.game(n, subsets, coefficients)
    found = as_dict(moebius(subsets, coefficients, n))
    present = data.draw(st.integers(0, 2**n - 1))
    inside = [value for T, value in found.items() if naive.mask(T) & ~present == 0]
    assert math.fsum(inside) == pytest.approx(v[present], abs=1e-9)


@pytest.mark.parametrize("index", ["k-SII", "STII", "FSII"])
@given(spectra(), st.integers(1, 6))
def test_the_values_of_efficient_indices_add_up(index, spectrum, order):
    n, subsets, coefficients = spectrum
    v = naive.game(n, subsets, coefficients)
    assert interactions(subsets, coefficients, n, index, order).values.sum() == pytest.approx(v[-1] - v[0], abs=1e-8)


def test_majority_of_three_by_hand():
    assert shapley_values(*MAJORITY, 4).tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0.0])
    assert banzhaf_values(*MAJORITY, 4).tolist() == [1.0, 1.0, 1.0, 0.0]
    # one active unit leaves -1, two give +1, the third adds nothing: v = -1 + 2 z0 z1 + 2 z0 z2 + 2 z1 z2 - 4 z0 z1 z2
    pairs = {(0, 1): 2.0, (0, 2): 2.0, (1, 2): 2.0}
    zero = {(0,): 0.0, (1,): 0.0, (2,): 0.0}
    assert as_dict(moebius(*MAJORITY, 3)) == {(): -1.0, **zero, **pairs, (0, 1, 2): -4.0}


def test_a_transform_fits_as_it_comes(rng):
    n = 4
    values = rng.normal(size=2**n)
    subsets = [tuple(i for i in range(n) if mask >> i & 1) for mask in range(2**n)]
    v = values[::-1]  # the transform's index has a bit where a unit is absent
    found = interactions(subsets, walsh_hadamard(values), n, "STII", order=2)
    assert_same(found, naive.interactions(v.tolist(), n, "STII", 2))


def test_cost_follows_the_subsets_and_not_the_units():
    everything = tuple(range(1001))
    assert shapley_values([everything, (0,)], [1.0, 1.0], 4096)[:2] == pytest.approx([2 + 2 / 1001, 2 / 1001])
    assert len(interactions([everything], [1.0], 4096, "BII", order=3)) == 0


def test_a_subset_with_too_many_parts_is_refused():
    with pytest.raises(
        ValueError, match=r"Moebius would spread these subsets, of up to 40 units, over more than 1,048,576"
    ):
        moebius([range(40)], [1.0], 50)
    with pytest.raises(ValueError, match="ask for a lower order"):
        interactions([range(500)], [1.0], 500, "STII", order=3)


@pytest.mark.parametrize("index", INDICES)
def test_errors_follow_the_covariance(index, rng):
    n, order = 5, 3
    subsets, coefficients = some_spectrum(n, 6, seed=3)
    factor = rng.normal(size=(6, 6))
    found = interactions(subsets, coefficients, n, index, order, covariance=factor @ factor.T)
    # each column of the factor moves all coefficients together: the game of that column moves the index
    moves = [naive.interactions(naive.game(n, subsets, column), n, index, order) for column in factor.T]
    for T, error in zip(found.subsets, found.standard_errors, strict=True):
        assert error == pytest.approx(math.hypot(*(move[T] for move in moves)), abs=1e-9)
    assert not interactions(subsets, coefficients, n, index, order).standard_errors.any()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([(0,)], [1.0], 2, "SHAP"), "index='SHAP' is not known; use one of 'SII'"),
        (([(0,)], [1.0], 2, "SII", 0), "order=0 leaves no interaction"),
        (([(0,)], [1.0, 2.0], 2), r"shape \(2,\) for 1 subsets"),
        (([(0,)], [np.nan], 2), "NaN or infinite"),
        (([(5,)], [1.0], 2), r"outside 0\.\.1"),
    ],
)
def test_bad_input_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        interactions(*arguments)
    with pytest.raises(ValueError, match=r"covariance has shape \(2,\)"):
        interactions([(0,)], [1.0], 2, covariance=[1.0, 2.0])


@pytest.fixture
def spectrum():
    subsets, coefficients = some_spectrum(5, 7, seed=1)
    return Spectrum(
        subsets,
        coefficients,
        **dict.fromkeys(("standard_errors", "character_means", "p_values", "gains"), np.full(7, 0.1)),
        equivalents=((),) * 7,
        explained_variance=1.0,
        explained_variance_error=0.0,
        intercept=2.0,
        gram=np.eye(7),
        coverage=Coverage("exhaustive", 5, None, 31, True),
        n_units=5,
        n_search=10,
        n_estimate=10,
        covariance=0.01 * np.eye(7),
    )


def test_a_spectrum_offers_the_same_views(spectrum):
    arguments = spectrum.subsets, spectrum.coefficients, 5
    assert spectrum.shapley_values().tolist() == shapley_values(*arguments).tolist()
    found, expected = spectrum.interactions("BII", order=3), interactions(*arguments, "BII", 3)
    assert as_dict(found) == as_dict(expected)
    assert found.standard_errors == pytest.approx([0.1 * 2 ** len(T) for T in found.subsets])
    without = dataclasses.replace(spectrum, covariance=None).interactions("BII", order=3)
    assert np.isnan(without.standard_errors).all() and as_dict(without) == as_dict(expected)


def test_without_shapiq_a_sentence_says_what_to_do(spectrum, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "shapiq", None)
    with pytest.raises(ImportError, match="pip install shapiq"):
        spectrum.to_shapiq()


@pytest.mark.parametrize("index", INDICES)
def test_shapiq_computes_the_same(index, spectrum):
    shapiq = pytest.importorskip("shapiq", reason="shapiq is not installed: pip install shapiq compares with it")
    subsets, coefficients = [(), *spectrum.subsets], [spectrum.intercept, *spectrum.coefficients]
    v = np.array(naive.game(5, subsets, coefficients))
    computer = shapiq.ExactComputer(lambda present: v[present @ (1 << np.arange(5))], n_players=5)
    order = 5 if index == "Moebius" else 3
    theirs = computer(index, order)
    ours = spectrum.to_shapiq(index, order)
    assert (ours.index, ours.n_players, ours.max_order) == (theirs.index, 5, order)
    assert ours.baseline_value == pytest.approx(v[0])
    expected = {T: value for T, value in theirs.dict_values.items() if T}
    # its Faith-Shapley is a regression with weights of 1e8 at the two ends, ours has the exact constraints
    tolerance = 1e-5 if index == "FSII" else 1e-9
    assert set(ours.dict_values) - {()} <= set(expected)
    for T, value in expected.items():
        assert ours.dict_values.get(T, 0.0) == pytest.approx(value, abs=tolerance), T
