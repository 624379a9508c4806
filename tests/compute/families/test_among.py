"""Families as part of every answer: half-samples that are searched among what the search of all samples met."""

import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy, stability, synthetic
from actspec_widgets.compute.families import among
from actspec_widgets.compute.inference import feed
from actspec_widgets.compute.inference.select import select
from actspec_widgets.compute.inference.settings import Settings
from actspec_widgets.compute.method.characters import Signs

TRUTH = {(0, 1): 1.0, (2,): -0.8, (3, 4, 5): 0.6}


@pytest.fixture(scope="module")
def planted():
    problem = synthetic.planted(10, list(TRUTH), list(TRUTH.values()), samples=1500, noise=0.5, seed=0)
    return problem.patterns, problem.target


@pytest.mark.compiled
@pytest.mark.parametrize("fed", [False, True])
def test_an_answer_has_the_families_on_which_ten_half_samples_agree(planted, fed, monkeypatch):
    if fed:
        monkeypatch.setattr(feed, "_ALL", 5)  # the pool is what scans have brought up
    found = activation_spectroscopy(*planted)
    assert {(f.best, f.members, f.returned, f.halves) for f in found.families} == {(s, (), 1.0, 10) for s in TRUTH}
    assert "Families were looked for in 10 half-samples, among the subsets that the search met" in str(found.coverage)
    scanned = stability(*planted, found)
    assert {f.best for f in scanned.families} == {f.best for f in found.families}
    more = activation_spectroscopy(*planted, halves=20)
    assert {f.halves for f in more.families} == {20} and more.subsets == found.subsets


@pytest.mark.once
def test_families_change_nothing_else(planted):
    found, without = activation_spectroscopy(*planted), activation_spectroscopy(*planted, halves=0)
    assert without.families == () and "families" not in str(without.coverage)
    assert without.subsets == found.subsets and np.array_equal(without.p_values, found.p_values)
    assert without.explained_variance == found.explained_variance


def test_near_copies_are_one_family_and_noise_has_none():
    rng = np.random.default_rng(1)
    X = rng.choice([-1, 1], (2000, 6))
    X[:, 0] = X[:, 5] * np.where(rng.random(2000) < 0.02, -1, 1)
    y = X[:, 5] + X[:, 0] + X[:, 1] + rng.normal(size=2000)
    families = activation_spectroscopy(Patterns.from_signs(X), y, max_degree=2).families
    copies = next(f for f in families if f.best in [(0,), (5,)])
    assert copies.returned == 1.0 and set((copies.best, *copies.members)) == {(0,), (5,)} and len(families) == 2
    assert activation_spectroscopy(Patterns.from_signs(X), rng.normal(size=2000), max_degree=2).families == ()


def test_candidates_go_with_the_target_or_with_what_the_answer_leaves_of_it(planted, monkeypatch):
    patterns, y = planted
    selection = select(Signs(patterns), y, Settings(max_degree=2))
    X = patterns.signs().astype(float)
    chosen = np.column_stack([np.ones(len(y)), *(X[:, s].prod(axis=1) for s in selection.subsets)])
    left = y - chosen @ np.linalg.lstsq(chosen, y, rcond=None)[0]
    closeness = {}
    for subset in selection.pool:
        column = X[:, subset].prod(axis=1)
        size = max(abs(np.cov(column, of)[0, 1]) / column.std() for of in (y, left))
        closeness[subset] = size / 2 ** ((len(subset) - 1) / 2)
    monkeypatch.setattr(among, "_CANDIDATES", 12)
    nearest = sorted(closeness, key=lambda s: -closeness[s])[:12]
    assert set(among.candidates(selection)) == {*selection.subsets, *nearest}


@pytest.mark.compiled
def test_noise_that_groups_share_has_families_only_where_groups_are_not_known():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 25)
    X = np.repeat(rng.choice([-1, 1], (40, 12)), 25, axis=0) * np.where(rng.random((1000, 12)) < 0.1, -1, 1)
    y = 2.0 * X[:, 0] + rng.normal(size=40)[groups] + 0.1 * rng.normal(size=1000)
    blind, told = (
        activation_spectroscopy(Patterns.from_signs(X), y, max_degree=1, groups=of).families for of in (None, groups)
    )
    assert [f.best for f in told] == [(0,)] and len(blind) > 3


@pytest.mark.parametrize("basis", ["biased", "continuous"])
def test_standardised_products_have_families_too(basis):
    A = np.random.default_rng(0).normal(size=(1000, 6))
    A = np.where(np.abs(A) < 0.1, 0.1, A) if basis == "continuous" else np.where(A > 0.5, 1.0, -1.0)
    y = A[:, 0] * A[:, 2] + 0.7 * A[:, 4] + 0.3 * np.random.default_rng(1).normal(size=1000)
    found = activation_spectroscopy(A, y, max_degree=2, basis=basis)
    assert {(0, 2), (4,)} <= {family.best for family in found.families}


@pytest.mark.parametrize("halves", [3, -2, 2.5])
def test_halves_come_in_pairs(planted, halves):
    with pytest.raises(ValueError, match=f"halves={halves}; (halves come in pairs, so give an even|give a whole)"):
        activation_spectroscopy(*planted, halves=halves)
