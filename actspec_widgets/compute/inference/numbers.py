"""The numbers of a chosen collection, all of them from all samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from .. import dense
from .errors import products, selected_intervals
from .joint import JointPart
from .search import as_float
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
    joint_p = joint_p_values(selection, fit.p, parts)
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
        joint_p_values=np.minimum(joint_p * as_float(selection.examined), 1.0),
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


def joint_p_values(selection: Selection, p: NDArray[np.float64], parts: Sequence[JointPart]) -> NDArray[np.float64]:
    """P-values of joint parts, not corrected, that keep to the family-wise level whatever the rate of the list.

    Of the longer list a share may be false, and false subsets in the rest of the answer fit some of the noise. There a
    joint part has to be as significant beside those of the rest that are so family-wise: of the two p-values the larger
    counts. (Additive targets, units correlated .8, 600 samples: joint claims in 13 of 60 runs at the list's own level,
    in 8 at the family-wise one alone, in 9 of 200 so.)
    """
    subsets, penalty = selection.subsets, selection.search.penalty
    values = np.array([part.p if len(s) > 1 else np.nan for s, part in zip(subsets, parts, strict=True)])
    if penalty.error_rate == "fdr":
        certain = [s for s, own in zip(subsets, p, strict=True) if own <= penalty.joint_level]
        for at, subset in enumerate(subsets):
            if len(subset) > 1:
                values[at] = max(values[at], selection.checks.joint(subset, certain).p)
    return values


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
