"""Several random splits in the place of one: p-values combined, coefficients averaged.

One split is a lottery: another one may report other subsets. A subset that owes its place to a lucky split does not
survive the combination.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, order_key
from ...progress import Progress, part_of
from ...results import Spectrum
from .characters import agreements, as_characters, character_words, same_characters
from .independence import Span
from .parts import split_samples

GAMMA_MIN = 0.05  # smallest share of the splits whose quantile is looked at, the choice of the source


def aggregated_p_values(p_values: ArrayLike, gamma_min: float = GAMMA_MIN) -> NDArray[np.float64]:
    """One p-value from those of several random splits, for each of k subsets.

    Parameters
    ----------
    p_values : array, shape (splits, k)
        Each corrected, within its split, for all that was examined there; 1 where a split does not report a subset.
    gamma_min : float
        Smallest share of splits whose quantile is looked at.

    Returns
    -------
    ndarray, shape (k,)
        ``min(1, (1 - log gamma_min) inf Q(gamma))`` over ``gamma_min < gamma < 1``, where ``Q(gamma)`` is the
        empirical gamma-quantile of ``p / gamma``, at most 1.

    Notes
    -----
    However the splits depend on each other, the chance that any false subset comes out at or below alpha is at most
    alpha, for p-values of which the same is true, at every level, in each split. The factor pays for picking the best
    quantile.

    References
    ----------
    Meinshausen, Meier and Bühlmann (2009), *p-Values for High-Dimensional Regression*, Journal of the American
    Statistical Association 104, section 2.2 and theorem 3.2.

    Examples
    --------
    >>> aggregated_p_values([[1e-6, 0.01], [1e-5, 1.0], [1e-4, 1.0]]).round(6).tolist()
    [1.2e-05, 0.119872]
    """
    ordered = np.sort(np.asarray(p_values, float), axis=0)
    splits = ordered.shape[0]
    # p / gamma has its k-th smallest value as quantile for (k - 1) / splits < gamma <= k / splits, and least at the end
    gammas = np.arange(1, splits + 1) / splits
    looked_at = gammas > gamma_min
    quantiles = np.minimum(ordered[looked_at] / gammas[looked_at, None], 1.0)
    return np.minimum((1 - np.log(gamma_min)) * quantiles.min(axis=0), 1.0)


def over_splits(
    method: Callable[..., Spectrum],
    patterns: Patterns,
    y: NDArray[np.float64],
    settings: dict[str, Any],
    progress: Progress | None,
) -> Spectrum:
    """Repeat ``method`` on ``settings["splits"]`` random splits and combine what they report.

    A subset counts as found in a split that reports it or one that says the same (``same_characters``). Those with
    an aggregated p-value at or below alpha are then fitted jointly on the held-out part of every split, and the
    numbers are means over the splits.

    The held-out parts overlap. Estimates of the same coefficients from parts a and b of h samples each share the noise
    of the samples in both, so that their covariance is about ``|a and b| / h`` of the variance of either (each is a
    sum of one influence value for each of its samples, over h). The covariance reported is the mean one times the mean
    of these shares over all pairs of splits. What is held out in one split took part in the search of another: a subset
    that has just made it comes out somewhat too large, as it does not with a single split.
    """
    n_splits = settings["splits"]
    if n_splits < 1 or n_splits != int(n_splits):
        raise ValueError(f"splits={n_splits}; give the number of random splits, 1 or more")
    rounds = n_splits + 1  # the joint fits in the end, which search for nothing, count as one

    def run(part: int, **changed: Any) -> Spectrum:
        at = {**settings, "splits": 1, "seed": seeds[part], **changed}
        return method(patterns, y, **at, progress=None if changed else part_of(progress, part, rounds))

    seeds = [int(word) for word in np.random.SeedSequence(settings["seed"]).generate_state(n_splits, np.uint64)]
    found = [run(part) for part in range(n_splits)]
    included = tuple(tuple(sorted(subset)) for subset in settings["must_include"])
    classes = _classes(patterns, found, included, settings["rho_max"])
    p_values = dict(zip(classes, aggregated_p_values(_found_p_values(found, classes)), strict=True))
    chosen = _chosen(patterns, found, classes, p_values, included, settings)
    chosen, fits, parts = _joint_fits(run, n_splits, chosen)
    shared = _shared(patterns.n_samples, settings["split"], [seeds[part] for part in parts])
    result = _mean_fit(fits, shared) if chosen else _nothing(found[0], y)
    part_of(progress, n_splits, rounds)(1, 1)
    return replace(
        result,
        p_values=np.array([p_values[subset] for subset in chosen]),
        equivalents=tuple(
            tuple(dict.fromkeys((*listed, *(s for s in classes[subset] if s != subset))))
            for subset, listed in zip(chosen, result.equivalents, strict=True)
        ),
        coverage=_coverage(found, len(fits) if chosen else n_splits),
        settings=settings,
    )


def _classes(patterns, found, included, rho_max) -> dict[Subset, tuple[Subset, ...]]:
    """The subsets of all splits, grouped by what they say, under the one that most splits report.

    Each is in one class only, or a chance finding would count for several subsets.
    """
    counts: dict[Subset, int] = {}
    for spectrum in found:
        for subset in spectrum.subsets:
            counts[subset] = counts.get(subset, 0) + 1
    left = sorted((s for s in counts if s not in included), key=lambda s: (-counts[s], order_key(s)))
    queue = [*included, *left]
    signs = as_characters(patterns)
    same = same_characters(signs, queue, signs, queue, rho_max)
    free = np.array([subset not in included for subset in queue], dtype=bool)
    classes = {}
    for i, subset in enumerate(queue):
        if subset in included or free[i]:
            free[i] = False
            members = np.flatnonzero(same[i] & free)
            free[members] = False
            classes[subset] = (subset, *(queue[j] for j in members))
    return classes


def _found_p_values(found: Sequence[Spectrum], classes) -> NDArray[np.float64]:
    """P-value of each class in each split: its own, else that of the best one that says the same, else 1."""
    table = np.ones((len(found), len(classes)))
    for part, spectrum in enumerate(found):
        known = dict(zip(spectrum.subsets, spectrum.p_values, strict=True))
        for column, members in enumerate(classes.values()):
            if members[0] in known:
                table[part, column] = known[members[0]]
            else:
                table[part, column] = min((known[s] for s in members if s in known), default=1.0)
    return table


def _chosen(patterns, found, classes, p_values, included, settings) -> tuple[Subset, ...]:
    """What is reported: those to include, then the significant by the share of variance they add in the mean."""
    gains = dict.fromkeys(classes, 0.0)
    owner = {member: subset for subset, members in classes.items() for member in members}
    for spectrum in found:
        for subset, gain in zip(spectrum.subsets, spectrum.gains, strict=True):
            gains[owner[subset]] += float(gain)
    significant = [s for s in classes if s not in included and p_values[s] <= settings["alpha"]]
    chosen = list(included)
    span = Span(included)
    for subset in sorted(significant, key=lambda s: (-gains[s], order_key(s))):
        m = patterns.n_samples
        table, words = character_words(patterns, tuple(chosen)), character_words(patterns, (subset,))[0]
        apart = not chosen or np.abs(agreements(table, words, m)).max() < settings["rho_max"] * m
        apart = apart and not (settings["independent"] and subset in span)
        if apart and len(chosen) < settings["top"]:
            chosen.append(subset)
            span.add(subset)
    return tuple(chosen)


def _joint_fits(run, n_splits, chosen) -> tuple[tuple[Subset, ...], list[Spectrum], list[int]]:
    """The joint held-out fits of a collection, and which splits they are of: those that can estimate all of it.

    Where none can, the weakest subset goes.
    """
    while chosen:
        fits, parts = [], []
        for part in range(n_splits):
            try:
                # with nothing left to choose there is no search, only the estimate
                fits.append(run(part, must_include=chosen, top=len(chosen)))
            except ValueError:
                # The settings have passed once: what is refused is a character that hardly changes in this split.
                continue
            parts.append(part)
        if fits:
            return chosen, fits, parts
        chosen = chosen[:-1]
    return (), [], []


def _shared(m: int, split: float, seeds: Sequence[int]) -> float:
    """Mean over all pairs of splits, each with itself included, of the share of held-out samples that both have."""
    if not seeds:
        return 1.0
    held_out = np.zeros((len(seeds), m))
    for row, seed in zip(held_out, seeds, strict=True):
        row[split_samples(m, split, seed)[1]] = 1
    return float((held_out.sum(axis=0) ** 2).sum() / (len(seeds) * held_out.sum()))


def _mean_fit(fits: list[Spectrum], shared: float) -> Spectrum:
    def mean(name: str) -> Any:
        return np.mean([getattr(fit, name) for fit in fits], axis=0)

    covariance = shared * mean("covariance")
    means: dict[str, Any] = {name: mean(name) for name in ("coefficients", "character_means", "gains", "gram")}
    for name in ("intercept", "explained_variance"):
        means[name] = float(mean(name))
    for name in ("explained_variance_error", "redundancy_error"):
        means[name] = float(np.sqrt(shared * np.mean([getattr(fit, name) ** 2 for fit in fits])))
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return replace(fits[0], **means, standard_errors=errors, covariance=covariance)


def _nothing(spectrum: Spectrum, y) -> Spectrum:
    """A spectrum without subsets: the mean of the target."""
    names = ("coefficients", "standard_errors", "character_means", "p_values", "gains")
    numbers: dict[str, Any] = dict.fromkeys(names, np.empty(0))
    return replace(
        spectrum,
        subsets=(),
        **numbers,
        equivalents=(),
        explained_variance=0.0,
        explained_variance_error=0.0,
        intercept=float(y.mean()),
        gram=np.empty((0, 0)),
        covariance=np.empty((0, 0)),
        redundancy_error=0.0,
        smallest_cells=None if spectrum.smallest_cells is None else np.empty(0, np.int64),
    )


def _coverage(found: Sequence[Spectrum], fitted: int):
    """That of the splits together; each corrects its p-values for what it examined itself."""
    largest = max((spectrum.coverage for spectrum in found), key=lambda coverage: coverage.examined)
    notes = [f"Repeated on {len(found)} random splits, p-values combined and estimates averaged over them."]
    if any(spectrum.coverage.examined != largest.examined for spectrum in found):
        notes.append("The number examined is the largest of one split.")
    if fitted < len(found):
        notes.append(f"The estimates are from {fitted} of them, the others having too few samples on one side.")
    return replace(
        largest,
        complete=all(spectrum.coverage.complete for spectrum in found),
        notes=(*notes, *largest.notes),
    )
