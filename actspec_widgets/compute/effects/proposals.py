"""Which subsets of an experiment are worth measuring."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ...patterns.cube import Subset, count_subsets, order_key
from ...progress import Progress, part_of
from ...results import Experiment
from ..exhaustive.masked import scan_masked
from ..exhaustive.scan import scan
from ..memory import require_memory
from ..products.search import scan_products
from ..products.table import ProductTable
from ..threads import Workers

FEWEST = 10  # draws with all units of a subset in play
_COPIES = 3  # of the table of standardised states, while it is made and used
_TABLE_BYTES = 1 << 29  # of standardised states, where natural draws are searched


def proposals(
    experiment: Experiment, max_degree: int, length: int, threads: Workers, progress: Progress
) -> tuple[dict[Subset, bool], int]:
    """The subsets that stand out in the draws, and how many there were.

    Single units by their own products with the change, larger subsets by those with what the joint fit of single units
    leaves of it; and pairs by its squares, which see a joint effect whose sign changes with the context. ``length`` of
    each kind, the likeliest first.

    Returns
    -------
    dict of subset to bool
        Whether it was found by squares.
    int
        How many subsets were looked at.
    """
    units = experiment.units
    degree = min(max_degree, len(units))
    in_play, new = (table.select(units) for table in (experiment.in_play, experiment.new))
    singles, residual = without_singles(standardised(experiment), experiment.change - experiment.change.mean())
    kinds = [singles]
    pairs: Sequence[Subset] = ()
    if degree > 1 and residual.std() > 0:
        search = _of_signs if experiment.states == "balanced" else _of_products
        kinds.append(search(experiment, new, in_play, residual, degree, length, threads, part_of(progress, 0, 2)))
        pairs = _by_squares(in_play, residual, length, threads, part_of(progress, 1, 2))
    found = {
        tuple(units[i] for i in subset): False
        for scored in kinds  # each with a length of its own, or single units would leave no room
        for _, subset in sorted(scored, key=lambda pair: (-pair[0], order_key(pair[1])))[:length]
    }
    found |= {tuple(units[i] for i in pair): True for pair in pairs}
    return found, count_subsets(len(units), degree)


def _of_signs(experiment, new, in_play, residual, degree, length, threads, progress) -> list[tuple[float, Subset]]:
    """Balanced draws: means are 0, so that products are of plain signs, and bits do the work."""
    scored: list[tuple[float, Subset]] = []
    for size in range(2, degree + 1):
        report = part_of(progress, size - 2, degree - 1)
        subsets, sums = scan_masked(new, in_play, residual, degree=size, top=length, threads=threads, progress=report)
        error = residual.std() * np.sqrt(len(experiment) * experiment.share**size)
        scored += zip((np.abs(sums) / error).tolist(), subsets, strict=True)
    return scored


def _of_products(experiment, new, in_play, residual, degree, length, threads, progress) -> list[tuple[float, Subset]]:
    """Natural draws: products of standardised states, of as many draws as fit in memory."""
    rows = np.arange(min(len(experiment), max(1000, _TABLE_BYTES // (8 * len(experiment.units)))))
    table = ProductTable(standardised(experiment.take(rows)), FEWEST)
    best, _ = scan_products(table, residual[rows], degree, length, progress)
    error = residual.std() / np.sqrt(len(rows))
    return [
        (abs(float(score)) / error, subset)
        for score, subset in zip(best.scores, best.subsets, strict=True)
        if len(subset) > 1
    ]


def standardised(experiment: Experiment) -> NDArray[np.float64]:
    """``1[in play] (x - mean) / scale`` of the units that could be in play, shape (units, draws)."""
    units = list(experiment.units)
    require_memory(
        _COPIES * 8 * len(units) * len(experiment), f"the states of {len(units):,} units in {len(experiment):,} draws",
        "take fewer draws: experiment.take(range(...))",
    )  # fmt: skip
    x, played = (table.select(units).signs().T for table in (experiment.new, experiment.in_play))
    values = (x - experiment.means[units, None]) / experiment.scales[units, None]
    return np.where(played > 0, values, 0.0)


def without_singles(
    values: NDArray[np.float64], residual: NDArray[np.float64]
) -> tuple[list[tuple[float, Subset]], NDArray[np.float64]]:
    """Scores of single units by their :func:`standardised` states, and what their joint fit leaves of the change."""
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
