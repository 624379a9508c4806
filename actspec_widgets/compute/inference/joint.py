"""The joint part of a subset: what its product adds to a model that also holds all its proper subsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...results.evidence import FEWEST
from ..kernels import kernel
from .errors import first_of_fit, products

MOST_UNITS = 8  # a model of all proper subsets has 2^8 columns then; larger subsets are "not estimable"


class JointPart(NamedTuple):
    """Coefficient, robust error, degrees of freedom and two-sided p-value; NaN, NaN, 0 and 1 if not estimable."""

    value: float
    standard_error: float
    freedom: float
    p: float

    @property
    def estimable(self) -> bool:
        return bool(np.isfinite(self.value))


NOT_ESTIMABLE = JointPart(float("nan"), float("nan"), 0.0, 1.0)


def proper_subsets(subset: Subset) -> list[Subset]:
    """Non-empty proper subsets, simplest first."""
    return [part for size in range(1, len(subset)) for part in combinations(subset, size)]


def joint_part(
    columns: dict[Subset, NDArray[np.float64]],
    subset: Subset,
    others: Sequence[Subset],
    y: NDArray[np.float64],
    smallest_cell: int | None,
    gram_of: Callable[[Sequence[Subset]], NDArray[np.float64]],
    groups: NDArray[np.intp] | None = None,
    floor: float = 0.0,
    extra: Sequence[NDArray[np.float64]] = (),
) -> JointPart:
    """The joint part of ``subset`` beside ``others``, the rest of the answer.

    Parameters
    ----------
    columns : mapping of subsets to characters, shape (m,)
        Of the subset, its proper subsets and the others.
    smallest_cell : int or None
        Samples in the rarest on/off combination of its units; None where units are not on or off.
    gram_of : callable
        Subsets -> inner products of their characters, each less its mean.
    extra : columns that the model holds as well, such as the activations themselves.
    """
    if len(subset) < 2 or len(subset) > MOST_UNITS or (smallest_cell is not None and smallest_cell < FEWEST):
        return NOT_ESTIMABLE
    model = list(dict.fromkeys([subset, *proper_subsets(subset), *others]))
    table = np.array([*(columns[s] for s in model), *extra])
    centred = table - table.mean(axis=1, keepdims=True) if extra else table
    gram = products(centred, np.ones(y.size)) if extra else gram_of(model)
    kept = independent_rows(gram)
    if not len(kept) or len(kept) + 2 > y.size:
        return NOT_ESTIMABLE
    if len(kept) < len(table):
        table, gram = table[kept], np.ascontiguousarray(gram[np.ix_(kept, kept)])
    part = JointPart(*first_of_fit(table, gram, y, groups, floor))
    return part if np.isfinite(part.standard_error) else NOT_ESTIMABLE


@kernel
def independent_rows(gram):
    """The first row and those of the others that the ones before them do not give; none if others give the first.

    ``gram`` holds the inner products of the rows; the answer is their numbers.
    """
    k = gram.shape[0]
    kept, count = np.empty(k, np.int64), 0
    basis = np.zeros((k, k))
    for place in range(1, k + 1):
        at = place % k  # the first row comes last
        rest = gram[at, at]
        for i in range(count):
            value = gram[at, kept[i]]
            for j in range(i):
                value -= basis[i, j] * basis[count, j]
            basis[count, i] = value / basis[i, i]
            rest -= basis[count, i] * basis[count, i]
        if rest > 1e-8 * max(gram[at, at], 1e-300):
            basis[count, count] = np.sqrt(rest)
            kept[count] = at
            count += 1
        elif at == 0:
            return kept[:0]
    return np.concatenate((kept[count - 1 : count], kept[: count - 1]))
