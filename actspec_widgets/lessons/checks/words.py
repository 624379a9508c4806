"""Exercises on words and units that act together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def pair_coefficient(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(both, first, second, neither)``: four mean answers -> the pair's coefficient, a number."""
    compare_function(
        attempt,
        lambda both, first, second, neither: (both - first - second + neither) / 4,
        [(-1.0, 1.0, 1.0, -1.0), (3.0, 1.0, 2.0, 0.0), (0.5, -2.0, -1.5, 0.25)],
        hint="where the two only add up, both + neither is as much as first + second, and the coefficient is 0",
    )


def joint_share(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(f_hat)``: (2^n,) -> share of the squares, the first left out, on subsets of two or more."""
    rng = np.random.default_rng(3)

    def definition(f_hat):
        sizes = np.array([int(index).bit_count() for index in range(len(f_hat))])
        squares = np.square(f_hat)
        return squares[sizes > 1].sum() / squares[sizes > 0].sum()

    compare_function(
        attempt,
        definition,
        [(np.array([0.0, 1.0, 2.0, 2.0]),), (np.array([9.0, 0.0, 0.0, 1.0]),), (rng.normal(size=8),)],
        hint="a square is a share of the variance; f_hat[0] is the mean, which varies with nothing",
    )


def xor(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(a, b)``: two (m,) of 0.0 or 1.0 -> (m,) 1.0 where they differ."""
    a, b = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    compare_function(
        attempt,
        lambda a, b: (a != b).astype(float),
        [(a, b), (np.ones(3), np.ones(3))],
        hint="np.maximum(a + b - 1, 0) is 1 where both are 1; what is the sum there, and what should it be?",
    )


def second_difference(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(f, a, b, i, j)``: f of (n,), two points (n,), two units -> the second difference of f at a."""

    def definition(f, a, b, i, j):
        one, other, both = a.copy(), a.copy(), a.copy()
        one[i] = both[i] = b[i]
        other[j] = both[j] = b[j]
        return f(both) - f(one) - f(other) + f(a)

    def points(seed):  # of their own for each case: an attempt may change them
        return np.random.default_rng(seed).normal(size=(2, 5))

    compare_function(
        attempt,
        definition,
        [
            (lambda x: float(x[0] * x[3]), *points(4), 0, 3),
            (lambda x: float(x @ np.arange(5.0)), *points(5), 0, 3),
            (lambda x: float(np.maximum(x.sum(), 0)), *points(6), 1, 4),
        ],
        hint="change i alone, j alone, and both, always from a; copy a before you change it",
    )
