"""Exercises on what breaks a search: many comparisons, corrected p-values, misread signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .compare import compare_function


def chance_of_a_false_find(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(examined, alpha)``: chance that any of N comparisons of nothing is below alpha."""
    compare_function(
        attempt,
        lambda examined, alpha: 1 - (1 - alpha) ** examined,
        [(1, 0.05), (2, 0.5), (20, 0.05), (1000, 0.001)],
        hint="first the chance that none of them is",
    )


def corrected_p(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(p, examined)``: Bonferroni's corrected p-value."""
    compare_function(
        attempt,
        lambda p, examined: min(1.0, p * examined),
        [(0.01, 1), (1e-6, 10_700), (0.03, 10_700)],
        hint="does it multiply, as Bonferroni does, and is it still a probability?",
    )


def shrunk(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(coefficient, size, flips)``: what misread signs leave of a coefficient."""
    compare_function(
        attempt,
        lambda coefficient, size, flips: coefficient * (1 - 2 * flips) ** size,
        [(1.0, 1, 0.1), (-0.8, 2, 0.1), (0.6, 3, 0.25), (1.0, 5, 0.5)],
        hint="start with one unit: with probability flips its sign is the wrong one",
    )
