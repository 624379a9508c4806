import numpy as np
import pytest

from actspec_widgets.lessons import checks


def coefficients(f):
    return [
        sum(f) / 4,
        (f[0] - f[1] + f[2] - f[3]) / 4,
        (f[0] + f[1] - f[2] - f[3]) / 4,
        (f[0] - f[1] - f[2] + f[3]) / 4,
    ]


def share(y, predicted):
    return 1 - ((y - predicted) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def cells(a, b, y):
    return [[y[~a & ~b].mean(), y[~a & b].mean()], [y[a & ~b].mean(), y[a & b].mean()]]


def test_right_answers_are_recognised(capsys):
    checks.four_coefficients(coefficients)
    checks.share_explained(share)
    checks.mean_in_cells(cells)
    assert capsys.readouterr().out.count("✓") == 3


@pytest.mark.parametrize(
    ("check", "attempt", "said"),
    [
        ("four_coefficients", lambda values: ..., "not attempted yet"),
        (
            "four_coefficients",
            lambda values: 4 * np.array(coefficients(values)),
            "case 0: shape right; coordinate 1",
        ),
        ("four_coefficients", lambda values: np.take(coefficients(values), [0, 2, 1, 3]), "coordinate 1: yours 0.000"),
        ("four_coefficients", lambda values: coefficients(values)[3], "yours has shape (), expected (4,)"),
        ("share_explained", lambda y, predicted: ..., "not attempted yet"),
        ("share_explained", lambda y, predicted: np.corrcoef(y, predicted + 1e-9 * y)[0, 1] ** 2, "shape right; yours"),
        ("share_explained", lambda y, predicted: np.var(predicted) / np.var(y), "case 1: shape right; yours"),
        ("mean_in_cells", lambda a, b, y: ..., "not attempted yet"),
        ("mean_in_cells", lambda a, b, y: np.transpose(cells(a, b, y)), "case 0: shape right; coordinate (0, 1)"),
    ],
)
def test_wrong_answers_are_told_apart(check, attempt, said, capsys):
    getattr(checks, check)(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out
