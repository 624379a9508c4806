"""The whole method: search on all samples, claim what holds, judge the share of variance on samples held out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count, as_groups, column_names
from ...patterns.cube import count_subsets, varying_target
from ...patterns.packing import words_for
from ...progress import Progress, part_of
from ...results import Experiment, Spectrum
from ..families.among import families_among, note
from ..families.halves import require_room
from ..inference.binarised import vanishes_with_activations
from ..inference.classes import classes_of as claims_of
from ..inference.groups import few_groups
from ..inference.held_out import explained_elsewhere
from ..inference.numbers import numbers_of
from ..inference.select import select
from ..inference.settings import RATES, Settings, subsets_to_include, units_to_search
from ..inference.target import Target
from ..memory import require_memory
from ..ranking import list_length
from ..threads import Workers, side_by_side, workers_of
from .cells import smallest_cells
from .characters import characters_of
from .encode import as_setting, checked_data, classes_of, encode, take
from .equivalents import Equivalents
from .parts import split_samples
from .relations import relation_counts

_COPIES = 4  # of the units' columns: as recorded, those that take part, the pool, and the pool while it grows
_WORTH_A_THREAD = 1000  # samples: with fewer, two threads wait for each other longer than they work


def activation_spectroscopy(
    patterns: Patterns | ArrayLike | Experiment,
    y: ArrayLike | None = None,
    *,
    max_degree: int = 3,
    top: int = 20,
    units: Iterable[int] | None = None,
    groups: ArrayLike | None = None,
    rho_max: float = 0.9,
    alpha: float | None = None,
    error_rate: str = "fwer",
    basis: str = "signs",
    threshold: str | float | ArrayLike | None = None,
    search: str = "auto",
    split: float = 0.8,
    halves: int = 10,
    min_share: float = 0.0,
    must_include: Iterable[Iterable[int]] = (),
    independent: bool = False,
    budget: float = 4.0,
    threads: Workers = None,
    executor: Executor | None = None,
    device: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Spectrum:
    """Find the subsets of units that a target depends on, and say of each what can be claimed.

    Parameters
    ----------
    patterns : Patterns, array of activations of shape (m, n), or Experiment
        m samples of n units; or what :func:`experiment` recorded, for effects in the place of associations. An
        experiment takes ``max_degree`` (at most 3), ``top``, ``alpha``, ``threads``, ``executor``, ``device``, ``seed``
        and ``progress``.
    y : array, shape (m,)
        The target, e.g. a logit; an experiment brings its own.
    max_degree : int
        Largest subset size.
    top : int
        Most subsets reported.
    units : collection of int, optional
        Units to search among; default every unit.
    groups : array, shape (m,), optional
        One label a sample, for samples that belong together, such as the tokens of a sentence: the search and all
        errors allow for what goes together within a group, and groups are held out whole.
    rho_max : float
        A subset is taken only where the others leave more than ``1 - rho_max^2`` of its character's variance, so that
        no two that are reported correlate by this or more.
    alpha : float, optional
        Level of the error rate; 0.05 for "fwer" and 0.10 for "fdr" unless asked otherwise. Reported subsets have a
        corrected p-value at or below it, except those of ``must_include``, and proper subsets of a joint one that is
        seen only beside them.
    error_rate : {"fwer", "fdr"}
        "fwer": the chance of any false subset is at most ``alpha``. "fdr": a longer list, of which a share of
        ``alpha`` is false on average; joint claims are as strict as in the shorter one. What passes and is less
        probable than not, as other subsets could stand in its place, is left out of it, and ``coverage`` says so:
        where names can hardly be told apart it may be the shorter one.
    basis : {"signs", "biased", "continuous"}
        What is multiplied over the units of a subset S. "signs": +1 where a unit is active, -1 elsewhere. "biased":
        those signs less their mean, over their standard deviation. "continuous": the activations themselves less their
        mean, over their standard deviation; nothing is binarised. A coefficient is what the target changes by, per unit
        of the product; for standardised independent units it is the orthonormal coefficient.
    threshold : str, number, or array of shape (n,), optional
        With activations, for "signs" and "biased": a unit is active above it. The rules of
        :meth:`Patterns.from_activations`, "zero" by default. "informative" looks at the target: half of the samples
        choose the thresholds, and only the other half takes part in the answer.
    search : str
        "exhaustive" looks at every subset up to ``max_degree`` (at most 8, of standardised units 3); "block" at
        every subset of at most 20 units by one transform; "best-first" at subsets of any size with a certificate;
        "beam" at subsets of any size that can be reached one unit at a time. "auto" picks by size and budget:
        exhaustive where that fits, else a block of up to 16 units, else exhaustive as far as it fits and a beam
        beyond. ``coverage`` says what was picked, why, and what it cannot have seen. "biased" and "continuous" take
        "auto", "exhaustive" and "beam".
    split : float
        Share of the samples that the search is repeated on for the share of variance, which is judged on the rest.
        Subsets, coefficients, errors and p-values are from all samples.
    halves : int
        Half-samples, in complementary pairs, that :attr:`Spectrum.families` are a consensus of; 0 for none. They are
        searched among the subsets that the search of all samples met; :func:`stability` scans them where it can, and
        says what returns on halves without a sample in common.
    min_share : float
        Least share of samples on the rarer side of a reported character; never fewer than 10.
        Products of standardised units have no sides: there it is the effective share of samples,
        ``(sum d^2)^2 / sum d^4`` over m, with d the product's deviations from its mean. That is close to the
        share on the rarer side where a product takes two values and one of them seldom.
    must_include : iterable of subsets
        In the answer from the start and reported whatever their p-values, first; of any size and units.
        The search is for what they leave unexplained.
    independent : bool
        Whether reported subsets must be linearly independent over GF(2), as vectors of units: none is the symmetric
        difference of others, so that no reported parity is settled by other reported ones.
    budget : float
        Seconds that one scan may take, on two cores with vector popcounts (products of standardised units: on one
        core); decides what "auto" picks.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    executor : concurrent.futures.Executor, optional
        Scans are split over its workers, as in :func:`scan`; the answer is the same, bit for bit.
    device : str, optional
        A torch device such as "cuda" that screens the scans of signs, as in :func:`scan`; the answer is the same, bit
        for bit. The network of an experiment is asked there, as in :func:`experiment`.
    seed : int
        Decides which samples are held out.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If the target or the activations do not fit, are not finite or never change, the basis does not go with
        what was given, a part would be too small, a setting is out of range, or the constraints leave nothing; if there
        is no such device, or it is asked for beside an executor or for products of standardised units.
    MemoryError
        If the units' columns would not fit; nothing has been allocated then.

    Warns
    -----
    UserWarning
        If samples are in fewer than twenty groups: what a coefficient has to reach then.

    Notes
    -----
    Two starts, the best addition again and again and the Lasso, are improved by additions, omissions and exchanges
    under a penalty that is the critical value of the test which each subset has to pass; exact scans of what all
    subsets leave, and of what is left without each of them, show that nothing better was missed.

    A subset of two or more units is claimed as joint only where its product adds to a model that also holds all its
    proper subsets and the rest of the answer (:attr:`Spectrum.joint`). Where it does not, the answer is given in
    smaller subsets, unless these say less: then the subset stays without a joint claim, as where too few samples show
    one of its on/off combinations. Joint is meant in on/off terms: a target that is linear in activations which go
    together has a joint part in their bits. Where activations are given, the test is repeated with them as columns
    (:attr:`Spectrum.binarisation`).

    References
    ----------
    Reing, Ver Steeg and Galstyan (2025), arXiv:2501.15435. Best subsets by additions and exchanges: Hazimeh and
    Mazumder (2020), Operations Research 68. Penalties that control the false discovery rate: Abramovich, Benjamini,
    Donoho and Johnstone (2006), Annals of Statistics 34. Biased characters: O'Donnell, *Analysis of Boolean Functions*
    (2014), section 8.4.

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
    workers = workers_of(threads, executor, device)
    if device is not None and basis != "signs":
        raise ValueError(f"device={str(device)!r} screens scans of signs, not of basis={basis!r}; leave device out")
    if isinstance(patterns, Experiment):
        given = {
            "y": y, "units": units, "groups": groups, "threshold": threshold,
            "must_include": tuple(must_include) or None,
        }  # fmt: skip
        return _of_experiment(patterns, given, max_degree, top, alpha, workers, seed, progress)
    if y is None:
        raise ValueError("y= is missing; give one value of the target for each sample, or an experiment")
    data = checked_data(patterns, basis, threshold)
    n_samples, n_units = len(data), data.n_units if isinstance(data, Patterns) else data.shape[1]
    y = varying_target(y, n_samples)
    labels = None if groups is None else as_groups(groups, n_samples)
    included = subsets_to_include(must_include, n_units, top, independent)
    settings = Settings(
        max_degree, top, units_to_search(units, n_units), rho_max,
        RATES.get(error_rate, 0.05) if alpha is None else alpha, error_rate, basis, as_setting(threshold), search,
        budget, min_share, included, bool(independent), split, halves, seed, workers,
    )  # fmt: skip

    check_room(n_samples, n_units, settings)
    require_room(n_samples, halves // 2)
    recorded, encoding, used = encoded(data, y, settings, threshold, labels)
    y, labels = y[used], None if labels is None else np.unique(labels[used], return_inverse=True)[1]
    parts = split_samples(len(y), split, seed, labels)
    characters = characters_of(recorded, encoding)
    check_estimable(characters, settings)
    same = classes_of(recorded, encoding, settings.units)

    selection = select(
        characters, y, settings, units=same.representatives, groups=labels, progress=part_of(progress, 0, 2)
    )
    target = Target.of(y)
    numbers = numbers_of(selection, target, settings.alpha)
    activations = None if isinstance(data, Patterns) or basis == "continuous" else data[used]

    def claims(progress: Progress) -> tuple:
        classes = claims_of(selection.search, selection.chosen, part_of(progress, 0, 2))
        families = families_among(selection, recorded, y, settings, labels, part_of(progress, 1, 2))
        return classes, families, vanishes_with_activations(selection, numbers.joint_p_values, activations)

    def judged(progress: Progress) -> tuple[float, float, float]:
        return explained_elsewhere(
            selection, [characters_of(take(recorded, part), encoding) for part in parts],
            [y[part] for part in parts], settings, same.representatives,
            None if labels is None else [labels[part] for part in parts], progress,
        )  # fmt: skip

    (classes, families, binarisation), (share, share_error, singles) = side_by_side(
        claims, judged, settings.threads if len(y) >= _WORTH_A_THREAD else 1, part_of(progress, 1, 2)
    )
    if labels is not None and (sentence := few_groups(labels, selection.level, target.scale)):
        warnings.warn(sentence, stacklevel=2)

    equivalents = Equivalents(characters, same, rho_max)
    duplicates, relations = _relations(recorded, encoding)
    notes = (*settings.notes(n_units), *selection.notes, *note(families))
    return Spectrum(
        subsets=selection.subsets,
        coefficients=numbers.coefficients,
        standard_errors=numbers.standard_errors,
        intervals=numbers.intervals,
        p_values=numbers.p_values,
        joint_parts=numbers.joint_parts,
        joint_errors=numbers.joint_errors,
        joint_p_values=numbers.joint_p_values,
        classes=classes,
        binarisation=binarisation,
        character_means=numbers.character_means,
        gains=numbers.gains,
        equivalents=tuple(equivalents.of(subset) for subset in selection.subsets),
        explained_variance=share,
        explained_variance_error=share_error,
        singles_explain=singles,
        intercept=numbers.intercept,
        gram=numbers.gram,
        covariance=numbers.covariance,
        redundancy_error=numbers.redundancy_error,
        coverage=replace(selection.coverage, notes=notes),
        n_units=n_units,
        n_search=len(parts[0]),
        n_estimate=len(parts[1]),
        families=families,
        n_groups=None if labels is None else int(labels.max()) + 1,
        unit_names=data.unit_names if isinstance(data, Patterns) else column_names(patterns),
        constant_units=same.constants,
        settings=settings.saved(),
        encoding=encoding,
        duplicate_units=duplicates,
        relations=relations,
        smallest_cells=(smallest_cells(recorded, selection.subsets) if isinstance(recorded, Patterns) else None),
    )


def _of_experiment(experiment, given, max_degree, top, alpha, workers, seed, progress) -> Spectrum:
    """Effects: what is fixed when the experiment is made cannot be given again."""
    from ..effects.subsets import spectrum_of_experiment

    for name, value in given.items():
        if value is not None:
            raise ValueError(
                f"{name}= came with an experiment, which has its own; leave it out, or make another experiment"
            )
    max_degree = as_count(max_degree, "max_degree", most=3)
    alpha = RATES["fwer"] if alpha is None else alpha
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha}; give a probability between 0 and 1, such as 0.05")
    top = list_length(top, count_subsets(len(experiment.units), max_degree))
    settings = {"max_degree": max_degree, "top": top, "alpha": alpha, "seed": seed}
    return spectrum_of_experiment(
        experiment, max_degree=max_degree, top=top, alpha=alpha, threads=workers, seed=seed,
        progress=progress, settings=settings,
    )  # fmt: skip


