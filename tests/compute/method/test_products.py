"""The method on biased and continuous characters, each against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_products
from actspec_widgets import Patterns, Spectrum, activation_spectroscopy, intervene
from actspec_widgets.compute.method.spectroscopy import split_samples
from actspec_widgets.patterns.thresholds import thresholds

SUBSETS = ((0, 1), (2,), (0, 2, 3))
NUMBERS = ("coefficients", "standard_errors", "character_means", "p_values", "gains", "gram", "covariance")


def same_bits(a, b):
    return a.subsets == b.subsets and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in NUMBERS)


def gaussians(seed=0, m=2000, n=12, noise=1.0):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(m, n)) * rng.uniform(0.1, 10, n) + rng.normal(size=n)
    Z = (A - A.mean(axis=0)) / A.std(axis=0)
    y = Z[:, 0] * Z[:, 1] - 0.7 * Z[:, 2] + 0.8 * Z[:, 3] * Z[:, 4] * Z[:, 5] + noise * rng.normal(size=m)
    return A, y


def skewed(seed=0, m=3000, n=12):
    """Units active in 5 to 20 % of samples, and a target of biased characters."""
    rng = np.random.default_rng(seed)
    active = rng.uniform(0.05, 0.2, n)
    X = np.where(rng.random((m, n)) < active, 1, -1)
    mu = 2 * active - 1
    Z = (X - mu) / np.sqrt(1 - mu**2)
    return X, Z[:, 0] * Z[:, 1] - 0.7 * Z[:, 2] + 0.5 * Z[:, 3] * Z[:, 4] + 0.5 * rng.normal(size=m)


@given(st.integers(0, 10_000), st.sampled_from(["biased", "continuous"]))
@settings(max_examples=8)
def test_the_joint_fit_is_the_definition(seed, kind):
    rng = np.random.default_rng(seed)
    m = 240
    A = rng.random((m, 5)) * [1, 10, 1, 0.1, 1]
    y = A[:, 0] + rng.normal(size=m) * (1 + A[:, 1])
    cut = {} if kind == "continuous" else {"threshold": "mean"}
    found = activation_spectroscopy(A, y, basis=kind, seed=seed, must_include=SUBSETS, top=3, rho_max=0.99, **cut)
    X = A if kind == "continuous" else np.where(A > A.mean(axis=0), 1, -1)
    centres, scales = naive_products.moments(X.tolist())
    there = X.tolist(), y.tolist()
    assert found.encoding.centres == pytest.approx(centres)
    assert found.encoding.scales == pytest.approx(scales)
    assert found.subsets[:3] == SUBSETS
    beta = naive_products.least_squares(*there, SUBSETS, centres, scales)
    assert [found.intercept, *found.coefficients] == pytest.approx(beta, abs=1e-8)
    errors = naive_products.hc3_errors(*there, SUBSETS, centres, scales)
    assert found.standard_errors == pytest.approx(errors[1:], rel=1e-6)
    means = [naive_products.character_mean(*there, s, centres, scales) for s in SUBSETS]
    assert found.character_means == pytest.approx(means)


def test_degrees_of_freedom_are_the_effective_samples():
    from scipy.stats import t

    X, y = skewed(m=600)
    found = activation_spectroscopy(X, y, basis="biased", must_include=[(0,)], top=1)
    centres, scales = naive_products.moments(X.tolist())
    freedom = naive_products.effective_samples([naive_products.product(row, (0,), centres, scales) for row in X])
    expected = 2 * t.sf(abs(found.coefficients[0]) / found.standard_errors[0], freedom - 1)
    assert found.p_values[0] == pytest.approx(min(1.0, expected))


@pytest.mark.compiled
@pytest.mark.parametrize("seed", range(4))
def test_planted_products_of_gaussians_come_back_and_nothing_else(seed):
    A, y = gaussians(seed)
    found = activation_spectroscopy(A, y, basis="continuous", seed=seed)
    truth = {(0, 1): 1.0, (2,): -0.7, (3, 4, 5): 0.8}
    assert set(found.subsets) == set(truth)
    for subset, value, error in zip(found.subsets, found.coefficients, found.standard_errors, strict=True):
        # means and deviations are those of the samples
        assert abs(value - truth[subset]) <= 6 * error + 0.1
    assert found.coverage.method == "exhaustive" and found.coverage.examined == 12 + 66 + 220


@pytest.mark.once
@pytest.mark.parametrize("seed", range(4))
def test_planted_biased_characters_of_skewed_units_come_back(seed):
    X, y = skewed(seed)
    found = activation_spectroscopy(Patterns.from_signs(X), y, basis="biased", seed=seed, max_degree=2)
    assert set(found.subsets) == {(0, 1), (2,), (3, 4)}
    signs = activation_spectroscopy(Patterns.from_signs(X), y, seed=seed, max_degree=2)
    assert len(signs) > 3  # the same function spreads over more products of plain signs


@pytest.mark.parametrize("kind", ["biased", "continuous"])
def test_pure_noise_reports_nothing(kind):
    # Bonferroni at 0.05: 4 or more of 40 runs would be a sign of a fault
    reports = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        A = rng.normal(size=(300, 10)) - (1.2 if kind == "biased" else 0.0)
        found = activation_spectroscopy(A, rng.standard_t(3, 300), basis=kind, max_degree=2, seed=seed)
        reports += len(found) > 0
    assert reports <= 3


@pytest.mark.compiled
def test_biased_characters_of_balanced_units_are_signs():
    X, rng = np.where(np.arange(512)[:, None] >> np.arange(6) & 1, -1, 1), np.random.default_rng(0)
    y = X[:, 0] * X[:, 2] + 0.5 * X[:, 4] + 0.5 * rng.normal(size=512)
    a, b = (activation_spectroscopy(Patterns.from_signs(X), y, basis=kind) for kind in ("signs", "biased"))
    assert a.subsets == b.subsets == ((0, 2), (4,))
    for name in ("coefficients", "standard_errors", "character_means", "gains", "gram", "redundancy_error"):
        assert getattr(b, name) == pytest.approx(getattr(a, name))


@pytest.mark.once
@pytest.mark.parametrize("rule", ["zero", "mean", "median", "otsu", 0.3])
def test_signs_of_activations_are_those_of_patterns_with_the_same_thresholds(rule):
    A, y = gaussians(m=400)
    cuts = thresholds(A, rule, y)
    found = activation_spectroscopy(A, y, threshold=rule, seed=3, max_degree=2)
    assert np.array_equal(found.encoding.thresholds, cuts)
    patterns = Patterns.from_activations(A, cuts)
    given = activation_spectroscopy(patterns, y, seed=3, max_degree=2)
    assert same_bits(found, given) and given.encoding.thresholds is None
    assert np.array_equal(found.predict(A), given.predict(patterns))


@pytest.mark.compiled
def test_samples_that_thresholds_were_chosen_by_the_target_on_take_no_part_in_the_answer():
    A, y = gaussians(m=800)
    chooses, used = split_samples(800, 0.5, 0)
    found = activation_spectroscopy(A, y, threshold="informative", max_degree=2)
    cuts = thresholds(A[chooses], "informative", y[chooses])
    assert np.array_equal(found.encoding.thresholds, cuts) and found.n_search + found.n_estimate == 400
    given = activation_spectroscopy(Patterns.from_activations(A[used], cuts), y[used], max_degree=2)
    assert same_bits(found, given)


@pytest.mark.once
def test_other_scales_of_the_units_change_nothing_but_rounding():
    A, y = gaussians(m=800)
    a = activation_spectroscopy(A, y, basis="continuous")
    b = activation_spectroscopy(A * -3.7 + 11, y, basis="continuous")
    assert a.subsets == b.subsets
    parity = np.array([(-1) ** len(s) for s in a.subsets])
    assert b.coefficients == pytest.approx(a.coefficients * parity)


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["biased", "continuous"])
def test_constant_and_copied_units_change_only_the_equivalents(kind):
    A, y = gaussians(m=1000, n=8)
    more = np.column_stack([A, np.full(1000, 0.1), -A[:, 2], 3 * A[:, 1] + (kind == "continuous")])
    plain, extended = (activation_spectroscopy(a, y, basis=kind, max_degree=2) for a in (A, more))
    assert plain.subsets == extended.subsets and extended.constant_units == (8,)
    assert plain.coefficients == pytest.approx(extended.coefficients)
    if kind == "continuous":
        listed = dict(zip(extended.subsets, extended.equivalents, strict=True))
        assert listed[2,] == ((9,),) and listed[0, 1] == ((0, 10),)


@pytest.mark.once
@pytest.mark.parametrize("kind", ["biased", "continuous"])
def test_a_seed_gives_the_same_bits_on_any_number_of_threads(kind, monkeypatch):
    A, y = gaussians(m=600)
    answers = []
    for threads in ("1", "3"):
        monkeypatch.setenv("ACTSPEC_THREADS", threads)
        answers.append(activation_spectroscopy(A, y, basis=kind, seed=7))
    assert same_bits(*answers)


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["signs", "biased", "continuous"])
def test_a_round_trip_is_exact_and_predicts_the_same(kind, tmp_path):
    A, y = gaussians(m=600)
    found = activation_spectroscopy(A, y, basis=kind, max_degree=2)
    found.save(tmp_path / "a.npz")
    back = Spectrum.load(tmp_path / "a.npz")
    assert back.encoding == found.encoding and back.settings == found.settings and same_bits(back, found)
    assert np.array_equal(back.predict(A[:50]), found.predict(A[:50]))


@pytest.mark.compiled
def test_predictions_are_the_polynomial():
    A, y = gaussians(noise=0.0)
    found = activation_spectroscopy(A, y, basis="continuous")
    assert found.predict(A) == pytest.approx(y, abs=1e-6)
    by_hand = found.intercept + sum(
        c * np.array([naive_products.product(row, s, found.encoding.centres, found.encoding.scales) for row in A[:9]])
        for s, c in zip(found.subsets, found.coefficients, strict=True)
    )
    assert found.predict(A[:9]) == pytest.approx(by_hand)


@pytest.mark.compiled
def test_biased_predictions_take_patterns_and_activations_alike():
    A, y = gaussians(m=600)
    found = activation_spectroscopy(A, y, basis="biased", threshold="otsu", max_degree=2)
    patterns = Patterns.from_activations(A, found.encoding.thresholds)
    assert np.array_equal(found.predict(A), found.predict(patterns))


@pytest.mark.compiled
def test_words_and_numbers_say_which_characters():
    A, y = gaussians(m=600)
    found = activation_spectroscopy(A, y, basis="continuous", max_degree=2)
    assert "Characters are continuous" in found.summary(full=True) and "Characters are continuous" in str(
        found.coverage
    )
    assert "活性値の積" in found.summary("ja", full=True)
    assert found.degree_weights().sum() == pytest.approx((found.coefficients**2).sum())
    assert found.summary_numbers()["locality"].standard_error > 0
    assert np.allclose(np.diag(found.gram), 1.0)


@pytest.mark.compiled
def test_a_beam_says_what_it_did_not_see():
    A, y = gaussians(m=600)
    found = activation_spectroscopy(A, y, basis="continuous", search="beam", max_degree=4)
    assert not found.coverage.complete and found.coverage.complete_degree == 2
    assert "those of 3 to 4 only where they can be reached" in str(found.coverage)
    cheap = activation_spectroscopy(A, y, basis="continuous", budget=1e-6)
    assert cheap.coverage.complete_degree == 1


def test_products_that_few_samples_dominate_are_not_reported():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(400, 4))
    A[rng.choice(400, 8, replace=False), 0] += 1000.0  # four or so in each part
    found = activation_spectroscopy(A, A[:, 0] + rng.normal(size=400), basis="continuous")
    assert not any(0 in s for s in found.subsets)
    with pytest.raises(ValueError, match="must_include has"):
        activation_spectroscopy(A, A[:, 0], basis="continuous", must_include=[(0,)])


@pytest.mark.parametrize(
    ("data", "settings", "sentence"),
    [
        ("patterns", {"basis": "continuous"}, "Patterns hold only on and off; give the activations"),
        ("patterns", {"threshold": "mean"}, "threshold was given with Patterns"),
        ("patterns", {"basis": "strange"}, "use one of 'signs', 'biased', 'continuous'"),
        ("activations", {"basis": "continuous", "threshold": 0.5}, "leave threshold out"),
        ("activations", {"threshold": "strange"}, "is not a rule"),
        ("activations", {"basis": "continuous", "search": "block"}, "use one of auto, exhaustive, beam"),
        ("activations", {"basis": "biased", "search": "exhaustive", "max_degree": 4}, "takes at most 3"),
        ("nan", {"basis": "continuous"}, "activations hold nan at sample 3, unit 1"),
        ("nan", {}, "activations hold nan at sample 3, unit 1"),
        ("flat", {"basis": "continuous"}, "give a table of shape"),
    ],
)
def test_what_does_not_fit_is_refused(data, settings, sentence):
    A, y = gaussians(m=100)
    given = {"patterns": Patterns.from_activations(A), "activations": A, "nan": A.copy(), "flat": A[:, 0]}
    given["nan"][3, 1] = np.nan
    with pytest.raises(ValueError, match=sentence):
        activation_spectroscopy(given[data], y, **settings)


@pytest.mark.compiled
def test_what_a_spectrum_cannot_do_it_says():
    A, y = gaussians(m=400)
    continuous = activation_spectroscopy(A, y, basis="continuous", max_degree=2)
    patterns = Patterns.from_activations(A)
    from_patterns = activation_spectroscopy(patterns, y, max_degree=2)
    with pytest.raises(ValueError, match="give the activations"):
        continuous.predict(patterns)
    with pytest.raises(ValueError, match="knows no thresholds"):
        from_patterns.predict(A)
    with pytest.raises(ValueError, match="the activations have 3 units, this spectrum 12"):
        continuous.predict(A[:, :3])
    for read in (continuous.shapley_values, continuous.interactions, continuous.to_shapiq):
        with pytest.raises(ValueError, match="compute it with basis='signs'"):
            read()
    with pytest.raises(ValueError, match="compute it with basis='signs'"):
        intervene(lambda points: points[:, 0], continuous, (0, 1), patterns=patterns)
