"""The checks of lessons 0 and 1 tell the usual mistakes from the right answer."""

import numpy as np
import pytest

from actspec_widgets.lessons import checks


def pair(both, first, second, neither):
    return (both - first - second + neither) / 4


def share(f_hat):
    single = sum(f_hat[1 << i] ** 2 for i in range(len(f_hat).bit_length() - 1))
    return 1 - single / (f_hat[1:] ** 2).sum()


def difference(f, a, b, i, j):
    def at(*units):
        x = a.copy()
        x[list(units)] = b[list(units)]
        return f(x)

    return at(i, j) - at(i) - at(j) + at()


def in_place(f, a, b, i, j):
    one = a
    one[i] = b[i]
    return f(one) - f(a)


def test_right_answers_are_recognised(capsys):
    checks.pair_coefficient(pair)
    checks.joint_share(share)
    checks.second_difference(difference)
    checks.xor(lambda a, b: a + b - 2 * np.maximum(a + b - 1, 0))
    checks.xor(lambda a, b: np.maximum(a - b, 0) + np.maximum(b - a, 0))
    assert capsys.readouterr().out.count("✓") == 5


@pytest.mark.parametrize(
    ("check", "attempt", "said"),
    [
        ("pair_coefficient", lambda *four: ..., "not attempted yet"),
        ("pair_coefficient", lambda both, first, second, neither: both - first - second + neither, "yours -4.000"),
        ("pair_coefficient", lambda both, first, second, neither: (both - first - second - neither) / 4, "case 0"),
        ("joint_share", lambda f_hat: ..., "not attempted yet"),
        ("joint_share", lambda f_hat: 1 - share(f_hat), "case 0: shape right"),
        ("joint_share", lambda f_hat: (f_hat[3:] ** 2).sum() / (f_hat**2).sum(), "case 1: shape right"),
        ("xor", lambda a, b: ..., "not attempted yet"),
        ("xor", lambda a, b: a + b, "coordinate 3: yours 2.000, definition gives 0.000"),
        ("xor", lambda a, b: np.maximum(a + b - 1, 0), "coordinate 1: yours 0.000, definition gives 1.000"),
        ("second_difference", lambda *all_of_it: ..., "not attempted yet"),
        ("second_difference", in_place, "shape right"),
        ("second_difference", lambda f, a, b, i, j: f(b) - f(a), "case 0: shape right"),
    ],
)
def test_wrong_answers_are_told_apart(check, attempt, said, capsys):
    getattr(checks, check)(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out


def test_the_solution_of_a_share_counts_no_constant():
    assert share(np.array([9.0, 0.0, 0.0, 1.0])) == 1.0
