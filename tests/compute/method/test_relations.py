import itertools
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns
from actspec_widgets.compute.method import relations
from actspec_widgets.compute.method.relations import exact_relations, unit_classes


@given(st.integers(0, 10_000), st.integers(1, 130))
def test_classes_of_units_are_those_found_by_comparing_columns(seed, m):
    rng = np.random.default_rng(seed)
    base = rng.choice([-1, 1], (m, 3))
    X = base[:, rng.integers(0, 3, 7)] * rng.choice([-1, 1], 7)
    X[:, rng.integers(0, 7)] = 1
    classes = unit_classes(Patterns.from_signs(X))
    assert classes.constants == tuple(i for i in range(7) if abs(X[:, i].sum()) == m)
    for first, members in zip(classes.representatives, classes.members, strict=True):
        same = [i for i in range(7) if abs((X[:, i] * X[:, first]).sum()) == m]
        assert list(members) == same and first == same[0]


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 100))
def test_the_relations_span_every_constant_product(seed, n, m):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (m, n))
    if n > 3:
        X[:, 3] = X[:, 0] * X[:, 1]  # a product of three units is constant
    found = exact_relations(Patterns.from_signs(X))
    for relation in found:
        assert {naive.chi(relation.units, x) for x in X} == {relation.sign}
    spanned = set()
    for size in range(len(found) + 1):
        for chosen in itertools.combinations(found, size):
            union = frozenset()
            for relation in chosen:
                union ^= frozenset(relation.units)
            spanned.add(union)
    constant = {frozenset(s) for s in naive.subsets_up_to(n, n) if len({naive.chi(s, x) for x in X}) == 1}
    assert spanned - {frozenset()} == constant
    assert len(spanned) == 2 ** len(found)  # a basis: none is a product of the others


def test_relations_in_words():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (100, 6))
    X[:, 1], X[:, 2], X[:, 3], X[:, 5] = -1, -X[:, 0], X[:, 0], -X[:, 0] * X[:, 4]
    said = [relation.describe() for relation in exact_relations(Patterns.from_signs(X))]
    assert said == [
        "unit 1 is always inactive",
        "unit 0 always equals unit 2 negated",
        "unit 0 always equals unit 3",
        "of unit 0, unit 4 and unit 5, always an odd number is inactive",
    ]


@pytest.mark.compiled
def test_thousands_of_units():
    rng = np.random.default_rng(0)
    X = rng.choice(np.array([-1, 1], np.int8), (5000, 2048))
    X[:, 2047] = X[:, :3].prod(axis=1)
    found = exact_relations(Patterns.from_signs(X))
    assert [(r.units, r.sign) for r in found] == [((0, 1, 2, 2047), 1)]


@given(st.integers(0, 10_000), st.integers(1, 900), st.integers(1, 40))
def test_relations_are_the_same_when_the_first_samples_are_looked_at_first(seed, m, n):
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((m, n)) < rng.uniform(0, 0.2, n), 1, -1)
    X[:, -1] = X[:, 0] * X[:, n // 2]
    patterns = Patterns.from_signs(X)
    with patch.object(relations, "_SPARE", 0):
        quick = exact_relations(patterns)
    with patch.object(relations, "_SPARE", 1 << 20):
        assert quick == exact_relations(patterns)
