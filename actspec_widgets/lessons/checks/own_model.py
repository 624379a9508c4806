"""Exercises on bringing a model or a function of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def pooled(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(maps)``: activations (m, channels, rows, columns) -> mean over the positions, (m, channels)."""
    rng = np.random.default_rng(0)
    compare_function(
        attempt,
        lambda maps: maps.mean(axis=(2, 3)),
        [(rng.normal(size=(4, 3, 2, 2)),), (rng.normal(size=(2, 5, 3, 4)),)],
        hint="a mean over two axes at once",
    )


def share_returned(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(first, second)``: lists of subsets -> share of the first that the second holds; 0 for none."""
    compare_function(
        attempt,
        lambda first, second: len(set(first) & set(second)) / len(first) if first else 0.0,
        [
            ([(0,), (1, 2), (4, 7)], [(1, 2), (3,)]),
            ([(0,)], [(0,), (1,), (2,), (5, 6)]),
            ([(1, 2)], [(1,), (2,), (2, 1, 3)]),
            ([], [(1,)]),
        ],
        hint="subsets are tuples, and tuples can be in a set",
    )


def query(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(machine, points)``: a function of one list of bool, and points (k, n) -> its values, (k,)."""

    def definition(machine, points):
        return np.array([machine([bool(x > 0) for x in point]) for point in points])

    def machine(switches):
        if not isinstance(switches, list) or not all(isinstance(s, bool) for s in switches):
            raise TypeError("the machine takes a list of True and False")
        return 2.0 * switches[0] - 1.5 * (switches[1] and not switches[2])

    points = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (12, 4))
    compare_function(
        attempt,
        definition,
        [(machine, points), (machine, points[:1]), (lambda switches: float(sum(switches)), points)],
        hint="how many points does the machine take at a time, and which of +1 and -1 is its True?",
    )
