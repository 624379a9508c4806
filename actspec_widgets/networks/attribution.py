"""Captum's attributions for a function that is given by its values at points of ``{-1,+1}^n``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

Query = Callable[[NDArray[np.int8]], NDArray[np.float64]]


class _Extension(torch.autograd.Function):
    """Value and slope of the multilinear extension, each estimated from one rounding of the point.

    At p the extension is the mean of the function over independent signs with means p, and its slope along unit i is
    half the mean of ``z_i (f(z) - f(z with i flipped))``.
    """

    @staticmethod
    def forward(ctx, p, query, rng):
        place = p.detach().numpy()
        k, n = place.shape
        z = np.where(rng.random((k, n)) < (1 + place) / 2, 1, -1).astype(np.int8)
        around = np.repeat(z[:, None, :], n + 1, axis=1)
        around[:, np.arange(1, n + 1), np.arange(n)] *= -1
        values = np.asarray(query(around.reshape(-1, n)), float).reshape(k, n + 1)
        ctx.save_for_backward(torch.from_numpy(z * (values[:, :1] - values[:, 1:]) / 2))
        return torch.from_numpy(values[:, 0].copy())

    @staticmethod
    def backward(ctx, *grads):
        (slope,) = ctx.saved_tensors
        return grads[0][:, None] * slope, None, None


def integrated_gradients(
    query: Query, points: NDArray[np.int8], *, steps: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Integrated gradients of the multilinear extension, from all units inactive to each point.

    Parameters
    ----------
    query : callable
        Points of shape (k, n) -> values, shape (k,).
    points : ndarray of shape (m, n), in {-1,+1}
    steps : int
        Places on each path; ``m * steps * (n + 1)`` evaluations.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float64, shape (m, n)
        Units of the function. The mean over ``rng`` at the point of all units active is the Shapley value (Owen 1972).
    """
    from captum.attr import IntegratedGradients

    x = torch.from_numpy(points.astype(float))
    found = IntegratedGradients(lambda p: _Extension.apply(p, query, rng)).attribute(
        x, baselines=-torch.ones_like(x), n_steps=steps
    )
    return found.detach().numpy()


def feature_ablation(query: Query, points: NDArray[np.int8]) -> NDArray[np.float64]:
    """Change of the function when a unit is made inactive, shape (m, n); ``m (n + 1)`` evaluations."""
    from captum.attr import FeatureAblation

    def forward(p):
        return torch.from_numpy(np.asarray(query(p.numpy().astype(np.int8)), float))

    x = torch.from_numpy(points.astype(float))
    return FeatureAblation(forward).attribute(x, baselines=-torch.ones_like(x)).numpy()
