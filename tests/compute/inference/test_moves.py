"""What the search knows of a pool from inner products alone is what whole least squares fits say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
import naive_inference
from actspec_widgets import Patterns
from actspec_widgets.compute.inference.moves import descend
from actspec_widgets.compute.inference.offers import joint_squares, pairs_to_offer
from actspec_widgets.compute.inference.pool import Pool
from actspec_widgets.compute.inference.search import Penalty, Search, critical_value
from actspec_widgets.compute.inference.state import State
from actspec_widgets.compute.inference.target import Target
from actspec_widgets.compute.method.characters import Signs

seeds = st.integers(0, 10_000)


def problem(seed, m=120, n=4, degree=2):
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((m, n)) < rng.uniform(0.3, 0.7, n), 1, -1)
    y = Target.of(X[:, 0] * X[:, 1] - 0.6 * X[:, 2] + rng.normal(size=m)).values
    subsets = naive.subsets_up_to(n, degree)
    pool = Pool(Signs(Patterns.from_signs(X)), y, 10)
    pool.grow(subsets)
    return rng, X, y, subsets, pool, naive_inference.columns(X, subsets)


def search_in(pool, rate="fwer", rho_max=0.99):
    return Search(pool, Penalty(pool.n_samples, len(pool), 0.2, rate, 4, pool.n_samples, 1e-12), rho_max)


@given(seeds, st.integers(0, 4))
@settings(max_examples=25)
def test_a_state_is_the_least_squares_fit(seed, size):
    rng, _, y, subsets, pool, rows = problem(seed)
    chosen = rng.choice(len(subsets), size, replace=False).tolist()
    state = State(pool, chosen)
    left = naive_inference.residual(rows[chosen], y)
    assert state.rss == pytest.approx(naive_inference.rss(rows[chosen], y))
    assert state.residual() == pytest.approx(left, abs=1e-9)
    assert state.left == pytest.approx(rows @ left, abs=1e-8)
    lengths = [naive_inference.rss(rows[chosen], row) for row in rows]
    assert state.length == pytest.approx(lengths, abs=1e-7)
    for i, loss in enumerate(state.losses()):
        rest = [at for at in chosen if at != chosen[i]]
        assert loss == pytest.approx(naive_inference.rss(rows[rest], y) - state.rss, abs=1e-7)
    inner = [naive_inference.residual(rows[chosen], rows[0]) @ row for row in rows]
    assert state.inner(0) == pytest.approx(inner, abs=1e-7)


@given(seeds, st.integers(0, 1), st.booleans())
@settings(max_examples=25)
def test_a_state_that_has_moved_is_the_fit_of_what_it_holds(seed, repeated, looked_at):
    rng, X, y, *_ = problem(seed, n=5)
    X[:, 4] = np.where(rng.random(len(X)) < 0.01 * repeated, -X[:, 3], X[:, 3])  # two units that are nearly one
    pool = Pool(Signs(Patterns.from_signs(X)), y, 1)
    pool.grow(subsets := naive.subsets_up_to(5, 2))
    rows = naive_inference.columns(X, subsets)
    state = State(pool, [])
    for _ in range(9):
        if looked_at:
            assert state.left.size == len(pool)
        may = [at for at in range(len(pool)) if at not in state.chosen and state.length[at] > 1e-3 * pool.norms[at]]
        leaves = int(rng.integers(-1, len(state.chosen)))
        state = state.moved(leaves, int(rng.choice(may)) if may and rng.random() < 0.7 else -1)
        chosen = list(state.chosen)
        left = naive_inference.residual(rows[chosen], y)
        assert state.rss == pytest.approx(naive_inference.rss(rows[chosen], y))
        assert state.residual() == pytest.approx(left, abs=1e-8)
        assert state.left == pytest.approx(rows @ left, abs=1e-7)
        assert state.length == pytest.approx([naive_inference.rss(rows[chosen], row) for row in rows], abs=1e-6)
        assert state.inverse == pytest.approx(State(pool, chosen).inverse, rel=1e-6, abs=1e-9)


@given(seeds, st.sampled_from(["fwer", "fdr"]))
@settings(max_examples=25)
def test_where_the_search_stops_no_move_is_better_by_its_own_definition(seed, rate):
    rng, _, y, _, pool, rows = problem(seed)
    search = search_in(pool, rate)
    useless = rng.choice(len(pool), 4, replace=False).tolist()  # most of them: they have to leave again
    chosen = search.improved([] if seed % 2 else useless)
    own = naive_inference.cost(rows[chosen], y, search.prices)
    assert search.cost(chosen) == pytest.approx(own)
    usable = np.flatnonzero(pool.usable).tolist()
    for other in naive_inference.moves(chosen, usable, search.penalty.most):
        shares = [naive_inference.rss(np.delete(rows[other], i, 0), row) for i, row in enumerate(rows[other])]
        if min(shares, default=1.0) > 0.05 * len(y):
            assert naive_inference.cost(rows[other], y, search.prices) >= own - 1e-6


def test_one_more_column_lowers_the_cost_exactly_where_its_t_value_is_critical():
    prices = Penalty(500, 1000, 0.05, "fwer", 3, 500, 1e-12).prices()
    cut = critical_value(0.05 / 1000, 500 - 2)
    for t, better in ((cut * 1.0001, True), (cut * 0.9999, False)):
        ratio = 1 + t**2 / (500 - 2)  # RSS without over RSS with the column
        assert (prices[1] - 500 * math.log(ratio) < 0) == better


def test_for_the_false_discovery_rate_each_further_column_costs_less():
    steps = np.diff(Penalty(500, 1000, 0.1, "fdr", 6, 500, 1e-12).prices())
    assert (np.diff(steps) < 0).all() and steps[0] < np.diff(Penalty(500, 1000, 0.05, "fwer", 6, 500, 1e-12).prices())[
        0
    ]


@given(seeds, st.floats(0.5, 30))
@settings(max_examples=25)
def test_coordinate_descent_meets_the_conditions_of_the_lasso(seed, price):
    _, _, y, subsets, pool, rows = problem(seed, n=6)
    prices = np.full(len(subsets), price) * np.linspace(0.5, 1.5, len(subsets))
    beta = np.zeros(len(subsets))
    descend(np.ascontiguousarray(pool.shared(range(len(pool)))), pool.sums, prices, beta, 10_000, 1e-9)
    assert naive_inference.lasso_conditions(rows, y, prices, beta) < 1e-5


@given(seeds, st.integers(0, 2))
@settings(max_examples=20)
def test_joint_parts_are_scored_as_by_a_fit_that_holds_all_proper_subsets(seed, size):
    rng, _, y, subsets, pool, rows = problem(seed, m=200, degree=3)
    chosen = rng.choice(len(subsets), size, replace=False).tolist()
    found, squares = joint_squares(pool, State(pool, chosen))
    scored = {subsets[at] for at in found}
    assert scored == {s for i, s in enumerate(subsets) if len(s) > 1 and i not in chosen and pool.evidenced[i]}
    for at, squared in zip(found, squares, strict=True):
        parts = {pool.place[part] for part in naive_inference.proper_subsets(subsets[at])} | set(chosen)
        before = naive_inference.rss(rows[sorted(parts)], y)
        after = naive_inference.rss(rows[[*sorted(parts), at]], y)
        assert squared == pytest.approx((before - after) / (after / (len(y) - len(parts) - 2)), abs=1e-6)


def test_the_pairs_that_are_offered_are_the_best_of_all():
    rng = np.random.default_rng(1)
    X = np.where(rng.random((500, 60)) < 0.15, -1, 1)
    y = Target.of(1.0 * ((X[:, 3] < 0) & (X[:, 7] < 0)) + X[:, 9] + 0.3 * rng.normal(size=500)).values
    pool, units = Pool(Signs(Patterns.from_signs(X)), y, 1), range(60)
    chosen = pool.places([(9,)])
    offered = pairs_to_offer(pool, units, pool.names(chosen))
    assert offered[0] == (3, 7) and len(offered) == 1000 and pool.subsets == [(9,)]  # of 1,770, and nothing is taken in
    pool.grow(naive.subsets_up_to(60, 2))
    places, squares = joint_squares(pool, State(pool, chosen))
    best = {pool.subsets[places[at]] for at in np.argsort(-squares)[:1000]}
    assert len(best & set(offered)) > 990  # ties at the end


def test_equal_columns_go_to_the_simplest_subset():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (300, 3))
    X = np.column_stack([X, X[:, 0] * X[:, 1]])  # unit 3 is the product of units 0 and 1
    y = Target.of(X[:, 3] + rng.normal(size=300)).values
    for order in (1, -1):
        pool = Pool(Signs(Patterns.from_signs(X)), y, 10)
        pool.grow(naive.subsets_up_to(4, 2)[::order])
        assert pool.names(search_in(pool).improved([])) == ((3,),)
