"""Joint means joint: a sum is never called so, and what is joint is called so as often as its own test finds it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import beta

import naive_inference
from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.compute.inference.checks import Checks
from actspec_widgets.compute.inference.target import Target
from actspec_widgets.compute.method.characters import Signs

pytestmark = pytest.mark.compiled


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("ACTSPEC_THREADS", "1")


def active(rng, m, n, rate, correlation=0.0):
    """On or off at a rate, thresholded Gaussians with a common factor."""
    mixed = np.sqrt(correlation) * rng.normal(size=(m, 1)) + np.sqrt(1 - correlation) * rng.normal(size=(m, n))
    return mixed < ndtri(rate)


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_the_joint_part_is_the_definition(seed):
    rng = np.random.default_rng(seed)
    X = np.where(active(rng, 300, 4, 0.4, 0.2), 1, -1)
    y = Target.of(X[:, 0] * X[:, 1] + X[:, 3] + rng.normal(size=300)).values
    checks = Checks(Signs(Patterns.from_signs(X)), y)
    for subset, others in (((0, 1), [(0,), (3,)]), ((0, 1, 2), [(0, 1), (3,), (0, 1, 2, 3)])):
        part = checks.joint(subset, others)
        if part.estimable:
            value, error, freedom = naive_inference.joint_part(X, subset, others, y)
            assert (part.value, part.standard_error) == pytest.approx((value, error), rel=1e-6, abs=1e-9)
            assert part.freedom == pytest.approx(min(freedom, 300 - 2), rel=0.02)


@pytest.mark.parametrize(("both", "estimable"), [(9, False), (10, True)])
def test_under_ten_samples_in_a_cell_it_is_not_estimable(both, estimable):
    X = -np.ones((400, 2), int)
    X[:60, 0] = 1
    X[60 - both : 120, 1] = 1
    y = np.random.default_rng(0).normal(size=400) + 5 * (X.sum(axis=1) == 2)
    found = activation_spectroscopy(Patterns.from_signs(X), y, must_include=[(0, 1)], top=3, max_degree=2)
    assert found.smallest_cells[0] == both
    assert np.isfinite(found.joint_parts[0]) == estimable == bool(found.joint[0])
    assert (found.joint_p_values[0] < 0.05) == estimable


@pytest.mark.parametrize("rate", [0.03, 0.1, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_a_sum_is_never_called_joint(rate, correlation):
    rng = np.random.default_rng([int(100 * rate), int(10 * correlation)])
    on = active(rng, 3000, 20, rate, correlation)
    y = on[:, :4].sum(axis=1) + 0.5 * rng.standard_t(4, 3000)
    found = activation_spectroscopy(Patterns.from_signs(on), y, max_degree=2)
    assert {unit for subset in found.subsets for unit in subset} >= {0, 1, 2, 3}
    assert sum(map(len, found.subsets)) / len(found) <= 4 / 3, "where hardly any sample shows both on, two may be one"
    assert not found.joint.any()


@pytest.mark.parametrize("error_rate", ["fwer", "fdr"])
@pytest.mark.parametrize(
    ("rate", "correlation", "samples", "runs"),
    [(0.5, 0.8, 600, 60), (0.03, 0.8, 6000, 25), (0.97, 0.8, 6000, 25), (0.99, 0.8, 6000, 25), (0.99, 0.0, 6000, 25)],
)
def test_sums_are_called_joint_in_no_more_runs_than_five_percent(rate, correlation, samples, runs, error_rate):
    """Six units of either sign. The gate: the lower 95 % limit of the share of runs with a claim is at most 5 %."""
    claims = 0
    for seed in range(runs):
        rng = np.random.default_rng([seed, int(1000 * rate), int(10 * correlation), samples])
        on = active(rng, samples, 20, rate, correlation)
        y = on[:, :6] @ (rng.choice([-1, 1], 6) * rng.uniform(0.5, 1.5, 6)) + 0.5 * rng.normal(size=samples)
        found = activation_spectroscopy(Patterns.from_signs(on), y, max_degree=2, error_rate=error_rate)
        claims += found.joint.any()
    assert claims == 0 or beta.ppf(0.025, claims, runs - claims + 1) <= 0.05, f"{claims} of {runs} runs"


@pytest.mark.parametrize(("gate", "rate"), [("and", 0.1), ("or", 0.1), ("xor", 0.1), ("and", 0.5), ("or", 0.9)])
def test_a_gate_is_found_where_its_own_test_told_the_model_finds_it(gate, rate):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        on = active(rng, 4000, 15, rate)
        a, b = on[:, 6], on[:, 7]
        y = on[:, :3].sum(axis=1) + 0.6 * {"and": a & b, "or": a | b, "xor": a ^ b}[gate] + 0.5 * rng.normal(size=4000)
        found = activation_spectroscopy(Patterns.from_signs(on), y, max_degree=2)
        told = [(0,), (1,), (2,), (6,), (7,), (6, 7)]
        p = Checks(Signs(Patterns.from_signs(on)), Target.of(y).values).joint((6, 7), told).p
        claimed = {s for s, joint in zip(found.subsets, found.joint, strict=True) if joint}
        if p < 0.02 / found.coverage.examined:  # not so close to the level that chance decides
            assert (6, 7) in claimed
        elif p > 0.1 / found.coverage.examined:
            assert (6, 7) not in claimed


def test_the_joint_part_of_a_target_linear_in_activations_is_the_work_of_binarisation():
    rng = np.random.default_rng(0)
    mixed = np.sqrt(0.6) * rng.normal(size=(6000, 1)) + np.sqrt(0.4) * rng.normal(size=(6000, 6))
    A = np.maximum(mixed, 0)
    linear = activation_spectroscopy(A, A[:, :2].sum(axis=1) + 0.1 * rng.normal(size=6000), max_degree=2)
    assert linear.joint.any()
    assert all(vanishes for vanishes, joint in zip(linear.binarisation, linear.joint, strict=True) if joint)
    gate = activation_spectroscopy(A, 1.0 * ((A[:, 0] > 0) & (A[:, 1] > 0)) + 0.1 * rng.normal(size=6000), max_degree=2)
    assert gate.binarisation[gate.subsets.index((0, 1))] is False
    given = activation_spectroscopy(Patterns.from_activations(A), A[:, 0], max_degree=2)
    assert set(given.binarisation) == {None}


def test_a_class_with_a_single_unit_in_it_is_no_joint_claim():
    found = activation_spectroscopy(
        Patterns.from_signs(np.random.default_rng(0).choice([-1, 1], (300, 4))),
        np.random.default_rng(1).normal(size=300), must_include=[(0, 1), (2, 3)], top=2,
    )  # fmt: skip
    from dataclasses import replace

    sure = replace(found, joint_p_values=[0.0, 0.0], classes=(((0, 1), (2,)), ((2, 3), (0, 3))))
    assert sure.joint.tolist() == [False, True]
    assert replace(sure, classes=((), ((2, 3),))).joint.tolist() == [False, True]
