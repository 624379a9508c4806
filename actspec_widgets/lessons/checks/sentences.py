"""Exercises on a network that reads sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def four_coefficients(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(values)``: f at (+,+), (-,+), (+,-), (-,-) -> its coefficients of {}, {0}, {1}, {0, 1}, (4,)."""
    x0, x1 = np.array([1, -1, 1, -1]), np.array([1, 1, -1, -1])
    basis = np.array([np.ones(4), x0, x1, x0 * x1])
    compare_function(
        attempt,
        lambda values: basis @ values / 4,
        [(2.0 * x0,), (1.0 + 3 * x0 * x1,), (np.random.default_rng(0).normal(size=4),)],
        hint="each is a mean over the four values, some of them with a minus",
    )


def share_explained(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(y, predicted)``: both (m,) -> share of the variance of y, below 0 for a bad prediction."""
    rng = np.random.default_rng(1)
    y = rng.normal(size=50) + 3
    compare_function(
        attempt,
        lambda y, predicted: 1 - np.mean((y - predicted) ** 2) / np.var(y),
        [(y, y), (y, y + rng.normal(size=50) / 3), (y, np.full(50, y.mean())), (y, -y), (y, y + 2)],
        hint="what should a prediction score that is always the mean of y, and what one that is y itself?",
    )


def mean_in_cells(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(a, b, y)``: bool (m,), bool (m,), (m,) -> mean of y by (a, b), (2, 2): row False, then True."""
    rng = np.random.default_rng(2)
    a, b, y = rng.random(80) < 0.3, rng.random(80) < 0.2, rng.normal(size=80)
    a[:4], b[:4] = [False, False, True, True], [False, True, False, True]
    compare_function(
        attempt,
        lambda a, b, y: [[y[(a == i) & (b == j)].mean() for j in (False, True)] for i in (False, True)],
        [(a, b, y), (b, a, y)],
        hint="which row belongs to a False, and which column to b True?",
    )
