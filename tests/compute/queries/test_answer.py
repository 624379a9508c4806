"""Answers to queries are spectra: uniform evidence, with errors and what they explain of fresh answers."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Patterns, goldreich_levin, sparse_transform
from actspec_widgets.compute.queries.answer import share_by_folds, share_explained
from naive_query import Planted, cube, f_hat, planted


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(0, 10_000), st.floats(0.05, 0.6))
def test_a_whole_table_explains_the_sum_of_squares_that_parseval_has(n, seed, tau):
    rng = np.random.default_rng(seed)
    table = dict(zip(cube(n), rng.normal(size=2**n), strict=True))
    found = goldreich_levin(lambda x: np.array([table[tuple(p)] for p in x.tolist()]), n, tau=tau, seed=seed)
    truth = f_hat(table.__getitem__, n)
    variance = sum(v * v for s, v in truth.items() if s)
    listed = sum(truth[s] ** 2 for s in found.subsets if s)
    assert found.explained_variance == pytest.approx(listed / variance, abs=1e-9)
    assert found.explained_variance_error == 0.0 and found.evidence == "uniform"
    assert found.gains.sum() == pytest.approx(found.explained_variance, abs=1e-9)
    predicted = found.predict(Patterns.from_signs(np.array(cube(n))))
    left = [table[x] - p for x, p in zip(cube(n), predicted, strict=True)]
    assert np.var(left) == pytest.approx(variance - listed, abs=1e-9)


@pytest.mark.parametrize("search", ["tree", "hashing"])
def test_the_share_explained_is_right_within_its_error(search):
    scores = []
    for seed in range(12):
        function = planted(30, 4, 3, seed, noise=0.8)
        if search == "tree":
            found = goldreich_levin(function, 30, tau=0.45, seed=seed)
        else:
            found = sparse_transform(function, 30, sparsity=4, max_degree=3, seed=seed)
        power = sum(c * c for c in function.coefficients.values())
        listed = sum(function.coefficients[s] ** 2 for s in found.subsets)
        scores.append((found.explained_variance - listed / (power + 0.64)) / found.explained_variance_error)
    assert np.abs(scores).max() < 4 and abs(np.mean(scores)) < 1.5


def test_folds_do_not_flatter():
    rng = np.random.default_rng(0)
    values = rng.normal(size=4000)
    characters = [rng.choice([-1.0, 1.0], 4000) for _ in range(40)]
    share = share_by_folds(values, values, characters)[1]
    fitted = values - sum(c * (values @ c) / 4000 for c in characters)
    assert share_explained(values, fitted)[1] > 0.004 > 0 > share > -0.03


def test_the_mean_is_the_empty_subset_or_the_intercept_never_both():
    both = {(): 2.0, (3,): 1.0}
    large = goldreich_levin(Planted(both), 40, tau=0.5, seed=0)
    small = goldreich_levin(Planted({(): 0.1, (3,): 1.0}), 40, tau=0.5, seed=0)
    assert () in large.subsets and large.intercept == 0.0
    assert () not in small.subsets and small.intercept == pytest.approx(0.1, abs=0.2)
    assert large.explained_variance == pytest.approx(1.0, abs=1e-3)


def test_a_subset_of_several_units_is_joint_and_a_single_unit_is_not():
    found = goldreich_levin(Planted({(3,): 1.0, (1, 7): 0.6}, 0.1), 40, tau=0.5, seed=0)
    assert dict(zip(found.subsets, found.joint.tolist(), strict=True)) == {(3,): False, (1, 7): True}
    assert np.isnan(found.joint_parts[found.subsets.index((3,))])


ANSWERS = {
    "tree": lambda: goldreich_levin(Planted({(3,): 0.9, (5, 20): -0.8, (): 1.5}, 0.1), 40, tau=0.5),
    "table": lambda: goldreich_levin(Planted({(0, 3): 0.7}, 0.5), 9, tau=0.5),
    "hashing": lambda: sparse_transform(planted(30, 4, 3, 0), 30, sparsity=4),
    "one": lambda: sparse_transform(Planted({(1, 2): 1.0}), 30, sparsity=4),
    "nothing": lambda: sparse_transform(Planted({}, 1.0), 40, sparsity=4, max_degree=2),
    "unresolved": lambda: sparse_transform(planted(30, 150, 5, 0), 30, sparsity=8, max_degree=5, max_queries=1500),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_both_languages_say_that_patterns_are_random_and_the_same_numbers(name):
    found = ANSWERS[name]()
    english, japanese = found.summary("en", full=True), found.summary("ja", full=True)
    assert "random, not recorded" in english and "無作為" in japanese
    assert "held-out samples" not in english and "data no unit" not in english
    said, also = (set(re.findall(r"\d[\d.,]*\b", text)) for text in (english, japanese))
    assert said and said <= also
    assert 4 <= len(re.split(r"(?<=\.) (?=[A-Z0-9])", english)) <= 9
    if len(found):
        assert f"{found.explained_variance:.1%}" in english and f"{found.explained_variance_error:.1%}" in english
