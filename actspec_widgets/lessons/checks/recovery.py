"""Exercises on finding subsets that are known: single-unit scores, precision and recall, sample size."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def shapley_values(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(x, terms)``: x int8 (n,), terms a dict subset -> coefficient -> Shapley values, (n,)."""
    x = np.array([1, -1, -1, 1], np.int8)
    cases = [{(1,): 2.0}, {(0, 1): 1.0}, {(0, 2, 3): -0.6, (3,): 0.5}, {(0, 1, 2, 3): 1.0, (1, 2): 0.25, (2,): -1.0}]
    compare_function(
        attempt,
        _shapley_over_all_orders,
        [(x, terms) for terms in cases],
        hint="a term counts once all its units are there: how often is it this unit that completes it?",
    )


def _shapley_over_all_orders(x, terms):
    """Shapley's definition: what a unit adds to the value of those before it, averaged over all orders.

    Units not yet there are random, balanced and independent, so that a term counts once all its units are there.
    """

    def value(there):
        return sum(c * np.prod(x[list(subset)]) for subset, c in terms.items() if set(subset) <= there)

    orders = list(itertools.permutations(range(len(x))))
    total = np.zeros(len(x))
    for order in orders:
        for place, unit in enumerate(order):
            total[unit] += value(set(order[: place + 1])) - value(set(order[:place]))
    return total / len(orders)


def f1_score(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(found, truth)``: two collections of subsets -> F1, twice the hits over found plus true."""
    truth = [(0,), (1, 2), (3, 4, 5)]
    cases = [truth, [(0,), (1, 2)], [(3, 4, 5), (0, 1), (2,)], [(1,), (2,)], []]
    compare_function(
        attempt,
        lambda found, truth: 2 * len(set(found) & set(truth)) / (len(found) + len(truth)),
        [(found, truth) for found in cases],
        hint="is a hit a whole subset that stands in both, and are all of both lists counted below the line?",
    )


def needed_samples(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(examined, coefficient, variance)`` -> samples at which the coefficient stands out."""
    compare_function(
        attempt,
        lambda examined, coefficient, variance: 2 * math.log(examined) * variance / coefficient**2,
        [(1000, 1.0, 1.0), (1000, 0.5, 1.0), (80_000_000, -0.1, 2.0)],
        hint="put your m into |c| = sqrt(2 ln N) * sqrt(V / m), not rounded: do both sides agree?",
    )
