import pytest

from actspec_widgets.lessons import checks


def ask(machine, points):
    return [machine([s == 1 for s in point.tolist()]) for point in points]


def test_right_answers_are_recognised(capsys):
    checks.pooled(lambda maps: maps.reshape(*maps.shape[:2], -1).mean(-1))
    checks.share_returned(lambda a, b: sum(s in b for s in a) / max(len(a), 1))
    checks.query(ask)
    assert capsys.readouterr().out.count("✓") == 3


@pytest.mark.parametrize(
    ("check", "attempt", "said"),
    [
        ("pooled", lambda maps: ..., "not attempted yet"),
        ("pooled", lambda maps: maps.max(axis=(2, 3)), "case 0: shape right; coordinate (0, 0)"),
        ("pooled", lambda maps: maps.mean(axis=1), "yours has shape (4, 2, 2), expected (4, 3)"),
        ("share_returned", lambda a, b: ..., "not attempted yet"),
        ("share_returned", lambda a, b: len(set(a) & set(b)) / len(b), "case 0: shape right; yours 0.500"),
        ("share_returned", lambda a, b: len(set(a) & set(b)) / len(a), "case 3: your function raised ZeroDivision"),
        ("query", lambda machine, points: ..., "not attempted yet"),
        ("query", lambda machine, points: machine(points), "raised TypeError: the machine takes a list"),
        ("query", lambda machine, points: ask(machine, -points), "case 0: shape right"),
        ("query", lambda machine, points: ask(machine, points)[0], "yours has shape (), expected (12,)"),
    ],
)
def test_wrong_answers_are_told_apart(check, attempt, said, capsys):
    getattr(checks, check)(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out
