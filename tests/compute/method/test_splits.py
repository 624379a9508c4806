import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_splits
from actspec_widgets import Patterns, Spectrum, activation_spectroscopy, stability, synthetic
from actspec_widgets.compute.method.parts import split_samples
from actspec_widgets.compute.method.splits import aggregated_p_values

NUMBERS = ("coefficients", "standard_errors", "character_means", "p_values", "gains", "gram", "covariance")


def seeds(seed, splits):
    return [int(word) for word in np.random.SeedSequence(seed).generate_state(splits, np.uint64)]


def problem_with_a_weak_subset():
    return synthetic.planted(10, [(0, 1), (2,)], [1.0, 0.21], samples=1000, noise=1.0, seed=2)


@given(
    st.lists(st.sampled_from([0.0, 1e-30, 1e-6, 0.001, 0.004, 0.0125, 0.05, 0.3, 1.0]), min_size=1, max_size=45),
    st.sampled_from([0.05, 0.1, 0.3]),
)
@settings(max_examples=60, deadline=None)
def test_the_aggregation_is_the_definition(p_values, gamma_min):
    found = aggregated_p_values(np.array(p_values)[:, None], gamma_min)
    assert found == pytest.approx([naive_splits.aggregated(p_values, gamma_min)], rel=1e-9)


def test_the_aggregation_by_hand():
    # all splits agree: only the price of choosing gamma, 1 - log 0.05, remains
    assert aggregated_p_values(np.full((20, 1), 0.001)) == pytest.approx([0.001 * (1 - np.log(0.05))])
    # one split of five: five times more
    assert aggregated_p_values([[1e-4], [1], [1], [1], [1]]) == pytest.approx([5e-4 * (1 - np.log(0.05))])
    # one split of twenty is a share of 0.05, which is not looked at
    assert aggregated_p_values([[0.0]] + [[1.0]] * 19).tolist() == [1.0]


def test_independent_uniform_p_values_keep_the_level():
    p_values = np.random.default_rng(0).random((20, 20_000))
    for alpha in (0.01, 0.05, 0.2):
        assert (aggregated_p_values(p_values) <= alpha).mean() <= alpha


@pytest.mark.compiled
def test_planted_subsets_come_back_and_nothing_else():
    problem = synthetic.planted(
        12, [(0, 1), (2,), (3, 4, 5)], [1, -0.6, 0.8], samples=1500, noise=0.5, bias=0.4, seed=1
    )
    found = activation_spectroscopy(problem.patterns, problem.target, splits=5)
    truth = dict(zip(problem.subsets, problem.coefficients, strict=True))
    assert set(found.subsets) == set(truth)
    for subset, value, error in zip(found.subsets, found.coefficients, found.standard_errors, strict=True):
        assert abs(value - truth[subset]) <= 6 * error
    assert found.settings["splits"] == 5 and (found.n_search, found.n_estimate) == (750, 750)
    assert "Repeated on 5 random splits" in str(found.coverage) and found.coverage.complete


@pytest.mark.compiled
def test_the_numbers_are_means_over_the_joint_fits_of_the_splits():
    problem = problem_with_a_weak_subset()
    found = activation_spectroscopy(problem.patterns, problem.target, splits=4, seed=3)
    assert found.subsets == ((0, 1), (2,))
    fits = [
        activation_spectroscopy(problem.patterns, problem.target, seed=s, must_include=found.subsets, top=2)
        for s in seeds(3, 4)
    ]
    for name in ("coefficients", "character_means", "gains", "gram", "intercept", "explained_variance"):
        assert getattr(found, name) == pytest.approx(np.mean([getattr(fit, name) for fit in fits], axis=0)), name
    held_out = [set(split_samples(problem.patterns.n_samples, 0.5, s)[1].tolist()) for s in seeds(3, 4)]
    shared = np.mean([[len(a & b) / len(a) for b in held_out] for a in held_out])
    assert 0.5 < shared < 0.8  # four halves that overlap by about half
    mean = np.mean([fit.covariance for fit in fits], axis=0)
    assert found.covariance == pytest.approx(shared * mean)
    assert found.standard_errors == pytest.approx(np.sqrt(shared * np.diag(mean)))
    for name in ("explained_variance_error", "redundancy_error"):
        squares = np.mean([getattr(fit, name) ** 2 for fit in fits])
        assert getattr(found, name) == pytest.approx(np.sqrt(shared * squares)), name


