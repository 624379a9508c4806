"""From float activations to on/off: where each unit's threshold lies.

Each rule returns one threshold per unit; a unit is active where its activation is *above* it.
Binarising loses information, so the rule is always an explicit choice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import as_array
from .cube import varying_target

RULES = ("zero", "mean", "median", "otsu", "informative")
_CANDIDATES = 64  # thresholds tried per unit by "otsu" and "informative": its quantiles
_TARGET_BINS = 8  # equally filled classes of the target for "informative"


def thresholds(A: NDArray, rule: str | float | ArrayLike, target: ArrayLike | None = None) -> NDArray[np.float64]:
    """One threshold for each unit.

    Parameters
    ----------
    A : ndarray, shape (m, n)
        Activations.
    rule : str, number, or array of shape (n,)
        ``"zero"`` (ReLU on/off), ``"mean"``, ``"median"``, ``"otsu"`` (largest variance between the two
        classes; N. Otsu 1979), ``"informative"`` (largest mutual information between the on/off state and
        ``target`` cut into eight equally filled classes), one number for all units, or one per unit.
        "otsu" and "informative" try the midpoints between up to 64 quantiles of each unit.
    target : array, shape (m,), optional
        Needed by "informative" only.

    Raises
    ------
    ValueError
        If the rule is unknown, the number of thresholds does not match, or the target is missing.
    """
    m, n = A.shape
    if isinstance(rule, str):
        if rule == "zero":
            return np.zeros(n)
        if rule == "mean":
            return A.mean(axis=0, dtype=np.float64)
        if rule == "median":
            return np.median(A, axis=0).astype(np.float64)
        if rule == "otsu":
            return np.array([_best_split(column, _between_class_variance) for column in A.T])
        if rule == "informative":
            if target is None:
                raise ValueError('threshold="informative" chooses by the target; pass target=y as well')
            classes = _target_classes(varying_target(target, m))
            return np.array([_best_split(column, lambda on, _: _mutual_information(on, classes)) for column in A.T])
        raise ValueError(f"threshold={rule!r} is not a rule; use one of {', '.join(RULES)}, a number, or one per unit")
    values = as_array(rule, "the threshold")
    if values.dtype.kind not in "iufb":
        raise ValueError(f"threshold has dtype {values.dtype}; give one number, one per unit, or a rule")
    values = values.astype(np.float64)
    if values.ndim == 0:
        values = np.full(n, float(values))
    if values.shape != (n,):
        raise ValueError(f"threshold has shape {values.shape} for {n} units; give one number or {n} of them")
    if not np.isfinite(values).all():
        raise ValueError("a threshold is NaN or infinite; give finite numbers")
    return values


def _best_split(column, score):
    """The candidate threshold with the highest score; the lowest one on ties."""
    levels = np.unique(np.quantile(column, np.linspace(0.0, 1.0, _CANDIDATES + 1), method="nearest"))
    if levels.size == 1:
        return float(levels[0])
    cuts = levels[:-1] + (levels[1:] - levels[:-1]) / 2
    on = column[None, :] > cuts[:, None]
    scores = np.array([score(row, column) for row in on])
    return float(cuts[int(np.argmax(scores))])


def _between_class_variance(on, column):
    share = on.mean()
    if share in (0.0, 1.0):
        return 0.0
    gap = column[on].mean(dtype=np.float64) - column[~on].mean(dtype=np.float64)
    return share * (1 - share) * gap**2


def _target_classes(y):
    edges = np.unique(np.quantile(y, np.linspace(0, 1, _TARGET_BINS + 1)[1:-1]))
    return np.searchsorted(edges, y, side="right")


def _mutual_information(on, classes):
    """I(on; class) in nats, from the empirical joint distribution."""
    joint = np.zeros((2, int(classes.max()) + 1))
    np.add.at(joint, (on.astype(np.intp), classes), 1.0)
    joint /= on.size
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    seen = joint > 0
    return float((joint[seen] * np.log(joint[seen] / independent[seen])).sum())
