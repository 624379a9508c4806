"""What the noise operator predicts for a family of trained networks, beside what was found in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...studies.dropout.trends import measured_decay, ratio_to, told_apart
from .family import Reading

# Shown beside the line of the expectation.
ASSUMPTIONS = (
    "The noise operator T with parameter 1-p, applied to the networks without dropout: weight of degree k times "
    "(1-p)^(2k), all seeds together. It would hold for one network whose units are dropped, independent of each "
    "other. Here each rate is another network, trained anew, and weights are squared coefficients of the reported "
    "subsets on recorded data."
)


def expected_weights(readings: Sequence[Reading], rate: float, max_degree: int) -> NDArray[np.float64] | None:
    """Weight of degrees 1 to ``max_degree`` at a dropout rate, from the networks without dropout.

    Returns
    -------
    ndarray of shape (max_degree,), or None
        Squared units of the logit, summed over those networks; None where they report nothing.

    References
    ----------
    O'Donnell, *Analysis of Boolean Functions* (2014), sections 2.4 and 8.3.
    """
    weights = np.zeros(max_degree + 1)
    for reading in readings:
        if reading.member.dropout == 0:
            weights += reading.spectrum.degree_weights(max_degree)
    degrees = np.arange(1, max_degree + 1)
    return weights[1:] * (1 - rate) ** (2 * degrees) if weights[1:].any() else None


def expected_degree(readings: Sequence[Reading], max_degree: int, places: int = 30) -> NDArray[np.float64] | None:
    """Effective degree against the rate, shape (places, 2), from :func:`expected_weights`."""
    degrees = np.arange(1, max_degree + 1)
    line = []
    for rate in np.linspace(0, max((r.member.dropout for r in readings), default=0), places):
        weights = expected_weights(readings, float(rate), max_degree)
        if weights is None:
            return None
        line.append((rate, float((weights * degrees).sum() / weights.sum())))
    return np.array(line)


_DECAYS = {
    "theory": "as expected within the error",
    "other decay": "pairs do lose weight against single units, at another rate",
    "growth": "pairs gain weight against single units",
    "either": "rules out neither the theory nor no decay",
    "no decay": "no decay is seen, and the theory does not fit",
}


def decay_sentence(readings: Sequence[Reading]) -> str:
    """How far the change of ln(weight of degree 2 over weight of degree 1) follows the expectation, over seeds.

    The same number as the study's row on reported subsets: measured over predicted, 1 the theory, 0 no decay.
    """
    from pandas import DataFrame

    rows = []
    for reading in readings:
        weights = reading.spectrum.degree_weights(2)
        rate, seed = reading.network
        rows.append({"seed": seed, "rate": rate, "weight_1": weights[1], "weight_2": weights[2]})
    measured = measured_decay(DataFrame(rows)) if rows else None
    if measured is None or measured.empty:
        return "Nothing can be said about it: at every rate some network reports no single unit, or no pair."
    ratio = ratio_to(measured, 2 * np.log1p(-measured.columns.to_numpy(dtype=float)))
    if ratio is None:
        return "Nothing can be said about it from one seed."
    value, error, _ = ratio
    rates = ", ".join(f"{rate:g}" for rate in measured.columns)
    return (
        f"Measured over expected change of ln(weight of pairs / weight of single units): {value:+.2f} ± {error:.2f} "
        f"over {len(measured)} seeds at rates {rates} (1: the theory, 0: no decay): {_DECAYS[told_apart(*ratio)]}."
    )
