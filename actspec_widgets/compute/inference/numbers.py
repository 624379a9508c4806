"""The numbers of a chosen collection, all of them from all samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from .. import dense
from .errors import products, selected_intervals
from .joint import JointPart
from .select import Selection
from .target import Target


@dataclass(frozen=True)
class Numbers:
    """Of k subsets, in units of the target; :class:`Spectrum` says what each is."""

    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    intervals: NDArray[np.float64]
    p_values: NDArray[np.float64]
    joint_parts: NDArray[np.float64]
    joint_errors: NDArray[np.float64]
    joint_p_values: NDArray[np.float64]
    character_means: NDArray[np.float64]
    gains: NDArray[np.float64]
    gram: NDArray[np.float64]
    covariance: NDArray[np.float64]
    redundancy_error: float
    intercept: float


def numbers_of(selection: Selection, target: Target, alpha: float) -> Numbers:
    """Joint least squares with robust errors, joint parts, and how the subsets overlap."""
    checks, subsets = selection.checks, selection.subsets
    fit = checks.fit(subsets)
    parts = [joint_of(selection, subset) for subset in subsets]
    correction = alpha / selection.level  # the number examined, or for the false discovery rate its share of it
    columns = checks.columns(subsets)
    m, scale = target.values.size, target.scale
    table = np.vstack([np.ones((1, m)), columns])
    gram = products(table, np.ones(m))
    moments = (table * target.values).sum(axis=1)
    cosines = _cosines(gram)[1:, 1:]
    with np.errstate(over="ignore", invalid="ignore"):  # squares of a target of 1e200 leave the range of floats
        covariance = fit.covariance * scale * scale
    return Numbers(
        coefficients=fit.coefficients * scale,
        standard_errors=fit.standard_errors * scale,
        intervals=selected_intervals(fit.coefficients, fit.standard_errors, fit.freedom, selection.level) * scale,
        p_values=np.minimum(fit.p * correction, 1.0),
        joint_parts=np.array([part.value for part in parts]) * scale,
        joint_errors=np.array([part.standard_error for part in parts]) * scale,
        joint_p_values=np.array(
            [min(part.p * correction, 1.0) if len(s) > 1 else np.nan for s, part in zip(subsets, parts, strict=True)]
        ),
        character_means=(moments[1:] * scale + gram[0, 1:] * target.centre) / m,
        gains=_gains(gram, moments, float((target.values**2).sum())),
        gram=cosines,
        covariance=covariance,
        redundancy_error=_redundancy_error(cosines, columns),
        intercept=fit.intercept * scale + target.centre,
    )


def joint_of(selection: Selection, subset: Subset, extra: NDArray[np.float64] | None = None) -> JointPart:
    """The joint part of one of the subsets beside the others, and beside more columns if given."""
    others = [other for other in selection.subsets if other != subset]
    return selection.checks.joint(subset, others, () if extra is None else tuple(extra))


def _cosines(gram):
    sizes = np.sqrt(np.diag(gram))
    return gram / np.maximum(np.outer(sizes, sizes), 1e-300)


def _gains(gram, moments, squared):
    """Share of variance that each column adds to those before it."""
    if squared == 0:
        return np.zeros(len(gram) - 1)
    return dense.sequential_projections(gram, moments)[1:] ** 2 / squared


def _redundancy_error(cosines, columns):
    """Standard error of the mean size of the cosines of pairs: that of a mean over samples with the signs fixed."""
    k = len(columns)
    if k < 2:
        return 0.0
    unit = columns / np.sqrt(np.mean(columns**2, axis=1))[:, None]
    influence = np.zeros(columns.shape[1])
    for a in range(1, k):
        influence += unit[a] * (np.sign(cosines[a, :a])[:, None] * unit[:a]).sum(axis=0)
    return float(influence.std() / (k * (k - 1) / 2) / np.sqrt(influence.size))
