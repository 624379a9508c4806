"""The checks of lesson 2 tell the usual mistakes from the right answer."""

import math

import numpy as np
import pytest

from actspec_widgets.lessons import checks


def shapley_values(x, terms):
    values = np.zeros(len(x))
    for subset, coefficient in terms.items():
        values[list(subset)] += coefficient * np.prod(x[list(subset)]) / len(subset)
    return values


def not_shared(x, terms):
    values = np.zeros(len(x))
    for subset, coefficient in terms.items():
        values[list(subset)] += coefficient * np.prod(x[list(subset)])
    return values


RIGHT = {
    "shapley_values": shapley_values,
    "f1_score": lambda found, truth: 2 * len(set(found) & set(truth)) / (len(found) + len(truth)),
    "needed_samples": lambda examined, c, variance: 4 * math.log(examined) * variance / c**2,
}
WRONG = {
    "every unit gets the whole term": ("shapley_values", not_shared, "case 1: shape right; coordinate 0: yours -1.000"),
    "one number": ("shapley_values", lambda x, terms: sum(terms.values()), "yours has shape (), expected (4,)"),
    "units for subsets": (
        "f1_score",
        lambda found, truth: 2 * len(set(sum(found, ())) & set(sum(truth, ()))) / (len(found) + len(truth)),
        "case 0: shape right",
    ),
    "precision for F1": (
        "f1_score",
        lambda found, truth: len(set(found) & set(truth)) / len(found),
        "case 1: shape right; yours 1.000",
    ),
    "halves forgotten": ("needed_samples", lambda n, c, v: 2 * math.log(n) * v / c**2, "case 0: shape right"),
    "c not squared": ("needed_samples", lambda n, c, v: 4 * math.log(n) * v / c, "case 1: shape right"),
    "logarithm to base 10": ("needed_samples", lambda n, c, v: 4 * math.log10(n) * v / c**2, "yours 12.000"),
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
