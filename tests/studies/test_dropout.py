"""The dropout study: what is read off a layer, when a claim holds, and a cell from end to end."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from actspec_widgets import Patterns
from actspec_widgets.studies import load, run
from actspec_widgets.studies.dropout import Dropout
from actspec_widgets.studies.dropout import run as dropout_run
from actspec_widgets.studies.dropout.findings import findings
from actspec_widgets.studies.dropout.product_measure import RATES, product_weights
from actspec_widgets.studies.dropout.reading import Layer, numbers
from actspec_widgets.studies.dropout.run import target_of

STUDY = load("dropout")


# -- what is read off a layer --------------------------------------------------------------------------------------


def spectrum(gains, subsets, coefficients, n_estimate=1001):
    """As much of a spectrum as is read, for numbers that can be done by hand."""
    from actspec_widgets import Coverage, Spectrum

    k = len(subsets)
    return Spectrum(
        tuple(subsets), np.array(coefficients), np.full(k, 0.1), np.zeros(k), np.zeros(k), np.array(gains), ((),) * k,
        float(np.sum(gains)), 0.01, 0.0, np.eye(k), Coverage("exhaustive", 9, 3, 129, True), 9, 1000, n_estimate,
    )  # fmt: skip


def test_subsets_are_counted_until_the_share_is_reached():
    row = numbers(spectrum([0.45, 0.2, 0.1], [(0,), (1, 2), (3, 4, 5)], [2.0, 1.0, -1.0]), 3)
    assert (row["subsets_for_50"], row["size_for_50"]) == (2, 1.5)
    assert (row["subsets_for_70"], row["size_for_70"]) == (3, 2.0)
    assert (row["subsets_for_80"], row["size_for_80"]) == (None, None)
    assert row["subsets_for_own"] == 2, "0.65 is more than 80 % of 0.75"
    assert (row["weight_1"], row["weight_2"], row["weight_3"]) == (4.0, 1.0, 1.0)
    assert row["effective_degree"] == (4 * 1 + 1 * 2 + 1 * 3) / 6
    assert row["subset_redundancy"] == 0


def test_an_empty_collection_gives_empty_cells():
    row = numbers(spectrum([], [], []), 2)
    assert row["subsets"] == 0 and row["subsets_for_own"] is None and row["mean_size"] is None
    assert row["weight_1"] == row["weight_2"] == 0


def test_redundancy_of_units_is_their_mean_absolute_correlation():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(400, 1))
    signs = np.where(hidden + rng.normal(size=(400, 5)) > 0.7, 1, -1)
    units = Layer(Patterns.from_signs(np.column_stack([signs, np.ones(400, int)])), seed=0).units()
    upper = np.triu_indices(5, 1)
    assert units["constant_units"] == 1 and units["units"] == 6
    np.testing.assert_allclose(units["unit_correlation"], np.abs(np.corrcoef(signs.T)[upper]).mean())
    np.testing.assert_allclose(units["unit_rho"], np.abs(signs.T @ signs / 400)[upper].mean())


def test_the_method_is_run_and_its_returns_are_counted():
    signs = np.random.default_rng(1).choice([-1, 1], (600, 8))
    layer = Layer(Patterns.from_signs(signs), seed=0)
    y = signs[:, 0] + signs[:, 1] * signs[:, 2] + 0.1 * np.random.default_rng(2).normal(size=600)
    row = layer.collection(y, "exhaustive", 2, 5)
    assert row["subsets"] == 2 and row["subsets_for_80"] == 2 and row["mean_size"] == 1.5
    np.testing.assert_allclose([row["weight_1"], row["weight_2"]], 1, atol=0.05)
    assert layer.stability(y, 2, 5, 3) == {"stability": 1.0}
    assert layer.stability(y, 2, 5, 0) == {}


def test_weights_of_independent_units_and_what_the_noise_operator_leaves_of_them():
    frequencies = np.array([0.2, 0.5, 0.7, 1.0])
    mean = 2 * frequencies - 1

    def function(on):
        phi = (np.where(on, 1, -1) - mean)[:, :3] / np.sqrt(1 - mean[:3] ** 2)
        return 7 + 2 * phi[:, [0]] + 3 * phi[:, [1]] * phi[:, [2]]  # degree weights 4 and 9

    (row,) = product_weights(
        lambda parts: (function(on) for on in parts), frequencies, [lambda logits: logits[:, 0]], seed=0
    )
    error = 13 / np.sqrt(16384)
    assert abs(row["product_weight_1"] - 4) < 6 * error
    assert abs(row["product_variance"] - 13) < 12 * error
    for rate in RATES:
        assert abs(row[f"noisy_variance_{rate:g}"] - (4 * (1 - rate) ** 2 + 9 * (1 - rate) ** 4)) < 12 * error


def test_the_margin_is_the_logit_less_the_best_of_the_others():
    logits = np.array([[1.0, 4.0, 2.0], [5.0, 0.0, 3.0]])
    assert target_of(logits, "logit", 1).tolist() == [4.0, 0.0]
    assert target_of(logits, "margin", 1).tolist() == [2.0, -5.0]


# -- the verdicts --------------------------------------------------------------------------------------------------


def table(seeds=5, rates=(0.0, 0.2, 0.5), noise=0.02, **effects):
    """Rows for hidden layer 2 in which each named column moves by ``effect * rate`` and nothing else moves."""
    rng = np.random.default_rng(0)
    rows = []
    for seed in range(seeds):
        for kind, rate in [("hidden_dropout", r) for r in rates]:
            for target in ("logit", "margin"):
                row = dict(
                    input_dropout=0.0, hidden_dropout=0.0, seed=seed, layer="hidden2", target=target, digit=3,
                    search="exhaustive", max_degree=3,
                )  # fmt: skip
                row[kind] = rate
                base = dict(
                    subsets_for_50=4.0, subsets_for_70=9.0, subsets_for_80=20.0, subsets_for_own=8.0, size_for_50=1.5,
                    size_for_70=1.8, size_for_80=2.0, size_for_own=1.8, effective_number=30.0, effective_degree=2.0,
                    unit_correlation=0.15, subset_redundancy=0.08, equivalents_per_subset=0.5, weight_1=4.0,
                    explained_variance=0.7, stability=0.4,
                )  # fmt: skip
                row["accuracy"] = 0.97 + effects.get("accuracy", 0) * rate + 1e-3 * seed
                for name, value in base.items():
                    row[name] = value * (1 + effects.get(name, 0) * rate) + noise * value * rng.normal()
                decay = effects.get("decay", 0)
                row["weight_2"] = row["weight_1"] * 0.5 * (1 - rate) ** (2 * decay) * np.exp(noise * rng.normal())
                # independent units: weight 4 of degree 1, 1 of degree 2 in the network without dropout
                row["product_weight_1"] = 4.0
                row["product_variance"] = 4.0 + (1 - rate) ** (2 * decay) * np.exp(noise * rng.normal())
                for p in rates[1:]:
                    row[f"noisy_variance_{p:g}"] = 4.0 * (1 - p) ** 2 + (1 - p) ** 4
                rows.append(row)
    return pd.DataFrame(rows)


def verdicts(data):
    return {finding.claim.partition(" (hidden")[0]: finding for finding in findings(data)}


FEWER, SMALLER = "Information concentrates in fewer subsets", "Subsets get smaller"
EVERY_MEASURE = dict(
    subsets_for_80=-0.8, subsets_for_own=-0.8, effective_number=-0.8, size_for_80=-0.5, effective_degree=-0.5,
    unit_correlation=1.0, subset_redundancy=1.0, equivalents_per_subset=1.0, explained_variance=0.3, stability=0.5,
    decay=1.0,
)  # fmt: skip


def test_each_claim_holds_where_all_that_measures_it_was_planted():
    found = verdicts(table(**EVERY_MEASURE))
    assert len(found) == 8
    assert {finding.outcome for finding in found.values()} == {"holds"}
    assert "80 % of the target's variance" in found[FEWER].measured


def test_where_nothing_moves_nothing_is_decided_and_the_opposite_fails():
    still = verdicts(table())
    decays = {claim for claim in still if "decays by degree" in claim or "thins out" in claim}
    assert {still[claim].outcome for claim in decays} == {"does not hold"}  # no decay, and the theory says how much
    assert {still[claim].outcome for claim in still.keys() - decays} == {"undecided", "holds"}
    assert [claim for claim, finding in still.items() if finding.outcome == "holds"] == [
        "The networks stay as accurate"
    ]
    larger = verdicts(table(size_for_80=0.6))[SMALLER]
    assert larger.outcome == "does not hold" and "the opposite holds for: mean size" in larger.reading


@pytest.mark.parametrize("left_out", ["subsets_for_80", "subsets_for_own", "effective_number"])
def test_a_claim_that_some_measure_does_not_bear_out_holds_under_the_reading_of_the_others(left_out):
    found = verdicts(table(**{name: size for name, size in EVERY_MEASURE.items() if name != left_out}))[FEWER]
    assert found.outcome == "holds under this reading"
    assert "no trend in: " in found.reading
    opposite = verdicts(table(**EVERY_MEASURE | {left_out: 0.8}))[FEWER]
    assert opposite.outcome == "holds under this reading" and "the opposite holds for: " in opposite.reading


def test_decay_at_another_rate_holds_under_that_reading():
    found = verdicts(table(decay=0.4))
    decay = [f for claim, f in found.items() if "decays by degree" in claim or "thins out" in claim]
    assert [f.outcome for f in decay] == ["holds under this reading"] * 2
    assert all("at another rate" in f.measured for f in decay)


def test_decay_that_can_be_told_neither_from_none_nor_from_the_theory_is_undecided():
    data = table(decay=0.5)
    data["weight_2"] *= (1 - data["hidden_dropout"]) ** (data["seed"] - 2)  # each seed decays at a rate of its own
    found = verdicts(data)
    (decay,) = [f for claim, f in found.items() if "decays by degree" in claim]
    assert decay.outcome == "undecided" and "rules out neither the theory nor no decay" in decay.measured


def test_accuracy_is_given_by_rate_and_a_loss_of_more_than_a_point_is_said():
    kept, lost = (verdicts(table(accuracy=effect))["The networks stay as accurate"] for effect in (0.0, -0.06))
    assert kept.outcome == "holds" and "0: 97.20 ± 0.07, 0.2: 97.20 ± 0.07, 0.5: 97.20 ± 0.07" in kept.measured
    assert lost.outcome == "does not hold" and "change at rate 0.5: -3.00 ± 0.00 points" in lost.measured


def test_what_is_explained_and_how_stable_it_is_have_rows_of_their_own():
    found = verdicts(table(explained_variance=0.3, stability=-1.0))
    assert found["The subsets explain more"].outcome == "holds"
    assert found["Subsets get more stable"].outcome == "does not hold"
    assert "slope -0.39" in found["Subsets get more stable"].measured


def test_weights_are_pooled_over_targets_so_that_one_without_single_units_leaves_nothing_out():
    data = table(decay=1.0, noise=0.001)
    data.loc[(data["target"] == "margin") & (data["hidden_dropout"] > 0), ["weight_1", "weight_2"]] = 0.0
    (found,) = [f for claim, f in verdicts(data).items() if "decays by degree" in claim]
    assert "summed over logit of 3, margin of 3" in found.reading
    assert found.outcome == "holds" and "change +1.0" in found.measured


def test_collections_without_single_units_are_said_to_have_no_ratio():
    data = table(decay=1.0)
    data.loc[data["hidden_dropout"] == 0.5, "weight_1"] = 0.0
    (found,) = [f for claim, f in verdicts(data).items() if "decays by degree" in claim]
    assert found.outcome == "does not hold"
    assert "(rates 0, 0.2); no ratio at rate 0.5, where 100% of the collections hold no single unit" in found.measured


def test_the_level_is_one_that_every_collection_reaches():
    data = table(subsets_for_50=-0.8)
    data.loc[3, "subsets_for_80"] = data.loc[5, "subsets_for_70"] = np.nan
    measured = verdicts(data)[FEWER].measured
    assert "subsets for 50 % of the target's variance" in measured


@pytest.mark.parametrize("seeds", [1, 3])
def test_few_seeds_give_no_verdict(seeds):
    assert findings(table(seeds=seeds)) == ()


def test_the_order_of_the_rows_does_not_matter():
    data = table(subsets_for_80=-0.8)
    assert findings(data.sample(frac=1, random_state=0)) == findings(data)


def test_the_figure_draws_means_over_seeds():
    data = table(subsets_for_80=-0.8)
    picture = STUDY.figure(data)
    top = picture.axes[0]
    line = top.containers[-1].lines[0]
    np.testing.assert_allclose(line.get_xdata(), [0, 0.2, 0.5])
    np.testing.assert_allclose(line.get_ydata(), data.groupby("hidden_dropout")["subsets_for_80"].mean())
    assert "80 %" in top.get_ylabel()


# -- the study -----------------------------------------------------------------------------------------------------


def test_absent_digits_are_said_before_anything_runs(monkeypatch, tmp_path):
    pytest.importorskip("torch")
    monkeypatch.setenv("ACTSPEC_MNIST", str(tmp_path / "nowhere.npz"))
    with pytest.raises(ValueError, match="nowhere"):
        run(STUDY, quick=True, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.compiled
def test_a_cell_end_to_end_is_the_same_again_and_trains_once(monkeypatch, tmp_path):
    pytest.importorskip("torch")
    monkeypatch.setenv("ACTSPEC_CACHE", str(tmp_path))
    shallow = tuple((name, place, 1, 2) for name, place, *_ in dropout_run.LAYERS)
    monkeypatch.setattr(dropout_run, "LAYERS", shallow)  # as everywhere, only quicker
    monkeypatch.setattr(dropout_run, "product_weights", partial(product_weights, points=2048))
    small = replace(STUDY, needs=lambda: None)
    cell = Dropout(hidden_dropout=0.2, data="small", epochs=5, classes="3", top=3, resamples=1)
    first = run(small, cells=(cell,))
    assert len(list((tmp_path / "classifiers").iterdir())) == 1

    from actspec_widgets.networks import trained

    monkeypatch.setattr(trained, "train_digits", lambda *a, **k: pytest.fail("trained again"))
    monkeypatch.setenv("ACTSPEC_THREADS", "1")
    again = run(small, cells=(cell,))
    pd.testing.assert_frame_equal(first.drop(columns="time_s"), again.drop(columns="time_s"))

    assert list(first["layer"].value_counts()) == [3, 3, 3]
    assert set(first["target"]) == {"logit", "margin"} and set(first["search"]) == {"exhaustive", "beam"}
    assert (first["accuracy"] > 0.8).all() and first["accuracy"].nunique() == 1
    assert (first["explained_variance"] > 0.1).all()
    complete = first[first["search"] == "exhaustive"]
    assert complete[["stability", "product_variance", "product_weight_1"]].notna().all(axis=None)


def test_a_model_that_did_not_learn_is_a_clear_sentence():
    pytest.importorskip("torch")
    from actspec_widgets.networks.trained import require_learnt

    model = SimpleNamespace(report={"test_accuracy": 0.31}, settings={"dropout": 0.95, "input_dropout": 0.0, "seed": 4})
    with pytest.raises(ValueError, match=r"dropout 0.95 .* did not learn: it reads 31.0% of 10,000 test digits"):
        require_learnt(model, 10_000)


@pytest.mark.parametrize("classes", ["", "3 3", "12", "three"])
def test_classes_are_digits(classes):
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match="are not digits"):
        STUDY.run(Dropout(classes=classes))
