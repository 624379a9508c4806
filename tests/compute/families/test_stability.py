"""Stability: the families of half-samples, and what returns where no sample is shared."""

import numpy as np
import pytest

from actspec_widgets import Cancelled, Patterns, activation_spectroscopy, synthetic
from actspec_widgets.compute.families import lists
from actspec_widgets.compute.families.stability import stability

TRUTH = {(0, 1): 1.0, (2,): -0.8, (3, 4, 5): 0.6}


def problem(samples=1500, noise=0.5, seed=0, n=10, **settings):
    planted = synthetic.planted(
        n, list(TRUTH), list(TRUTH.values()), samples=samples, noise=noise, seed=seed, **settings
    )
    return planted.patterns, planted.target


def found_in(patterns, y, max_degree=3, basis="signs", **settings):
    spectrum = activation_spectroscopy(patterns, y, max_degree=max_degree, basis=basis)
    return spectrum, stability(patterns, y, spectrum, **settings)


@pytest.mark.compiled
def test_what_is_there_returns_everywhere():
    spectrum, found = found_in(*problem())
    assert {family.best for family in found.families} == set(TRUTH) == set(spectrum.subsets)
    assert all(family.returned == 1.0 and family.members == () for family in found.families)
    assert found.returned.tolist() == [1.0] * 3 and found.subsets == spectrum.subsets and found.halves == 20
    assert float(found.on_disjoint_halves.value) == 1.0 and 0 < float(found.on_disjoint_halves.standard_error) < 0.3
    assert float(found.by_chance.value) < 0.3 and found.other_target is None
    share = sum(v**2 for v in TRUTH.values()) / (sum(v**2 for v in TRUTH.values()) + 0.25)
    assert abs(float(found.explained_variance.value) - share) < 4 * float(found.explained_variance.standard_error)
    assert found.to_frame()["returned"].tolist() == [1.0] * 3 and "100% of 20 half-samples" in repr(found)


@pytest.mark.compiled
def test_near_copies_are_one_family():
    """Units 0 and 5 differ in 2 % of samples: halves name now one, now the other, and the family returns."""
    rng = np.random.default_rng(1)
    X = rng.choice([-1, 1], (2000, 6))
    X[:, 0] = X[:, 5] * np.where(rng.random(2000) < 0.02, -1, 1)
    y = X[:, 5] + X[:, 0] + X[:, 1] + 1.0 * rng.normal(size=2000)
    _, found = found_in(Patterns.from_signs(X), y, max_degree=2)
    family = next(f for f in found.families if f.best in [(0,), (5,)])
    assert family.returned == 1.0 and set((family.best, *family.members)) == {(0,), (5,)}
    assert len(found) == 2 and float(found.on_disjoint_halves.value) == 1.0


@pytest.mark.once
def test_noise_has_no_family():
    rng = np.random.default_rng(0)
    _, found = found_in(Patterns.from_signs(rng.choice([-1, 1], (400, 6))), rng.normal(size=400))
    assert len(found) == 0 == len(found.subsets)
    assert np.isnan(found.on_disjoint_halves.value) and float(found.explained_variance.value) <= 0.0
    assert "no family on disjoint halves" in repr(found)


@pytest.mark.compiled
def test_a_weak_effect_returns_now_and_then():
    planted = synthetic.planted(8, [(0, 1), (2,)], [1.0, 0.2], samples=1000, noise=1.0, seed=2)
    _, found = found_in(planted.patterns, planted.target, max_degree=2, least=0.05)
    shares = {family.best: family.returned for family in found.families}
    assert shares[(0, 1)] == 1.0 and 0.05 <= shares[(2,)] < 1.0


@pytest.mark.compiled
def test_families_of_another_target_return_by_chance_only():
    patterns, y = problem(samples=3000)
    signs = patterns.signs().astype(float)
    strange = signs[:, 6] * signs[:, 7] + signs[:, 8]
    _, found = found_in(patterns, y, other=strange)
    assert float(found.other_target.value) == 0.0 and float(found.on_disjoint_halves.value) == 1.0


@pytest.mark.compiled
@pytest.mark.parametrize("basis", ["biased", "continuous"])
def test_standardised_products_have_families_too(basis):
    A = np.random.default_rng(0).normal(size=(1000, 6))
    A = np.where(np.abs(A) < 0.1, 0.1, A) if basis == "continuous" else np.where(A > 0.5, 1.0, -1.0)
    y = A[:, 0] * A[:, 2] + 0.7 * A[:, 4] + 0.3 * np.random.default_rng(1).normal(size=1000)
    _, found = found_in(A, y, max_degree=2, basis=basis)
    assert {(0, 2), (4,)} <= {family.best for family in found.families}
    assert "among the subsets that scans of all samples had met" in str(found.coverage)


