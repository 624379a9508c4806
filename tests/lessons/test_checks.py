import numpy as np
import pytest

from actspec_widgets.lessons import checks


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (lambda X, y, subset: ..., "not attempted yet"),
        (lambda X, y, subset: y, "yours has shape (50,), expected ()"),
        (lambda X, y, subset: np.mean(y), "shape right; yours"),
        (lambda X, y, subset: 1 / 0, "raised ZeroDivisionError"),
        (lambda X, y, subset: "many", "returned str"),
    ],
)
def test_a_wrong_answer_is_told_apart_without_the_answer(attempt, said, capsys):
    checks.character_mean(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out


def test_right_answers_are_recognised(capsys):
    checks.character_mean(lambda X, y, subset: np.mean(y * np.prod(X[:, list(subset)], axis=1)))
    checks.agreement(lambda X, S, T: np.mean(X[:, list(S)].prod(1) * X[:, list(T)].prod(1)))
    assert capsys.readouterr().out.count("✓") == 2


def test_predictions(capsys):
    checks.compare_prediction(..., 0.5)
    checks.compare_prediction(0.5, 0.51, 0.01)
    checks.compare_prediction(3, 0.5)
    checks.compare_prediction("many", 0.5)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("no guess yet. Measured: 0.5")
    assert told[1].startswith("✓ you said 0.5, measured: 0.51 ± 0.01")
    assert told[2].startswith("you said 3, measured: 0.5.")
    assert told[3].startswith("your guess 'many' is not a number")
