"""The selection as a whole: what it finds does not depend on how candidates reach it, nor on the size of the target."""

import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy, synthetic
from actspec_widgets.compute.inference import feed
from actspec_widgets.compute.inference.select import select
from actspec_widgets.compute.inference.settings import Settings
from actspec_widgets.compute.method.characters import Signs
from actspec_widgets.compute.method.parts import split_samples

TRUTH = [(0,), (1, 2), (3, 4, 5), (0, 6)]


@pytest.fixture(scope="module")
def hidden():
    return synthetic.planted(14, TRUTH, [1.0, -0.7, 0.6, 0.5], samples=1500, noise=1.0, bias=0.2, seed=3)


@pytest.fixture(scope="module")
def plain(hidden):
    return activation_spectroscopy(hidden.patterns, hidden.target)


@pytest.mark.compiled
@pytest.mark.parametrize("search", ["exhaustive", "beam", "best-first"])
def test_a_pool_fed_by_scans_finds_what_a_pool_of_all_subsets_holds(hidden, search, monkeypatch):
    whole = select(Signs(hidden.patterns), hidden.target, Settings())
    monkeypatch.setattr(feed, "_ALL", 10)
    fed = select(Signs(hidden.patterns), hidden.target, Settings(search=search))
    assert whole.scans == 0 < fed.scans
    assert set(fed.subsets) == set(whole.subsets) == set(TRUTH)
    # the residuals without each one are one scan of many targets, and count one each here
    assert fed.scans <= 20 + 3 * len(TRUTH)


def test_among_given_candidates_nothing_is_scanned(hidden):
    whole = select(Signs(hidden.patterns), hidden.target, Settings())
    rows = np.arange(0, 1500, 2)
    half = Signs(hidden.patterns.take(rows)), hidden.target[rows]
    again = select(*half, Settings(), pool=whole.pool, examined=whole.examined)
    assert again.scans == 0 and set(again.subsets) <= set(whole.pool)
    assert set(again.subsets) == set(select(*half, Settings()).subsets)
    few = select(*half, Settings(), pool=[(0,), (7,)], examined=whole.examined)
    assert few.subsets == ((0,),)


@pytest.mark.once
@pytest.mark.parametrize("change", [lambda y: y + 1e9, lambda y: y * 1e200, lambda y: y * 1e-200, lambda y: -y])
def test_the_size_of_the_target_changes_no_subset(hidden, plain, change):
    changed = activation_spectroscopy(hidden.patterns, change(hidden.target))
    assert set(changed.subsets) == set(plain.subsets) == set(TRUTH)
    assert changed.p_values == pytest.approx(plain.p_values, rel=1e-3)
    assert changed.explained_variance == pytest.approx(plain.explained_variance, abs=1e-5)


@pytest.mark.once
def test_without_noise_nothing_is_lost_and_nothing_is_found_in_the_rounding():
    for seed in range(5):
        problem = synthetic.planted(12, TRUTH, [1.0, -0.7, 1e-3, 0.5], samples=600, seed=seed)
        for offset in (0.0, 1e6):
            found = activation_spectroscopy(problem.patterns, problem.target + offset)
            assert set(found.subsets) == set(TRUTH)


def test_a_held_out_part_whose_target_is_constant_is_explained_by_nothing():
    X = np.random.default_rng(0).choice([-1, 1], (200, 3))
    y = np.zeros(200)
    y[:3] = 1.0
    constant = 0
    for seed in range(10):
        found = activation_spectroscopy(Patterns.from_signs(X), y, seed=seed, must_include=[(0,)])
        if not y[split_samples(200, 0.8, seed)[1]].any():
            constant += 1
            assert found.explained_variance == found.explained_variance_error == found.singles_explain == 0
    assert constant


@pytest.mark.compiled
def test_the_longer_list_is_labelled_and_holds_the_shorter_one(hidden, plain):
    long = activation_spectroscopy(hidden.patterns, hidden.target, error_rate="fdr")
    assert set(plain.subsets) <= set(long.subsets)
    assert (plain.settings["error_rate"], plain.settings["alpha"]) == ("fwer", 0.05)
    assert (long.settings["error_rate"], long.settings["alpha"]) == ("fdr", 0.1)
    assert long.p_values.max() <= 0.1
    with pytest.raises(ValueError, match="use 'fwer' or 'fdr'"):
        activation_spectroscopy(hidden.patterns, hidden.target, error_rate="none")


def test_single_units_alone_explain_less_where_something_is_joint(hidden, plain):
    assert 0 < plain.singles_explain < plain.explained_variance - 0.1
    alone = activation_spectroscopy(hidden.patterns, hidden.target, max_degree=1)
    assert alone.singles_explain == alone.explained_variance


@pytest.mark.once
def test_a_list_may_be_as_long_as_anybody_likes(hidden, plain):
    long = activation_spectroscopy(hidden.patterns, hidden.target, top=10**12)
    assert long.subsets == plain.subsets and np.array_equal(long.coefficients, plain.coefficients)
