"""The checks of lesson 3 tell the usual mistakes from the right answer."""

import pytest

from actspec_widgets.lessons import checks

RIGHT = {
    "chance_of_a_false_find": lambda examined, alpha: 1 - (1 - alpha) ** examined,
    "corrected_p": lambda p, examined: min(1.0, p * examined),
    "shrunk": lambda coefficient, size, flips: coefficient * (1 - 2 * flips) ** size,
}
WRONG = {
    "chances added up": ("chance_of_a_false_find", lambda n, alpha: n * alpha, "case 1: shape right; yours 1.000"),
    "chance that all are": ("chance_of_a_false_find", lambda n, alpha: alpha**n, "case 1: shape right"),
    "chance that none is": ("chance_of_a_false_find", lambda n, alpha: (1 - alpha) ** n, "case 0: shape right"),
    "above 1": ("corrected_p", lambda p, examined: p * examined, "case 2: shape right; yours 321.000"),
    "divided": ("corrected_p", lambda p, examined: p / examined, "case 1: shape right"),
    "misread once for the whole subset": ("shrunk", lambda c, size, flips: c * (1 - 2 * flips), "case 1: shape right"),
    "misread counts as nothing": ("shrunk", lambda c, size, flips: c * (1 - flips) ** size, "case 0: shape right"),
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
