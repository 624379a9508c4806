"""Cells of a subset: how many samples show each on/off combination of its units; a joint effect needs all of them.

On the samples a character is a linear combination of the constant and the characters of the proper subsets exactly
where one of the ``2^|S|`` cells is empty: the indicator of that cell, in which chi_S has a part, is then zero on all
samples. What such a subset says of the target can be said without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, as_subset, as_target
from ...results.cell_means import CellMeans

MOST_CELLS = 10  # units of a subset whose cells are looked at one by one
_BITS = 32  # of 62 that a code holds; as many are left for the samples


def smallest_cells(patterns: Patterns, subsets: Sequence[Subset]) -> NDArray[np.int64]:
    """Samples in the smallest cell of each subset, shape (subsets,).

    Examples
    --------
    Two units that are never active together.

    >>> patterns = Patterns.from_signs([[1, -1], [-1, 1], [-1, -1], [-1, 1]])
    >>> smallest_cells(patterns, [(0,), (0, 1)]).tolist()
    [1, 0]
    """
    return np.array([_smallest_cell(patterns.select(subset).signs()) for subset in subsets], dtype=np.int64)


def _smallest_cell(signs):
    codes = np.zeros(len(signs), dtype=np.int64)
    for at, unit in enumerate(signs.T):
        if at and at % _BITS == 0:  # renumbered, codes need no more bits than there are samples
            _, codes = np.unique(codes, return_inverse=True)
        codes = 2 * codes + (unit < 0)
    _, counts = np.unique(codes, return_counts=True)
    return counts.min() if counts.size == 2 ** signs.shape[1] else 0


def cell_means(patterns: Patterns, y: ArrayLike, subset: Iterable[int]) -> CellMeans:
    """The mean of the target over the samples of each on/off combination of a subset's units.

    Parameters
    ----------
    patterns : Patterns
    y : array, shape (m,)
    subset : collection of int
        1 to 10 units.

    Returns
    -------
    CellMeans
        With the standard error of each mean.

    Raises
    ------
    ValueError
        If the subset is empty, too large or outside the units, or the target does not fit.

    Examples
    --------
    >>> X = [[1, 1], [-1, 1], [1, -1], [-1, -1]]
    >>> found = cell_means(Patterns.from_signs(X), [5.0, 1.0, 2.0, 4.0], (0, 1))
    >>> found.means.tolist(), found.added_up, found.contrast.value
    ([5.0, 1.0, 2.0, 4.0], -1.0, 6.0)
    """
    y = as_target(y, patterns.n_samples)
    checked = as_subset(subset, patterns.n_units)
    if not 1 <= len(checked) <= MOST_CELLS:
        raise ValueError(
            f"the subset has {len(checked)} units; give 1 to {MOST_CELLS}, each cell is looked at by itself"
        )
    codes = (patterns.select(checked).signs() < 0) @ (1 << np.arange(len(checked)))
    order = np.argsort(y, kind="stable")
    cells = tuple(order[codes[order] == cell] for cell in range(1 << len(checked)))
    counts = np.array([cell.size for cell in cells])
    means = np.array([y[cell].mean() if cell.size else np.nan for cell in cells])
    errors = np.array([y[cell].std(ddof=1) / np.sqrt(cell.size) if cell.size > 1 else np.nan for cell in cells])
    return CellMeans(checked, counts, means, errors, cells)
