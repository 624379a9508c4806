"""Families: what many lists agree on, without chaining; halves that share nothing and keep groups whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive_families as naive
from actspec_widgets import Patterns
from actspec_widgets.compute.families.consensus import consensus, correlations, families_of, near_any
from actspec_widgets.compute.families.halves import complementary_halves
from actspec_widgets.compute.method.characters import Signs

SUBSETS = naive.subsets_up_to(5, 3)


@st.composite
def recordings(draw):
    """Patterns of five units, some of them near copies of others, and lists of subsets."""
    m = draw(st.integers(6, 40))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    X = rng.choice([-1, 1], (m, 5))
    X[:, 1] = X[:, 0] * np.where(rng.random(m) < 0.15, -1, 1)
    lists = draw(st.lists(st.lists(st.sampled_from(SUBSETS), max_size=5, unique=True), min_size=1, max_size=6))
    return X, lists


@given(recordings(), st.sampled_from([0.3, 0.5, 0.7, 0.9]), st.sampled_from([0.1, 0.5, 1.0]))
def test_families_are_those_of_the_definition(recording, level, least):
    X, lists = recording
    found = families_of(Signs(Patterns.from_signs(X)), lists, level, least)
    wanted = naive.families(X.tolist(), lists, level, least) if any(lists) else []
    assert [(f.best, f.members, f.returned) for f in found] == wanted


@given(recordings(), st.sampled_from([0.5, 0.7]))
def test_members_are_near_the_best_one_and_best_ones_apart(recording, level):
    X, lists = recording
    characters = Signs(Patterns.from_signs(X))
    found = families_of(characters, lists, level, 0.01)
    best = [family.best for family in found]
    between = correlations(characters, best, best)
    assert (between[~np.eye(len(best), dtype=bool)] < level).all()
    for family in found:
        assert (correlations(characters, family.members, [family.best]) >= level).all()
    shares = [family.returned for family in found]
    assert shares == sorted(shares, reverse=True) and all(0 < share <= 1 for share in shares)
    # every subset that takes both signs is in exactly one family
    everything = [s for family in found for s in (family.best, *family.members)]
    varying = {s for listed in lists for s in listed if np.ptp(X[:, list(s)].prod(axis=1)) > 0}
    assert sorted(everything) == sorted(varying)


@given(recordings())
def test_neither_the_order_of_lists_nor_a_negated_unit_matters(recording):
    X, lists = recording
    found = families_of(Signs(Patterns.from_signs(X)), lists, 0.7, 0.2)
    assert families_of(Signs(Patterns.from_signs(X)), lists[::-1], 0.7, 0.2) == found
    X = X.copy()
    X[:, 2] *= -1
    assert families_of(Signs(Patterns.from_signs(X)), lists, 0.7, 0.2) == found


def test_no_chaining():
    """Three units, each near the next: the middle one takes both, the outer two alone are apart."""
    rng = np.random.default_rng(0)
    middle = rng.choice([-1, 1], 4000)
    flips = rng.random(4000)
    first, last = np.where(flips < 0.1, -middle, middle), np.where(flips > 0.9, -middle, middle)
    characters = Signs(Patterns.from_signs(np.stack([first, middle, last], axis=1)))
    [family] = families_of(characters, [[(0,)], [(1,)], [(2,)]], 0.7, 0.5)
    assert family.best == (1,) and family.members == ((0,), (2,)) and family.returned == 1.0
    apart = families_of(characters, [[(0,)], [(2,)]], 0.7, 0.5)
    assert [(f.best, f.members) for f in apart] == [((0,), ()), ((2,), ())]


@given(recordings(), st.sampled_from([0.3, 0.7]))
def test_near_any_is_the_definition(recording, level):
    X, lists = recording
    others = lists[0]
    signs = X.tolist()
    wanted = [
        any(
            abs(naive.correlation(naive.character(s, signs), naive.character(t, signs))) >= level - 1e-12
            for t in others
        )
        for s in SUBSETS
    ]
    assert near_any(Signs(Patterns.from_signs(X)), SUBSETS, others, level).tolist() == wanted


@given(st.integers(2, 60), st.integers(1, 4), st.integers(0, 99))
def test_halves_share_no_sample_and_leave_none_out(m, pairs, seed):
    halves = complementary_halves(m, pairs, np.random.default_rng(seed))
    assert len(halves) == pairs
    for first, second in halves:
        assert np.array_equal(np.sort(np.concatenate([first, second])), np.arange(m))
        assert abs(first.size - second.size) <= 1


@given(st.lists(st.integers(0, 7), min_size=4, max_size=80), st.integers(0, 99))
def test_halves_keep_groups_whole_and_near_equal(labels, seed):
    groups = np.unique(labels, return_inverse=True)[1]
    first, second = complementary_halves(groups.size, 1, np.random.default_rng(seed), groups)[0]
    assert not set(groups[first]) & set(groups[second])
    assert np.array_equal(np.sort(np.concatenate([first, second])), np.arange(groups.size))
    assert abs(first.size - second.size) <= np.bincount(groups).max()


@pytest.mark.compiled
def test_consensus_takes_any_selection():
    """A selection that names one of two near copies by chance: one family, returned in every half."""
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (400, 3))
    X[:, 1] = X[:, 0] * np.where(rng.random(400) < 0.05, -1, 1)
    seen = []

    def select(rows):
        seen.append(rows)
        return [(int(rows.sum()) % 2,), (2,)] if len(seen) % 4 else [(int(rows.sum()) % 2,)]

    characters = Signs(Patterns.from_signs(X))
    families, lists = consensus(select, characters, pairs=8, level=0.7, least=0.5, rng=np.random.default_rng(1))
    assert len(lists) == len(seen) == 16 and all(200 == rows.size for rows in seen)
    assert [set((f.best, *f.members)) for f in families] == [{(0,), (1,)}, {(2,)}]
    assert [f.returned for f in families] == [1.0, 0.75]
    inside = np.arange(100, 300)
    consensus(select, characters, pairs=2, level=0.7, least=0.5, rng=np.random.default_rng(1), within=inside)
    assert all(set(rows) <= set(inside) and rows.size == 100 for rows in seen[16:])
