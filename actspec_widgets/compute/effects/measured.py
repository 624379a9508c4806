"""Joint effects of named subsets: measured on the function in contexts of their own, or estimated on draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from ...patterns.cube import Subset
from ...progress import Progress, tick
from ...results import Experiment
from ...results.evidence import PLAIN
from .joint import Effect, joint_effect, superset_importance
from .proposals import standardised, without_singles
from .rest import FEWEST_DONORS, Donors, Rest, States
from .tally import Streams

MOST_RUNS = 1 << 17  # of the function for one subset: one of many units is changed in fewer contexts
_FEWEST = 30  # contexts
_CONTEXTS = (250, 1000, 4000)  # measured in, until the effect is plainly there, or plainly nothing
_UNKNOWN = Effect(np.nan, np.nan, np.nan, 0)


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


@dataclass(frozen=True)
class Measured:
    """One subset: its average joint effect, and what its units do jointly in any context."""

    subset: Subset
    effect: Effect
    importance: Effect
    p: float  # of an average effect of zero, corrected for the subsets measured
    p_at_all: float  # the same; or what found it was an interaction whose sign changes with the context


def by_contexts(experiment: Experiment, found: Mapping[Subset, bool], seed: int, progress: Progress) -> list[Measured]:
    """Each proposal measured on the function, in fresh contexts."""
    rest = experiment.rest
    states = States(rest.activations > experiment.thresholds, rest.lengths)
    donors = Donors(np.arange(len(rest.activations)), rest.lengths)
    bases = states.bases(np.unique(experiment.base), experiment.units)
    units = np.array(experiment.units)
    out = []
    for number, (subset, by_squares) in enumerate(found.items()):
        tick(progress, number, len(found))
        for contexts in _CONTEXTS:
            rng = Streams(seed).rng(7, number, contexts)
            effect = joint_effect(rest, states, bases, subset, contexts, rng)
            if abs(effect.mean) > PLAIN * effect.error or effect.is_nothing:
                break
        p = float(min(1.0, len(found) * 2 * stdtr(effect.contexts - 1, -abs(effect.mean) / effect.error)))
        importance, at_all = _UNKNOWN, p
        if not effect.is_nothing:
            importance = superset_importance(rest, donors, units, subset, _CONTEXTS[1], Streams(seed).rng(8, number))
            at_all = 0.0 if by_squares and importance.mean > PLAIN * importance.error else p
        out.append(Measured(subset, effect, importance, p, at_all))
    tick(progress, len(found), len(found))
    return out


def by_draws(experiment: Experiment, found: Mapping[Subset, bool], seed: int, progress: Progress) -> list[Measured]:
    """Each proposal estimated on draws that did not propose it."""
    values = standardised(experiment)
    place = {unit: i for i, unit in enumerate(experiment.units)}
    change = experiment.change - experiment.change.mean()
    residual = without_singles(values, change)[1]
    out = []
    for number, subset in enumerate(found):
        tick(progress, number, len(found))
        phi = np.prod(values[[place[i] for i in subset]], axis=0)
        y = residual if len(subset) > 1 else change
        square = float(phi @ phi)
        slope = float(phi @ y) / square
        error = float(np.sqrt((phi**2 * (y - slope * phi) ** 2).sum())) / square
        df = max(square**2 / float((phi**4).sum()) - 1, 1.0)
        p = float(min(1.0, len(found) * 2 * stdtr(df, -abs(slope) / error))) if error > 0 else 1.0
        scale = float(np.prod(experiment.scales[list(subset)]))
        out.append(
            Measured(subset, Effect(slope / scale, error / scale, np.nan, int((phi != 0).sum())), _UNKNOWN, p, p)
        )
    return out