def encoded(data, y, settings: Settings, threshold, labels) -> tuple[Any, Any, NDArray[np.intp]]:
    """The recording as the characters read it, how it was read, and which samples the search may use.

    Thresholds that were chosen by the target would flatter it on the same samples: half of the samples choose them, and
    the search uses the other half.
    """
    everything = np.arange(len(data))
    if not (isinstance(settings.threshold, str) and settings.threshold == "informative"):
        return *encode(data, y, settings.basis, threshold), everything
    chooses, used = split_samples(len(data), 0.5, settings.seed, labels)
    _, encoding = encode(data[chooses], y[chooses], "signs", threshold)
    return *encode(data[used], y[used], settings.basis, encoding.thresholds), used


def check_room(n_samples: int, n_units: int, settings: Settings) -> None:
    """Refuse so many units that the columns of the search would not fit in memory."""
    units = n_units if settings.units is None else len(settings.units)
    require_memory(
        _COPIES * units * 8 * (words_for(n_samples) if settings.basis == "signs" else n_samples),
        f"the search among {units:,} units on {n_samples:,} samples with basis={settings.basis!r}",
        "name fewer units, or take fewer samples",
    )


def check_estimable(characters, settings: Settings) -> None:
    """Refuse subsets to include whose coefficients these samples cannot tell."""
    rows = characters.rows(((), *settings.must_include))
    kept = rows[:1]
    for subset, row in zip(settings.must_include, rows[1:], strict=True):
        total = characters.inner(row[None], rows[0])
        trial = np.concatenate([kept, row[None]])
        gram = np.array([characters.inner(trial, other) for other in trial], float)
        sizes = np.sqrt(np.maximum(np.diag(gram), 1e-300))
        enough = characters.balanced(row[None], total, settings.min_side(characters.n_samples))[0]
        if not enough or np.linalg.cond(gram / np.outer(sizes, sizes)) > 1e8:
            raise ValueError(
                f"must_include has {subset}, whose product changes too rarely among the samples, or is settled by the "
                "subsets before it; leave it out or record more samples"
            )
        kept = trial


def _relations(recorded, encoding):
    """Units that repeat others, and products of signs that never change, which says nothing of other products."""
    classes = classes_of(recorded, encoding)
    if encoding.kind == "signs" and isinstance(recorded, Patterns):
        return relation_counts(recorded, classes)
    return sum(len(group) - 1 for group in classes.members), None
