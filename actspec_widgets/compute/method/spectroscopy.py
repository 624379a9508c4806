"""The whole method: search on one part of the samples, select without redundancy, estimate on the other part."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice, product

import numpy as np
from numpy.typing import ArrayLike

from ...patterns import Patterns
from ...patterns.cube import Subset, order_key, varying_target
from ...progress import Progress, part_of
from ...results import Coverage, Spectrum
from .constraints import check_constraints
from .inference import fit_significant, usable
from .plans import plan_search
from .relations import UnitClasses, unit_classes
from .selection import MIN_SIDE, Collection, Pool, agreements, character_words

_POOL = 1000  # candidates taken from each round of search
_MIN_PART = 2 * MIN_SIDE  # samples that either part needs
_LISTED = 20  # equivalents listed for each subset


def activation_spectroscopy(
    patterns: Patterns,
    y: ArrayLike,
    *,
    max_degree: int = 3,
    max_subsets: int = 20,
    rho_max: float = 0.9,
    alpha: float = 0.05,
    search: str = "auto",
    split: float = 0.5,
    seed: int = 0,
    allowed: Iterable[int] | None = None,
    forbidden: Iterable[int] = (),
    min_share: float = 0.0,
    must_include: Iterable[Iterable[int]] = (),
    budget: float = 4.0,
    progress: Progress | None = None,
) -> Spectrum:
    """Find the subsets of units that matter jointly for a target and are not redundant with each other.

    Parameters
    ----------
    patterns : Patterns
        m samples of n units.
    y : array, shape (m,)
        The target, e.g. a logit.
    max_degree : int
        Largest subset size.
    max_subsets : int
        Most subsets reported.
    rho_max : float
        Every pair of reported subsets has ``|E[chi_S chi_T]|`` below this on the search part.
    alpha : float
        Reported subsets have a corrected p-value at or below this, ``must_include`` aside.
    search : str
        "exhaustive" looks at every subset up to ``max_degree`` (at most 4); "block" at every subset of at most
        20 units by one transform; "best-first" at subsets of any size with a certificate; "beam" at subsets of
        any size that can be reached one unit at a time. "auto" picks by size and budget: exhaustive where that
        fits, else a block of up to 16 units, else exhaustive as far as it fits and a beam beyond. ``coverage``
        says what was picked, why, and what it cannot have seen.
    split : float
        Share of the samples to search on; the rest gives every reported number.
    seed : int
        Decides which samples go where; the same seed gives the same bits on any number of threads.
    allowed : iterable of int, optional
        Units to search among; default every unit.
    forbidden : iterable of int
        Units to leave out of the search, also where they are allowed.
    min_share : float
        Least share of samples on the rarer side of a reported character, on either part; never fewer than 10.
    must_include : iterable of subsets
        In the collection from the start and reported whatever their p-values, first; of any size and units.
        The search is for what they leave unexplained.
    budget : float
        Seconds that one round of search may take, on two cores with vector popcounts; decides what "auto" picks.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If the target does not fit, is not finite or never changes, a part would be too small, a setting
        is out of range, or the constraints leave nothing.

    References
    ----------
    Reing, Ver Steeg and Galstyan (2025), arXiv:2501.15435. Orthogonal least squares: Chen, Billings and Luo
    (1989), Int. J. Control 50.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> spectrum = activation_spectroscopy(Patterns.from_signs(X), X[:, 0] * X[:, 2] + 0.5 * X[:, 4])
    >>> spectrum.subsets
    ((0, 2), (4,))
    """
    y = varying_target(y, patterns.n_samples)
    _check_settings(max_degree, max_subsets, rho_max, alpha, split, budget)
    constraints = check_constraints(patterns.n_units, max_subsets, allowed, forbidden, min_share, must_include)
    searched, held_out = _split(patterns.n_samples, split, seed)
    search_on, estimate_on = patterns.take(searched), patterns.take(held_out)
    constraints.check_estimable(search_on, "search")
    constraints.check_estimable(estimate_on, "estimate")
    classes = unit_classes(patterns)
    candidates = constraints.among(classes)
    settings = {
        "max_degree": max_degree, "max_subsets": max_subsets, "rho_max": rho_max, "alpha": alpha,
        "search": search, "split": split, "seed": seed, "budget": budget,
        **constraints.settings(),
    }  # fmt: skip
    names = candidates.representatives
    chosen = included = constraints.must_include
    coverage = Coverage("exhaustive", 0, max_degree, 0, True, 0.0, ("No unit that may take part ever changes.",))
    if names:
        min_side = constraints.min_side(len(searched))
        collection = Collection(search_on, y[searched], rho_max, min_side, included)
        plan = plan_search(search_on.select(names), max_degree, search, budget)
        coverage = _search(collection, names, plan, max_subsets, progress)
        chosen = collection.chosen
    estimable = usable(estimate_on, chosen, constraints.min_side(len(held_out)))
    fitted = fit_significant(estimate_on, y[held_out], estimable, max(coverage.examined, 1), alpha, len(included))
    return Spectrum(
        subsets=fitted.subsets,
        coefficients=fitted.coefficients,
        standard_errors=fitted.standard_errors,
        character_means=fitted.character_means,
        p_values=fitted.p_values,
        gains=fitted.gains,
        equivalents=tuple(_equivalents(patterns, candidates, s, rho_max) for s in fitted.subsets),
        explained_variance=fitted.explained_variance,
        explained_variance_error=fitted.explained_variance_error,
        intercept=fitted.intercept,
        gram=fitted.gram,
        coverage=replace(coverage, notes=(*constraints.notes(), *coverage.notes)),
        n_units=patterns.n_units,
        n_search=len(searched),
        n_estimate=len(held_out),
        unit_names=patterns.unit_names,
        constant_units=classes.constants,
        settings=settings,
        covariance=fitted.covariance,
        redundancy_error=fitted.redundancy_error,
    )


def _check_settings(max_degree, max_subsets, rho_max, alpha, split, budget):
    if max_degree < 1:
        raise ValueError(f"max_degree={max_degree}; a subset has at least one unit")
    if max_subsets < 1:
        raise ValueError(f"max_subsets={max_subsets}; ask for at least one subset")
    if not 0 < rho_max <= 1:
        raise ValueError(f"rho_max={rho_max}; give a number above 0 and at most 1")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha}; give a probability between 0 and 1, such as 0.05")
    if not 0 < split < 1:
        raise ValueError(f"split={split}; give the share of samples to search on, between 0 and 1")
    if not budget > 0:
        raise ValueError(f"budget={budget}; give the seconds that a round of search may take, more than 0")


def _split(m, split, seed):
    """Sample indices to search on and to estimate on, each in their recorded order."""
    size = round(m * split)
    if min(size, m - size) < _MIN_PART:
        raise ValueError(
            f"{m} samples split at {split:g} leave {size} to search on and {m - size} to estimate on; "
            f"each part needs {_MIN_PART} or more, so record more samples or move split"
        )
    order = np.random.default_rng(seed).permutation(m)
    return np.sort(order[:size]), np.sort(order[size:])


def _search(collection, names, plan, max_subsets, progress):
    """Rounds of search, among the units ``names``, for what the subsets chosen so far leave unexplained."""
    from scipy.special import ndtr

    distinct, y = collection.patterns.select(names), collection.y
    noise = 1e-20 * float(np.mean((y - y.mean()) ** 2))
    coverage = Coverage("exhaustive", len(names), 0, 0, True, notes=("Nothing was left to search for.",))
    pool, outside, examined = None, math.inf, 0
    while len(collection.chosen) < max_subsets and float(np.mean(collection.residual**2)) > noise:
        if pool is not None:
            covariance, gain = pool.scores()
            best = int(np.argmax(gain))
        if pool is None or gain[best] == 0 or abs(covariance[best]) < outside:
            # What was not in the pool may now matter more than anything in it: look at everything again.
            found = plan.find(
                distinct, collection.residual, _POOL, part_of(progress, len(collection.chosen), max_subsets)
            )
            coverage, outside = found.coverage, found.outside
            # A complete search looks at the same subsets in every round, another one may look at more.
            examined = coverage.examined if coverage.complete else examined + coverage.examined
            pool = Pool(collection, tuple(tuple(names[i] for i in subset) for subset in found.subsets))
            covariance, gain = pool.scores()
            best = int(np.argmax(gain))
        if gain[best] == 0 or 2 * ndtr(-_z(gain[best], collection)) * float(min(examined, 10**300)) > 1:
            break  # as large a gain is expected by chance among so many
        pool.take(best, gain)
    part_of(progress, max_subsets - 1, max_subsets)(1, 1)
    notes = (plan.reason,) if plan.reason else ()
    return replace(coverage, examined=examined, missed_bound=None, notes=(*notes, *coverage.notes))


def _z(gain, collection):
    m = collection.patterns.n_samples
    left = float(np.sum(collection.residual**2)) - gain
    return math.inf if left <= 0 else math.sqrt(gain / (left / max(m - len(collection.subsets) - 1, 1)))


def _equivalents(patterns: Patterns, classes: UnitClasses, subset: Subset, rho_max: float) -> tuple[Subset, ...]:
    """Other subsets that carry the same information on all samples: duplicates swapped in, or one near-duplicate."""
    places = {unit: at for at, group in enumerate(classes.members) for unit in group}
    # a unit that may not take part, which only a subset to include can hold, is not swapped
    swaps = (
        tuple(sorted(units))
        for units in product(*(classes.members[places[u]] if u in places else (u,) for u in subset))
    )
    exact = [s for s in islice(swaps, _LISTED + 1) if s != subset and len(set(s)) == len(s)]
    near = []
    m = patterns.n_samples
    units = tuple((u,) for u in classes.representatives)
    table = character_words(patterns, units)
    means = agreements(table, np.zeros(table.shape[1], np.uint64), m) / m
    for unit in subset:
        if unit not in places:
            continue
        at = places[unit]
        rho = agreements(table, table[at], m) / m
        spread = np.sqrt((1 - means**2) * (1 - means[at] ** 2))
        close = np.minimum(np.abs(rho), np.abs(rho - means * means[at]) / spread)
        for other in np.flatnonzero(close >= rho_max):
            swapped = tuple(sorted((set(subset) - {unit}) | {classes.representatives[other]}))
            if swapped != subset and len(swapped) == len(subset):
                near.append((-close[other], order_key(swapped), swapped))
    found = exact + [s for _, _, s in sorted(near)]
    return tuple(dict.fromkeys(found))[:_LISTED]
