"""Sentences of lessons 4 to 6 are true of the studies' tables beside them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from actspec_widgets import activation_spectroscopy
from actspec_widgets.studies.dropout.trends import by_seed, rows_of
from actspec_widgets.studies.problems import make_problem
from actspec_widgets.studies.recovery.findings import ratios
from lesson_files import NOTEBOOKS


@pytest.fixture(scope="module")
def recovery():
    return pd.read_csv(NOTEBOOKS / "results" / "recovery.csv")


@pytest.fixture(scope="module")
def noise():
    return pd.read_csv(NOTEBOOKS / "results" / "noise.csv")


def test_twenty_seeds_at_each_point(recovery, noise):
    assert set(
        recovery.groupby(["kind", "degree", "n", "samples", "bias", "correlation", "method"])["seed"].nunique()
    ) == {20}
    assert set(noise[noise["method"] == "actspec"].groupby(["disturbance", "level"])["seed"].nunique()) == {20}


def test_below_its_threshold_it_reports_little_not_something_else(recovery):
    plain = recovery[(recovery["bias"] == 0) & (recovery["correlation"] == 0) & (recovery["method"] == "actspec")]
    few = plain[(plain["kind"] == "parity") & (plain["samples"] <= 64)]
    assert few["recall"].mean() < 0.75
    for rows in (plain, few):
        assert binomtest(int((rows["wrong_subsets"] > 0).sum()), len(rows)).proportion_ci(0.95).low < 0.05


def test_measured_curves_keep_close_to_the_theory(recovery):
    gaps = [gap.value for _, _, gap in ratios(recovery).values()]
    assert len(gaps) > 10 and np.abs(gaps).max() < np.log(1.25)


def test_with_strong_noise_it_is_level_with_the_best_of_them_and_says_nothing_false(noise):
    strong = noise[(noise["disturbance"] == "noise") & (noise["level"] == 8)].groupby("method")
    f1, error, precision = strong["f1"].mean(), strong["f1"].sem(), strong["precision"].mean()
    best = f1.drop("actspec").idxmax()
    assert f1["actspec"] + 2 * np.hypot(error["actspec"], error[best]) > f1[best]
    assert precision["actspec"] == 1 and (precision.drop("actspec") < 1).all()


def test_a_third_of_what_fast_names_is_wrong_from_the_start(noise):
    calm = noise[(noise["disturbance"] == "noise") & (noise["level"] == 0) & (noise["method"] == "fast")]
    assert calm["precision"].mean() == pytest.approx(2 / 3, abs=0.02)


def test_more_samples_bring_the_names_of_units_of_mean_09_back(recovery):
    triples = recovery.query("kind == 'parity' and degree == 3 and n == 16 and terms == 4 and correlation == 0")
    f1 = triples[triples["bias"] == 0.9].groupby("samples")["f1"].mean()
    assert f1[256] < 0.6 and f1[4096] > 0.98


def test_of_units_of_mean_09_many_names_are_wrong_and_hardly_any_claim():
    names = claims = wrong_names = wrong_claims = 0
    for seed in range(20):
        problem, hidden = make_problem("parity", samples=256, noise=1.0, bias=0.9, seed=seed)
        found = activation_spectroscopy(problem.patterns, problem.target)
        groups = [set(group) for group in found.classes if group]
        names, claims = names + len(found), claims + len(groups)
        wrong_names += len(set(found.subsets) - set(hidden))
        wrong_claims += sum(not group & set(hidden) for group in groups)
    assert 0.3 < wrong_names / names < 0.5
    assert claims > 20 and wrong_claims <= 2


def test_with_dropout_fewer_subsets_at_first_at_the_same_accuracy_and_sizes_that_fall_before_they_grow():
    deep = rows_of(pd.read_csv(NOTEBOOKS / "results" / "dropout.csv"), "hidden", layer="hidden2")
    accuracy, subsets, sizes = (by_seed(deep, name) for name in ("accuracy", "subsets_for_70", "size_for_70"))
    assert accuracy[0.0].mean() - accuracy[0.3].mean() < 0.005 < accuracy[0.0].mean() - accuracy[0.7].mean()
    fallen = subsets.mean()[0.0] - subsets.mean()
    assert fallen[0.3] > 0.8 * fallen[0.7]
    assert 0.5 < subsets[0.7].mean() / subsets[0.0].mean() < 0.6
    first_step = sizes[0.1] - sizes[0.0]
    assert first_step.mean() < -2 * first_step.sem() and sizes[0.7].mean() > sizes[0.0].mean()