@pytest.mark.compiled
def test_a_pool_of_all_samples_gives_the_same_families_where_they_are_clear(monkeypatch):
    patterns, y = problem()
    _, own = found_in(patterns, y)
    monkeypatch.setattr(lists, "_DEAR", 0.0)
    _, pooled = found_in(patterns, y)
    assert "searched by itself" in str(own.coverage) and "all samples" in str(pooled.coverage)
    assert [f.best for f in own.families] == [f.best for f in pooled.families]


@pytest.mark.once
def test_noise_that_groups_share_returns_without_groups_and_not_with_them():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 25)
    X = np.repeat(rng.choice([-1, 1], (40, 12)), 25, axis=0) * np.where(rng.random((1000, 12)) < 0.1, -1, 1)
    y = rng.normal(size=40)[groups] + 0.1 * rng.normal(size=1000)
    patterns = Patterns.from_signs(X)
    _, blind = found_in(patterns, y, max_degree=1)
    _, told = found_in(patterns, y, max_degree=1, groups=groups)
    assert len(blind) >= 3 and len(told) == 0


def test_few_groups_warn_and_thresholds_keep_the_samples_that_chose_them_out():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(400, 5))
    y = (A[:, 0] > 0.3) * 2.0 + (A[:, 1] > -0.2) + 0.3 * rng.normal(size=400)
    spectrum = activation_spectroscopy(A, y, max_degree=1, threshold="informative")
    found = stability(A, y, spectrum, pairs=3)
    assert {f.best for f in found.families} == {(0,), (1,)} and spectrum.n_search + spectrum.n_estimate == 200
    spectrum = activation_spectroscopy(A, y, max_degree=1)
    with pytest.warns(UserWarning, match="the samples are in 10 groups"):
        stability(A, y, spectrum, pairs=2, groups=np.arange(400) % 10)


@pytest.mark.compiled
def test_units_left_out_stay_out_and_copies_change_nothing():
    patterns, y = problem(constants=2, duplicates=3)
    spectrum = activation_spectroscopy(patterns, y, units=range(2, 15))
    found = stability(patterns, y, spectrum)
    assert found.families and all(0 not in f.best and 1 not in f.best for f in found.families)


@pytest.mark.once
def test_a_seed_gives_the_same_bits():
    patterns, y = problem(samples=400, n=6, noise=1.0)
    spectrum = activation_spectroscopy(patterns, y, max_degree=2)
    one, two = (stability(patterns, y, spectrum, pairs=3, seed=3) for _ in range(2))
    assert one.families == two.families and one.explained_variance.value == two.explained_variance.value
    assert np.array_equal(one.returned, two.returned)


@pytest.mark.compiled
def test_progress_rises_to_its_end_and_can_cancel():
    patterns, y = problem(samples=300, n=6)
    spectrum = activation_spectroscopy(patterns, y, max_degree=2)
    seen = []
    stability(patterns, y, spectrum, pairs=2, progress=lambda *now: seen.append(now))
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1]

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        stability(patterns, y, spectrum, progress=stop)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pairs": 0}, "pairs=0; give a whole number, 1 or more"),
        ({"pairs": 2.5}, "pairs=2.5; give a whole number"),
        ({"longest": 0}, "longest=0; give a whole number"),
        ({"level": 0.0}, r"level=0\.0; give a number above 0 and at most 1"),
        ({"least": 1.5}, r"least=1\.5; give a number above 0"),
        ({"groups": [1] * 200}, "into one group"),
        ({"groups": [1, 2]}, r"groups have shape \(2,\)"),
        ({"other": np.ones(200)}, "for all 200 samples"),
        ({"y": np.ma.masked_array(np.arange(200.0))}, "masked array"),
    ],
)
def test_what_does_not_fit_is_refused(change, sentence):
    patterns, y = problem(samples=200, n=6)
    spectrum = activation_spectroscopy(patterns, y, max_degree=2)
    with pytest.raises(ValueError, match=sentence):
        stability(**{"patterns": patterns, "y": y, "spectrum": spectrum} | change)


def test_another_recording_is_refused():
    patterns, y = problem(samples=200, n=6)
    spectrum = activation_spectroscopy(patterns, y, max_degree=2)
    with pytest.raises(ValueError, match="holds 100 samples, the spectrum was computed from 200"):
        stability(patterns.take(np.arange(100)), y[:100], spectrum)
    few = activation_spectroscopy(patterns.take(np.arange(60)), y[:60], max_degree=1)
    with pytest.raises(ValueError, match="60 samples leave too few"):
        stability(patterns.take(np.arange(60)), y[:60], few)
