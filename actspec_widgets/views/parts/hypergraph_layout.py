"""Places for the units of a hypergraph: units that share subsets lie near each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import ConvexHull

_ROUNDS = 150
_CORNERS = 20  # of the circle around a unit


def places(edges: Sequence[Sequence[int]], n_nodes: int) -> NDArray[np.float64]:
    """Stress majorization of the nodes and one hub for each edge, shape (n_nodes, 2), within [-1, 1].

    Distances on the page follow the numbers of steps between nodes. No chance takes part: the same edges, the same
    places.

    References
    ----------
    Gansner, Koren and North, "Graph drawing by stress majorization", Graph Drawing 2004.
    """
    total = n_nodes + len(edges)
    steps = [(node, n_nodes + at) for at, edge in enumerate(edges) for node in edge]
    a, b = np.array(steps, dtype=np.intp).T
    distance = shortest_path(coo_array((np.ones(len(a)), (a, b)), shape=(total, total)), directed=False)
    apart = distance[np.isfinite(distance)].max() * 0.6 + 2.0  # pieces that share nothing
    distance = np.where(np.isfinite(distance), distance, apart)
    np.fill_diagonal(distance, 1.0)
    weight = distance**-2
    np.fill_diagonal(weight, 0.0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    turn = 2.399963 * np.arange(total)  # the golden angle spreads any number of points
    at = np.sqrt(np.arange(1, total + 1))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(_ROUNDS):
        gaps = np.linalg.norm(at[:, None] - at[None], axis=2)
        ratio = np.divide(weight * distance, gaps, out=np.zeros_like(gaps), where=gaps > 1e-9)
        at = inverse @ ((np.diag(ratio.sum(axis=1)) - ratio) @ at)
    nodes = at[:n_nodes] - (at[:n_nodes].max(axis=0) + at[:n_nodes].min(axis=0)) / 2
    return nodes / (np.abs(nodes).max() or 1.0)


def outline(points: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """The convex outline of circles around some points, shape (corners, 2)."""
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    circle = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    around = (points[:, None] + circle).reshape(-1, 2)
    return around[ConvexHull(around).vertices]


def same_length(outlines: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Outlines as one array, shape (k, corners, 2); shorter ones repeat their last corner."""
    most = max(map(len, outlines))
    return np.stack([np.concatenate([o, np.repeat(o[-1:], most - len(o), axis=0)]) for o in outlines])
