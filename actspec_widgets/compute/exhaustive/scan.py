"""Exhaustive scan: the largest character means over every subset up to a degree, exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_array, as_count
from ...patterns.cube import Subset, as_units, count_subsets, varying_target
from ...patterns.packing import words_for
from ...patterns.table import as_patterns
from ...progress import Heard, Progress, part_of
from ...results import Coverage, Estimates
from ..device import screen_on_device
from ..means import signed_totals
from ..memory import require_memory
from ..ranking import list_length
from ..threads import Device, Workers, in_order, is_executor, thread_count, workers_of
from .blocks import BlockSearch, in_target_order
from .coactive import CoactiveSearch, coactive_lists
from .screen import build_screen, sum_of_squares
from .search import ScreenedSearch, as_tuples, in_list_order

MAX_DEGREE = 8
_SORTED = 20  # bytes a sample while the target is sorted
_COUNTABLE = 2**63  # ranks of prefixes are 64-bit integers, and unranking multiplies one by the number of units
_THREADED = 2e8  # words screened: some twenty milliseconds
_SIDE_BY_SIDE = 2e9  # words screened: some fifth of a second on one core, the longest that cancelling waits
_CHUNK_WORDS = 4e7  # words screened in one chunk: some ten to thirty milliseconds
_MOST_CHUNKS = 100_000  # of one degree; in longer scans chunks grow instead


def scan(
    patterns: Patterns,
    y: ArrayLike,
    *,
    max_degree: int,
    top: int = 1000,
    units: Iterable[int] | None = None,
    threads: Workers = None,
    executor: Executor | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> Estimates:
    """The ``top`` largest ``abs(E_data[(y - mean y) chi_S])`` over every non-empty subset up to ``max_degree``.

    Parameters
    ----------
    patterns : Patterns
        m samples of n units.
    y : array, shape (m,)
    max_degree : int
        1 to 8, while the subsets of that size can be counted in 64 bits. Time grows with their number
        (:func:`~actspec_widgets.patterns.cube.count_subsets`), some 10^8 a second and thread for 10,000 samples.
    top : int
        Length of the list; fewer come back where there are fewer subsets.
    units : collection of int, optional
        The units that a subset may use; default all.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    executor : concurrent.futures.Executor, optional
        Screens pieces of the subsets on its workers, dask's on other machines included; the answer is the same, bit
        for bit. Patterns are not sent: workers open their file, or a temporary one, in a folder that all have to see
        (``TMPDIR``). Scans that take less than some 20 ms stay here.
    device : str, optional
        A torch device such as "cuda" that screens the subsets instead; the list is the same, bit for bit. It holds a
        byte for each unit and sample.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Estimates
        Largest first; ties (to twelve digits) by lower degree, then smaller indices. Values in units of ``y``;
        the standard error is that of a covariance, with both means estimated. ``coverage.missed_bound`` is what every
        subset not listed stays at or below.

    Raises
    ------
    ValueError, TypeError
        If ``y`` does not fit, is not finite or never changes, or ``max_degree``, ``top`` or a unit is out of range.

    Notes
    -----
    Every subset is screened by popcounts against a quantised target; those that a proven error bound cannot
    exclude are summed again in float64, so the list is the one that the definition gives.

    Examples
    --------
    >>> patterns = Patterns.from_signs([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> scan(patterns, [1.0, -1.0, -1.0, 1.0], max_degree=2, top=1).subsets
    ((0, 1),)
    """
    y = as_array(y, "the target")
    if y.ndim == 2:
        raise ValueError(f"the target has shape {y.shape}; a scan takes one target, scan_targets one for each column")
    names, max_degree, top = _checked(patterns, max_degree, top, units)
    workers = workers_of(threads, executor, device)
    target = varying_target(y, patterns.n_samples)
    return _scan_one(patterns, target, names, max_degree, top, workers, progress)


def scan_targets(
    patterns: Patterns,
    targets: ArrayLike,
    *,
    max_degree: int,
    top: int = 1000,
    units: Iterable[int] | None = None,
    threads: Workers = None,
    executor: Executor | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> tuple[Estimates, ...]:
    """:func:`scan` for each column of ``targets``, shape (m, t); short scans run side by side, one a thread.

    Examples
    --------
    >>> patterns = Patterns.from_signs([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> [found.subsets for found in scan_targets(patterns, [[1, 1], [1, -1], [0, -1], [0, 1]], max_degree=2, top=1)]
    [((0,),), ((0, 1),)]
    """
    names, max_degree, top = _checked(patterns, max_degree, top, units)
    workers = workers_of(threads, executor, device)
    table = as_array(targets, "the table of targets")
    if table.ndim != 2:
        raise ValueError(f"the targets have shape {table.shape}; give shape ({patterns.n_samples}, targets)")
    columns = [varying_target(column, patterns.n_samples) for column in table.T]
    words = _words(patterns, len(names), max_degree)
    one_each = words < _SIDE_BY_SIDE and not is_executor(workers) and len(columns) >= thread_count(workers)
    if not isinstance(workers, Device) and (words < _THREADED or one_each):
        return tuple(
            in_order(
                lambda target: _scan_one(patterns, target, names, max_degree, top, 1, None),
                columns, len(columns), workers, progress,
            )
        )  # fmt: skip
    return tuple(
        _scan_one(patterns, target, names, max_degree, top, workers, part_of(progress, number, len(columns)))
        for number, target in enumerate(columns)
    )


def _checked(patterns, max_degree, top, units) -> tuple[Subset, int, int]:
    """The units that take part, the degree, and the length of the list."""
    names = as_units(units, as_patterns(patterns).n_units)
    max_degree = as_count(max_degree, "max_degree", most=MAX_DEGREE)
    if math.comb(len(names), max_degree) * len(names) >= _COUNTABLE:
        raise ValueError(
            f"max_degree={max_degree} with {len(names)} units makes more subsets than a scan can count; "
            "choose a smaller degree or fewer units, or try beam"
        )
    return names, max_degree, list_length(top, count_subsets(len(names), max_degree))


def _words(patterns, n_units, max_degree):
    """Words that a scan screens."""
    return count_subsets(n_units, max_degree) * words_for(patterns.n_samples)


def _scan_one(patterns, y, names, max_degree, top, workers, progress):
    max_degree = min(max_degree, len(names))
    centred, progress = y - y.mean(), Heard(progress)
    if isinstance(workers, Device):
        found = screen_on_device(patterns, names, centred, max_degree, top, workers.name, progress)
    else:
        if _words(patterns, len(names), max_degree) < _THREADED:  # starting threads would cost more than they save
            workers = 1
        found = _screen(patterns, centred, names, max_degree, top, workers, progress, progress.again)
    found = np.where(found < 0, -1, np.array(names)[found])
    sums = signed_totals(patterns, as_tuples(found), centred, threads=workers, hear=progress.again)[:, 0]
    found, sums = in_list_order(found, sums, np.abs(centred).sum(), top)
    subsets, values = as_tuples(found), sums / patterns.n_samples
    examined = count_subsets(len(names), max_degree)
    missed = float(abs(values[-1])) if examined > len(subsets) else 0.0
    coverage = Coverage("exhaustive", len(names), max_degree, examined, True, missed)
    errors = covariance_errors(patterns, centred, subsets, workers, progress.again)
    return Estimates(tuple(subsets), values, errors, patterns.n_samples, coverage)


def covariance_errors(
    patterns: Patterns,
    centred: NDArray,
    subsets: Sequence[Subset],
    threads: Workers = None,
    hear: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """Standard error of ``E[(y - mean y) chi_S]``: of its influence values ``(y - mean y)(chi - E chi)``."""
    m = patterns.n_samples
    if m == 1:
        return np.full(len(subsets), np.inf)

    def ones(samples):
        return np.ones(samples.stop - samples.start)

    def squares(samples):
        return centred[samples] ** 2

    totals = signed_totals(patterns, subsets, centred, ones, squares, threads=threads, hear=hear) / m
    value, mean, squared = totals.T
    second_moment = sum_of_squares(centred) / m * (1 + mean**2) - 2 * mean * squared
    return np.sqrt(np.maximum(second_moment - value**2, 0.0) / (m - 1))


def chunks_of(n_units, n_words, max_degree, size=_CHUNK_WORDS) -> Iterator[tuple[int, int, int]]:
    """(degree, rank of the first prefix, number of prefixes) for pieces of about equal work."""
    for degree in range(1, max_degree + 1):
        prefixes = math.comb(n_units, degree - 1)
        count = max(1, int(size / (n_words * n_units / degree)), prefixes // _MOST_CHUNKS)
        yield from ((degree, start, min(count, prefixes - start)) for start in range(0, prefixes, count))


def _screen(patterns, centred, names, max_degree, top, workers, progress, hear):
    """A list that certainly holds the ``top`` largest, in places of ``names``."""
    problem = (patterns, centred, top, max_degree, names)
    if (lists := coactive_lists(patterns, max_degree, names)) is not None:
        search = CoactiveSearch(*problem)
        search.lists = lists
        return search.over(lists.chunks(max_degree), workers, progress, hear)
    n_words = words_for(patterns.n_samples)
    target = _SORTED * patterns.n_samples
    if patterns.file is None:
        require_memory(
            8 * n_words * (len(names) + (patterns.active is not None) * patterns.n_units) + target,
            f"the screen of {len(names):,} units on {patterns.n_samples:,} samples",
            "save the patterns and open them as a file, or name fewer units",
        )
        screened = ScreenedSearch(*problem)
        if not is_executor(workers):
            screened.screen = build_screen(patterns, centred, names, hear)
        return screened.over(list(chunks_of(len(names), n_words, max_degree)), workers, progress, hear)
    require_memory(target, f"a sorted target of {patterns.n_samples:,} samples", "take fewer samples")
    with in_target_order(patterns, names, centred, hear) as (source, rows, levels):
        blocks = BlockSearch(source, rows, levels, *problem)
        groups = blocks.groups(chunks_of(len(names), blocks.words_at_a_time, max_degree))
        return blocks.over(groups, workers, progress, hear)
