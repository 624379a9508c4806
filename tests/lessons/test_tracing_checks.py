import numpy as np
import pytest

from actspec_widgets.lessons import checks


def parity(H, subset):
    return np.where(H[:, list(subset)] > 0, 1, -1).prod(axis=1)


def joint(query, point, i, j):
    total = 0.0
    for a in (1, -1):
        for b in (1, -1):
            there = point.copy()
            there[i], there[j] = a, b
            total += a * b * query(there[None])[0]
    return total / 4


def test_right_answers_are_recognised(capsys):
    checks.parity_target(parity)
    checks.joint_effect(joint)
    assert capsys.readouterr().out.count("✓") == 2


@pytest.mark.parametrize(
    ("check", "attempt", "said"),
    [
        ("parity_target", lambda H, subset: ..., "not attempted yet"),
        ("parity_target", lambda H, subset: (H[:, list(subset)] > 0).prod(axis=1), "yours 0.000, definition gives"),
        ("parity_target", lambda H, subset: parity(H, range(5)), "definition gives"),
        ("parity_target", lambda H, subset: np.where(H[:, list(subset)] > 0, 1, -1), "yours has shape (40, 1)"),
        ("joint_effect", lambda query, point, i, j: ..., "not attempted yet"),
        ("joint_effect", lambda query, point, i, j: 4 * joint(query, point, i, j), "case 1: shape right; yours 2.800"),
        ("joint_effect", lambda query, point, i, j: joint(query, np.ones_like(point), i, j), "case 2: shape right"),
        ("joint_effect", lambda query, point, i, j: query(np.tile(point, (4, 1))), "yours has shape"),
    ],
)
def test_wrong_answers_are_told_apart(check, attempt, said, capsys):
    getattr(checks, check)(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out
