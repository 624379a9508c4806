"""Samples where a subset's parity is even and where it is odd, and the mean target there."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from ...patterns import Patterns
from ...patterns.cube import as_subset, as_target, chi
from ...patterns.table import as_patterns
from ...results.parity_groups import ParityGroup, ParityGroups


def parity_groups(
    patterns: Patterns,
    y: ArrayLike,
    subset: Iterable[int],
    *,
    samples: ArrayLike | None = None,
    shown: int = 6,
) -> ParityGroups:
    """Split samples by the parity of a subset.

    The samples shown are chosen by a fixed rule: those of a group are put in the order of their targets (ties in
    recorded order) and taken at evenly spaced ranks, the middles of ``shown`` equal parts.

    Parameters
    ----------
    patterns : Patterns
    y : array, shape (m,)
    subset : collection of int
    samples : array of int, optional
        Which samples to look at, e.g. those held out of a search; default all.
    shown : int
        How many samples of each group to name.

    Returns
    -------
    ParityGroups
        Means with the standard error of a mean; their difference with Welch's.

    Raises
    ------
    ValueError
        If the subset is empty or outside the units, the target does not fit, or ``shown`` is below 1.

    Examples
    --------
    >>> X = [[1, 1], [1, -1], [-1, 1], [-1, -1]]
    >>> groups = parity_groups(Patterns.from_signs(X), [5.0, 1.0, 2.0, 4.0], (0, 1))
    >>> groups.even.mean, groups.odd.mean, groups.even.shown.tolist()
    (4.5, 1.5, [3, 0])
    """
    y = as_target(y, as_patterns(patterns).n_samples)
    checked = as_subset(subset, patterns.n_units)
    if not checked:
        raise ValueError("the empty subset has an even parity only; give one or more units")
    if shown < 1:
        raise ValueError(f"shown={shown}; give the number of samples to name in each group, 1 or more")
    chosen = np.arange(patterns.n_samples) if samples is None else np.asarray(samples, dtype=np.intp)
    signs = chi(range(len(checked)), patterns.select(checked).signs())[chosen]
    even, odd = (_group(sign, chosen[signs == sign], y, shown) for sign in (1, -1))
    error = float(np.hypot(even.standard_error, odd.standard_error))
    return ParityGroups(checked, even, odd, even.mean - odd.mean, error)


def _group(sign, samples, y, shown):
    values = y[samples]
    mean = float(values.mean()) if values.size else float("nan")
    error = float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else float("nan")
    ordered = samples[np.argsort(values, kind="stable")]
    k = min(shown, ordered.size)
    ranks = ((np.arange(k) + 0.5) * ordered.size / max(k, 1)).astype(np.intp)
    return ParityGroup(sign, int(values.size), mean, error, ordered[ranks])
