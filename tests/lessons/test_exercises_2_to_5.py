"""The checks of lessons 2 to 5 tell the usual mistakes from the right answer."""

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


def textbook_f1(found, truth):
    hits = len(set(found) & set(truth))
    precision, recall = hits / len(found), hits / len(truth)
    return 2 * precision * recall / (precision + recall)


RIGHT = {
    # Lessons 2 and 3.
    "parity": lambda X, subset: X[:, list(subset)].prod(axis=1),
    "swing": lambda coefficient: 2 * coefficient,
    "signs": lambda A, threshold: np.where(threshold < A, 1, -1),
    "character_mean": lambda X, y, subset: np.mean(y * np.prod(X[:, list(subset)], axis=1)),
    "agreement": lambda X, S, T: np.mean(X[:, list(S)].prod(axis=1) * X[:, list(T)].prod(axis=1)),
    # Lesson 4.
    "shapley_values": shapley_values,
    "f1_score": lambda found, truth: 2 * len(set(found) & set(truth)) / (len(found) + len(truth)),
    "needed_samples": lambda examined, c, variance: 2 * math.log(examined) * variance / c**2,
    # Lesson 5.
    "chance_of_a_false_find": lambda examined, alpha: 1 - (1 - alpha) ** examined,
    "corrected_p": lambda p, examined: min(1.0, p * examined),
    "shrunk": lambda coefficient, size, flips: coefficient * (1 - 2 * flips) ** size,
}
WRONG = {
    # Lessons 2 and 3.
    "one parity for all samples": ("parity", lambda X, subset: X[:, list(subset)].prod(), "yours has shape ()"),
    "a sum for a product": ("parity", lambda X, subset: X[:, list(subset)].sum(axis=1), "case 1: shape right"),
    "only from 0 to 1": ("swing", lambda coefficient: coefficient, "yours 1.000, definition gives 2.000"),
    "size without sign": ("swing", lambda coefficient: 2 * abs(coefficient), "case 1: shape right"),
    "at the threshold counts as active": ("signs", lambda A, t: np.where(t <= A, 1, -1), "case 0: shape right"),
    "zero for inactive": ("signs", lambda A, threshold: 1 * (threshold < A), "shape right; coordinate"),
    "the threshold forgotten": ("signs", lambda A, threshold: np.where(A > 0, 1, -1), "case 1: shape right"),
    "sign lost": (
        "agreement",
        lambda X, S, T: abs(np.mean(X[:, sorted({*S} ^ {*T})].prod(axis=1))),
        "case 0: shape right",
    ),
    "target forgotten": ("character_mean", lambda X, y, subset: X[:, list(subset)].prod(axis=1).mean(), "case 0"),
    # Lesson 4.
    "every unit gets the whole term": ("shapley_values", not_shared, "case 1: shape right; coordinate 0: yours -1.000"),
    "one number": ("shapley_values", lambda x, terms: sum(terms.values()), "yours has shape (), expected (4,)"),
    "textbook F1 where nothing is hit": (
        "f1_score",
        textbook_f1,
        "raised ZeroDivisionError: float division by zero\ncalled with found=[(1,), (2,)], truth=[(0,), (1, 2), (3, 4",
    ),
    "rounded up": ("needed_samples", lambda n, c, v: math.ceil(2 * math.log(n) * v / c**2), "not rounded"),
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
    "half searched": ("needed_samples", lambda n, c, v: 4 * math.log(n) * v / c**2, "case 0: shape right"),
    "c not squared": ("needed_samples", lambda n, c, v: 2 * math.log(n) * v / c, "case 1: shape right"),
    "logarithm to base 10": ("needed_samples", lambda n, c, v: 2 * math.log10(n) * v / c**2, "yours 6.000"),
    # Lesson 5.
    "chances added up": ("chance_of_a_false_find", lambda n, alpha: n * alpha, "case 1: shape right; yours 1.000"),
    "chance that all are": ("chance_of_a_false_find", lambda n, alpha: alpha**n, "case 1: shape right"),
    "chance that none is": ("chance_of_a_false_find", lambda n, alpha: (1 - alpha) ** n, "case 0: shape right"),
    "Šidák for Bonferroni": ("corrected_p", lambda p, n: 1 - (1 - p) ** n, "does it multiply, as Bonferroni does"),
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
