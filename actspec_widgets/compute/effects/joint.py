"""The joint effect of one subset of units, measured: every other unit as it is, or resampled too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from .rest import KEEP, Donors, Rest, States, ask

_ROWS = 1 << 15  # asked at once
_ROUNDING = 1.2e-7  # of answers, relative: those of networks in float32


class Effect(NamedTuple):
    """Average over contexts, its standard error (rounding included), and the root mean square over contexts."""

    mean: float
    error: float
    rms: float
    contexts: int
    rounding: float = 0.0  # what is no larger can be the arithmetic's doing

    @property
    def is_nothing(self) -> bool:
        """Whether the units do nothing jointly in any of the contexts."""
        return self.rms <= self.rounding


def corners(subset: Subset) -> NDArray[np.bool_]:
    """All on/off settings of a subset's units, shape (2^|S|, |S|)."""
    return (np.arange(1 << len(subset))[:, None] >> np.arange(len(subset)) & 1).astype(bool)


def half_differences(
    rest: Rest, states: States, base: NDArray[np.intp], subset: Subset, rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Over the states of S alone, the coefficient of ``prod x_i`` in each context (k,), and how much can be rounding.

    Each context is a base sample; each unit of S is set to the activation of a sample in which it is on, and of one in
    which it is off, all else stays as it is. The alternating sum over the 2^|S| settings, over 2^|S|, is what the units
    of S do only together; for one unit it is half of what switching it changes.
    """
    picks = np.empty((len(base), len(subset), 2), dtype=np.intp)
    for at, unit in enumerate(subset):
        for state in (False, True):
            picks[:, at, int(state)] = states.draw(base, unit, np.full(len(base), state), rng)
    values, rounding = _alternating(rest, base, picks, subset)
    return values / 2 ** len(subset), rounding / 2 ** len(subset)


def joint_effect(
    rest: Rest, states: States, bases: NDArray[np.intp], subset: Subset, contexts: int, rng: np.random.Generator
) -> Effect:
    """The mean of :func:`half_differences` over contexts.

    Parameters
    ----------
    rest : Rest
    states : States
    bases : ndarray of int
        Samples to take contexts from; donors in both states are as long (:meth:`States.bases`).
    subset : tuple of int
    contexts : int
        Each takes 2^|S| evaluations.
    rng : numpy.random.Generator
    """
    return _summed_up(*half_differences(rest, states, rng.choice(bases, contexts), subset, rng))


def superset_importance(
    rest: Rest, donors_of: Donors, units: NDArray[np.intp], subset: Subset, contexts: int, rng: np.random.Generator
) -> Effect:
    """``2^-|S| E[(alternating sum over S between two resampled states)^2]``, the other units resampled as well.

    It is the variance of all that the units of S do jointly, in whatever context, signs never cancelling; the mean of
    the effect returned is that variance.

    References
    ----------
    Liu and Owen (2006), *Estimating mean dimensionality of analysis of variance decompositions*, JASA 101.
    """
    base = rng.choice(donors_of.bases, contexts)
    others = donors_of.draw(base, (len(units),), rng)
    picks = donors_of.draw(base, (len(subset), 2), rng)
    values, rounding = _alternating(rest, base, picks, subset, units, others)
    return _summed_up(values**2 / 2 ** len(subset), rounding**2 / 2 ** len(subset))


def _alternating(rest, base, picks, subset, units=None, others=None):
    """The alternating sum over S of each context, shape (contexts,), and how much of it can be rounding."""
    settings = corners(subset)
    signs = np.where((len(subset) - settings.sum(axis=1)) % 2, -1.0, 1.0)
    n, size = rest.activations.shape[1], max(1, _ROWS // len(settings))
    out, largest = np.empty(len(base)), 0.0
    for start in range(0, len(base), size):
        part = slice(start, start + size)
        rows = np.full((len(base[part]), len(settings), n), KEEP, dtype=np.intp)
        if others is not None:
            rows[:, :, units] = others[part, None, :]
        for at, unit in enumerate(subset):
            rows[:, :, unit] = picks[part, at][:, settings[:, at].astype(np.intp)]
        answers = ask(rest, np.repeat(base[part], len(settings)), rows.reshape(-1, n))[:, 0]
        out[part] = answers.reshape(-1, len(settings)) @ signs
        largest = max(largest, float(np.abs(answers).max()))
    return out, _ROUNDING * largest * len(settings)


def _summed_up(values, rounding):
    error = float(np.hypot(values.std(ddof=1) / np.sqrt(len(values)), rounding))
    return Effect(float(values.mean()), error, float(np.sqrt((values**2).mean())), len(values), float(rounding))
