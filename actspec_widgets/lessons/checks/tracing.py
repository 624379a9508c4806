"""Exercises on following a subset through a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compare import compare_function


def parity_target(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(H, subset)``: H activations (m, n), subset a tuple -> its parity in each sample, (m,)."""
    rng = np.random.default_rng(0)
    H = np.maximum(rng.normal(size=(40, 5)), 0)
    compare_function(
        attempt,
        lambda H, subset: np.where(H[:, list(subset)] > 0, 1, -1).prod(axis=1),
        [(H, (2,)), (H, (0, 3)), (H, (1, 2, 4))],
        hint="a unit is +1 where its activation is above 0, else -1",
    )


def joint_effect(attempt: Callable[..., Any]) -> None:
    """Check ``attempt(query, point, i, j)``: what is joint in the effects of units i and j on query at a point.

    ``query`` takes points (k, n) and returns (k,); ``point`` is (n,) of -1 and +1.
    """

    def definition(query, point, i, j):
        corners = np.tile(point, (4, 1))
        corners[:, i], corners[:, j] = [1, 1, -1, -1], [1, -1, 1, -1]
        return np.asarray(query(corners)) @ [1, -1, -1, 1] / 4

    def additive(points):
        return 1 + 2.0 * points[:, 0] - 3.0 * points[:, 2]

    def pair(points):
        return additive(points) + 0.7 * points[:, 0] * points[:, 1]

    def triple(points):
        return pair(points) - 0.4 * points[:, 0] * points[:, 1] * points[:, 3]

    point = np.array([1, -1, -1, -1], np.int8)
    cases = [(additive, point, 0, 2), (pair, point, 0, 1), (triple, point, 0, 1), (triple, -point, 1, 0)]
    compare_function(attempt, definition, cases, hint="ask for four points: both units up, one up, the other, none")