@pytest.mark.compiled
def test_the_standard_error_is_the_spread_of_the_averaged_coefficients():
    draws = [synthetic.planted(6, [(0, 1)], [1.0], samples=200, noise=1.0, seed=seed) for seed in range(300)]
    found = [activation_spectroscopy(d.patterns, d.target, splits=5, must_include=[(0, 1)], top=1) for d in draws]
    spread = np.std([f.coefficients[0] for f in found], ddof=1)
    # the standard deviation of 300 normal numbers is known to about 4 %
    assert np.mean([f.standard_errors[0] for f in found]) == pytest.approx(spread, rel=0.2)


def test_a_target_that_never_changes_in_the_held_out_part_explains_nothing():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (100, 3))
    y = np.zeros(100)
    searched, _ = split_samples(100, 0.5, 0)
    y[searched[:12]] = 1.0
    found = activation_spectroscopy(Patterns.from_signs(X), y, must_include=[(0,)])
    assert found.explained_variance == 0 and found.gains.tolist() == [0.0] and found.p_values.tolist() == [1.0]


@pytest.mark.compiled
def test_p_values_are_aggregated_with_one_where_a_split_finds_nothing():
    problem = problem_with_a_weak_subset()
    found = activation_spectroscopy(problem.patterns, problem.target, splits=6)
    singles = [activation_spectroscopy(problem.patterns, problem.target, seed=s) for s in seeds(0, 6)]
    table = [
        [dict(zip(s.subsets, s.p_values, strict=True)).get(subset, 1.0) for subset in found.subsets] for s in singles
    ]
    assert max(map(max, table)) == 1.0, "the weak subset is missed by some split"
    assert found.p_values == pytest.approx(
        [naive_splits.aggregated(column, 0.05) for column in zip(*table, strict=True)]
    )
    assert (found.p_values <= 0.05).all()


@pytest.mark.compiled
def test_what_some_splits_find_just_so_is_not_reported():
    problem = synthetic.planted(10, [(0, 1), (2,)], [1.0, 0.16], samples=1000, noise=1.0, seed=2)
    singles = [activation_spectroscopy(problem.patterns, problem.target, seed=s) for s in seeds(0, 5)]
    assert any(len(s) > 1 for s in singles) and any(len(s) == 1 for s in singles)
    assert activation_spectroscopy(problem.patterns, problem.target, splits=5).subsets == ((0, 1),)


@pytest.mark.compiled
def test_what_must_be_included_is_there_with_its_own_p_value():
    problem = problem_with_a_weak_subset()
    found = activation_spectroscopy(problem.patterns, problem.target, splits=3, must_include=[(7,), (4, 3)])
    assert found.subsets[:3] == ((7,), (3, 4), (0, 1))
    assert found.p_values[:2].tolist() == [1.0, 1.0]
    assert len(found.equivalents) == len(found) == len(found.coefficients)


