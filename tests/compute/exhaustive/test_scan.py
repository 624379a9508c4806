import itertools
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns, scan, scan_targets
from actspec_widgets.compute.exhaustive import screen
from actspec_widgets.compute.exhaustive.scan_kernel import advance, unrank
from actspec_widgets.compute.exhaustive.screen import build_screen, reorder, stable_order

targets = st.sampled_from(["normal", "heavy", "binary", "rare", "three values", "exponential"])


def draw_target(kind, rng, m):
    y = {
        "normal": lambda: rng.normal(size=m),
        "heavy": lambda: rng.standard_t(1.5, size=m),
        "binary": lambda: (rng.random(m) < 0.5) * 1.0,
        "rare": lambda: (rng.random(m) < 0.1) * 1.0,
        "three values": lambda: rng.integers(0, 3, m) * 1.0,
        "exponential": lambda: rng.exponential(size=m),
    }[kind]()
    y[0], y[1] = y[0], y[0] + 1.0  # never constant
    return y


@given(st.integers(0, 10_000), st.integers(2, 150), st.integers(1, 7), st.integers(1, 7), targets, st.integers(1, 60))
def test_the_list_is_the_one_that_the_definition_gives(seed, m, n, degree, kind, top):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (m, n), p=[0.3, 0.7])
    X[:, -1] = X[:, 0]  # a duplicate makes ties
    y = draw_target(kind, rng, m)
    found = scan(Patterns.from_signs(X), y, max_degree=degree, top=top)
    expected = naive.scan(X.tolist(), y.tolist(), degree, top)
    assert found.values == pytest.approx([v for _, v in expected], abs=1e-11 * np.abs(y).max())
    assert found.subsets == tuple(s for s, _ in expected)
    errors = [naive.covariance_error(X.tolist(), y.tolist(), s) for s in found.subsets[:5]]
    assert found.standard_errors[:5] == pytest.approx(errors, rel=1e-6, abs=1e-7 * np.abs(y).max())


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["normal", "heavy", "rare"])
def test_larger_problems_agree_with_matrix_products(kind):
    rng = np.random.default_rng(1)
    m, n = 3000, 60
    X = rng.choice([-1, 1], (m, n))
    y = draw_target(kind, rng, m)
    found = scan(Patterns.from_signs(X), y, max_degree=3, top=300)
    centred = y - y.mean()
    values = [
        np.concatenate([centred @ X / m]),
        *[(centred * X[:, i]) @ X[:, i + 1 :] / m for i in range(n)],
        *[(centred * X[:, i] * X[:, j]) @ X[:, j + 1 :] / m for i, j in itertools.combinations(range(n), 2)],
    ]
    largest = np.sort(np.abs(np.concatenate(values)))[::-1][:300]
    assert np.abs(found.values) == pytest.approx(largest, rel=1e-9)
    assert found.coverage.missed_bound == pytest.approx(largest[-1])


def test_only_the_units_named_are_scanned():
    rng = np.random.default_rng(4)
    X, y = rng.choice([-1, 1], (90, 8)), rng.normal(size=90)
    units = [6, 1, 3, 4]
    found = scan(Patterns.from_signs(X), y, max_degree=3, top=500, units=units)
    rows = [(s, v) for s, v in naive.scan(X.tolist(), y.tolist(), 3, 500) if set(s) <= set(units)]
    assert found.subsets == tuple(s for s, _ in rows)
    np.testing.assert_allclose(found.values, [v for _, v in rows], atol=1e-12)
    assert found.coverage.n_units == 4 and found.coverage.examined == len(rows) == 14


def test_the_answer_does_not_depend_on_threads():
    rng = np.random.default_rng(2)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (1000, 40))), rng.normal(size=1000)
    one, three = (scan(patterns, y, max_degree=3, top=200, threads=t) for t in (1, 3))
    assert one.subsets == three.subsets
    assert np.array_equal(one.values, three.values)
    assert np.array_equal(one.standard_errors, three.standard_errors)


@pytest.mark.compiled
def test_memory_stays_bounded_when_everything_ties():
    # every product of these units is constant up to sign: 2 x 10^5 exact ties
    X = np.where(np.arange(64)[:, None] % 2, 1, -1) * np.ones((64, 110), int)
    found = scan(Patterns.from_signs(X), np.arange(64) % 2, max_degree=3, top=4)
    assert found.subsets == ((0,), (1,), (2,), (3,))


