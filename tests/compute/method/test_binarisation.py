import builtins
import math
import re

import numpy as np
import pytest

from actspec_widgets import Cancelled, binarisation_cost


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(1500, 1))


@pytest.fixture(scope="module")
def one_sided(x):
    """A step at 1, above which a sixth of the samples lie."""
    y = (x[:, 0] > 1) + 0.1 * np.random.default_rng(1).normal(size=1500)
    return binarisation_cost(x, y, rules=["zero", "informative"], folds=3)


@pytest.mark.compiled
def test_the_sign_of_a_normal_number_explains_two_over_pi(x):
    cost = binarisation_cost(x, x[:, 0], rules=["zero", "median"])
    assert cost.continuous == pytest.approx(1.0, abs=1e-3)
    assert abs(cost.explained - 2 / math.pi).max() < 4 * cost.standard_errors.max() < 0.06
    assert abs(cost.losses - (1 - 2 / math.pi)).max() < 4 * cost.loss_errors.max() < 0.06


def test_the_informative_threshold_finds_a_step_beside_zero(one_sided):
    p = 1 - 0.5 * (1 + math.erf(1 / math.sqrt(2)))
    share = p * (1 - p) / (p * (1 - p) + 0.01)
    kept = share * (0.5 * p) ** 2 / (0.25 * p * (1 - p))  # squared correlation of the two steps
    assert abs(one_sided.explained - [kept, share]).max() < 4 * one_sided.standard_errors.max()
    gain, error = one_sided.difference("informative", "zero")
    assert gain > 10 * error > 0
    assert gain == pytest.approx(one_sided.explained[1] - one_sided.explained[0])


def test_differences_are_paired(one_sided):
    apart = np.hypot(one_sided.continuous_error, one_sided.standard_errors[1])
    assert one_sided.loss_errors[1] < 0.8 * apart
    assert one_sided.difference("zero", "zero") == (0.0, 0.0)


@pytest.mark.compiled
def test_interactions_of_patterns_are_explained():
    A = np.random.default_rng(2).normal(size=(1200, 4))
    y = np.sign(A[:, 0] * A[:, 1]) + np.sign(A[:, 2])
    cost = binarisation_cost(A, y, rules=["zero"], folds=2)
    assert cost.explained[0] > 0.98 and cost.losses[0] < 0.02


def test_noise_is_not_explained():
    rng = np.random.default_rng(3)
    cost = binarisation_cost(rng.normal(size=(600, 5)), rng.normal(size=600), rules=["mean", "otsu"])
    assert max(cost.continuous, *cost.explained) < 0.03


def test_thresholds_come_from_the_other_folds(x, monkeypatch):
    from actspec_widgets.compute.method import binarisation

    seen = []

    def spy(A, rule, target):
        seen.append(A.shape)
        assert target.shape == (A.shape[0],)
        return np.zeros(1)

    monkeypatch.setattr(binarisation, "thresholds", spy)
    binarisation_cost(x[:100], x[:100, 0], rules=["informative"], folds=4)
    assert seen == [(75, 1)] * 4


def test_the_same_seed_gives_the_same_bits_and_another_one_other_folds(x):
    y = np.abs(x[:, 0])
    a, b, c = (binarisation_cost(x[:300], y[:300], rules=["mean"], folds=3, seed=s) for s in (1, 1, 2))
    assert a.explained.tobytes() == b.explained.tobytes() and a.covariance.tobytes() == b.covariance.tobytes()
    assert a.explained[0] != c.explained[0]


def test_a_rule_has_the_same_number_whatever_it_is_compared_with(x):
    y = np.abs(x[:300, 0])
    alone = binarisation_cost(x[:300], y, rules="median", folds=2)
    among = binarisation_cost(x[:300], y, rules=["zero", 0.5, "median"], folds=2)
    assert among.rules == ("zero", "0.5", "median")
    assert alone.explained[0] == among.explained[2] and alone.continuous == among.continuous


def test_the_numbers_are_shown(one_sided):
    frame = one_sided.to_frame()
    assert frame["rule"].tolist() == ["zero", "informative"]
    np.testing.assert_array_equal(frame["loss"], one_sided.continuous - one_sided.explained)
    lines = repr(one_sided).splitlines()
    assert "cross-validated in 3 folds of 1,500 samples" in lines[0] and len(lines) == 3
    assert re.fullmatch(r"  informative  explains 9\d\.\d% ± \d\.\d%, loses -?\d\.\d% ± \d\.\d%", lines[2])
    assert one_sided._repr_html_().count("<tr>") == 3
    with pytest.raises(ValueError, match="read-only"):
        one_sided.explained[0] = 1.0
    with pytest.raises(ValueError, match="'otsu' was not compared; here are 'zero', 'informative'"):
        one_sided.difference("otsu", "zero")


def test_work_is_reported_and_can_be_stopped_between_fits(x):
    calls = []
    binarisation_cost(x[:60], x[:60, 0], rules=["zero"], folds=2, progress=lambda *c: calls.append(c))
    done = [d for d, _ in calls]
    assert done == sorted(done) and calls[-1][0] == calls[-1][1] and len(set(done)) > 4

    def stop(done, total):
        if done > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        binarisation_cost(x[:60], x[:60, 0], rules=["zero"], folds=2, progress=stop)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"rules": ["middle"]}, "'middle' is not a threshold rule; use any of zero, mean"),
        ({"rules": [float("nan")]}, "or finite numbers"),
        ({"rules": [[0.0, 1.0]]}, "or finite numbers"),
        ({"rules": []}, "no rule came"),
        ({"rules": ["zero", "zero"]}, "name 'zero' twice"),
        ({"folds": 1}, "folds=1 for 40 samples; give 2 folds or more"),
        ({"folds": 5}, "at least 10 samples each"),
        ({"y": np.ones(40)}, "the target is 1 for all 40 samples"),
        ({"y": np.ones(39)}, r"the target has shape \(39,\)"),
        ({"activations": np.full((40, 2), np.inf)}, "activations hold inf at sample 0, unit 0"),
        ({"activations": np.zeros(40)}, r"activations have shape \(40,\)"),
    ],
)
def test_what_does_not_fit_is_refused(x, changed, sentence):
    given = {"activations": x[:40], "y": x[:40, 0], **changed}
    with pytest.raises(ValueError, match=sentence):
        binarisation_cost(**given)


def test_without_scikit_learn_it_says_what_to_install(x, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == "sklearn":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'actspec_widgets\[studies\]'"):
        binarisation_cost(x, x[:, 0])
