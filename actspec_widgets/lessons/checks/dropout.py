"""Exercises on what dropping units does, and on trends over several networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def noise_operator(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(f_hat, p)``: coefficients (2**n,) indexed by bit mask, and a rate -> those of T_{1-p} f."""
    rng = np.random.default_rng(0)
    compare_function(
        attempt,
        lambda f_hat, p: f_hat * (1 - p) ** np.bitwise_count(np.arange(len(f_hat))),
        [(rng.normal(size=8), 0.5), (rng.normal(size=4), 0.0), (rng.normal(size=16), 0.3)],
        hint="how many units are in the subset of each index?",
    )


def slope_over_seeds(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(values, rates)``: (seeds, r) and (r,) -> mean of the seeds' slopes, and its standard error."""

    def definition(values, rates):
        slopes = [np.polyfit(rates, row, 1)[0] for row in values]
        return [np.mean(slopes), np.std(slopes, ddof=1) / np.sqrt(len(slopes))]

    rng = np.random.default_rng(1)
    rates = np.array([0.0, 0.1, 0.2, 0.5])
    cases = [
        (np.outer([1.0, 2.0, 3.0], rates), rates),
        (5 - 2 * rates + rng.normal(size=(6, 4)), rates),
        (rng.normal(size=(2, 3)), np.array([0.0, 0.3, 0.7])),
    ]
    compare_function(attempt, definition, cases, hint="one slope for each seed first; then their mean, and its error")


def subsets_for(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(gains, share)``: what each subset adds, (k,) -> how many reach a share; 0 where none do."""

    def definition(gains, share):
        reached = np.flatnonzero(np.cumsum(gains) >= share)
        return reached[0] + 1 if reached.size else 0

    gains = np.array([0.3, 0.15, 0.1, 0.05])
    exactly = np.array([0.25, 0.25, 0.5])  # in binary too, so that rounding decides nothing
    cases = [(gains, 0.5), (gains, 0.25), (gains[::-1], 0.5), (gains, 0.7), (exactly, 0.5)]
    compare_function(
        attempt, definition, cases, hint="what do the first 1, 2, ... explain together? a share met exactly is reached"
    )
