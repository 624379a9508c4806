"""Exercises on parities and their means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def character_mean(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(X, y, subset)``: X int8 (m, n), y (m,), subset a tuple -> E_data[y chi_S]."""
    rng = np.random.default_rng(0)
    X, y = rng.choice(np.array([-1, 1], np.int8), (50, 5)), rng.normal(size=50)
    cases = [(X, y, (0,)), (X, y, (1, 4)), (X, y, (0, 2, 3)), (X, y, ())]
    compare_function(
        attempt,
        lambda X, y, subset: np.mean(y * X[:, list(subset)].prod(axis=1)),
        cases,
        hint="the parity of a subset is the product of its columns",
    )


def agreement(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(X, S, T)``: the mean over the samples of chi_S chi_T."""
    rng = np.random.default_rng(1)
    X = rng.choice(np.array([-1, 1], np.int8), (50, 5))
    X[:, 4] = -X[:, 0]
    cases = [(X, (0,), (4,)), (X, (0, 1), (1, 2)), (X, (2,), (2,)), (X, (0, 1), (1, 4))]
    compare_function(
        attempt,
        lambda X, S, T: np.mean(X[:, list(S)].prod(axis=1) * X[:, list(T)].prod(axis=1)),
        cases,
        hint="two parities multiplied are +1 where they agree",
    )
