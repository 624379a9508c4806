import numpy as np
import pytest

from actspec_widgets.lessons import checks


def damp(f_hat, p):
    return [value * (1 - p) ** bin(mask).count("1") for mask, value in enumerate(f_hat)]


def slope(values, rates):
    x = rates - rates.mean()
    slopes = values @ x / (x @ x)
    return slopes.mean(), slopes.std(ddof=1) / np.sqrt(len(slopes))


def count(gains, share):
    total = 0.0
    for k, gain in enumerate(gains, start=1):
        total += gain
        if total >= share:
            return k
    return 0


def passed_not_reached(gains, share):
    passed = np.flatnonzero(np.cumsum(gains) > share)
    return passed[0] + 1 if passed.size else 0


def test_right_answers_are_recognised(capsys):
    checks.noise_operator(damp)
    checks.slope_over_seeds(slope)
    checks.subsets_for(count)
    assert capsys.readouterr().out.count("✓") == 3


@pytest.mark.parametrize(
    ("check", "attempt", "said"),
    [
        ("noise_operator", lambda f_hat, p: ..., "not attempted yet"),
        ("noise_operator", lambda f_hat, p: f_hat * (1 - p), "case 0: shape right; coordinate 0"),
        ("noise_operator", lambda f_hat, p: f_hat * (1 - p) ** (2 * np.bitwise_count(np.arange(len(f_hat)))), "yours"),
        ("slope_over_seeds", lambda values, rates: ..., "not attempted yet"),
        ("slope_over_seeds", lambda values, rates: slope(values, rates)[0], "yours has shape (), expected (2,)"),
        (
            "slope_over_seeds",
            lambda values, rates: (slope(values, rates)[0], slope(values, rates)[1] * np.sqrt(len(values))),
            "case 0: shape right; coordinate 1",
        ),
        ("subsets_for", lambda gains, share: ..., "not attempted yet"),
        ("subsets_for", lambda gains, share: int(np.argmax(np.cumsum(gains) >= share)), "yours 2.000, definition"),
        ("subsets_for", lambda gains, share: int(np.argmax(np.cumsum(gains) >= share)) + 1, "case 3: shape right"),
        ("subsets_for", passed_not_reached, "case 4: shape right; yours 3.000, definition gives 2.000"),
    ],
)
def test_wrong_answers_are_told_apart(check, attempt, said, capsys):
    getattr(checks, check)(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out
