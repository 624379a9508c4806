import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy, synthetic
from actspec_widgets.compute.method.plans import plan_search
from actspec_widgets.results.encoding import Encoding

TRUTH = [(0,), (0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4)]


def chain(n, samples=4000):
    """Parities that contain each other: every search can reach them."""
    return synthetic.planted(n, TRUTH, [1.0] * 5, samples=samples, noise=0.5, seed=0)


@pytest.mark.once
@pytest.mark.parametrize("search", ["block", "best-first", "beam"])
def test_each_search_finds_five_units_jointly(search):
    problem = chain(9)
    found = activation_spectroscopy(problem.patterns, problem.target, max_degree=5, search=search)
    assert set(found.subsets) == set(TRUTH)
    assert found.coverage.max_degree == 5


@pytest.mark.compiled
def test_searches_agree_where_all_are_complete():
    problem = synthetic.planted(8, [(0, 1), (2, 3, 4), (5,)], [1.0, -1.0, 0.5], samples=1000, noise=1, seed=1)
    answers = [
        activation_spectroscopy(problem.patterns, problem.target, max_degree=3, search=search)
        for search in ("exhaustive", "block", "best-first")
    ]
    for other in answers[1:]:
        assert other.subsets == answers[0].subsets
        assert np.array_equal(other.coefficients, answers[0].coefficients)
        assert other.coverage.examined == answers[0].coverage.examined


@pytest.mark.compiled
def test_auto_says_what_it_picked_why_and_what_it_cannot_have_seen():
    few, many = chain(9), chain(40, samples=2000)
    small = activation_spectroscopy(few.patterns, few.target, max_degree=3)
    assert small.coverage.method == "exhaustive" and small.coverage.complete
    deep = activation_spectroscopy(few.patterns, few.target, max_degree=9)
    assert deep.coverage.method == "block transform" and deep.coverage.examined == 2**9 - 1
    wide = activation_spectroscopy(many.patterns, many.target, max_degree=5, budget=1e-5)
    assert wide.coverage.method == "beam" and not wide.coverage.complete
    assert "all subsets up to degree 2 were looked at, those of 3 to 5 units only where they can" in str(wide.coverage)
    assert "goldreich_levin" in str(wide.coverage)
    assert "looked at in 4 s or less" in str(small.coverage) and "One transform" in str(deep.coverage)
    assert set(wide.subsets) == set(TRUTH)


@pytest.mark.compiled
def test_pairs_of_units_that_few_samples_show_fit_a_smaller_budget():
    rng = np.random.default_rng(0)
    rare, even = (Patterns.from_signs(np.where(rng.random((20_000, 600)) < p, 1, -1)) for p in (0.01, 0.5))
    for patterns, reach in [(rare, 2), (even, 1)]:
        plan = plan_search(patterns, Encoding("signs"), 2, "auto", 2e-3, None)
        assert plan.exhaustive == (reach == 2)
        assert f"up to degree {reach} were" in plan.reason or plan.exhaustive


def test_searches_that_cannot_reach_are_refused():
    problem = chain(25)
    with pytest.raises(ValueError, match="at most 20 units, here are 25"):
        activation_spectroscopy(problem.patterns, problem.target, search="block")
