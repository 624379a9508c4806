"""Character means over recorded data: E_data[y chi_S] and its standard error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..patterns import Patterns
from ..patterns.arrays import as_groups
from ..patterns.cube import Subset, as_subsets, as_target, chi
from ..patterns.packing import WORD
from ..patterns.stretches import stretches, words_of
from ..patterns.table import as_patterns
from ..results import Estimates
from .parity import BLOCK, flattened, padded_columns, signed_sums_of
from .threads import Workers, in_order

FEWEST_GROUPS = 20  # below, critical values are so large that hardly anything can be seen
Column = NDArray[np.float64] | Callable[[slice], NDArray[np.float64]]
_CHUNK = 1 << 24  # additions in one chunk: about two milliseconds


def character_means(
    patterns: Patterns, y: ArrayLike, subsets: Iterable[Iterable[int]], groups: ArrayLike | None = None
) -> Estimates:
    """Mean of ``y chi_S`` over the recorded samples, for each given subset.

    Parameters
    ----------
    patterns : Patterns
        m samples of n units.
    y : array, shape (m,)
        The target, e.g. a logit; a constant is allowed here.
    subsets : iterable of collections of unit indices
        The empty subset gives the mean of ``y``.
    groups : array, shape (m,), optional
        Labels of samples that belong together, such as the tokens of a sentence. The errors are then those of sums over
        groups; with fewer than 20 groups a warning says what can still be told from zero.

    Returns
    -------
    Estimates
        Values and standard errors in units of ``y``, in the order given. The error is that of a mean,
        ``sqrt((E[y^2] - value^2) / (m - 1))``; it is infinite for a single sample. With G groups it is
        ``sqrt(G / (G - 1) sum_g t_g^2) / m``, with ``t_g`` the sum of ``y chi_S - value`` over group g.

    Raises
    ------
    ValueError, TypeError
        If ``y`` or ``groups`` do not fit the patterns, ``y`` is not finite, or a subset repeats a unit or leaves the
        range.

    References
    ----------
    Over data the characters are not orthonormal, so this is no Fourier coefficient: see Reing, Ver Steeg
    and Galstyan (2025), arXiv:2501.15435. Errors by groups: Liang and Zeger (1986), *Biometrika* 73.

    Examples
    --------
    >>> patterns = Patterns.from_signs([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> character_means(patterns, [1.0, -1.0, -1.0, 1.0], [(0,), (0, 1)]).values.tolist()
    [0.0, 1.0]
    """
    y = as_target(y, as_patterns(patterns).n_samples)
    checked = as_subsets(subsets, patterns.n_units)
    values = signed_totals(patterns, checked, y)[:, 0] / patterns.n_samples
    if groups is None:
        errors = mean_errors(values, y)
    else:
        codes = as_groups(groups, patterns.n_samples)
        errors = _errors_by_groups(patterns, checked, values, y, codes)
        if sentence := _few(int(codes.max()) + 1, errors):
            warnings.warn(sentence, stacklevel=2)
    return Estimates(checked, values, errors, n_samples=patterns.n_samples)


def signed_totals(
    patterns: Patterns,
    subsets: Sequence[Subset],
    *columns: Column,
    threads: Workers = None,
    hear: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """Sums over the samples of ``column * chi_S``, shape (subsets, columns), exact to float64 rounding.

    A column is an array of shape (m,), or a function that gives one of the same length as the samples of a slice.
    Patterns of a file are read in stretches of samples, and the sums are the same, bit for bit. ``hear`` is called
    every few milliseconds; what it raises stops the work.
    """
    out = np.zeros((len(subsets), len(columns)))
    flat, starts = flattened(subsets)
    units, places = np.unique(flat, return_inverse=True)
    numbers = WORD * len(columns)  # words that the columns take for each word of a unit
    for first, stop in stretches(patterns, len(units) + numbers, BLOCK):
        samples = slice(WORD * first, min(WORD * stop, patterns.n_samples))
        if patterns.file is None and patterns.active is None:
            planes, flat_units = patterns.planes, flat
        else:
            planes, flat_units = words_of(patterns, first, stop, units), places
        table = padded_columns(planes, *(c(samples) if callable(c) else c[samples] for c in columns))
        size = max(1, _CHUNK // table.size)

        def some(at, planes=planes, flat_units=flat_units, table=table, size=size):
            mine = starts[at : at + size + 1]
            signed_sums_of(planes, flat_units[mine[0] : mine[-1]], mine - mine[0], table, out[at : at + size])

        pieces = range(0, len(subsets), size)
        for _ in in_order(some, pieces, len(pieces), threads):
            hear()
    return out


def _errors_by_groups(patterns, subsets, values, y, codes):
    count, errors = int(codes.max()) + 1, np.empty(len(subsets))
    for at, subset in enumerate(subsets):
        product = y * chi(range(len(subset)), patterns.select(subset).signs()) if subset else y
        totals = np.bincount(codes, product - values[at], count)
        errors[at] = np.sqrt(count / (count - 1) * (totals**2).sum()) / patterns.n_samples
    return errors


def _few(count, errors):
    """What to say of fewer than twenty groups; else nothing."""
    if count >= FEWEST_GROUPS or not errors.size:
        return ""
    from scipy.special import stdtrit

    critical = -float(stdtrit(count - 1, 0.025))
    return (
        f"the samples are in {count} groups, and errors from fewer than {FEWEST_GROUPS} are rough: a mean differs from "
        f"zero where it exceeds {critical:.3g} of its standard errors, which is {critical * errors.min():.3g} or "
        "more; record more groups"
    )


def mean_errors(values: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Standard error of each mean of ``y chi_S``: its square is ``y^2`` whatever the subset."""
    if y.size == 1:
        return np.full(values.shape, np.inf)
    return np.sqrt(np.maximum(np.mean(y**2) - values**2, 0.0) / (y.size - 1))
