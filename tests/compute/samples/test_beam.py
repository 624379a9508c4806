import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
import naive_search
from actspec_widgets import Patterns, scan
from actspec_widgets.compute.samples.beam import beam


@given(
    st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 6), st.integers(1, 6), st.integers(1, 6),
    st.integers(1, 40), st.sampled_from([None, 0, 1, 2]),
)  # fmt: skip
def test_it_is_the_search_that_the_definition_describes(seed, m, n, degree, width, top, rounds):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (m, n), p=[0.3, 0.7])
    X[:, -1] = X[:, 0]  # a duplicate makes ties
    y = rng.normal(size=m)
    start = [tuple(sorted(rng.choice(n, rng.integers(1, min(n, degree) + 1), replace=False).tolist()))]
    found = beam(
        Patterns.from_signs(X), y, start=start, width=width, max_degree=degree, rounds=rounds, top=top, threads=1
    )
    expected = naive_search.beam(X.tolist(), y.tolist(), start, width, degree, rounds)
    assert found.subsets == tuple(s for s, _ in expected[:top])
    assert found.values == pytest.approx([v for _, v in expected[:top]], abs=1e-11 * np.abs(y).max())
    assert found.coverage.examined == len(expected)
    assert not found.coverage.complete and found.coverage.missed_bound is None


@given(st.integers(0, 10_000), st.integers(2, 80), st.integers(2, 6), st.integers(1, 4))
def test_it_starts_from_a_scan(seed, m, n, width):
    rng = np.random.default_rng(seed)
    X, y = rng.choice([-1, 1], (m, n)), rng.normal(size=m)
    found = beam(Patterns.from_signs(X), y, width=width, top=100, threads=1)
    expected = naive_search.beam(X.tolist(), y.tolist(), naive.subsets_up_to(n, 2), width, n)
    assert found.subsets == tuple(s for s, _ in expected)
    assert found.coverage.examined == len(expected)


def test_only_the_units_named_take_part(rng):
    X, y = rng.choice([-1, 1], (80, 8)), rng.normal(size=80)
    units = [1, 3, 6, 7]
    found = beam(Patterns.from_signs(X), y, units=units, start=[(3, 7)], top=100)
    alone = beam(Patterns.from_signs(X[:, units]), y, start=[(1, 3)], top=100)
    assert found.subsets == tuple(tuple(units[i] for i in subset) for subset in alone.subsets)
    assert np.array_equal(found.values, alone.values) and found.coverage.n_units == 4
    with pytest.raises(ValueError, match="which leaves units"):
        beam(Patterns.from_signs(X), y, units=units, start=[(0, 1)])


def hierarchy(n, m, chains, rng):
    """Parities of degree 1 to 6 along each chain, every one with a weaker one below it."""
    X = rng.choice(np.array([-1, 1], np.int8), (m, n))
    y = rng.normal(size=m)
    for chain in chains:
        for k in range(1, len(chain) + 1):
            y += (0.2 + 0.1 * k) * X[:, chain[:k]].prod(axis=1)
    return Patterns.from_signs(X), y


@pytest.mark.compiled
def test_hierarchies_are_climbed_to_degree_six_among_300_units():
    rng = np.random.default_rng(0)
    chains = [rng.choice(300, 6, replace=False).tolist() for _ in range(3)]
    patterns, y = hierarchy(300, 6000, chains, rng)
    found = beam(patterns, y, top=50)
    planted = {tuple(sorted(chain[:k])) for chain in chains for k in range(1, 7)}
    assert planted <= set(found.subsets[:20])
    assert found.subsets[:3] == tuple(sorted(found.subsets[:3], key=lambda s: -abs(dict(values(found))[s])))
    assert {len(s) for s in found.subsets[:3]} == {6}
    limited = beam(patterns, y, top=50, max_degree=4)
    assert max(len(s) for s in limited.subsets) == 4 and limited.coverage.max_degree == 4


