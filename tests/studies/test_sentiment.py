"""The sentiment study on sentences made by rule."""

import numpy as np
import pandas as pd
import pytest

from actspec_widgets import Patterns, Spectrum, activation_spectroscopy
from actspec_widgets.networks.sentiment_training import train_sentiment
from actspec_widgets.studies import load
from actspec_widgets.studies.sentiment import findings
from actspec_widgets.studies.sentiment import run as cells
from actspec_widgets.studies.sentiment.reading import unseen_columns
from actspec_widgets.studies.sentiment.view import View, see
from actspec_widgets.studies.unseen import ridge, share_columns
from small_reviews import EASY, small_reviews

SETTINGS = cells.Sentiment(words=12, max_degree=2, top=6, checked=2)


@pytest.fixture(scope="module")
def reviews():
    return small_reviews()


@pytest.fixture(scope="module")
def model(reviews):
    return train_sentiment(reviews, **EASY, seed=1)


def test_words_that_act_jointly_are_found_and_named(model, reviews, tmp_path):
    view = see(model, reviews, None, "present", 12)
    spectrum = cells.spectrum_of(SETTINGS, view)
    assert any("not" in spectrum.label(s) and len(s) == 2 for s in spectrum.subsets)
    spectrum.save(tmp_path / "s.npz")
    assert Spectrum.load(tmp_path / "s.npz").unit_names == model.vocabulary.entries[:12]


def test_a_cell_gives_a_row_for_each_representation(model, reviews, monkeypatch):
    monkeypatch.setattr(cells, "train", lambda settings, given: model)
    rows = cells.rows_for(SETTINGS, reviews)
    assert [(r["representation"], r["threshold"]) for r in rows] == [(n, t) for n, _, t in cells.REPRESENTATIONS]
    for row in rows:
        assert row["unseen_variance"] <= 1 and row["unseen_variance_error"] >= 0
        assert ("causal_slope" in row) == (row["representation"] != "words")
    again = cells.rows_for(SETTINGS, reviews)
    assert [{k: v for k, v in r.items() if not k.endswith("_s")} for r in again] == [
        {k: v for k, v in r.items() if not k.endswith("_s")} for r in rows
    ]


def test_the_regression_on_single_units_sees_all_sentences_that_the_spectrum_sees():
    rng = np.random.default_rng(0)
    signs, weights = rng.choice(np.array([-1, 1], np.int8), (300, 40)), rng.normal(size=40)
    logits = signs @ weights + rng.normal(size=300)
    known, unseen = signs[:150], signs[150:]
    view = View(Patterns.from_signs(known), Patterns.from_signs(unseen), logits[:150], logits[150:], known, unseen)
    row = unseen_columns(activation_spectroscopy(known, logits[:150], max_degree=1, halves=0), view, 5)
    said = share_columns("share", logits[150:], ridge(known, logits[:150], unseen))["share"]
    assert row["single_variance"] == pytest.approx(said) and row["activation_variance"] == pytest.approx(said)


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.delenv("ACTSPEC_REVIEWS", raising=False)
    assert "ACTSPEC_REVIEWS names no file" in load("sentiment").needs()


def table(seeds=6, **effects):
    """Rows of the words seen by a transformer, with a small spread over seeds."""
    base = {"blocks": 1, "representation": "words", "threshold": "present", "subsets": 10, "subsets_of_1": 5}
    base |= {"accuracy": 0.8, "tfidf_accuracy": 0.8, "tfidf_accuracy_error": 0.01, "test_texts": 100}
    means = {"unseen_variance": 0.9, "single_variance": 0.8, "joint_gain": 0.05, "accuracy_difference": 0.05}
    means |= {"causal_slope": 1.0, "causal_r_squared": 0.8, "causal_slope_joint": 1.0}
    errors = {f"{name}_error": 0.003 for name in ("joint_gain", "accuracy_difference")}
    errors |= {f"{name}_error": 0.01 for name in ("causal_slope", "causal_r_squared")}
    spread = np.random.default_rng(0).normal(scale=1e-4, size=seeds)
    return pd.DataFrame(
        base | errors | {"seed": i} | {name: value + spread[i] for name, value in (means | effects).items()}
        for i in range(seeds)
    )


@pytest.mark.parametrize(
    "effects, accurate, works, causes",
    [
        ({}, "holds", "holds", "holds"),
        ({"joint_gain": 0.003}, "holds", "does not hold", "holds"),  # tells from 0, and is next to nothing
        ({"joint_gain": 0.012}, "holds", "undecided", "holds"),  # 0.006 to 0.018
        ({"unseen_variance": 0.5}, "holds", "does not hold", "holds"),  # single units explain more
        ({"causal_slope": 0.03}, "holds", "holds", "does not hold"),
        ({"causal_slope": 0.51}, "holds", "holds", "undecided"),
        ({"causal_slope": 2.5}, "holds", "holds", "does not hold"),
        ({"causal_r_squared": 0.3}, "holds", "holds", "does not hold"),
        ({"accuracy_difference": -0.012}, "undecided", "holds", "holds"),
        ({"accuracy_difference": -0.05}, "does not hold", "holds", "holds"),
    ],
)
def test_a_verdict_asks_for_an_effect_that_is_worth_the_name(effects, accurate, works, causes):
    assert [f.outcome for f in findings.findings(table(**effects))] == [accurate, works, causes]


def test_the_rule_stands_in_the_row_and_few_seeds_give_none():
    _, works, causes = findings.findings(table())
    assert "add 1% of the variance or more" in works.rule and "slope between 0.5 and 2" in causes.rule
    assert len(findings.findings(table(causal_slope=np.nan))) == 2
    assert findings.findings(table(seeds=2)) == ()