@pytest.mark.compiled
def test_splits_that_find_duplicates_find_the_same():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (800, 6))
    X[:, 0] = X[:, 5] * np.where(rng.random(800) < 0.03, -1, 1)  # the data can hardly tell which one matters
    y = X[:, 5] + 0.5 * X[:, 1] * X[:, 2] + rng.normal(size=800)
    patterns = Patterns.from_signs(np.column_stack([X, -X[:, 1]]))
    singles = [activation_spectroscopy(patterns, y, seed=s) for s in seeds(1, 6)]
    either = [[s for s in single.subsets if s in [(0,), (5,)]] for single in singles]
    assert max(map(len, either)) == 1 and len({s[0] for s in either if s}) == 2, "the splits disagree on which"
    found = activation_spectroscopy(patterns, y, splits=6, seed=1)
    # three splits each: the simpler one stands for both
    assert found.subsets == ((0,), (1, 2)) and found.equivalents == (((5,),), ((2, 6),))
    p_values = [dict(zip(s.subsets, s.p_values, strict=True)) for s in singles]
    column = [p[own[0]] if own else 1.0 for p, own in zip(p_values, either, strict=True)]
    assert found.p_values[0] == pytest.approx(naive_splits.aggregated(column, 0.05))


@pytest.mark.compiled
def test_noise_reports_the_mean():
    rng = np.random.default_rng(0)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (300, 8))), rng.normal(size=300)
    found = activation_spectroscopy(patterns, y, splits=3)
    assert len(found) == 0 and found.intercept == y.mean() and found.explained_variance == 0.0
    assert found.predict(patterns) == pytest.approx(np.full(300, y.mean()))
    assert "Repeated on 3" in found.summary()


@pytest.mark.compiled
def test_a_subset_too_rare_for_some_splits_is_estimated_on_the_others():
    rng = np.random.default_rng(4)
    X = rng.choice([-1, 1], (400, 4))
    X[:, 3] = np.where(rng.permutation(400) < 22, -1, 1)  # 22 samples: some splits put fewer than 10 on one side
    y = 3 * X[:, 3] + X[:, 0] + rng.normal(size=400)
    found = activation_spectroscopy(Patterns.from_signs(X), y, splits=8)
    assert set(found.subsets) == {(0,), (3,)}
    assert "of them, the others having too few samples on one side." in str(found.coverage)
    assert found.coefficients[found.subsets.index((3,))] == pytest.approx(3, abs=0.5)


@pytest.mark.compiled
def test_a_seed_gives_the_same_bits_on_any_number_of_threads(monkeypatch):
    problem = problem_with_a_weak_subset()
    answers = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("ACTSPEC_THREADS", threads)
        answers.append(activation_spectroscopy(problem.patterns, problem.target, splits=3, seed=7))
    for other in answers[1:]:
        assert other.subsets == answers[0].subsets
        assert all(np.array_equal(getattr(other, name), getattr(answers[0], name)) for name in NUMBERS)
    other = activation_spectroscopy(problem.patterns, problem.target, splits=3, seed=8)
    assert not np.array_equal(other.coefficients, answers[0].coefficients)


@pytest.mark.compiled
def test_one_split_is_the_plain_method():
    problem = problem_with_a_weak_subset()
    plain, one = (activation_spectroscopy(problem.patterns, problem.target, **s) for s in ({}, {"splits": 1}))
    assert plain.subsets == one.subsets and plain.settings == one.settings and plain.coverage == one.coverage
    assert all(np.array_equal(getattr(plain, name), getattr(one, name)) for name in NUMBERS)


@pytest.mark.compiled
def test_the_settings_reproduce_the_answer_also_from_a_file(tmp_path):
    problem = problem_with_a_weak_subset()
    found = activation_spectroscopy(problem.patterns, problem.target, splits=3)
    found.save(tmp_path / "found.npz")
    again = activation_spectroscopy(problem.patterns, problem.target, **Spectrum.load(tmp_path / "found.npz").settings)
    assert all(np.array_equal(getattr(again, name), getattr(found, name)) for name in NUMBERS)
    assert stability(problem.patterns, problem.target, found, resamples=2).returned[0] == 1.0


@pytest.mark.parametrize("splits", [0, -2, 2.5])
def test_fewer_than_one_split_is_refused(splits):
    problem = synthetic.planted(5, [(0,)], [1.0], samples=100, noise=0.1, seed=0)
    with pytest.raises(ValueError, match="give the number of random splits, 1 or more"):
        activation_spectroscopy(problem.patterns, problem.target, splits=splits)
