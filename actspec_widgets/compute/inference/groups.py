"""Samples that belong together, such as the tokens of a sentence: how much less they say than as many separate ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ..kernels import kernel
from ..method.characters import Characters

FEWEST_GROUPS = 20  # below, critical values are so large that hardly anything can be seen
_CHUNK = 2**22  # numbers of columns formed at once


class Groups:
    """Groups of samples and the intra-class correlation of a residual.

    ``share`` is the share of the residual's variance that lies between groups. Where the group sums of a column have
    ``spread`` times the squared length that those of separate samples would have, its coefficient has
    ``1 + share (spread - 1)`` times the variance (Moulton 1986, *Journal of Econometrics* 32): its design effect.
    """

    def __init__(self, labels: NDArray[np.intp]):
        self.labels = labels
        self.sizes = np.bincount(labels)
        self.share = 0.0

    def __len__(self) -> int:
        return int(self.sizes.size)

    def measure(self, residual: NDArray[np.float64]) -> None:
        """Set ``share`` from a residual: analysis of variance for groups of unequal size."""
        m, count = residual.size, len(self)
        if count == m:
            return
        means = np.bincount(self.labels, residual) / self.sizes
        within = float(((residual - means[self.labels]) ** 2).sum()) / (m - count)
        between = float((self.sizes * (means - residual.mean()) ** 2).sum()) / (count - 1)
        size = (m - float((self.sizes**2).sum()) / m) / (count - 1)
        above = max((between - within) / size, 0.0)
        self.share = above / (above + within) if above > 0 else 0.0

    def spread(self, characters: Characters, subsets: Sequence[Subset]) -> NDArray[np.float64]:
        """Squared length of the group sums of each centred column, over that of the column."""
        step = max(1, _CHUNK // characters.n_samples)
        parts = [np.empty(0)]
        for start in range(0, len(subsets), step):
            columns = characters.columns(subsets[start : start + step])
            parts.append(_spreads(columns, self.labels, len(self)))
        return np.concatenate(parts)

    def effects(self, spread: NDArray[np.float64]) -> NDArray[np.float64]:
        """Design effects of columns of these spreads, at least 1."""
        return np.maximum(1 + self.share * (spread - 1), 1.0)


@kernel
def _spreads(columns, labels, count):
    rows, m = columns.shape
    out = np.ones(rows)
    sums = np.empty(count)
    for row in range(rows):
        mean = 0.0
        for i in range(m):
            mean += columns[row, i]
        mean /= m
        sums[:] = 0.0
        length = 0.0
        for i in range(m):
            deviation = columns[row, i] - mean
            sums[labels[i]] += deviation
            length += deviation * deviation
        if length > 0:
            out[row] = (sums * sums).sum() / length
    return out


def few_groups(labels: NDArray[np.intp], level: float, scale: float) -> str:
    """What to say of fewer than twenty groups, with the smallest effect that could be seen; else nothing.

    That of a balanced character which is the same within each group, beside a target of standard deviation ``scale``.
    """
    count = int(labels.max()) + 1
    if count >= FEWEST_GROUPS:
        return ""
    from scipy.special import stdtrit

    critical = -float(stdtrit(max(count - 2, 1), level / 2))
    smallest = min(critical / np.sqrt(critical**2 + max(count - 2, 1)), 1.0) * scale
    return (
        f"the samples are in {count} groups, and with fewer than {FEWEST_GROUPS} hardly anything can be told: the "
        f"coefficient of a subset that goes with the groups has to reach about {smallest:.3g} to be seen (a t value of "
        f"{critical:.3g}), where the target's standard deviation is {scale:.3g}; record more groups"
    )
