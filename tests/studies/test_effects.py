"""The study of association and effect: what it counts, on networks of which it is known what acts jointly."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

from actspec_widgets import Patterns, activation_spectroscopy, by_experiment
from actspec_widgets.networks.training import one_thread
from actspec_widgets.studies import load
from actspec_widgets.studies.effects import AssociationAndEffect, findings
from actspec_widgets.studies.effects import run as cells
from actspec_widgets.studies.effects.places import opened

FEW = {"samples": 600, "contexts": 60, "max_degree": 2, "top": 12}


def test_before_a_linear_map_no_subset_acts_jointly_and_single_units_do():
    row = cells.run(AssociationAndEffect(layer="hidden2", **FEW))
    assert row["units"] == 64 and row["recorded"] == 600
    assert row["several_reported"] > 3 and row["several_acting"] == row["several_acting_much"] == 0
    assert row["single_acting"] == row["single_reported"] > 3 and row["single_slope"] > 0.1


def test_where_units_do_act_jointly_what_is_recorded_is_the_effect(rng):
    X = rng.choice(np.array([-1, 1], np.int8), (600, 8))
    y = X[:, 0] * X[:, 1] + 0.5 * X[:, 2]
    patterns = Patterns.from_signs(X)
    found = activation_spectroscopy(patterns, y, max_degree=2, halves=0)
    both = by_experiment(lambda x: x[:, 0] * x[:, 1] + 0.5 * x[:, 2], found, patterns=patterns, samples=100)
    sizes = np.array([len(subset) for subset in both.subsets])
    row = cells.columns("several", both, patterns, sizes > 1) | cells.columns("single", both, patterns, sizes == 1)
    for kind in ("several", "single"):
        assert row[f"{kind}_reported"] == row[f"{kind}_acting"] == row[f"{kind}_acting_much"] == 1
        assert row[f"{kind}_slope"] == pytest.approx(1) and row[f"{kind}_median_ratio"] == pytest.approx(1)
    assert row["several_acting"] == both.acting.sum()
    nothing = cells.columns("several", both, patterns, sizes > 5)
    assert nothing["several_reported"] == 0 and nothing["several_slope"] is None


def test_a_prediction_counts_larger_subsets_in_the_contexts_that_there_are(rng):
    X = rng.choice(np.array([-1, 1], np.int8), (4000, 6), p=(0.3, 0.7))
    y = X[:, 0] * 1.0 + X[:, 0] * X[:, 1]
    patterns = Patterns.from_signs(X)
    found = activation_spectroscopy(patterns, y, max_degree=2, halves=0)
    said = dict(zip(found.subsets, cells.predictions(found, patterns), strict=True))
    assert said[(0,)] == pytest.approx(1 + X[:, 1].mean()) and said[(0, 1)] == pytest.approx(1)


def test_what_does_not_fit_is_said():
    with one_thread():
        for wrong, said in (
            ({"network": "large", "layer": "hidden1"}, "network='large'; give 'digits', 'small' or 'encoder'"),
            ({"network": "digits", "layer": "relu9"}, "no layer 'relu9'; they have pixels, hidden1, hidden2"),
        ):
            with pytest.raises(ValueError, match=said):
                opened(**wrong, dropout=0.0, seed=0, samples=100)


def table(layer="hidden1", network="digits", networks=4, **changes):
    rows = []
    for seed in range(networks):
        row = {"network": network, "layer": layer, "dropout": 0.1 * seed, "seed": seed, "claimed_joint": 5}
        for kind in ("several", "single"):
            row |= {f"{kind}_reported": 20, f"{kind}_acting": 15 + seed % 2, f"{kind}_acting_much": 2}
            row |= {f"{kind}_slope": 0.8, f"{kind}_slope_error": 0.02, f"{kind}_median_ratio": 0.7}
        rows.append(row | changes)
    return pd.DataFrame(rows)


def outcomes(rows):
    return [(verdict.claim.split()[0], verdict.outcome) for verdict in findings.findings(rows)]


def test_verdicts_follow_the_shares_and_the_sizes():
    assert outcomes(table()) == [("Subsets", "holds"), ("Joint", "holds"), ("Single", "holds")]
    few = table(several_acting=4, several_slope=0.01, single_acting=10, single_slope=0.3)
    assert outcomes(few) == [("Subsets", "does not hold"), ("Joint", "does not hold"), ("Single", "undecided")]
    none = {"several_reported": 0, "several_acting": 0, "several_slope": np.nan}
    assert outcomes(table(**none)) == [("Single", "holds")]


def test_a_linear_layer_is_the_control():
    assert outcomes(table("hidden2", several_acting=0))[0] == ("Where", "holds")
    assert outcomes(table("hidden2", several_acting=0, several_reported=5))[0] == ("Where", "undecided")
    assert outcomes(table("hidden2"))[0] == ("Where", "does not hold")


def test_networks_that_differ_widen_the_interval():
    rows = table(several_reported=20)
    rows["several_acting"] = [0, 20, 0, 20]
    alike = findings.acting(table(several_acting=10), "several")
    apart = findings.acting(rows, "several")
    assert alike.value == apart.value == 0.5 and apart.low < alike.low and apart.high > alike.high


def test_the_picture_shows_every_layer_that_is_there():
    picture = load("effects").figure(pd.concat([table(), table("hidden2"), table("embedding", "encoder")]))
    assert len(picture.axes) == 4 and len(picture.axes[0].get_xticklabels()) == 3
