"""The study of the sentence encoder, with a small stand-in for the published one, on sentences made by rule."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from actspec_widgets.networks import TopK, fit_probe, record  # noqa: E402
from actspec_widgets.studies import load  # noqa: E402
from actspec_widgets.studies.encoder import findings, material, run  # noqa: E402
from actspec_widgets.studies.encoder.words import explained  # noqa: E402
from actspec_widgets.studies.running import compute_cell  # noqa: E402
from small_reviews import small_reviews  # noqa: E402
from stand_in_encoder import encoder  # noqa: E402

LAYER = "encoder.inner.blocks.1.act"
SETTINGS = run.LayerOfSentences(layer="feed_forward_1", draws=600, top=5)


@pytest.fixture(scope="module")
def network():
    model, reviews = encoder(), small_reviews(300)
    fit_probe(model, reviews)
    (known, _), (unseen, _) = (model.batches(reviews.part(*parts).texts) for parts in (("train",), ("val", "test")))
    dictionary = TopK(12, 16, 4)
    dictionary.report["explained"] = 0.5

    def seen(name):
        if name not in ("feed_forward_1", "latents"):
            raise KeyError(name)
        used = dictionary if name == "latents" else None
        recorded = (record(model, LAYER, given, output=0, dictionary=used) for given in (known, unseen))
        return material.Seen(LAYER, *recorded, used)

    batches, order = model.batches(reviews.part("test").texts)
    logits = np.empty(len(order))
    logits[order] = record(model, "embedding", batches, output=0).target
    texts = list(reviews.part("train").texts)
    return material.Material(model, known, texts, seen, material.accuracies(reviews, logits))


@pytest.mark.parametrize("layer", ["feed_forward_1", "latents"])
def test_a_cell_says_what_was_recorded_and_what_happens_in_the_network(network, layer):
    settings = run.LayerOfSentences(layer=layer, draws=600, top=5)
    (row,) = compute_cell(partial(run.row_for, network=network), settings)
    assert row["units"] == (12 if layer == "feed_forward_1" else 16) and row["samples"] == 180
    assert row["unseen_variance"] <= 1 and row["single_variance"] <= row["activation_variance"] + 0.2
    assert row["mean_degree"] >= 1 and 0 <= row["joint_share"] < 1 and 1 <= row["effective_units"] <= row["units"]
    assert row["draws"] == 600 and row["resampled_sentences"] == 180 and 0 <= row["fidelity"] <= 1
    assert ("dictionary_explains" in row) == (layer == "latents")
    (again,) = compute_cell(partial(run.row_for, network=network), settings)
    assert {k: v for k, v in again.items() if not k.endswith("_s")} == {
        k: v for k, v in row.items() if not k.endswith("_s")
    }


def test_words_are_dropped_and_kept_and_pairs_with_a_negation_counted(network):
    by_rule = replace(network, model=Rule())
    row = run.row_for(run.LayerOfSentences(layer="words", sentences=100), by_rule)
    assert row["negated_texts"] == row["plain_texts"] == 5
    assert row["negation_gain"] == pytest.approx(row["negated_joint_share"] - row["plain_joint_share"])
    assert row["negated_joint_share"] == pytest.approx(0.5) and row["plain_joint_share"] == pytest.approx(0, abs=1e-9)
    assert row["pairs_with_negation"] == 1 and 0 < row["expected_with_negation"] <= 0.5
    assert " + not" in row["pairs_again"] or "not + " in row["pairs_again"]


class Rule(torch.nn.Module):
    """+1 for each good word and -1 for each bad one, turned over where "not" is there as well."""

    def tokens(self, texts):
        worth = {"great": 1, "lovely": 1, "good": 1, "awful": -1, "boring": -1}
        return torch.tensor([[sum(worth.get(w, 0) for w in t.split()), "not" in t.split()] for t in texts]).float()

    def forward(self, counts):
        good, no = counts.T
        return (good - 2 * good * no)[:, None]


def test_the_pair_of_a_rule_is_found_with_its_share():
    share, pairs, words = explained(Rule(), "it is not good really")
    assert pairs == [("not", "good")] and share == pytest.approx(0.5) and words == 5
    assert explained(Rule(), "a good old film") == (pytest.approx(0), [], 4)


def test_the_accuracy_is_that_of_the_test_part_in_its_own_order(network):
    assert network.common["test_texts"] == 60 and network.common["accuracy"] > 0.6
    reviews = small_reviews(300)
    right = material.accuracies(reviews, np.where(reviews.part("test").labels, 1.0, -1.0))
    assert right["accuracy"] == 1 and right["accuracy_error"] == 0


def test_what_does_not_fit_is_said(network, monkeypatch):
    with pytest.raises(ValueError, match="the network 'encoder' has no layer 'hidden' in this study"):
        run.row_for(run.LayerOfSentences(layer="hidden"), network)
    with pytest.raises(ValueError, match="network='large'; give 'encoder' or 'small'"):
        run.run(run.LayerOfSentences(network="large"))
    monkeypatch.setenv("ACTSPEC_REVIEWS", "/nowhere.csv")
    assert "there is no file /nowhere.csv" in load("encoder").needs()


def table(**changes):
    """Rows of six layers of which each acts less jointly than the one before."""
    rows = []
    for number in range(6):
        row = {"network": "encoder", "layer": f"feed_forward_{number + 1}", "seed": 0, "units": 1536, "subsets": 20}
        row |= {
            "joint_subsets": 3,
            "resampled_sentences": 900,
            "unseen_texts": 500,
            "test_texts": 1000,
            "fidelity": 0.6,
        }
        means = {"mean_degree": 1.5 - 0.09 * number, "joint_share": 0.3, "effective_units": 200, "off_data": 0.4}
        means |= {"accuracy": 0.79, "tfidf_accuracy": 0.79, "accuracy_difference": 0.02, "unseen_variance": 0.5}
        means |= {"single_variance": 0.5, "activation_variance": 0.7, "joint_gain": 0.03}
        rows.append(row | means | {f"{name}_error": 0.005 for name in means} | changes)
    return pd.DataFrame(rows)


def test_a_negation_is_judged_by_what_it_adds_to_the_joint_share():
    row = {
        "network": "small",
        "layer": "words",
        "seed": 0,
        "negated_texts": 50,
        "plain_texts": 50,
        "pairs_again": "none",
    }
    row |= {"expected_with_negation": 0.3, "pairs_with_negation": 0.6, "pairs_with_negation_error": 0.05}
    row |= {"negated_joint_share": 0.3, "negated_joint_share_error": 0.02, "plain_joint_share": 0.2}
    row |= {"plain_joint_share_error": 0.02, "negation_gain": 0.1, "negation_gain_error": 0.03}
    (verdict,) = findings.findings(pd.DataFrame([row]))
    assert verdict.outcome == "holds" and "60.0% ± 5.0% hold the negation (of all pairs 30%)" in verdict.measured
    (verdict,) = findings.findings(pd.DataFrame([row | {"negation_gain": 0.05}]))
    assert verdict.outcome == "undecided"


def outcomes(rows):
    return {verdict.claim: verdict.outcome for verdict in findings.findings(rows)}


def test_verdicts_follow_the_numbers_and_their_errors():
    found = outcomes(table())
    depth = "The later a feed-forward layer of the sentence encoder, the less jointly its units act"
    assert found[depth] == "holds"
    add_up = [v for claim, v in found.items() if "nearly adds up" in claim]
    assert add_up == ["does not hold"] * 5 + ["holds"]
    assert found[next(iter(found))] == "holds"
    assert outcomes(table(mean_degree=1.2))[depth] == "undecided"
    rising = table()
    rising.loc[3, "mean_degree"] = 1.6
    assert outcomes(rising)[depth] == "does not hold"
    few = table(mean_degree=np.nan, joint_gain=0.012, fidelity=0.4, accuracy_difference=-0.1)
    assert set(outcomes(few).values()) == {"undecided", "does not hold"}


def test_seeds_share_the_error_of_the_sentences():
    rows = pd.DataFrame({"x": [1.0, 2.0], "x_error": [0.3, 0.4], "x_recording_error": [1.2, 1.2]})
    assert findings.measured(rows, "x") == (1.5, pytest.approx(np.hypot(0.25, 1.2)))


def test_the_picture_shows_every_layer_that_is_there():
    picture = load("encoder").figure(table())
    assert [len(axes.get_xticklabels()) for axes in picture.axes] == [6] * 6
