"""The list of one half: small steps on a pool of candidates, each entry tested, larger subsets at a price."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive_families as naive
from actspec_widgets import Patterns, scan
from actspec_widgets.compute.families import stagewise as steps
from actspec_widgets.compute.families.stagewise import Pool, Stagewise, stagewise
from actspec_widgets.compute.method.characters import Signs

ALL = naive.subsets_up_to(5, 2)


@given(st.integers(0, 500), st.integers(1, 6))
def test_the_path_is_that_of_the_definition(seed, longest):
    rng = np.random.default_rng(seed)
    X, y = rng.choice([-1, 1], (40, 5)), rng.normal(size=40)
    pool = Pool(Signs(Patterns.from_signs(X)), 1)
    pool.add(ALL)
    found = stagewise(pool, y, Stagewise(longest, 1.0, 1))
    wanted = naive.small_steps(X.tolist(), y.tolist(), ALL, steps.PER_UNIT, steps._STEP, steps._MOST_STEPS, longest)
    assert set(found) == set(wanted)
    sizes = [abs(wanted[s]) for s in found]
    assert all(first >= second - 1e-9 for first, second in pairwise(sizes))


def planted(seed, m=2000, n=12, noise=0.5):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (m, n))
    return X, X[:, 0] - 0.8 * X[:, 1] * X[:, 2] + 0.6 * X[:, 3] * X[:, 4] + noise * rng.normal(size=m)


def scans(characters, degree):
    return lambda left: scan(characters.patterns, left, max_degree=degree, top=20).subsets


def test_scans_feed_the_pool_until_nothing_new_is_picked():
    X, y = planted(0)
    characters = Signs(Patterns.from_signs(X))
    pool = Pool(characters, 10)
    assert set(stagewise(pool, y, Stagewise(30, 1e-4, 10), scans(characters, 2))) == {(0,), (1, 2), (3, 4)}
    assert 20 <= len(pool.subsets) < 78
    alone = Pool(characters, 10)
    alone.add([(unit,) for unit in range(12)])
    assert set(stagewise(alone, y, Stagewise(30, 1e-4, 10))) == {(0,)}


@pytest.mark.compiled
def test_noise_fills_no_list():
    filled = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        characters = Signs(Patterns.from_signs(rng.choice([-1, 1], (300, 12))))
        pool = Pool(characters, 10)
        filled += bool(stagewise(pool, rng.standard_t(3, 300), Stagewise(30, 0.05 / 78, 10), scans(characters, 2)))
    assert filled <= 6  # 5 % of 40 is 2; more than 6 has probability 0.003


def test_noise_that_groups_share_is_no_evidence_once_they_are_named():
    lists = {True: 0, False: 0}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(40), 25)
        X = np.repeat(rng.choice([-1, 1], (40, 10)), 25, axis=0) * np.where(rng.random((1000, 10)) < 0.1, -1, 1)
        y = rng.normal(size=40)[groups]
        characters = Signs(Patterns.from_signs(X))
        for known in lists:
            pool = Pool(characters, 10)
            pool.add([(unit,) for unit in range(10)])
            lists[known] += bool(stagewise(pool, y, Stagewise(30, 0.005, 10), None, groups if known else None))
    assert lists[True] <= 4 and lists[False] >= 15


def test_a_pair_must_earn_its_second_unit():
    """Unit 1 nearly always agrees with {2, 3}: the simpler one is picked though the pair explains a little more."""
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (3000, 4))
    X[:, 1] = X[:, 2] * X[:, 3] * np.where(rng.random(3000) < 0.05, -1, 1)
    y = X[:, 2] * X[:, 3] + 1.0 * rng.normal(size=3000)
    pool = Pool(Signs(Patterns.from_signs(X)), 10)
    pool.add([(1,), (2, 3)])
    assert stagewise(pool, y, Stagewise(1, 1e-4, 10)) == ((1,),)


@pytest.mark.parametrize("scale", [1.0, 1e150, 1e-150])
def test_neither_scale_nor_shift_nor_constants_matter(scale):
    X, y = planted(3)
    wanted = {(0,), (1, 2), (3, 4)}
    X = np.column_stack([X, np.ones(len(X), int)])
    characters = Signs(Patterns.from_signs(X))
    pool = Pool(characters, 10)
    pool.add([*ALL, (12,), (0, 12)])
    assert (12,) not in pool.subsets  # never changes
    found = stagewise(pool, (y + 100) * scale, Stagewise(30, 1e-4, 10))
    assert {tuple(u for u in s if u != 12) for s in found} == wanted
