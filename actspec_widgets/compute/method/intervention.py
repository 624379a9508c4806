"""The causal check: set the units of a subset, and compare the change of the output with what a spectrum predicts."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_subset, chi
from ...patterns.table import as_patterns
from ...progress import Progress
from ...results import Flip, Intervention, Spectrum
from ..queries.queries import MeteredQuery, Query, QueryStopped

KINDS = ("flip", "freeze", "swap")
_STATES = {"active": 1, "inactive": -1}


def intervene(
    query: Query,
    spectrum: Spectrum,
    subset: Iterable[int],
    *,
    patterns: Patterns,
    kind: str = "flip",
    units: Iterable[int] | None = None,
    state: str = "inactive",
    samples: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Intervention:
    """Act on the units of a subset in recorded patterns, and compare the change of a function with the prediction.

    The spectrum predicts with all its subsets, so acting on a unit that several of them share is no mistake of
    the check. Where ``subset`` is not reported but listed as an *equivalent*, it takes the place of the one
    reported: data cannot tell the two apart, this can.

    Parameters
    ----------
    query : callable
        int8 points ``(k, n)`` -> ``k`` numbers, e.g. a :class:`SubNetwork` of the recorded layer.
    spectrum : Spectrum
    subset : collection of int
    patterns : Patterns
        Recorded patterns of the same units, binarised as for the query.
    kind : {"flip", "freeze", "swap"}
        "flip" turns over *one unit of the subset in each sample*, each unit in as many samples as the others, so
        that the subset's parity always changes sign (turning over all of an even number would leave it as it
        was). "freeze" sets all its units to ``state``. "swap" gives all its units the states that they have
        together in another sample drawn, so every state is one that occurs.
    units : collection of int, optional
        Act on these units of the subset, *all of them in each sample*, whatever the kind.
    state : {"active", "inactive"}
        For "freeze".
    samples : int
        Patterns drawn without replacement; all of them where there are no more.
    seed : int
        Of the draw and of who swaps with whom.
    progress : callable, optional
        Gets (points answered, points in all): two for each sample.

    Returns
    -------
    Intervention

    Raises
    ------
    ValueError, TypeError
        If sizes, units or a setting do not fit, or the spectrum predicts no change in any of the samples.

    References
    ----------
    The operation is the ``do`` of J. Pearl, *Causality* (2009), section 3.2.1. Errors: MacKinnon and White
    (1985), J. Econometrics 29 (HC3).

    Examples
    --------
    >>> from actspec_widgets import activation_spectroscopy
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> def f(points):
    ...     return points[:, 0] * points[:, 2] + 0.5 * points[:, 4]
    >>> patterns = Patterns.from_signs(X)
    >>> intervene(f, activation_spectroscopy(patterns, f(X)), (0, 2), patterns=patterns)
    Intervention: flip of units 0, 2 in turn in 400 samples, slope 1.000 ± 0.000, R2 1.000 ± 0.000
    """
    checked, acted = _checked(patterns, spectrum, subset, units)
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not known; use one of {', '.join(map(repr, KINDS))}")
    if state not in _STATES:
        raise ValueError(f"state={state!r} is not known; use 'active' or 'inactive'")
    count = min(as_count(samples, "samples", 2), patterns.n_samples)
    if count < 2:
        raise ValueError("the patterns hold one sample; an error needs two or more")
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(patterns.n_samples)[:count]
    before = patterns.take(drawn).signs()
    after = _acted_on(before, acted, kind, units is None, state, rng)
    terms = _terms(patterns, spectrum, checked)
    predicted = _predict(spectrum, terms, after) - _predict(spectrum, terms, before)
    if not predicted.any():
        raise ValueError(
            f"the spectrum predicts no change in any of {count} samples when units {acted} are acted on by {kind!r}; "
            "choose one of its subsets or their equivalents, another kind, or more samples"
        )
    points = np.concatenate([before, after])
    meter = MeteredQuery(query, patterns.n_units, progress=progress)
    meter.planned = len(points)
    try:
        values = meter.at(points)
    except QueryStopped as stopped:
        raise stopped.cause from None
    measured = values[count:] - values[:count]
    slope, slope_error, r_squared, r_squared_error = _line(predicted, measured)
    return Intervention(
        subset=checked,
        units=acted,
        in_turn=kind == "flip" and units is None and len(acted) > 1,
        kind=kind,
        state=state if kind == "freeze" else None,
        slope=slope,
        slope_error=slope_error,
        r_squared=r_squared,
        r_squared_error=r_squared_error,
        predicted=predicted,
        measured=measured,
        samples=drawn,
    )


def flip_one(
    query: Query,
    spectrum: Spectrum,
    subset: Iterable[int],
    sample: int,
    *,
    patterns: Patterns,
    units: Iterable[int] | None = None,
) -> Flip:
    """Turn over units of a subset in one recorded sample; :func:`intervene` does it in many, with an error.

    Parameters
    ----------
    query, spectrum, subset, patterns
        As for :func:`intervene`.
    sample : int
        Its index in ``patterns``.
    units : collection of int, optional
        Which units of the subset to turn over, together; default all of them, which leaves the parity of an even
        number as it was.

    Returns
    -------
    Flip

    Raises
    ------
    ValueError
        If sizes, units or the sample do not fit.

    Examples
    --------
    >>> from actspec_widgets import activation_spectroscopy
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> def f(points):
    ...     return points[:, 0] * points[:, 2] + 0.5 * points[:, 4]
    >>> patterns = Patterns.from_signs(X)
    >>> flip = flip_one(f, activation_spectroscopy(patterns, f(X)), (0, 2), 7, patterns=patterns, units=[2])
    >>> abs(flip.measured), round(abs(flip.predicted), 6)
    (2.0, 2.0)
    """
    checked, acted = _checked(patterns, spectrum, subset, units)
    if not 0 <= sample < patterns.n_samples:
        raise ValueError(f"sample={sample} is not one of the {patterns.n_samples} recorded; use 0 to the last")
    before = patterns.take([sample]).signs()
    after = before.copy()
    after[:, list(acted)] *= -1
    terms = _terms(patterns, spectrum, checked)
    predicted = _predict(spectrum, terms, after) - _predict(spectrum, terms, before)
    error = _error(spectrum, terms, before, after)
    values = MeteredQuery(query, patterns.n_units).at(np.concatenate([before, after]))
    return Flip(checked, acted, int(sample), float(values[0]), float(values[1]), float(predicted[0]), error)


def _checked(patterns, spectrum, subset, units) -> tuple[Subset, Subset]:
    """The subset and the units to act on, where patterns, spectrum and units fit each other."""
    if as_patterns(patterns).n_units != spectrum.n_units:
        raise ValueError(
            f"the patterns have {patterns.n_units} units, the spectrum {spectrum.n_units}; record the same layer"
        )
    if spectrum.encoding.kind != "signs":
        raise ValueError(
            f"the spectrum has basis={spectrum.encoding.kind!r} and units are turned over and set as signs here; "
            "compute it with basis='signs'"
        )
    checked = as_subset(subset, patterns.n_units)
    acted = checked if units is None else as_subset(units, patterns.n_units)
    if not acted or not set(acted) <= set(checked):
        raise ValueError(f"units {acted} are not inside the subset {checked}; act on one or more of its units")
    return checked, acted


def _acted_on(before, units, kind, in_turn, state, rng):
    """The patterns after the intervention, int8 (k, n)."""
    after, columns = before.copy(), list(units)
    if kind == "freeze":
        after[:, columns] = _STATES[state]
    elif kind == "swap":
        # A random cycle through all samples: each gets the states of another one.
        order = rng.permutation(len(before))
        after[np.ix_(order, columns)] = before[np.ix_(np.roll(order, 1), columns)]
    elif in_turn:
        # The samples come in random order, so dealing them out in turn is a random, balanced choice of units.
        rows = np.arange(len(before))
        after[rows, np.array(columns)[rows % len(columns)]] *= -1
    else:
        after[:, columns] *= -1
    return after


def _terms(patterns, spectrum, subset) -> list[tuple[Subset, int]]:
    """The spectrum's subsets, ``subset`` in the place of the one to which it is equivalent, and each one's sign.

    The sign is -1 for an equivalent that says the opposite.
    """
    terms = [(reported, 1) for reported in spectrum.subsets]
    if subset in spectrum.subsets:
        return terms
    for place, others in enumerate(spectrum.equivalents):
        if subset in others:
            reported = spectrum.subsets[place]
            union = sorted({*subset, *reported})
            signs = patterns.select(union).signs()
            left, right = ([union.index(i) for i in s] for s in (subset, reported))
            agreement = int((chi(left, signs) * chi(right, signs)).sum(dtype=np.int64))
            terms[place] = subset, 1 if agreement >= 0 else -1
            break
    return terms


def _predict(spectrum, terms, points) -> NDArray[np.float64]:
    """The spectrum without its intercept."""
    total = np.zeros(len(points))
    for (subset, sign), coefficient in zip(terms, spectrum.coefficients.tolist(), strict=True):
        total += sign * coefficient * chi(subset, points)
    return total


def _error(spectrum, terms, before, after) -> float:
    """Standard error of the predicted change of one sample: it is linear in the coefficients."""
    if spectrum.covariance is None:
        return math.nan
    change = np.array([sign * float(chi(s, after)[0] - chi(s, before)[0]) for s, sign in terms])
    return math.sqrt(max(float(change @ spectrum.covariance @ change), 0.0))


def _line(predicted, measured) -> tuple[float, float, float, float]:
    """Slope and R2 of the line through the origin, each with its standard error."""
    square = float(predicted @ predicted)
    slope = float(predicted @ measured) / square
    leverage = predicted**2 / square
    if leverage.max() > 1 - 1e-9:
        slope_error = math.inf  # one sample makes the whole line
    else:
        residual = (measured - slope * predicted) / (1 - leverage)
        slope_error = float(np.sqrt(((predicted * residual) ** 2).sum())) / square
    pm, pp, mm = (predicted * measured).mean(), (predicted**2).mean(), (measured**2).mean()
    if mm == 0:
        return slope, slope_error, 0.0, 0.0
    share = pm**2 / (pp * mm)
    influence = 2 * pm / (pp * mm) * predicted * measured - share * (predicted**2 / pp + measured**2 / mm)
    return slope, slope_error, float(share), float(influence.std() / np.sqrt(measured.size))