def values(found):
    return zip(found.subsets, found.values.tolist(), strict=True)


@pytest.mark.compiled
def test_a_lonely_parity_is_not_found_and_the_coverage_does_not_claim_it():
    rng = np.random.default_rng(1)
    X = rng.choice([-1, 1], (4000, 100))
    lonely = (3, 14, 15, 92, 65)
    y = X[:, lonely].prod(axis=1) + 0.1 * rng.normal(size=4000)
    found = beam(Patterns.from_signs(X), y)
    assert tuple(sorted(lonely)) not in found.subsets
    assert not found.coverage.complete and found.coverage.missed_bound is None
    assert "cannot have been seen" in str(found.coverage)
    # told two units less, it gets there
    near = beam(Patterns.from_signs(X), y, start=[lonely[:4]], rounds=1, top=1)
    assert near.subsets == (tuple(sorted(lonely)),)


def test_nothing_that_was_scored_is_better_than_the_list():
    rng = np.random.default_rng(2)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (700, 40))), rng.standard_t(2, size=700)
    found = beam(patterns, y, width=20, top=200)
    pairs = scan(patterns, y, max_degree=2, top=200)
    assert np.all(np.abs(found.values) >= np.abs(pairs.values) - 1e-12)
    signs = patterns.signs()
    centred = y - y.mean()
    for subset in found.subsets[:20]:  # every flip of the beam is in the list, or no larger than its end
        for unit in range(40):
            flip = tuple(sorted({unit}.symmetric_difference(subset)))
            if flip and flip not in found.subsets:
                assert abs((centred * signs[:, flip].prod(axis=1)).mean()) <= abs(found.values[-1]) + 1e-12


@pytest.mark.once
def test_the_answer_does_not_depend_on_threads():
    rng = np.random.default_rng(3)
    patterns, y = hierarchy(60, 1500, [rng.choice(60, 5, replace=False).tolist()], rng)
    one, three = (beam(patterns, y, width=50, top=80, threads=t) for t in (1, 3))
    assert one.subsets == three.subsets and one.coverage == three.coverage
    assert np.array_equal(one.values, three.values)
    assert np.array_equal(one.standard_errors, three.standard_errors)


def test_a_search_stopped_early_says_what_it_left():
    rng = np.random.default_rng(5)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (200, 12))), rng.normal(size=200)
    assert "stopped before the flips" in str(beam(patterns, y, width=10, rounds=1).coverage)
    assert "none is better" in str(beam(patterns, y, width=10).coverage)


def test_a_list_is_as_long_as_there_are_subsets_and_one_that_no_memory_holds_is_refused():
    assert len(beam(Patterns.from_signs([[1, -1], [1, 1], [-1, 1]]), [0.0, 1.0, 3.0], top=10**12)) <= 3
    wide = Patterns.from_signs(np.where(np.eye(2, 64, dtype=bool), -1, 1))
    with pytest.raises(ValueError, match="too many to hold"):
        beam(wide, [0.0, 1.0], top=10**12)


def test_refusals():
    patterns, y = Patterns.from_signs([[1, -1], [1, 1]]), [0.0, 1.0]
    for settings, sentence in (
        ({"top": 0}, "top=0; give a whole number, 1 or more"),
        ({"top": 2.5}, "top=2.5; give a whole number"),
        ({"width": 0}, "width=0; give a whole number"),
        ({"max_degree": 0}, "max_degree=0; give a whole number"),
        ({"rounds": -1}, "0 or more"),
        ({"start": []}, "start is empty"),
        ({"start": [()]}, "takes 1 to 2 units"),
        ({"start": [(0, 1)], "max_degree": 1}, "takes 1 to 1 units"),
        ({"start": [(5,)]}, "outside 0..1"),
    ):
        with pytest.raises(ValueError, match=sentence):
            beam(patterns, y, **settings)
    with pytest.raises(ValueError, match="for all 2 samples"):
        beam(patterns, [1.0, 1.0])
