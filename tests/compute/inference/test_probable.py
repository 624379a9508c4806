"""The walk visits sets as often as they are probable; the longer list holds what is more probable than not."""

import numpy as np
import pytest

import naive
import naive_inference
import naive_probable
from actspec_widgets import Cancelled, Patterns, activation_spectroscopy, synthetic
from actspec_widgets.compute.inference import probable
from actspec_widgets.compute.inference.pool import Pool
from actspec_widgets.compute.inference.search import Penalty, Search
from actspec_widgets.compute.inference.target import Target
from actspec_widgets.compute.method.characters import Signs


def problem(seed, noise=2.0, mean=0.0, m=80, n=3, degree=2):
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((m, n)) < (1 + mean) / 2, 1, -1)
    y = Target.of(X[:, 0] * X[:, 1] - 0.6 * X[:, 2] + noise * rng.normal(size=m)).values
    subsets = naive.subsets_up_to(n, degree)
    pool = Pool(Signs(Patterns.from_signs(X)), y, 3)
    pool.grow(subsets)
    search = Search(pool, Penalty(m, 50, 0.1, "fdr", 3, m, 1e-12), 0.99)
    return y, search, naive_inference.columns(X, subsets)


def test_inner_products_among_some_are_those_with_all():
    _, search, rows = problem(1)
    some = np.array([4, 0, 2])
    centred = rows[some] - rows[some].mean(axis=1, keepdims=True)
    assert search.pool.gram(some, lambda: None) == pytest.approx(centred @ centred.T)


@pytest.mark.compiled
@pytest.mark.parametrize(("noise", "mean"), [(1.0, 0.0), (2.0, 0.0), (4.0, 0.0), (2.0, 0.6)])
@pytest.mark.parametrize("seed", range(4))
def test_they_are_the_shares_of_all_sets_that_hold_a_column(seed, noise, mean):
    y, search, rows = problem(seed, noise, mean)
    chosen = [2, 3]
    left = naive_inference.rss(rows[chosen], y) / (y @ y)
    exact = naive_probable.probabilities(rows, y, 50, 3, probable.g_values(len(y), left))
    assert probable.probabilities(search, chosen) == pytest.approx(exact[chosen], abs=0.02)


@pytest.mark.compiled
@pytest.mark.parametrize("seed", range(4))
def test_so_they_are_where_regrouped_units_say_nearly_the_same(seed):
    """Three units nearly always on, as parities of one, two and three of them: their sums hardly differ."""
    y, search, rows = problem(seed, noise=0.5, mean=0.8, m=120, degree=3)
    chosen = [2, 3]
    left = naive_inference.rss(rows[chosen], y) / (y @ y)
    exact = naive_probable.probabilities(rows, y, 50, 3, probable.g_values(len(y), left))
    assert probable.probabilities(search, chosen) == pytest.approx(exact[chosen], abs=0.02)


@pytest.mark.compiled
@pytest.mark.parametrize("names", [[(0, 1), (2, 3)], [(0, 2), (1, 3)], [(1,), (0, 2, 3)]])
def test_each_grouping_of_the_same_sum_is_as_probable(names):
    """Where no two of four units are off at once, their seven groupings in two make one and the same sum."""
    X = np.ones((200, 4), int)
    X[np.arange(80), np.arange(80) // 20] = -1
    y = Target.of(X.sum(axis=1) + 0.3 * np.where(np.arange(200) % 2, 1, -1)).values
    pool = Pool(Signs(Patterns.from_signs(X)), y, 3)
    search = Search(pool, Penalty(200, 100_000, 0.1, "fdr", 4, 200, 1e-12), 0.99)
    chosen = pool.places(names)
    pool.grow(naive.subsets_up_to(4, 3))
    assert probable.probabilities(search, chosen) == pytest.approx(1 / 7, abs=0.02)


@pytest.mark.compiled
def test_a_sum_in_one_subset_or_in_two_is_as_probable_as_the_definition_says():
    X = np.ones((16, 2), int)
    X[:5, 0] = X[5:10, 1] = -1
    y = Target.of(X.sum(axis=1) + 0.4 * np.random.default_rng(1).normal(size=16)).values
    pool = Pool(Signs(Patterns.from_signs(X)), y, 3)
    search = Search(pool, Penalty(16, 3, 0.1, "fdr", 2, 16, 1e-12), 1.0)
    subsets = [(0, 1), (0,), (1,)]
    pool.grow(subsets)
    rows = naive_inference.columns(X, subsets)
    log_g = probable.g_values(16, naive_inference.rss(rows[:1], y) / (y @ y))
    exact = naive_probable.probabilities(rows, y, 3, 2, log_g)
    assert 0.1 < exact[1] < 0.6
    assert probable.probabilities(search, [0])[0] == pytest.approx(exact[0], abs=0.01)
    assert probable.probabilities(search, [1, 2]) == pytest.approx(exact[1:], abs=0.01)


def test_a_walk_keeps_what_is_to_stay_and_counts_each_set_that_it_is_in():
    gram, names = np.eye(5), probable.hashed([(0,), (0, 1), (1, 2), (0, 2), (3,)], 4)
    members, state, held = np.array([0, 1, 0, 0]), np.array([2, 0]), np.zeros(5)
    prior, chance = probable.log_prior(50, 3), np.random.default_rng(0).random((400, 7))
    likely, log_g = np.linspace(0.2, 1, 5), probable.g_values(80, 0.5)
    sums = np.array([0.1, 0.5, 0.3, 0.3, 0.0])
    near = np.cumsum(np.ones((5, 5)) - gram, axis=1)
    probable.walk(gram, sums, likely, near, *names, prior, log_g, 80.0, 1e-12, 1, members, state, held, chance)
    assert held[0] == 400 and members[0] == 0  # the first is fixed
    assert 400 <= held.sum() <= 3 * 400 and (held[1:] > 0).any() and held[1] > held[4]
    assert 1 <= state[0] <= 3 and len(set(members[: state[0]].tolist())) == state[0]


def test_one_column_is_as_probable_as_bayes_says_by_hand():
    """Of one column among one, with one g: odds are the ratio of the two marginal likelihoods."""
    n, r2, log_g = 50, 0.1, np.array([np.log(8.0)])
    prior = np.zeros(2)
    held, chance = np.zeros(1), np.random.default_rng(0).random((20_000, 7))
    names = probable.hashed([(0,)], 1)
    args = (np.eye(1), np.array([np.sqrt(r2)]), np.ones(1), np.zeros((1, 1)), *names, prior, log_g, float(n), 1e-12, 0)
    probable.walk(*args, np.zeros(2, np.int64), np.array([0, 0]), held, chance)
    odds = 9.0 ** ((n - 2) / 2) / (1 + 8 * (1 - r2)) ** ((n - 1) / 2)  # the empty set has 1
    assert held[0] / 20_000 == pytest.approx(odds / (1 + odds), abs=0.02)


@pytest.mark.compiled
@pytest.mark.parametrize("seed", range(4))
def test_what_is_the_same_by_a_relation_keeps_its_simplest_name(seed):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (1000, 6))
    X[:, 2], X[:, 5] = X[:, 0] * X[:, 1], X[:, 3] * X[:, 4]
    y = X[:, 2] + X[:, 5] + rng.normal(size=1000)
    found = activation_spectroscopy(Patterns.from_signs(X), y, error_rate="fdr", halves=0)
    assert {(2,), (5,)} <= set(found.subsets) and (0, 1) in found.classes[found.subsets.index((2,))]


