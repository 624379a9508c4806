"""The studies on known truth: small cells, their theory, their pictures and verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from actspec_widgets.studies import grid, load, run
from actspec_widgets.studies.curves import Curve, crossing, paired_change
from actspec_widgets.studies.methods import method
from actspec_widgets.studies.noise.findings import findings as noise_findings
from actspec_widgets.studies.noise.run import Nuisance
from actspec_widgets.studies.noise.run import run as noise_row
from actspec_widgets.studies.problems import make_problem
from actspec_widgets.studies.recovery.run import Recovery
from actspec_widgets.studies.recovery.run import run as recovery_row
from actspec_widgets.studies.recovery.theory import needed_samples, predicted_recall
from actspec_widgets.studies.scoring import score
from actspec_widgets.studies.verdict import OUTCOMES


def timeless(row):
    return {name: value for name, value in row.items() if not name.endswith("_s")}


def test_plenty_of_samples_recover_everything_and_few_nothing_wrong():
    cell = Recovery(n=8, degree=2, terms=3, samples=2000)
    row = recovery_row(cell)
    assert row["f1"] == 1.0 and row["predicted_recall"] > 0.999
    assert row["coefficient_error"] < 6 / 1000**0.5
    assert timeless(row) == timeless(recovery_row(cell))
    few = recovery_row(replace(cell, samples=60, noise=4.0))
    assert few["recall"] == 0.0 and few["precision"] == 1.0


def test_theory_is_left_out_where_it_does_not_speak():
    row = recovery_row(Recovery(n=8, degree=2, terms=2, samples=400, bias=0.5))
    assert row["predicted_recall"] is None and row["needed_samples"] is None


@pytest.mark.parametrize("name", ["scan", "sparse_transform", "goldreich_levin"])
def test_each_method_of_the_package_finds_clean_parities(name):
    problem, truth = make_problem("mixed", n=10, samples=3000, terms=3, seed=1)
    found = method(name).find(problem)
    assert score(found, truth)["f1"] == 1.0
    assert (found.queries > 0) == (method(name).access == "queries")


def test_methods_that_query_say_so_where_they_cannot():
    problem, _ = make_problem("copies", n=6, degree=2, samples=100)
    with pytest.raises(ValueError, match="only samples"):
        method("sparse_transform").find(problem)


def test_predicted_recall_is_a_half_where_one_part_is_at_even_odds():
    # with one coefficient and many samples t is z: even odds of the test, whose level is the stricter one
    searched, truth = 1000, {(0,): 0.05}
    needed = needed_samples(truth, 1.0, searched)
    assert needed == pytest.approx(4.0556**2 / 0.05**2, rel=1e-3)
    assert predicted_recall(truth, 1.0, round(needed), searched) == pytest.approx(0.5, abs=0.01)


def test_crossing_lies_between_the_places_and_carries_an_error():
    found = Curve(np.array([64.0, 256.0]), np.array([0.25, 0.75]), np.array([0.1, 0.1]))
    at = crossing(found, 0.5)
    assert np.exp(at.value) == pytest.approx(128)
    assert at.error == pytest.approx(0.05 * 2**0.5 * np.log(4) / 0.5)
    assert crossing(found, 0.9) is None


def test_paired_change_pairs_seeds():
    from pandas import DataFrame

    rows = DataFrame({"seed": [0, 0, 1, 1], "level": [0, 4, 0, 4], "f1": [1.0, 0.5, 0.6, 0.1]})
    change = paired_change(rows, "level", "f1", 0, 4)
    assert change.value == pytest.approx(-0.5) and change.error == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("disturbance", ["noise", "flips", "constants", "duplicates", "copies", "noise_units"])
def test_a_little_disturbance_is_survived(disturbance):
    level = 0.02 if disturbance == "flips" else 1.0
    cell = Nuisance(disturbance=disturbance, level=level, n=8, degree=2, terms=4)
    row = noise_row(cell)
    assert row["f1"] == 1.0
    assert row["units"] == 8 + (1 if disturbance not in ("noise", "flips") else 0)


def test_an_unknown_disturbance_is_refused():
    with pytest.raises(ValueError, match="'fog' is not known"):
        noise_row(Nuisance(disturbance="fog"))


def test_recovery_has_a_picture_and_verdicts():
    study = load("recovery")
    cells = grid(Recovery, n=8, degree=(2, 4), terms=2, samples=(64, 1024), seed=range(2))
    table = run(study, cells=tuple(replace(cell, n=16, terms=4) for cell in cells))
    found = study.findings(table)
    assert {finding.claim for finding in found} >= {"Known subsets are recovered"}
    assert all(finding.outcome in OUTCOMES for finding in found)
    assert len(study.figure(table).axes) == 8


def test_noise_has_a_picture_and_verdicts():
    study = load("noise")
    cells = grid(
        Nuisance, disturbance=("noise", "constants"), level=(0.0, 2.0), method=("actspec", "scan"), seed=range(2)
    )
    table = run(study, cells=cells)
    found = study.findings(table)
    assert len(found) == 6  # of these one on false names and one on false claims
    assert all(finding.outcome in OUTCOMES for finding in found)
    assert len(study.figure(table).axes) == 4


def losing(loss, spread):
    """Six seeds of the noise study in which added units cost so much of F1, with such a spread."""
    from pandas import DataFrame

    deviations = (-1.0, -0.5, -0.2, 0.2, 0.5, 1.0)
    return DataFrame(
        {"method": "actspec", "disturbance": "noise_units", "level": level, "seed": seed}
        | {"wrong_subsets": 0, "false_claims": 0}
        | {"f1": 1.0 - (loss - spread * deviation if level else 0.0)}
        for level in (0.0, 12.0)
        for seed, deviation in enumerate(deviations)
    )


@pytest.mark.parametrize(
    "loss, spread, verdict",
    [(0.0, 0.02, "holds"), (0.03, 0.1, "undecided"), (0.0, 0.1, "undecided"), (0.1, 0.02, "does not hold")],
)
def test_an_uncertain_loss_does_not_count_as_none(loss, spread, verdict):
    (robust, *_) = noise_findings(losing(loss, spread))
    assert robust.claim == "Robust to pure-noise units added" and robust.outcome == verdict


def test_wrong_subsets_of_skewed_units_stand_in_for_true_ones_and_the_verdict_says_so():
    cells = grid(Recovery, bias=0.9, samples=256, seed=range(20))
    study = load("recovery")
    table = run(study, cells=cells)
    wrong = table[table["wrong_subsets"] > 0]
    assert len(wrong) > 5 and (wrong["stand_ins"] >= wrong["wrong_subsets"] - 1).all()
    assert (wrong["wrong_likeness"] > 0.3).all() and table[table["wrong_subsets"] == 0]["wrong_likeness"].isna().all()
    found, claimed = [f for f in study.findings(table) if "anything false (skewed units)" in f.claim]
    assert found.outcome == "does not hold" and claimed.short == "0 of 20 runs"
    assert "bias 0.9, samples 256: 12 of 20" in found.measured and "stand in for a true one" in found.measured
