"""The study of the paper's experiment: its network, what is read off it, and when the four measures agree."""

import numpy as np
import pandas as pd
import pytest

from actspec_widgets.datasets import load_mnist
from actspec_widgets.networks.low_resolution import low_resolution, train_low_resolution
from actspec_widgets.studies import load
from actspec_widgets.studies.published import Published, findings
from actspec_widgets.studies.published import run as cells

STUDY = load("published")
MEASURED = [column for column, _, _ in (*findings.SIZES, *findings.NUMBERS)]


def test_pixels_are_means_of_four():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    small = low_resolution(images).reshape(3, 14, 14)
    for row, column in ((0, 0), (13, 5), (7, 13)):
        four = images[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].reshape(3, 4).mean(axis=1)
        assert small[:, row, column] == pytest.approx(four / 255, abs=1e-6)
    with pytest.raises(ValueError, match="give uint8"):
        low_resolution(images.astype(float))


def test_the_network_learns_and_the_same_seed_gives_the_same_bits():
    data = load_mnist()
    models = [train_low_resolution(0.2, seed=seed, data=data, epochs=1) for seed in (0, 0, 1)]
    weights = [model.logits.weight.detach().numpy() for model in models]
    assert np.array_equal(weights[0], weights[1]) and not np.array_equal(weights[0], weights[2])
    assert models[0].hidden.weight.shape == (256, 196) and not models[0].training
    with pytest.raises(ValueError, match="dropout=1"):
        train_low_resolution(1.0, data=data)


def test_a_cell_gives_a_row_for_a_layer_with_all_four_measures(monkeypatch):
    monkeypatch.setattr(cells, "LAYERS", cells.LAYERS[1:])
    monkeypatch.setattr(cells, "CAREFUL", 1)
    (row,) = cells.run(Published(data="small", epochs=2, samples=60, draws=1500, tolerance=1.0))
    assert row["layer"] == "hidden" and row["accuracy"] > 0.6 and row["digits"] == 120
    frequency = cells.counts(row["frequency"], 256)
    assert frequency.sum() == pytest.approx(row["published_subsets"] * (row["published_size"] or 0))
    assert (frequency > 0).sum() == row["published_units"] <= row["published_units_left"]
    assert row["careful_subsets"] == row["published_subsets"]
    assert row["mean_degree_logit"] == pytest.approx(1.0, abs=1e-4), "logits are linear in this layer"
    assert row["mean_degree_class"] > 1.2 and set(MEASURED) <= {*row, "recorded_left"} and "recorded_explained" in row


def test_digits_come_in_equal_numbers_and_too_few_are_refused():
    classes = np.array([7] * 50 + [1] * 70 + [3] * 10)
    chosen = cells.equal_numbers(classes, (7, 1), 45)
    assert (classes[chosen] == 7).sum() == (classes[chosen] == 1).sum() == 45
    with pytest.raises(ValueError, match="only 30 digits"):
        cells.equal_numbers(classes[20:], (7, 1), 60)


def table(seeds=5, **slopes):
    """Every measure at 3 whatever the rate, but for those with a slope."""
    spread = np.random.default_rng(0).normal(scale=0.01, size=(len(MEASURED), seeds, 4))
    return pd.DataFrame(
        {
            "layer": layer,
            "seed": seed,
            "dropout": rate,
            "digits": 100,
            "accuracy": 0.98,
            "frequency": "3:2 5:1",
            "recorded_explained": 0.9,
            "recorded_subsets": 10,
        }
        | {name: 3 + slopes.get(name, 0.0) * rate + spread[i, seed, j] for i, name in enumerate(MEASURED)}
        for layer in findings.LAYERS
        for seed in range(seeds)
        for j, rate in enumerate((0.0, 0.2, 0.5, 0.7))
    )


ALL = {column: -1.0 for column, _, _ in findings.SIZES}


@pytest.mark.parametrize(
    "slopes, outcome",
    [
        (ALL, "holds"),
        ({"published_size": -1.0}, "holds under this reading"),
        ({"mean_degree_class": 1.0}, "does not hold"),
        ({}, "undecided"),
    ],
)
def test_a_claim_is_read_by_all_measures(slopes, outcome):
    found = findings.findings(table(**slopes))
    assert len(found) == 4
    assert [v.outcome for v in found if v.claim.startswith("Subsets get smaller")] == [outcome] * 2
    assert findings.findings(table(seeds=3)) == ()


def test_where_measures_disagree_is_named():
    (first, *_) = findings.findings(table(published_size=-1.0, mean_degree_class=1.0))
    assert "falls by published procedure, mean size" in first.reading and "grows by mean degree" in first.reading


def test_table_and_picture_hold_every_measure():
    text = findings.overview(table())
    assert text.count("| pixels |") == text.count("| hidden |") == len(MEASURED) + 1
    assert "dropout 0.7" in text and " ± " in text
    picture = STUDY.figure(table())
    assert len(picture.axes) == 6 + 4
