import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_products
from actspec_widgets.compute.products.screen import Best
from actspec_widgets.compute.products.search import beam_products, scan_products
from actspec_widgets.compute.products.table import ProductTable, effective_samples, varies


def table_of(A, min_side=3):
    return ProductTable(((A - A.mean(axis=0)) / A.std(axis=0)).T, min_side)


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=15)
def test_a_scan_lists_the_largest_scores_of_all_products(seed, degree):
    rng = np.random.default_rng(seed)
    A, y = rng.normal(size=(40, 5)) ** 3, rng.normal(size=40)
    centres, scales = naive_products.moments(A.tolist())
    everything = {}
    for subset in naive_products.subsets_up_to(5, degree):
        values = [naive_products.product(row, subset, centres, scales) for row in A]
        if naive_products.effective_samples(values) >= 3:
            everything[subset] = naive_products.score(A, y, subset, centres, scales)
    expected = sorted(everything, key=lambda s: -abs(everything[s]))[:8]
    best, examined = scan_products(table_of(A), y, degree, 8)
    assert best.subsets == expected
    assert best.scores == pytest.approx([everything[s] for s in expected])
    assert examined == len(naive_products.subsets_up_to(5, degree))


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_no_score_is_above_its_bound(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(20, 3000))
    A = rng.normal(size=(m, 6)) ** 3 + rng.choice([0, 100], 6)
    A[:, 5] = A[:, 4] + 1e-3 * rng.normal(size=m)
    best = Best(table_of(A), rng.normal(size=m), 10)
    parents = [(0,), (1, 2), (4,), (3, 4)]
    high = best._bounds(parents, np.arange(6))
    for row, parent in zip(high, parents, strict=True):
        for unit in set(range(6)) - set(parent):
            score = abs(best.table.scores([tuple(sorted((*parent, unit)))], best.residual)[0])
            assert score <= max(row[unit], 0.0)


def test_bounds_are_close_to_the_scores_where_samples_are_many():
    rng = np.random.default_rng(0)
    best = Best(table_of(rng.normal(size=(5000, 3))), rng.normal(size=5000), 10)
    high = best._bounds([(0,)], np.array([1]))[0, 0]
    assert high - abs(best.table.scores([(0, 1)], best.residual)[0]) < 1e-3


def test_the_order_of_float32_sums_changes_nothing(monkeypatch):
    """Another order of summation, as another number of threads of the library has, keeps the list to the last bit."""
    from actspec_widgets.compute.products import screen

    rng = np.random.default_rng(1)
    A, y = rng.normal(size=(700, 12)), rng.normal(size=700)
    answers = []
    for samples in (1024, 64, 37):
        monkeypatch.setattr(screen, "_SAMPLES", samples)
        best, _ = scan_products(table_of(A), y, 3, 20)
        answers.append((best.subsets, best.scores.tobytes()))
    assert answers[0] == answers[1] == answers[2]


def test_a_beam_reaches_what_stands_out_on_the_way():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(3000, 20))
    y = Z[:, 0] * Z[:, 1] + Z[:, 0] * Z[:, 1] * Z[:, 2] + Z[:, 0] * Z[:, 1] * Z[:, 2] * Z[:, 3]
    best, examined, _ = beam_products(table_of(Z), y, 2, 4, 10, 50)
    assert (0, 1, 2) in best.subsets and (0, 1, 2, 3) in best.subsets
    assert 210 < examined < 210 + 1140 + 4845
    assert len(set(best.subsets)) == len(best.subsets)


def test_effective_samples_of_a_rare_sign_are_about_the_samples_that_have_it():
    rare = np.ones((1, 1000))
    rare[0, :10] = -1
    assert effective_samples(rare)[0] == pytest.approx(10, rel=0.05)
    assert effective_samples(rare)[0] == pytest.approx(naive_products.effective_samples(rare[0].tolist()))
    assert effective_samples(np.ones((1, 50)))[0] == 0.0


def test_a_product_that_hardly_varies_around_a_large_mean_is_not_used():
    rng = np.random.default_rng(0)
    rows = np.vstack([1 + 0.01 * rng.normal(size=500), rng.normal(size=500), np.zeros(500)])
    assert varies(rows).tolist() == [False, True, False]
