"""Sentences of lessons 2 and 3 about the studies' tables are true of the tables that lie beside them."""

import pandas as pd
import pytest

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


def test_below_its_threshold_the_method_reports_little_not_something_else(recovery):
    plain = recovery[(recovery["bias"] == 0) & (recovery["correlation"] == 0) & (recovery["method"] == "actspec")]
    few = plain[plain["samples"] <= 90]
    assert few["recall"].mean() < 0.5
    assert (plain["wrong_subsets"] == 0).mean() > 0.99


def test_with_strong_noise_the_others_find_more_and_we_say_nothing_false(noise):
    strong = noise[(noise["disturbance"] == "noise") & (noise["level"] == 8)].groupby("method")
    f1, precision = strong["f1"].mean(), strong["precision"].mean()
    others = [name for name in f1.index if name != "actspec"]
    assert (f1[others] > 2 * f1["actspec"]).all()
    assert precision["actspec"] == 1 and (precision[others] < 1).all()


def test_a_third_of_what_fast_names_is_wrong_from_the_start(noise):
    calm = noise[(noise["disturbance"] == "noise") & (noise["level"] == 0) & (noise["method"] == "fast")]
    assert calm["precision"].mean() == pytest.approx(2 / 3, abs=0.02)


def test_units_of_mean_09_break_the_method_and_its_precision_too(recovery):
    triples = recovery.query("kind == 'parity' and degree == 3 and n == 16 and terms == 4 and correlation == 0")
    worst = triples[(triples["bias"] == 0.9) & (triples["samples"] == 4096)]
    for score in ("f1", "precision"):
        assert worst[score].mean() + 2 * worst[score].sem() < 1
