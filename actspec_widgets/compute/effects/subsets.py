"""Which subsets act jointly when they are changed: searched for in an experiment, measured on the function itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...patterns.cube import order_key
from ...progress import Progress, part_of
from ...results import Coverage, Experiment, Spectrum
from ...results.encoding import Encoding
from ..threads import Device, Workers
from .measured import by_contexts, by_draws
from .proposals import FEWEST, proposals
from .rest import on_device

MAX_DEGREE = 3
_CANDIDATES = 2  # for each subset that may be reported, so many are measured


def spectrum_of_experiment(
    experiment: Experiment,
    *,
    max_degree: int,
    top: int,
    alpha: float,
    threads: Workers,
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
    if k < 4 * FEWEST / experiment.share ** min(max_degree, len(experiment.units)):
        needed = int(np.ceil(4 * FEWEST / experiment.share**max_degree))
        raise ValueError(f"{k} draws are too few for subsets of {max_degree} units; make {needed:,} or more")
    if not experiment.change.any():
        raise ValueError(f"the output did not change in any of {k:,} draws; resample units that it depends on")
    searched, estimating = experiment.take(np.arange(k // 2)), experiment.take(np.arange(k // 2, k))
    found, examined = proposals(searched, max_degree, _CANDIDATES * top, threads, part_of(progress, 0, 2))
    told = part_of(progress, 1, 2)
    if experiment.rest is None:
        measured = by_draws(estimating, found, seed, told)
    else:
        with on_device(experiment.rest, threads.name if isinstance(threads, Device) else None) as there:
            measured = by_contexts(replace(estimating, rest=there), found, seed, told)
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
