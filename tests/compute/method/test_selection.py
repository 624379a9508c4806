import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns
from actspec_widgets.compute.method.selection import Collection, Pool
from actspec_widgets.results.evidence import FEWEST


@given(st.integers(0, 10_000), st.integers(0, 3))
def test_gains_are_drops_of_the_residual_sum_of_squares(seed, size):
    rng = np.random.default_rng(seed)
    m, n = 90, 4
    X, y = rng.choice([-1, 1], (m, n)), rng.normal(size=m)
    subsets = naive.subsets_up_to(n, 2)
    chosen = [subsets[i] for i in rng.choice(len(subsets), size, replace=False)]
    collection = Collection(Patterns.from_signs(X), y, 0.95)
    for subset in chosen:
        collection.add(subset)
    others = tuple(s for s in subsets if s not in chosen)
    _, gain = Pool(collection, others).scores()
    for subset, value in zip(others, gain, strict=True):
        if value:
            expected = naive.orthogonal_least_squares_gain(X.tolist(), y.tolist(), chosen, subset)
            assert value == pytest.approx(expected, abs=1e-9)


def test_what_is_redundant_with_a_choice_is_excluded():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (400, 3))
    X[:, 1] = X[:, 0] * np.where(rng.random(400) < 0.03, -1, 1)
    collection = Collection(Patterns.from_signs(X), X[:, 0] + 0.1 * rng.normal(size=400), 0.9)
    pool = Pool(collection, ((0,), (1,), (2,), (0, 1)))
    assert pool.take(0, pool.scores()[1]) == (0,)
    assert pool.usable.tolist() == [False, False, True, True]


def test_the_simplest_of_equally_good_candidates_is_taken():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (500, 3))
    X[:, 2] = np.where(rng.random(500) < 0.02, -1, 1)  # unit 2 hardly ever changes
    collection = Collection(Patterns.from_signs(X), X[:, 0] + rng.normal(size=500), 0.9)
    pool = Pool(collection, ((0, 2), (1,), (0,)))
    assert pool.take(0, pool.scores()[1]) == (0,)


def test_the_better_of_two_similar_candidates_is_taken_when_the_data_can_tell():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (2000, 2))
    X[:, 0] = X[:, 1] * np.where(rng.random(2000) < 0.04, -1, 1)  # unit 0 is a copy of unit 1 with flips
    collection = Collection(Patterns.from_signs(X), X[:, 1] + 0.1 * rng.normal(size=2000), 0.9)
    pool = Pool(collection, ((1,), (0,)))
    assert pool.take(0, pool.scores()[1]) == (1,)


def test_a_character_that_hardly_changes_is_not_used():
    X = np.ones((100, 1), int)
    X[: FEWEST - 1] = -1
    collection = Collection(Patterns.from_signs(X), X[:, 0] + 0.0, 0.9)
    assert Pool(collection, ((0,),)).scores()[1].tolist() == [0.0]
