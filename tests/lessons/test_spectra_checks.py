"""The checks of lessons 0 and 1 tell the usual mistakes from the right answer."""

import numpy as np
import pytest

from actspec_widgets.lessons import checks

RIGHT = {
    "parity": lambda X, subset: X[:, list(subset)].prod(axis=1),
    "swing": lambda coefficient: 2 * coefficient,
    "signs": lambda A, threshold: np.where(threshold < A, 1, -1),
}
WRONG = {
    "one parity for all samples": ("parity", lambda X, subset: X[:, list(subset)].prod(), "yours has shape ()"),
    "a sum for a product": ("parity", lambda X, subset: X[:, list(subset)].sum(axis=1), "case 1: shape right"),
    "only from 0 to 1": ("swing", lambda coefficient: coefficient, "yours 1.000, definition gives 2.000"),
    "size without sign": ("swing", lambda coefficient: 2 * abs(coefficient), "case 1: shape right"),
    "at the threshold counts as active": ("signs", lambda A, t: np.where(t <= A, 1, -1), "case 0: shape right"),
    "zero for inactive": ("signs", lambda A, threshold: 1 * (threshold < A), "shape right; coordinate"),
    "the threshold forgotten": ("signs", lambda A, threshold: np.where(A > 0, 1, -1), "case 1: shape right"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_solution_passes_and_the_empty_exercise_is_told_apart(name, capsys):
    getattr(checks, name)(RIGHT[name])
    getattr(checks, name)(lambda *arguments: ...)
    passed, empty = capsys.readouterr().out.splitlines()
    assert passed.startswith("✓ agrees with the definition") and empty.startswith("not attempted yet")


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_named(mistake, capsys):
    name, attempt, said = WRONG[mistake]
    getattr(checks, name)(attempt)
    out = capsys.readouterr().out
    assert said in out and "✓" not in out
