"""The sentiment study on sentences made by rule."""

import numpy as np
import pandas as pd
import pytest

from actspec_widgets import Spectrum
from actspec_widgets.networks.sentiment_training import train_sentiment
from actspec_widgets.studies import load
from actspec_widgets.studies.sentiment import cells, findings
from actspec_widgets.studies.sentiment.sentences import switched
from small_reviews import EASY, small_reviews

SETTINGS = cells.Sentiment(words=12, max_degree=2, max_subsets=6, checked=2)


@pytest.fixture(scope="module")
def reviews():
    return small_reviews()


@pytest.fixture(scope="module")
def model(reviews):
    return train_sentiment(reviews, **EASY, seed=1)


def test_words_that_act_jointly_are_found_named_and_shown(model, reviews, tmp_path):
    view = cells.see(model, reviews, None, "present", 12)
    spectrum = cells.spectrum_of(SETTINGS, view)
    assert any("not" in spectrum.label(s) and len(s) == 2 for s in spectrum.subsets)
    spectrum.save(tmp_path / "s.npz")
    assert Spectrum.load(tmp_path / "s.npz").unit_names == model.vocabulary.entries[:12]
    texts = reviews.part("train").texts
    for one in switched(spectrum, view, texts, subsets=2, count=3):
        assert len(one.even) == len(one.odd) == 3 and all(s.text in texts for s in one.even + one.odd)
    with pytest.raises(ValueError, match="give the same sentences"):
        switched(spectrum, view, texts[:-1])


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


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.delenv("ACTSPEC_REVIEWS", raising=False)
    assert "ACTSPEC_REVIEWS names no file" in load("sentiment").needs()


def test_the_verdict_follows_the_rule():
    def table(gain):
        base = {"blocks": 1, "representation": "words", "threshold": "present", "subsets": 10, "subsets_of_1": 5}
        base |= {"accuracy": 0.7, "tfidf_accuracy": 0.8, "tfidf_accuracy_error": 0.01, "test_texts": 100}
        base |= {"accuracy_difference": -0.1, "accuracy_difference_error": 0.01, "single_variance": 0.4}
        base |= {"causal_slope": np.nan}
        draws = (-0.001, 0.0, 0.001)
        return pd.DataFrame(
            base | {"seed": i, "unseen_variance": 0.5 + d, "joint_gain": gain + d} for i, d in enumerate(draws)
        )

    assert [f.verdict for f in findings.findings(table(0.05))] == ["does not hold", "holds"]
    assert [f.verdict for f in findings.findings(table(0.0))] == ["does not hold", "holds under this reading"]
    assert findings.findings(table(0.05).head(2)) == ()
