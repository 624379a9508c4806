"""Which subsets act jointly when they are changed: searched for in an experiment, measured on the function itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from ...patterns.cube import Subset, count_subsets, order_key
from ...progress import Progress, part_of, tick
from ...results import Coverage, Experiment, Spectrum
from ...results.encoding import Encoding
from ..exhaustive.masked import scan_masked
from ..exhaustive.scan import scan
from ..products.search import scan_products
from ..products.table import ProductTable
from .joint import Effect, joint_effect, superset_importance
from .rest import Donors, States
from .tally import Streams

MAX_DEGREE = 3
_CANDIDATES = 2  # for each subset that may be reported, so many are measured
_CONTEXTS = (250, 1000, 4000)  # measured in, until the effect is plainly there, or plainly nothing
_PLAIN = 8.0  # standard errors
_TABLE_BYTES = 1 << 29  # of standardised states, where natural draws are searched
_UNKNOWN = Effect(np.nan, np.nan, np.nan, 0)
_FEWEST = 10  # draws with all units of a subset in play


def spectrum_of_experiment(
    experiment: Experiment,
    *,
    max_degree: int,
    top: int,
    alpha: float,
    threads: int | None,
    seed: int,
    progress: Progress | None,
    settings: dict[str, Any],
) -> Spectrum:
    """The subsets of an experiment, each with its average joint effect.

    Half of the draws propose subsets; each proposal is then measured on the function, in contexts from the base
    samples, with nothing but the units of the subset changed. Where the function is not at hand, as with an experiment
    opened from a file, the other half of the draws estimates.
    """
    k = len(experiment)
    if max_degree > MAX_DEGREE:
        raise ValueError(f"max_degree={max_degree}; experiments are searched up to {MAX_DEGREE} units")
    if k < 4 * _FEWEST / experiment.share ** min(max_degree, len(experiment.units)):
        needed = int(np.ceil(4 * _FEWEST / experiment.share**max_degree))
        raise ValueError(f"{k} draws are too few for subsets of {max_degree} units; make {needed:,} or more")
    if not experiment.change.any():
        raise ValueError(f"the output did not change in any of {k:,} draws; resample units that it depends on")
    searched, estimating = experiment.take(np.arange(k // 2)), experiment.take(np.arange(k // 2, k))
    found, examined = _proposals(searched, max_degree, _CANDIDATES * top, threads, part_of(progress, 0, 2))
    measure = _by_contexts if experiment.rest is not None else _by_draws
    measured = measure(estimating, found, seed, part_of(progress, 1, 2))
    rows = _claimed(measured, alpha, top, experiment.scales)
    subsets = tuple(measured[i].subset for i in rows)
    means = np.array([measured[i].effect.mean for i in rows])
    errors = np.array([measured[i].effect.error for i in rows])
    several = np.array([len(s) > 1 for s in subsets], bool)
    p_values, joint_p_values = (np.array([getattr(measured[i], name) for i in rows]) for name in ("p", "p_at_all"))
    explained, explained_error = _explained(estimating, subsets)
    importance = np.array([[measured[i].importance.mean, measured[i].importance.error] for i in rows]).reshape(-1, 2)
    scales = np.array([np.prod(experiment.scales[list(s)]) for s in subsets])
    return Spectrum(
        subsets=subsets,
        coefficients=means,
        standard_errors=errors,
        character_means=means,
        p_values=p_values,
        gains=(means * scales) ** 2 / max(float(estimating.change.var()), 1e-300),
        equivalents=((),) * len(subsets),
        explained_variance=explained,
        explained_variance_error=explained_error,
        intercept=float(experiment.before.mean()),
        gram=np.eye(len(subsets)),
        coverage=Coverage(
            "experiment", len(experiment.units), max_degree, examined, True, None, tuple(_notes(experiment, found))
        ),
        n_units=experiment.n_units,
        n_search=len(searched),
        n_estimate=len(estimating),
        unit_names=experiment.unit_names,
        constant_units=experiment.left_out,
        settings=settings,
        covariance=np.diag(errors**2),
        redundancy_error=0.0,
        encoding=Encoding("signs", thresholds=experiment.thresholds),
        joint_parts=np.where(several, means, np.nan),
        joint_errors=np.where(several, errors, np.nan),
        joint_p_values=np.where(several, joint_p_values, np.nan),
        evidence="resampled",
        superset_importance=importance[:, 0],
        superset_errors=importance[:, 1],
    )


@dataclass(frozen=True)
class _Measured:
    """One subset: its average joint effect, and what its units do jointly in any context."""

    subset: Subset
    effect: Effect
    importance: Effect
    p: float  # of an average effect of zero, corrected for the subsets measured
    p_at_all: float  # the same; or what found it was an interaction whose sign changes with the context


def _proposals(experiment, max_degree, length, threads, progress) -> tuple[dict[Subset, bool], int]:
    """Subsets worth measuring, the likeliest first, and whether each was found by its squares; how many there were."""
    units = experiment.units
    degree = min(max_degree, len(units))
    in_play, new = (table.select(units) for table in (experiment.in_play, experiment.new))
    residual = experiment.change - experiment.change.mean()
    singles, residual = _without_singles(experiment, residual)
    scored: list[tuple[float, Subset]] = []
    scale, share, k = residual.std(), experiment.share, len(experiment)
    if degree > 1 and scale > 0:
        if experiment.states == "balanced":
            for size in range(2, degree + 1):
                report = part_of(progress, size - 2, degree)
                subsets, sums = scan_masked(
                    new, in_play, residual, degree=size, top=length, threads=threads, progress=report
                )
                scored += zip(np.abs(sums) / (scale * np.sqrt(k * share**size)), subsets, strict=True)
        else:
            rows = np.arange(min(k, max(1000, _TABLE_BYTES // (8 * len(units)))))
            table = ProductTable(_standardised(experiment.take(rows)), _FEWEST)
            best, _ = scan_products(table, residual[rows], degree, length, part_of(progress, 0, 2))
            scored += [
                (abs(float(score)) / scale * np.sqrt(len(rows)), subset)
                for score, subset in zip(best.scores, best.subsets, strict=True)
                if len(subset) > 1
            ]
    found = {
        tuple(units[i] for i in subset): False
        for some in (singles, scored)  # or single units would leave no room
        for _, subset in sorted(some, key=lambda pair: (-pair[0], order_key(pair[1])))[:length]
    }
    examined = count_subsets(len(units), degree)
    if degree > 1 and scale > 0:
        for subset in _by_squares(in_play, residual, length, threads, part_of(progress, 1, 2)):
            found[tuple(units[i] for i in subset)] = True
    return found, examined


def _standardised(experiment) -> NDArray[np.float64]:
    """``1[in play] (x - mean) / scale`` of the units that could be in play, shape (units, draws)."""
    units = list(experiment.units)
    x, played = (table.select(units).signs().T for table in (experiment.new, experiment.in_play))
    values = (x - experiment.means[units, None]) / experiment.scales[units, None]
    return np.where(played > 0, values, 0.0)


def _without_singles(experiment, residual):
    """Scores of single units, and what their joint fit leaves of the change."""
    values = _standardised(experiment)
    gram = np.einsum("im,jm->ij", values, values, optimize=False)
    sums = np.einsum("im,m->i", values, residual)
    fit = np.linalg.lstsq(gram, sums, rcond=None)[0]
    left = residual - np.einsum("i,im->m", fit, values)
    sizes = np.sqrt(np.maximum(np.diag(gram), 1e-300)) * max(float(residual.std()), 1e-300)
    return [(abs(float(s)) / float(size), (i,)) for i, (s, size) in enumerate(zip(sums, sizes, strict=True))], left


def _by_squares(in_play, residual, length, threads, progress) -> Sequence[Subset]:
    """Pairs whose units act jointly in contexts that may cancel.

    The mean square of a change, as a function of which units are in play, has no term of two units if the units add
    up: cross terms vanish, as units are resampled independently. A joint effect of either sign makes the term negative.
    """
    squares = residual**2
    if len(in_play.planes) < 2 or not np.ptp(squares) > 0:
        return ()
    found = scan(in_play, squares, max_degree=2, top=4 * length, threads=threads, progress=progress)
    level = -ndtri(0.025 / count_subsets(in_play.n_units, 2))
    return tuple(
        subset
        for subset, value, error in zip(found.subsets, found.values, found.standard_errors, strict=True)
        if len(subset) == 2 and value < -level * error
    )[:length]


def _by_contexts(experiment, found, seed, progress) -> list[_Measured]:
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
            if abs(effect.mean) > _PLAIN * effect.error or effect.is_nothing:
                break
        p = float(min(1.0, len(found) * 2 * stdtr(effect.contexts - 1, -abs(effect.mean) / effect.error)))
        importance, at_all = _UNKNOWN, p
        if not effect.is_nothing:
            importance = superset_importance(rest, donors, units, subset, _CONTEXTS[1], Streams(seed).rng(8, number))
            at_all = 0.0 if by_squares and importance.mean > _PLAIN * importance.error else p
        out.append(_Measured(subset, effect, importance, p, at_all))
    tick(progress, len(found), len(found))
    return out


def _by_draws(experiment, found, seed, progress) -> list[_Measured]:
    """Each proposal estimated on draws that did not propose it."""
    values = _standardised(experiment)
    place = {unit: i for i, unit in enumerate(experiment.units)}
    residual = _without_singles(experiment, experiment.change - experiment.change.mean())[1]
    out = []
    for number, subset in enumerate(found):
        tick(progress, number, len(found))
        phi = np.prod(values[[place[i] for i in subset]], axis=0)
        y = residual if len(subset) > 1 else experiment.change - experiment.change.mean()
        square = float(phi @ phi)
        slope = float(phi @ y) / square
        error = float(np.sqrt((phi**2 * (y - slope * phi) ** 2).sum())) / square
        df = max(square**2 / float((phi**4).sum()) - 1, 1.0)
        p = float(min(1.0, len(found) * 2 * stdtr(df, -abs(slope) / error))) if error > 0 else 1.0
        scale = float(np.prod(experiment.scales[list(subset)]))
        out.append(
            _Measured(subset, Effect(slope / scale, error / scale, np.nan, int((phi != 0).sum())), _UNKNOWN, p, p)
        )
    return out


def _claimed(measured, alpha, top, scales) -> list[int]:
    """Those with an effect, the largest first; single units take no more than half of the list from joint ones."""

    def first(i):
        m = measured[i]
        return -abs(m.effect.mean) * float(np.prod(scales[list(m.subset)])), order_key(m.subset)

    kept = [i for i, m in enumerate(measured) if m.p <= alpha or (len(m.subset) > 1 and m.p_at_all <= alpha)]
    joint = sorted((i for i in kept if len(measured[i].subset) > 1), key=first)
    single = sorted((i for i in kept if len(measured[i].subset) == 1), key=first)
    half = top - min(len(joint), top // 2)
    listed = single[:half] + joint[: top - len(single[:half])]
    return sorted(listed, key=first)


def _explained(experiment, subsets) -> tuple[float, float]:
    """Share of the variance of the changed output that the subsets explain beside the base's output, and its error."""
    columns = [_difference(experiment, subset) for subset in subsets]
    y = experiment.change + experiment.before
    start = np.column_stack([np.ones(len(y)), experiment.before])
    without = y - start @ np.linalg.lstsq(start, y, rcond=None)[0]
    if not subsets or not without.any():
        return 0.0, 0.0
    table = np.column_stack([start, *columns])
    left = y - table @ np.linalg.lstsq(table, y, rcond=None)[0]
    share = 1 - float(left @ left) / float(without @ without)
    influence = (1 - share) * without**2 - left**2
    return share, float(influence.std() / np.sqrt(len(y)) / (without**2).mean())


def _difference(experiment, subset):
    """``chi_S`` after less before, shape (draws,)."""
    products = [table.select(subset).signs().prod(axis=1, dtype=np.int8) for table in (experiment.new, experiment.old)]
    return products[0].astype(np.float64) - products[1]


def _notes(experiment, found):
    yield f"Units were resampled with probability {experiment.share:g}, {experiment.states} states."
    if experiment.rest is None:
        yield f"The function was not at hand: {len(found)} proposals were estimated on the other half of the draws."
    else:
        yield f"{len(found)} proposals were measured on the function, with the units of each changed alone."
    if experiment.left_out:
        yield f"{len(experiment.left_out)} units show one of their states in fewer than 30 samples and took no part."
