"""Weight by degree for independent units, for which the theory of dropout holds exactly.

A unit dropped at rate ``p`` and set to its mean turns a function into the noise operator ``T_{1-p}`` of it, under the
product measure: every degree-k coefficient shrinks by ``(1-p)^k`` (O'Donnell, *Analysis of Boolean Functions*, 2014,
sections 2.4 and 8.3). Patterns are drawn from the product of the units' own frequencies, and the rest of the network
gives the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ...compute.means import signed_totals
from ...patterns import Patterns
from ..study import Row

RATES = (0.1, 0.2, 0.3, 0.5, 0.7)
POINTS = 16384

Logits = Callable[[Iterable[NDArray[np.bool_]]], Iterator[NDArray[np.float64]]]


def product_weights(
    logits: Logits,
    frequencies: NDArray[np.float64],
    targets: list[Callable[[NDArray[np.float64]], NDArray[np.float64]]],
    seed: int,
    points: int = POINTS,
) -> list[Row]:
    """Weight of degree 1, weight in all, and what the noise operator leaves of it, under the product measure.

    Parameters
    ----------
    logits : callable
        Iterable of bool patterns (k, n) -> for each the logits, (k, 10).
    frequencies : ndarray, shape (n,)
        How often each unit is active.
    targets : list of callables
        Logits (k, 10) -> one number for each pattern.
    seed : int
    points : int
        Patterns drawn, and drawn again near them for each rate.

    Returns
    -------
    list of dict
        For each target ``product_variance`` (weight of all degrees but 0), ``product_weight_1``, and for each rate
        ``noisy_variance_p``: the sum of ``(1-p)^(2k) W^k``, which is the noise stability at ``(1-p)^2``
        (O'Donnell, section 2.4); squared units of the target.

    Notes
    -----
    The two factors of each squared coefficient come from two halves of the patterns, and the stability from pairs,
    so noise adds nothing on average.
    """
    rng = np.random.default_rng(seed)
    first = rng.random((points, frequencies.size)) < frequencies

    def near() -> Iterator[NDArray[np.bool_]]:
        yield first
        for rate in RATES:
            kept = rng.random(first.shape) < (1 - rate) ** 2
            yield np.where(kept, first, rng.random(first.shape) < frequencies)

    answers = list(logits(near()))
    values = [[target(answer) for answer in answers] for target in targets]
    weights = _first_weights(first, frequencies, [y[0] for y in values])
    rows: list[Row] = []
    for y, weight in zip(values, weights, strict=True):
        row: Row = {"product_variance": float(np.var(y[0], ddof=1)), "product_weight_1": weight}
        for rate, noisy in zip(RATES, y[1:], strict=True):
            row[f"noisy_variance_{rate:g}"] = float(np.cov(y[0], noisy)[0, 1])
        rows.append(row)
    return rows


def _first_weights(on, frequencies, targets):
    """Sum over the units of the squared coefficient of (x_i - mu_i) / sigma_i."""
    varying = np.flatnonzero((frequencies > 0) & (frequencies < 1))
    mean = 2 * frequencies[varying] - 1
    sigma = np.sqrt(1 - mean**2)[:, None]
    half = len(on) // 2
    parts = []
    for part in (slice(0, half), slice(half, None)):
        patterns = Patterns.from_signs(on[part][:, varying])
        centred = [y[part] - y[part].mean() for y in targets]
        # the y are centred, so the means of the x do not matter
        parts.append(signed_totals(patterns, [(i,) for i in range(len(varying))], *centred) / (patterns.n_samples - 1))
    return [float(w) for w in (parts[0] * parts[1] / sigma**2).sum(axis=0)]
