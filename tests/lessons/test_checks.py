"""What a learner is told about a guess and about a function, whatever the exercise."""

import numpy as np
import pytest

from actspec_widgets.lessons import checks


def told(attempt, definition, capsys):
    checks.compare_function(attempt, definition, [(2.0,)], hint="think")
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.ones(50), "yours has shape (50,), expected ()"),
        (0.25, "shape right; yours 0.250, definition gives 4.000"),
        (4.00001, "yours 4.00001, definition gives 4"),
        (float("nan"), "yours nan"),
        ("many", "returned str"),
        (None, "does it end with return?"),
    ],
)
def test_a_wrong_answer_is_told_apart_and_gets_the_hint(answer, said, capsys):
    out = told(lambda x: answer, lambda x: x * x, capsys)
    assert out.startswith("case 0: ") and said in out and "hint: think" in out and "✓" not in out


def test_an_error_of_ones_own_is_named_without_a_hint_about_something_else(capsys):
    out = told(lambda x: 1 / 0, lambda x: x, capsys)
    assert out == "case 0: your function raised ZeroDivisionError: division by zero\ncalled with x=2.0\n"


def test_what_the_function_was_called_with_is_told_where_it_is_small(capsys):
    def definition(found, row, table, query):
        return 0.0

    case = ([(0,), (1, 2)], np.array([[1, -1], [-1, 1]]), np.zeros((50, 4)), lambda x: x)
    checks.compare_function(lambda *arguments: 1.0, definition, [case])
    said = "called with found=[(0,), (1, 2)], row=[[ 1, -1], [-1,  1]], table=array of shape (50, 4), query=a function"
    assert said in capsys.readouterr().out


def test_the_place_of_a_mistake_is_told(capsys):
    row = np.array([0.0, 1.0, 2.0])
    assert "coordinate 2: yours 3.000" in told(lambda x: row + (row == 2), lambda x: row, capsys)
    table = np.eye(2)
    assert "coordinate (1, 0): yours 0.500" in told(lambda x: table + 0.5 * np.tri(2, k=-1), lambda x: table, capsys)


def test_nothing_tried_gets_no_hint(capsys):
    assert told(lambda x: ..., lambda x: x, capsys) == "not attempted yet: replace the ... by your own line\n"


def test_a_right_answer_is_recognised(capsys):
    assert told(lambda x: x + x, lambda x: x * x, capsys).startswith("✓ agrees with the definition on 1 cases")


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
