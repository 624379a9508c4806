"""The whole method: search on one part of the samples, select without redundancy, estimate on the other part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.cube import varying_target
from ...progress import Progress
from ...results import Coverage, Spectrum
from ...results.encoding import Encoding
from ..threads import thread_count
from .cells import smallest_cells
from .characters import characters_of
from .constraints import Constraints, check_constraints
from .encode import as_setting, checked_data, classes_of, encode, is_fixed, take
from .equivalents import Equivalents
from .inference import fit_significant, usable
from .parts import split_samples
from .relations import relation_counts
from .rounds import search_in_rounds
from .selection import Collection
from .splits import over_splits


def activation_spectroscopy(
    patterns: Patterns | ArrayLike,
    y: ArrayLike,
    *,
    max_degree: int = 3,
    top: int = 20,
    units: Iterable[int] | None = None,
    rho_max: float = 0.9,
    alpha: float = 0.05,
    basis: str = "signs",
    threshold: str | float | ArrayLike | None = None,
    search: str = "auto",
    split: float = 0.5,
    min_share: float = 0.0,
    must_include: Iterable[Iterable[int]] = (),
    independent: bool = False,
    budget: float = 4.0,
    splits: int = 1,
    threads: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Spectrum:
    """Find the subsets of units that matter jointly for a target and are not redundant with each other.

    Parameters
    ----------
    patterns : Patterns, or array of activations, shape (m, n)
        m samples of n units.
    y : array, shape (m,)
        The target, e.g. a logit.
    characters : {"signs", "biased", "continuous"}
        What is multiplied over the units of a subset S. "signs": +1 where a unit is active, -1 elsewhere. "biased":
        those signs less their mean, over their standard deviation, for units that are hardly ever, or nearly always,
        active. "continuous": the activations themselves less their mean, over their standard deviation; nothing is
        binarised. Means and deviations are from the samples that are searched. A coefficient is what the target
        changes by, per unit of the product; for standardised independent units it is the orthonormal coefficient.
    threshold : str, number, or array of shape (n,), optional
        With activations, for "signs" and "biased": a unit is active above it. The rules of
        :meth:`Patterns.from_activations`, "zero" by default, see the samples that are searched and no others, also
        "informative", which needs the target.
    max_degree : int
        Largest subset size.
    top : int
        Most subsets reported.
    units : collection of int, optional
        Units to search among; default every unit.
    rho_max : float
        Every pair of reported subsets has ``|E[chi_S chi_T]|`` below this on the search part.
    alpha : float
        Reported subsets have a corrected p-value at or below this, ``must_include`` aside.
    search : str
        "exhaustive" looks at every subset up to ``max_degree`` (at most 8, of standardised units 3); "block" at
        every subset of at most 20 units by one transform; "best-first" at subsets of any size with a certificate;
        "beam" at subsets of any size that can be reached one unit at a time. "auto" picks by size and budget:
        exhaustive where that fits, else a block of up to 16 units, else exhaustive as far as it fits and a beam
        beyond. ``coverage`` says what was picked, why, and what it cannot have seen. "biased" and "continuous" take
        "auto", "exhaustive" and "beam".
    split : float
        Share of the samples to search on; the rest gives every reported number.
    min_share : float
        Least share of samples on the rarer side of a reported character, on either part; never fewer than 10.
        Products of standardised units have no sides: there it is the effective share of samples,
        ``(sum d^2)^2 / sum d^4`` over m, with d the product's deviations from its mean. That is close to the
        share on the rarer side where a product takes two values and one of them seldom.
    must_include : iterable of subsets
        In the collection from the start and reported whatever their p-values, first; of any size and units.
        The search is for what they leave unexplained.
    independent : bool
        Whether reported subsets must be linearly independent over GF(2), as vectors of units: none is the symmetric
        difference of others, so that no reported parity is settled by other reported ones.
    budget : float
        Seconds that one round of search may take, on two cores with vector popcounts (products of standardised
        units: on one core); decides what "auto" picks.
    splits : int
        Random splits, drawn from ``seed``, to repeat the search and the estimate on. With more than one, a subset
        is judged by its p-values from all of them and the estimates are averaged, with standard errors on the safe
        side; what a single lucky split finds is not reported (:mod:`actspec_widgets.compute.method.splits`). For
        signs, with Patterns or thresholds that are the same in every split.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    seed : int
        Decides which samples go where.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If the target or the activations do not fit, are not finite or never change, the basis does not go with
        what was given, a part would be too small, a setting is out of range, or the constraints leave nothing.

    References
    ----------
    Reing, Ver Steeg and Galstyan (2025), arXiv:2501.15435. Orthogonal least squares: Chen, Billings and Luo
    (1989), Int. J. Control 50. Biased characters: O'Donnell, *Analysis of Boolean Functions* (2014), section 8.4.
    Several splits: Meinshausen, Meier and Bühlmann (2009), JASA 104.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> spectrum = activation_spectroscopy(Patterns.from_signs(X), X[:, 0] * X[:, 2] + 0.5 * X[:, 4])
    >>> spectrum.subsets
    ((0, 2), (4,))
    >>> A = np.random.default_rng(0).normal(size=(400, 6))
    >>> activation_spectroscopy(A, A[:, 0] * A[:, 2] + 0.5 * A[:, 4], basis="continuous").subsets[:2]
    ((0, 2), (4,))
    """
    data = checked_data(patterns, basis, threshold)
    n_samples, n_units = (len(data), data.n_units if isinstance(data, Patterns) else data.shape[1])
    y = varying_target(y, n_samples)
    _check_settings(max_degree, top, rho_max, alpha, split, budget)
    constraints = check_constraints(n_units, top, units, min_share, must_include, independent)
    settings = {
        "max_degree": max_degree, "top": top, "rho_max": rho_max, "alpha": alpha,
        "search": search, "split": split, "seed": seed, "budget": budget, "splits": splits,
        "basis": basis, "threshold": as_setting(threshold),
        **constraints.settings(),
    }  # fmt: skip
    threads = thread_count(threads)
    if splits != 1:
        return _combined(data, y, settings, threshold, threads, progress)
    searched, held_out = split_samples(n_samples, split, seed)
    recorded, encoding = encode(data, y, searched, basis, threshold)
    run = _Run(recorded, y, encoding, searched, held_out, constraints, settings, threads)
    return run.spectrum(progress)


@dataclass(frozen=True)
class _Run:
    """One split of checked data: searched on one part, estimated on the other."""

    recorded: Patterns | NDArray
    y: NDArray[np.float64]
    encoding: Encoding
    searched: NDArray[np.intp]
    held_out: NDArray[np.intp]
    constraints: Constraints
    settings: dict[str, Any]
    threads: int

    def spectrum(self, progress: Progress | None) -> Spectrum:
        constraints, at = self.constraints, self.settings
        search_on, estimate_on = (
            characters_of(take(self.recorded, part), self.encoding, self.threads)
            for part in (self.searched, self.held_out)
        )
        constraints.check_estimable(search_on, "search")
        constraints.check_estimable(estimate_on, "estimate")
        classes = classes_of(self.recorded, self.searched, self.encoding)
        candidates = constraints.among(classes)
        names = candidates.representatives
        chosen = included = constraints.must_include
        coverage = Coverage(
            "exhaustive", 0, at["max_degree"], 0, True, 0.0, ("No unit that may take part ever changes.",)
        )
        if names:
            min_side = constraints.min_side(len(self.searched))
            collection = Collection(
                search_on, self.y[self.searched], at["rho_max"], min_side, included, constraints.independent
            )
            coverage = search_in_rounds(collection, names, self.encoding, at, self.threads, progress)
            chosen = collection.chosen
        estimable = usable(estimate_on, chosen, constraints.min_side(len(self.held_out)))
        examined = max(coverage.examined, 1)
        y = self.y[self.held_out]
        fitted = fit_significant(estimate_on, y, estimable, examined, at["alpha"], len(included))
        equivalents = Equivalents(characters_of(self.recorded, self.encoding), candidates, at["rho_max"])
        duplicates, relations = self._relations(classes)
        return Spectrum(
            subsets=fitted.subsets,
            coefficients=fitted.coefficients,
            standard_errors=fitted.standard_errors,
            character_means=fitted.character_means,
            p_values=fitted.p_values,
            gains=fitted.gains,
            equivalents=tuple(equivalents.of(subset) for subset in fitted.subsets),
            explained_variance=fitted.explained_variance,
            explained_variance_error=fitted.explained_variance_error,
            intercept=fitted.intercept,
            gram=fitted.gram,
            coverage=replace(coverage, notes=(*constraints.notes(), *coverage.notes)),
            n_units=constraints.n_units,
            n_search=len(self.searched),
            n_estimate=len(self.held_out),
            unit_names=self.recorded.unit_names if isinstance(self.recorded, Patterns) else None,
            constant_units=classes.constants,
            settings=self.settings,
            covariance=fitted.covariance,
            redundancy_error=fitted.redundancy_error,
            encoding=self.encoding,
            duplicate_units=duplicates,
            relations=relations,
            smallest_cells=self._smallest_cells(fitted.subsets),
        )

    def _smallest_cells(self, subsets):
        """Activations that are not binarised have no cells."""
        return smallest_cells(self.recorded, subsets) if isinstance(self.recorded, Patterns) else None

    def _relations(self, classes):
        """Units that repeat others, and products of signs that never change, which says nothing of other products."""
        if self.encoding.kind == "signs" and isinstance(self.recorded, Patterns):
            return relation_counts(self.recorded, classes)
        return sum(len(group) - 1 for group in classes.members), None


def _combined(data, y, settings, threshold, threads, progress):
    """Several splits in the place of one, all with the same characters."""
    basis = settings["basis"]
    if basis != "signs" or not (isinstance(data, Patterns) or is_fixed(threshold)):
        raise ValueError(
            f"splits={settings['splits']} averages coefficients of the same characters, and those of "
            f"basis={basis!r}, threshold={as_setting(threshold)!r} change with the samples searched; use "
            "splits=1, or basis='signs' with Patterns or fixed thresholds"
        )
    method = partial(activation_spectroscopy, threads=threads)
    if isinstance(data, Patterns):
        return over_splits(method, data, y, settings, progress)
    recorded, encoding = encode(data, y, np.arange(len(data)), basis, threshold)
    found = over_splits(method, recorded, y, {**settings, "threshold": None}, progress)
    return replace(found, encoding=encoding, settings=settings)


def _check_settings(max_degree, top, rho_max, alpha, split, budget):
    if max_degree < 1:
        raise ValueError(f"max_degree={max_degree}; a subset has at least one unit")
    if top < 1:
        raise ValueError(f"top={top}; ask for at least one subset")
    if not 0 < rho_max <= 1:
        raise ValueError(f"rho_max={rho_max}; give a number above 0 and at most 1")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha}; give a probability between 0 and 1, such as 0.05")
    if not 0 < split < 1:
        raise ValueError(f"split={split}; give the share of samples to search on, between 0 and 1")
    if not budget > 0:
        raise ValueError(f"budget={budget}; give the seconds that a round of search may take, more than 0")
