"""The causal check: change the units of a subset, and compare what the output does with what a spectrum predicts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_subset, chi
from ...progress import Progress, part_of, tick
from ...results import Flip, Intervention, Spectrum
from ..effects.joint import half_differences, superset_importance
from ..effects.measured import MOST_RUNS, joint_effects
from ..effects.rest import Donors
from ..effects.tally import Streams
from .recorded import STATES, Recorded

KINDS = ("flip", "freeze", "swap")
_MOST_IN_ALL = 1 << 22  # runs of one joint effect, in all its samples
_DONORS = 64  # that a unit's other state is taken from, in one sample


def intervene(
    rest: Any,
    spectrum: Spectrum,
    subset: Iterable[int],
    *,
    activations: ArrayLike | None = None,
    patterns: Patterns | None = None,
    kind: str = "flip",
    units: Iterable[int] | None = None,
    state: str = "inactive",
    samples: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Intervention:
    """Change the units of a subset in recorded samples, and compare the total and the joint effect with the prediction.

    Every sample is its own base, and a unit that is changed takes the activation that it has in another recorded
    sample. *Total*: what acting on the units changes, single units' shares included. *Joint*: the alternating sum over
    the on/off settings of the subset's units, over ``2^|S|``, all else left as it is: what they do only together. The
    spectrum predicts both with all its subsets, so acting on a unit that several of them share is no mistake of the
    check. Where ``subset`` is not reported but listed as an *equivalent*, it takes the place of the one reported: data
    cannot tell the two apart, this can.

    Parameters
    ----------
    rest : SubNetwork, or callable
        The rest of the network behind the recorded layer, with one output. Or a function of activations ``(k, n)``,
        with ``activations=``; or of int8 patterns ``(k, n)``, with ``patterns=``.
    spectrum : Spectrum
    subset : collection of int
    activations : array, shape (m, n), optional
        Recorded activations, where ``rest`` is a function of them.
    patterns : Patterns, optional
        Recorded patterns of the same units, where ``rest`` is a function of patterns. With a SubNetwork, its samples'
        states; by default those above the spectrum's thresholds, or its own.
    kind : {"flip", "freeze", "swap"}
        Of the total effect. "flip" turns over *one unit of the subset in each sample*, each unit in as many samples as
        the others, so that the subset's parity always changes sign (turning over all of an even number would leave it
        as it was). "freeze" sets all its units to ``state``. "swap" gives all its units the activations that they have
        together in another sample, so every state is one that occurs.
    units : collection of int, optional
        Act on these units of the subset, *all of them in each sample*, whatever the kind.
    state : {"active", "inactive"}
        For "freeze".
    samples : int
        Recorded samples drawn without replacement; all of them where there are no more. Each takes ``2 + 2^|S|`` runs.
    seed : int
        Of the draw of samples and of those that units take their activations from.
    progress : callable, optional
        Gets (steps done, steps in all).

    Returns
    -------
    Intervention

    Raises
    ------
    ValueError, TypeError
        If sizes, units or a setting do not fit, the function answers badly, a state is never seen, or the spectrum
        predicts no change in any of the samples.

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
      joint effect of 0, 2: +1.0000 ± 0.0000, predicted +1.0000
    """
    recorded = Recorded.of(rest, spectrum, activations, patterns)
    checked, acted = _checked(spectrum, subset, units)
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not known; use one of {', '.join(map(repr, KINDS))}")
    if state not in STATES:
        raise ValueError(f"state={state!r} is not known; use 'active' or 'inactive'")
    wanted = as_count(samples, "samples", 2)
    recorded.check_both_states(checked)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(recorded.states.bases(np.arange(len(recorded.on)), checked, 1))[:wanted]
    if len(drawn) < 2:
        raise ValueError(f"{len(drawn)} recorded samples can be bases; an error needs two or more")
    if len(drawn) << len(checked) > _MOST_IN_ALL:
        raise ValueError(
            f"the joint effect of {len(checked)} units takes {1 << len(checked):,} runs in each of {len(drawn):,} "
            f"samples, more than {_MOST_IN_ALL:,} in all; give fewer samples, or a smaller subset"
        )
    in_turn = kind == "flip" and units is None and len(acted) > 1
    donors = recorded.donors(drawn, acted, kind, rng, in_turn=in_turn, state=state)
    terms = _terms(recorded.patterns, spectrum, checked)
    before, after = recorded.signs(drawn), recorded.signs(drawn, donors)
    predicted = _predict(spectrum, terms, after) - _predict(spectrum, terms, before)
    if not predicted.any():
        raise ValueError(
            f"the spectrum predicts no change in any of {len(drawn)} samples when units {acted} are acted on by "
            f"{kind!r}; choose one of its subsets or their equivalents, another kind, or more samples"
        )
    measured = recorded.output(drawn, donors) - recorded.output(drawn)
    tick(progress, 1, 2)
    joint, rounding = half_differences(recorded.rest, recorded.states, drawn, checked, rng)
    tick(progress, 2, 2)
    slope, slope_error, r_squared, r_squared_error = _line(predicted, measured)
    return Intervention(
        subset=checked,
        units=acted,
        in_turn=in_turn,
        kind=kind,
        state=state if kind == "freeze" else None,
        slope=slope,
        slope_error=slope_error,
        r_squared=r_squared,
        r_squared_error=r_squared_error,
        predicted=predicted,
        measured=measured,
        joint_predicted=_predicted_jointly(spectrum, terms, before, checked),
        joint_measured=joint,
        rounding=rounding,
        samples=drawn,
    )


def by_experiment(
    rest: Any,
    spectrum: Spectrum,
    *,
    activations: ArrayLike | None = None,
    patterns: Patterns | None = None,
    samples: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Spectrum:
    """The same spectrum with the effect of each subset beside it: what goes with the output, and what changes it.

    For each subset its average joint effect as in :func:`intervene`, each of some recorded samples being its own base;
    and what its units do jointly in any context, signs never cancelling. ``summary`` then puts both side by side.

    Parameters
    ----------
    rest, spectrum, activations, patterns
        As for :func:`intervene`.
    samples : int
        Bases for each subset, drawn with replacement.
    seed : int
    progress : callable, optional
        Gets (subsets done, subsets in all).

    Returns
    -------
    Spectrum
        With ``effects``, ``effect_errors``, ``superset_importance`` and ``superset_errors``.

    Raises
    ------
    ValueError, TypeError
        As :func:`intervene`.

    Examples
    --------
    >>> from actspec_widgets import activation_spectroscopy
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> X[:, 1] = X[:, 0]  # recorded data cannot tell them apart
    >>> patterns = Patterns.from_signs(X)
    >>> found = activation_spectroscopy(patterns, 1.0 * X[:, 0])
    >>> by_experiment(lambda points: 1.0 * points[:, 1], found, patterns=patterns).effects
    array([0.])
    """
    recorded = Recorded.of(rest, spectrum, activations, patterns)
    wanted = as_count(samples, "samples", 2)
    effects = joint_effects(
        recorded.rest, recorded.on, spectrum.subsets, contexts=wanted, seed=seed, progress=part_of(progress, 0, 2)
    )
    donors = Donors(np.arange(len(recorded.on)), recorded.rest.lengths)
    varying = np.flatnonzero(recorded.on.any(axis=0) & ~recorded.on.all(axis=0))
    importance, report = np.full((len(spectrum), 2), np.nan), part_of(progress, 1, 2)
    for number, subset in enumerate(spectrum.subsets):
        tick(report, number, len(spectrum))
        if np.isfinite(effects[number, 0]):
            rng, contexts = Streams(seed).rng(10, number), min(wanted, MOST_RUNS >> len(subset))
            importance[number] = superset_importance(recorded.rest, donors, varying, subset, contexts, rng)[:2]
    tick(report, len(spectrum), len(spectrum))
    return replace(
        spectrum,
        effects=effects[:, 0],
        effect_errors=effects[:, 1],
        superset_importance=importance[:, 0],
        superset_errors=importance[:, 1],
    )


def flip_one(
    rest: Any,
    spectrum: Spectrum,
    subset: Iterable[int],
    sample: int,
    *,
    activations: ArrayLike | None = None,
    patterns: Patterns | None = None,
    units: Iterable[int] | None = None,
    seed: int = 0,
) -> Flip:
    """Turn over units of a subset in one recorded sample; :func:`intervene` does it in many, with an error.

    Parameters
    ----------
    rest, spectrum, subset, activations, patterns
        As for :func:`intervene`.
    sample : int
        The recorded sample.
    units : collection of int, optional
        Which units of the subset to turn over, together; default all of them, which leaves the parity of an even
        number as it was.
    seed : int
        Of the 64 samples that give a unit its activation in the other state; the answer is their average.

    Returns
    -------
    Flip

    Raises
    ------
    ValueError
        If sizes, units or the sample do not fit, or a unit shows one state only.

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
    recorded = Recorded.of(rest, spectrum, activations, patterns)
    checked, acted = _checked(spectrum, subset, units)
    if not 0 <= sample < len(recorded.on):
        raise ValueError(f"sample={sample} is not one of the {len(recorded.on)} recorded; use 0 to the last")
    recorded.check_both_states(acted)
    base = np.full(_DONORS, sample)
    donors = recorded.donors(base, acted, "flip", np.random.default_rng(seed))
    terms = _terms(recorded.patterns, spectrum, checked)
    before, after = recorded.signs(base[:1]), recorded.signs(base[:1], donors[:1])
    predicted = _predict(spectrum, terms, after) - _predict(spectrum, terms, before)
    values = recorded.output(base, donors)
    return Flip(
        checked,
        acted,
        int(sample),
        before=float(recorded.output(base[:1])[0]),
        after=float(values.mean()),
        predicted=float(predicted[0]),
        predicted_error=_error(spectrum, terms, before, after),
        after_error=float(values.std(ddof=1) / math.sqrt(_DONORS)),
    )


def _checked(spectrum, subset, units) -> tuple[Subset, Subset]:
    """The subset and the units to act on, where they fit each other."""
    checked = as_subset(subset, spectrum.n_units)
    acted = checked if units is None else as_subset(units, spectrum.n_units)
    if not acted or not set(acted) <= set(checked):
        raise ValueError(f"units {acted} are not inside the subset {checked}; act on one or more of its units")
    return checked, acted


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


def _predicted_jointly(spectrum, terms, points, subset) -> NDArray[np.float64]:
    """The spectrum's alternating sum over the states of a subset, over 2^|S|, the other units as in ``points``."""
    total = np.zeros(len(points))
    for (other, sign), coefficient in zip(terms, spectrum.coefficients.tolist(), strict=True):
        if set(subset) <= set(other):
            total += sign * coefficient * chi(sorted({*other} - {*subset}), points)
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
