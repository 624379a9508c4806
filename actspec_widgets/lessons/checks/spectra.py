"""Exercises on signs, parities and their means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def parity(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(X, subset)``: X int8 (m, n), subset a tuple -> chi_S of each sample, (m,)."""
    X = np.random.default_rng(2).choice(np.array([-1, 1], np.int8), (6, 4))
    compare_function(
        attempt,
        lambda X, subset: X[:, list(subset)].prod(axis=1),
        [(X, (1,)), (X, (0, 2)), (X, (0, 1, 3)), (X, ())],
        hint="a product of columns, one number per row; the product of no columns is 1",
    )


def swing(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(coefficient)``: what the prediction changes by when the parity goes from -1 to +1."""
    compare_function(
        attempt,
        lambda coefficient: 2 * coefficient,
        [(1.0,), (-0.75,), (0.0,)],
        hint="what does the prediction hold at parity +1, and what at parity -1?",
    )


def signs(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(A, threshold)``: A float (m, n) -> +1 where a unit is above the threshold, else -1."""
    A = np.random.default_rng(3).normal(size=(4, 3)).round(2)
    A[0, 0], A[1, 2] = 0.0, 0.5  # at the threshold counts as inactive: a ReLU unit that is off says exactly 0
    compare_function(
        attempt,
        lambda A, threshold: np.where(threshold < A, 1, -1),
        [(A, 0.0), (A, 0.5), (np.maximum(A, 0), 0.0)],
        hint="is a unit exactly at the threshold above it?",
    )


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
