"""The average joint effects of named subsets, each measured on the function in contexts of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...progress import Progress, tick
from .joint import joint_effect
from .rest import FEWEST_DONORS, Donors, Rest, States
from .tally import Streams

MOST_RUNS = 1 << 17  # of the function for one subset: larger ones are changed in fewer contexts
_FEWEST = 30  # contexts


def joint_effects(
    rest: Rest,
    on: NDArray[np.bool_],
    subsets: Sequence[Subset],
    *,
    contexts: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """What the units of each subset do jointly when they alone are changed, on average over recorded samples.

    Parameters
    ----------
    rest : Rest
        With one output.
    on : ndarray of bool, shape (m, n)
        Which units are on in the recorded samples.
    subsets : sequence of tuples of int
    contexts : int
        Recorded samples for each subset. One of k units takes ``2^k`` evaluations in each; large ones get fewer.
    seed : int
    progress : callable, optional

    Returns
    -------
    ndarray, shape (k, 2)
        Average and standard error of :func:`joint_effect`, in units of the output; comparable with the coefficient of
        the subset's parity. NaN where a unit shows one of its states in fewer than 30 samples, or the subset is too
        large.
    """
    states = States(on, rest.lengths)
    donors = Donors(np.arange(len(on)), rest.lengths)
    rarer = np.minimum(on.sum(axis=0), (~on).sum(axis=0))
    found = np.full((len(subsets), 2), np.nan)
    for number, subset in enumerate(subsets):
        tick(progress, number, len(subsets))
        affordable = min(contexts, MOST_RUNS >> min(len(subset), 40))
        if affordable < _FEWEST or rarer[list(subset)].min() < FEWEST_DONORS:
            continue
        bases = states.bases(donors.bases, subset)
        effect = joint_effect(rest, states, bases, subset, affordable, Streams(seed).rng(9, number))
        found[number] = effect.mean, effect.error
    tick(progress, len(subsets), len(subsets))
    return found
