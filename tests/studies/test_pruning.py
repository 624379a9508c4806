"""The study of pruning and noise: orders of units, what removing them costs, and correlations among networks alike."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

from actspec_widgets import distributedness
from actspec_widgets.studies import load
from actspec_widgets.studies.pruning import Pruning, findings
from actspec_widgets.studies.pruning import run as cells


def test_units_that_the_output_reads_are_kept_longest(rng):
    A = rng.normal(size=(400, 6))
    outgoing = np.zeros((2, 6))
    outgoing[0, 4], outgoing[1, 2] = 3.0, 2.0
    incoming = np.arange(6.0)[:, None] * np.ones((6, 3))
    code = distributedness(lambda a: a @ outgoing.T, activations=A, tolerance=0.1)
    orders = cells.ordered(code, A, incoming, outgoing)
    assert set(orders["influence"][:2]) == set(orders["contribution"][:2]) == {2, 4}
    assert orders["magnitude"].tolist() == [5, 4, 3, 2, 1, 0]
    truth = (A @ outgoing.T).argmax(axis=1)
    row = cells.after_pruning(lambda a: a @ outgoing.T, A, truth, A.mean(axis=0), orders, rng)
    assert row["influence_at_0.375"] == 1.0 > row["magnitude_at_0.375"] > row["magnitude_at_0.125"]
    assert row["influence_kept"] > row["random_kept"]


def test_a_cell_is_one_row_and_a_layer_that_is_not_there_is_refused():
    row = cells.run(Pruning(layer="hidden2", tolerance=0.5))
    assert row["units"] == 64 and row["mean_degree"] == pytest.approx(1, abs=1e-4)
    assert row["accuracy"] > row["influence_kept"] > row["random_kept"] and row["lost_units"] > 0
    with pytest.raises(ValueError, match="layer='pixels'; give one of hidden1, hidden2"):
        cells.run(Pruning(layer="pixels"))


def table(layer="hidden1", **changes):
    rows = []
    for at in range(12):
        rate, seed = 0.1 * (at // 3), at % 3
        row = {"layer": layer, "dropout": rate, "seed": seed, "accuracy": 0.97}
        row |= {"mean_degree": 1.2 + 0.01 * seed + rate, "effective_units": 20.0 + seed - at // 3}
        row |= {"lost_pixels": 0.3 + 0.01 * seed - rate, "lost_units": 0.2 + 0.001 * (at * 7 % 5)}
        for k, order in enumerate(("influence", "contribution", "magnitude", "random")):
            row[f"{order}_kept"] = 0.8 - 0.05 * k + 0.001 * seed
            row |= {f"{order}_at_{share}": 0.8 * share for share in cells.SHARES}
        rows.append(row | changes)
    return pd.DataFrame(rows)


def test_verdicts_compare_networks_that_were_trained_alike():
    found = findings.findings(table())
    assert [verdict.outcome for verdict in found[:3]] == ["holds"] * 3
    said = {verdict.claim: verdict for verdict in found[3:]}
    # within each rate both rise together, though over all rates one rises where the other falls
    assert said["A more joint code breaks earlier under flipped pixels (hidden1)"].outcome == "holds"
    assert findings.overall(table(), "mean_degree", "lost_pixels") < 0
    assert said["A code of more units breaks later under flipped pixels (hidden1)"].outcome == "does not hold"


def test_layers_that_add_up_in_every_network_say_nothing_of_jointness():
    claims = [verdict.claim for verdict in findings.findings(table("hidden2", mean_degree=1.0))]
    assert not any("joint" in claim for claim in claims) and any("more units" in claim for claim in claims)


def test_one_network_of_a_rate_leaves_the_interval_unknown():
    few = table().drop_duplicates("dropout")
    value, low, high = findings.among(few, "mean_degree", "lost_pixels")
    assert value == 0 and np.isnan(low) and np.isnan(high)
    assert findings.findings(few)[3].outcome == "undecided"


def test_the_picture_has_a_row_for_each_layer():
    assert len(load("pruning").figure(pd.concat([table(), table("hidden2")])).axes) == 6