@pytest.mark.compiled
def test_where_no_name_is_more_probable_than_not_none_is_given_and_that_is_not_called_chance(tmp_path):
    """Four units of which no two are off at once: their pairs are sums, and say in seven ways the same."""
    rng = np.random.default_rng(0)
    X = np.ones((200, 12), int)
    X[:, 4:] = rng.choice([-1, 1], (200, 8))
    X[np.arange(80), np.arange(80) // 20] = -1
    y = X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] + 0.5 * rng.normal(size=200)
    strict, longer = (
        activation_spectroscopy(Patterns.from_signs(X), y, max_degree=2, error_rate=rate, halves=0)
        for rate in ("fwer", "fdr")
    )
    assert not strict.joint.any() and len(strict) == 4 and all(len(claim) > 1 for claim in strict.classes)
    assert len(longer) == 0 and longer.coverage.undecided == 4
    longer.save(tmp_path / "longer.npz")
    for spectrum in (longer, type(longer).load(tmp_path / "longer.npz")):
        assert (
            "4 passed their tests" in spectrum.summary()
            and "also lists what could stand in its place" in spectrum.summary()
        )
        assert "distinguishable from chance" not in spectrum.summary() and "even chance" not in spectrum.summary()
        assert "4 個の部分集合が検定を通りました" in spectrum.summary("ja")


@pytest.mark.compiled
def test_nothing_is_lost_without_noise_and_what_is_asked_for_stays():
    truth = synthetic.planted(12, [(0,), (1, 2), (3, 4)], [1.0, -0.5, 1e-3], samples=600, seed=1)
    for factor in (1.0, 1e150, 1e-150):
        found = activation_spectroscopy(
            truth.patterns, factor * truth.target, error_rate="fdr", must_include=[(7,)], halves=0
        )
        assert set(found.subsets) == {(0,), (1, 2), (3, 4), (7,)}
    assert not [note for note in found.coverage.notes if "less probable" in note]


@pytest.mark.compiled
def test_a_seed_gives_the_same_list_on_any_number_of_threads_and_with_groups():
    truth = synthetic.planted(10, [(0,), (1, 2), (3, 4)], [1.0, -0.5, 0.4], samples=600, noise=2.0, seed=1)
    for groups in (None, np.arange(600) // 4):
        first, second = (
            activation_spectroscopy(
                truth.patterns, truth.target, error_rate="fdr", halves=0, threads=threads, groups=groups
            )
            for threads in (1, 2)
        )
        assert first.subsets == second.subsets and first.coverage == second.coverage
        assert first.coefficients.tobytes() == second.coefficients.tobytes()


@pytest.mark.compiled
def test_the_walk_can_be_cancelled_and_reports_in_order():
    _, search, _ = problem(0)
    seen = []

    def report(done, total):
        seen.append(done / total)
        if len(seen) == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        probable.probabilities(search, [2, 3], 0, report)
    assert seen == sorted(seen) and len(seen) == 5