@given(st.integers(0, 10_000), st.integers(1, 700), targets)
def test_the_screen_keeps_its_bound(seed, m, kind):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (m + 2, 4))
    y = draw_target(kind, rng, m + 2)
    y -= y.mean()
    screen = build_screen(Patterns.from_signs(X), y)
    for subset in naive.subsets_up_to(4, 4):
        parity = np.bitwise_xor.reduce(screen.planes[list(subset)], axis=0)
        score = 0.0
        for signs, weights, base, error in zip(screen.signs, screen.weights, screen.bases, screen.errors, strict=True):
            score += base - 2 * (weights * np.bitwise_count(signs ^ parity)).sum()
            assert abs(score - (y * X[:, subset].prod(axis=1)).sum()) <= error


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 150), st.integers(1, 70))
def test_samples_in_another_order_keep_their_patterns(seed, m, n):
    rng = np.random.default_rng(seed)
    X, order = rng.choice([-1, 1], (m, n)), rng.permutation(m)
    planes = Patterns.from_signs(X).planes
    moved = np.empty_like(planes)
    reorder(planes, order, moved)
    assert np.array_equal(moved, Patterns.from_signs(X[order]).planes)


def test_prefixes_are_counted_in_order():
    everything = list(itertools.combinations(range(7), 3))
    prefix = np.empty(3, np.int64)
    for rank, expected in enumerate(everything):
        unrank(rank, 7, prefix)
        assert tuple(prefix) == expected
        assert advance(prefix, 7) == (rank + 1 < len(everything))


def test_refusals():
    patterns = Patterns.from_signs([[1, -1], [1, 1]])
    for degree in (0, 9):
        with pytest.raises(ValueError, match="whole number from 1 to 8"):
            scan(patterns, [0.0, 1.0], max_degree=degree)
    wide = Patterns.from_signs(np.where(np.eye(2, 2000, dtype=bool), -1, 1))
    with pytest.raises(ValueError, match="more subsets than a scan can count"):
        scan(wide, [0.0, 1.0], max_degree=8)
    with pytest.raises(ValueError, match="top=0; give a whole number, 1 or more"):
        scan(patterns, [0.0, 1.0], max_degree=1, top=0)
    for top in (2.5, "3"):
        with pytest.raises(ValueError, match=r"top=.*; give a whole number, 1 or more"):
            scan(patterns, [0.0, 1.0], max_degree=1, top=top)
    assert len(scan(patterns, [0.0, 1.0], max_degree=2, top=10**12)) == 3  # as many as there are
    with pytest.raises(ValueError, match="top=1,000,000,000,000 subsets are too many to hold"):
        scan(wide, [0.0, 1.0], max_degree=3, top=10**12)
    with pytest.raises(ValueError, match="for all 2 samples"):
        scan(patterns, [1.0, 1.0], max_degree=1)
    with pytest.raises(ValueError, match="threads=0"):
        scan(patterns, [0.0, 1.0], max_degree=1, threads=0)
    with pytest.raises(ValueError, match="takes one target, scan_targets one for each column"):
        scan(patterns, np.eye(2), max_degree=1)
    with pytest.raises(ValueError, match="units is empty"):
        scan(patterns, [0.0, 1.0], max_degree=1, units=())


@pytest.mark.parametrize("words", [0, 2e9])
def test_many_targets_are_each_scanned_one_after_the_other_or_side_by_side(words, monkeypatch):
    monkeypatch.setattr(f"{scan.__module__}._THREADED", 0)
    monkeypatch.setattr(f"{scan.__module__}._SIDE_BY_SIDE", words)
    rng = np.random.default_rng(3)
    patterns, Y = Patterns.from_signs(rng.choice([-1, 1], (200, 9))), rng.normal(size=(200, 3))
    together = scan_targets(patterns, Y, max_degree=2, top=10, threads=2)
    for found, y in zip(together, Y.T, strict=True):
        alone = scan(patterns, y, max_degree=2, top=10)
        assert found.subsets == alone.subsets and np.array_equal(found.values, alone.values)


@given(st.integers(0, 10_000), st.integers(1, 3000), st.sampled_from(["any", "ties", "one", "sorted", "spikes"]))
def test_a_long_target_is_sorted_in_pieces_as_numpy_sorts_it_at_once(seed, m, kind):
    rng = np.random.default_rng(seed)
    y = {
        "any": rng.standard_t(1, size=m),
        "ties": rng.integers(0, 4, m) * 1.0,
        "one": np.zeros(m),
        "sorted": np.sort(rng.normal(size=m)),
        "spikes": np.where(rng.random(m) < 0.95, 0.0, rng.normal(size=m)),
    }[kind]
    heard = []
    with (
        patch.object(screen, "_PIECE", 128),
        patch.object(screen, "_IN_INTERVAL", 10),
        patch.object(screen, "_SEEN", 70),
    ):
        order = stable_order(y, lambda: heard.append(1))
    assert order.dtype == np.uint32 and np.array_equal(order, np.argsort(y, kind="stable"))
    assert len(heard) >= 2 * (m // 128) - 1
