"""Every subset of up to three units that are ever active together: signs, biased characters or ANDs, with counts.

A factor of unit i is ``alpha_i a_i + beta_i`` with ``a_i`` 1 where it is active, else 0, so that a product's sum with a
target is made of the sums over the samples in which units are active together. For three units the sum of the last two
is not at hand where the first two are; the largest sum that these units have with any other bounds it, and what the
bound cannot exclude is added up from the lists.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.cube import as_units, count_subsets, varying_target
from ...patterns.table import as_patterns
from ...progress import Heard, Progress, part_of
from ...results import Coverage, Estimates
from ..kernels import kernel
from ..ranking import TIE, list_length
from ..threads import in_order, thread_count
from .coactive import CoactiveLists, add_later_units, make_lists, sums_of_units
from .scan_kernel import replace_smallest
from .screen import ROUNDING
from .search import Search, as_tuples, list_order, pieces

KINDS = ("signs", "biased", "and")
_CHUNK = 5e6  # additions of one chunk, of triples at most: a cancel waits for them
_CELLS = 8  # subsets of three units


def coactive(
    patterns: Patterns,
    y: ArrayLike,
    *,
    max_degree: int = 3,
    kind: str = "biased",
    least: int = 1,
    top: int = 1000,
    units: Iterable[int] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Estimates:
    """The ``top`` largest means among the subsets of units that are ever active together, exact, with counts.

    It makes no claims: the largest of millions of values is large by chance alone, also of a target that has nothing to
    do with the units. ``coverage`` says how large, and :func:`activation_spectroscopy` which subsets hold.

    For units of which few are active in a sample, such as the latents of a dictionary: of 7 x 10^11 triples of 16,384
    latents only those are looked at which some sample shows.

    Parameters
    ----------
    patterns : Patterns
        m samples of n units.
    y : array, shape (m,)
    max_degree : int
        1 to 3.
    kind : {"signs", "biased", "and"}
        The mean is that of ``r f``, with r the target less its mean and f the product over the subset's units of
        ``x_i`` (+1 where active, else -1), of ``a_i - p_i`` (1 where active, else 0, less the share of samples in which
        it is active), or of ``a_i``.
    least : int
        Samples in which all of its units are active that a subset takes part with.
    top : int
        Length of the list; fewer come back where there are fewer.
    units : collection of int, optional
        The units that a subset may use; default all.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Estimates
        Largest first; ties by lower degree, then smaller indices. Values in units of ``y``; the standard error is that
        of a covariance, with both means estimated. ``counts`` are the samples in which all units of a subset are
        active; ``coverage.examined`` counts the subsets that are active together in ``least`` samples or more.

    Raises
    ------
    ValueError, TypeError
        If ``y`` does not fit, is not finite or never changes, a setting is out of range, or no subset takes part.

    Examples
    --------
    >>> patterns = Patterns.from_signs([[1, 1, -1], [1, 1, -1], [1, -1, -1], [-1, -1, 1]])
    >>> found = coactive(patterns, [3.0, 3.0, 0.0, 0.0], kind="and", top=2)
    >>> found.subsets, found.values.tolist(), found.counts.tolist()
    (((1,), (0, 1)), [0.75, 0.75], [2, 2])
    """
    names = as_units(units, as_patterns(patterns).n_units)
    degree = min(as_count(max_degree, "max_degree", most=3), len(names))
    least = as_count(least, "least")
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not known; use 'signs', 'biased' or 'and'")
    top = list_length(top, count_subsets(len(names), degree))
    y = varying_target(y, patterns.n_samples)
    centred, threads = y - y.mean(), thread_count(threads)
    active = (patterns.n_samples - patterns.inactive_counts())[np.asarray(names)]
    lists = make_lists(patterns, names, np.ones(len(names), bool), active)
    search = _Together(lists, kind, active / patterns.n_samples, least, patterns, centred, top, degree, names)
    if degree == 3 and search.beta.any():
        parts = [(first, count) for size, first, count in search.chunks(2) if size == 2]
        for largest in in_order(search.largest_pairs, parts, len(parts), threads, part_of(progress, 0, 2)):
            np.maximum(search.with_any, largest, out=search.with_any)
    told = Heard(part_of(progress, 1, 2))
    search.over(search.chunks(degree), threads, told, told.again)
    found, cells = search.exact(*search.alive())
    subsets = as_tuples(found, names)
    if not subsets:
        raise ValueError(f"no units are active together in {least} samples; give a smaller number as least=")
    values, errors, counts = search.read(found, cells)
    below = f", and of the others none is larger than {abs(values[-1]):.4g}" if search.looked > len(subsets) else ""
    note = f"Looked at were those that are active together in {least:,} samples or more{below}."
    far = farthest_by_chance(search.looked)
    chance = (
        f"By chance alone the farthest of {search.looked:,} values is about {far:.1f} standard errors from 0, and "
        "farther where few samples show its units: these are candidates and no findings."
    )
    coverage = Coverage("co-active", len(names), degree, search.looked, False, None, (note, chance))
    return Estimates(tuple(subsets), values, errors, patterns.n_samples, coverage, counts)


def farthest_by_chance(count: int) -> float:
    """How many standard errors from 0 the farthest of so many normal values is, in the middle of its distribution."""
    return -NormalDist().inv_cdf(min(0.5, math.log(2) / (2 * count)))


class _Together(Search):
    """Subsets of units active together; the rank of a chunk of three units is that of a pair, n times the first."""

    def __init__(self, lists: CoactiveLists, kind: str, share: NDArray, least: int, *problem: Any):
        super().__init__(*problem)
        self.lists, self.least, self.looked = lists, least, 0
        self.sizes = np.append(np.diff(lists.unit_starts), 0)  # the last one is for -1
        n, y = len(self.names), self.centred
        self.alpha = np.full(n, 2.0 if kind == "signs" else 1.0)
        self.beta = {"signs": np.full(n, -1.0), "biased": -share, "and": np.zeros(n)}[kind]
        self.margins = sums_of_units(lists.unit_starts, lists.samples, y)
        self.with_any = np.zeros(n)  # the largest sum of each unit with another
        most = int(np.diff(lists.unit_starts).max(initial=0))
        # Each of eight sums of at most `most` terms is off by less than most * eps / 2 of the terms' size.
        self.slack = float(np.abs(y).sum()) * (ROUNDING + 64 * (most + 4) * float(np.finfo(float).eps))

    def chunks(self, max_degree: int) -> list[tuple[int, int, int]]:
        n, lists = len(self.names), self.lists
        chunks = [(1, 0, n)]
        shown = np.diff(lists.sample_starts)[lists.samples].astype(float)
        for degree in range(2, max_degree + 1):
            each = shown ** (degree - 1)
            ends = np.concatenate([[0.0], np.cumsum(each)])[lists.unit_starts[1:]]
            work = ends + n * np.arange(1, n + 1)
            cuts = np.unique(np.searchsorted(work, np.arange(_CHUNK, work[-1], _CHUNK)))
            bounds = np.unique(np.concatenate([[0], cuts, [n]])).tolist()
            step = n if degree == 3 else 1
            chunks += [(degree, step * a, step * (b - a)) for a, b in pairwise(bounds)]
        return chunks

    def largest_pairs(self, piece: tuple[int, int]) -> NDArray[np.float64]:
        """The largest sum of each unit with another, over pairs whose first units are these."""
        lists, out = self.lists, np.zeros(len(self.names))
        largest_with_any(lists.unit_starts, lists.samples, lists.sample_starts, lists.units, self.centred, *piece, out)
        return out

    def screen_prefixes(self, degree, rank, count, heap, found, bounds):
        lists, looked = self.lists, np.zeros(1, np.int64)
        done, length = scan_together(
            lists.unit_starts, lists.samples, lists.sample_starts, lists.units, self.centred, self.margins,
            float(self.centred.sum()), self.alpha, self.beta, self.with_any, self.slack, self.least, degree, rank,
            count, self.floor, heap, found, bounds, looked,
        )  # fmt: skip
        with self.lock:
            self.looked += int(looked[0])
        return done, length

    def largest(self, found, threads, bounds=None):
        found, cells = self.exact(found, bounds)
        return found, self.read(found, cells)[0] * self.patterns.n_samples

    def exact(self, found: NDArray, bounds: NDArray) -> tuple[NDArray, NDArray]:
        """The ``top`` largest, and the sums over the samples in which their units are active together.

        Those with the largest bounds are summed first, until none that is left can be among the ``top``.
        """
        found = found[np.argsort(-bounds, kind="stable")]
        bounds, scale = -np.sort(-bounds), np.abs(self.centred).sum()
        cells, sums = np.zeros((len(found), 3, _CELLS)), np.zeros(len(found))
        done, need = 0, 0.0
        for rows in pieces(_CELLS * self.sizes[found].sum(axis=1), _CHUNK):
            self.hear()
            if bounds[rows.start] < need - 2 * TIE * scale:
                break
            cells_of(self.lists.unit_starts, self.lists.samples, self.centred, found[rows], cells[rows])
            cells[rows, :, 0] = self.centred.sum(), np.square(self.centred).sum(), self.patterns.n_samples
            sums[rows] = self._product(found[rows], self.alpha, self.beta, cells[rows, 0])
            done = rows.stop
            if done >= self.top:
                need = float(np.partition(np.abs(sums[:done]), -self.top)[-self.top])
        order = list_order(found[:done], sums[:done], scale)[: self.top]
        return found[order], cells[order]

    def _product(self, found, alpha, beta, sums):
        """Sums with the product of ``alpha a + beta`` over each subset, from those over units active together."""
        total = np.zeros(len(found))
        for cell in range(_CELLS):
            factor = np.ones(len(found))
            for place in range(found.shape[1]):
                there = found[:, place] >= 0
                chosen = (alpha if cell >> place & 1 else beta)[np.maximum(found[:, place], 0)]
                factor *= np.where(there, chosen, 0.0 if cell >> place & 1 else 1.0)
            if cell >> found.shape[1]:
                break
            total += factor * sums[:, cell]
        return total

    def read(self, found: NDArray, cells: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Means, their standard errors, and in how many samples all units are active."""
        m, alpha, beta = self.patterns.n_samples, self.alpha, self.beta
        value = self._product(found, alpha, beta, cells[:, 0]) / m
        mean = self._product(found, alpha, beta, cells[:, 2]) / m
        # With f = alpha a + beta, f^2 = (alpha^2 + 2 alpha beta) a + beta^2.
        squared = self._product(found, alpha**2 + 2 * alpha * beta, beta**2, cells[:, 1]) / m
        crossed = self._product(found, alpha, beta, cells[:, 1]) / m
        second = squared - 2 * mean * crossed + mean**2 * np.square(self.centred).sum() / m
        errors = np.sqrt(np.maximum(second - value**2, 0.0) / (m - 1)) if m > 1 else np.full(len(found), np.inf)
        all_of = (1 << (found >= 0).sum(axis=1)) - 1
        return value, errors, cells[np.arange(len(found)), 2, all_of].astype(np.int64)


@kernel
def largest_with_any(unit_starts, samples, sample_starts, units, y, first, count, out):
    together = np.zeros(out.size)
    for unit in range(first, first + count):
        together[:] = 0.0
        add_later_units(unit, unit_starts, samples, sample_starts, units, y, together)
        for k in range(unit + 1, out.size):
            size = abs(together[k])
            out[unit], out[k] = max(out[unit], size), max(out[k], size)


@kernel
def scan_together(
    unit_starts, samples, sample_starts, units, y, margins, total, alpha, beta, with_any, slack, least, degree, rank,
    count, floor, heap, found, bounds, looked,
):  # fmt: skip
    """As :func:`scan_prefixes`, for units that are active together; also adds up how many subsets that are."""
    n = margins.size
    n_found = 0
    need = max(floor, heap[0])
    together, counts = np.zeros(n), np.zeros(n, np.int64)
    third, third_counts, touched = np.zeros(n), np.zeros(n, np.int64), np.empty(n, np.int64)
    starts, filled = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    bucket = np.empty(0, np.int32)
    unit = -1
    for done in range(count):
        if bounds.size - n_found < n:
            return done, n_found
        cell = rank + done
        now = cell // n if degree == 3 else cell
        j = cell % n
        if now != unit and degree > 1:
            unit = now
            together[:] = 0.0
            counts[:] = 0
            for at in range(unit_starts[unit], unit_starts[unit + 1]):
                sample = samples[at]
                place = sample_starts[sample + 1] - 1
                while units[place] > unit:
                    together[units[place]] += y[sample]
                    counts[units[place]] += 1
                    place -= 1
            if degree == 3:  # the samples that it shares with each later unit
                for k in range(n):
                    starts[k + 1] = starts[k] + counts[k]
                    filled[k] = starts[k]
                if bucket.size < starts[n]:
                    bucket = np.empty(starts[n], np.int32)
                for at in range(unit_starts[unit], unit_starts[unit + 1]):
                    sample = samples[at]
                    place = sample_starts[sample + 1] - 1
                    while units[place] > unit:
                        bucket[filled[units[place]]] = sample
                        filled[units[place]] += 1
                        place -= 1
        n_touched = 0
        if degree == 1:
            touched[0] = now
            n_touched = 1 if unit_starts[now + 1] - unit_starts[now] >= least else 0
        elif degree == 2:
            for k in range(unit + 1, n):
                if counts[k] >= least:
                    touched[n_touched] = k
                    n_touched += 1
        elif j > unit and counts[j] >= least:
            for at in range(starts[j], starts[j + 1]):
                sample = bucket[at]
                place = sample_starts[sample + 1] - 1
                while units[place] > j:
                    k = units[place]
                    if third_counts[k] == 0:
                        touched[n_touched] = k
                        n_touched += 1
                    third[k] += y[sample]
                    third_counts[k] += 1
                    place -= 1
        for at in range(n_touched):
            k = touched[at]
            unsure = slack
            if degree == 1:
                size = alpha[k] * margins[k] + beta[k] * total
            elif degree == 2:
                size = alpha[unit] * alpha[k] * together[k] + beta[unit] * beta[k] * total
                size += alpha[unit] * beta[k] * margins[unit] + beta[unit] * alpha[k] * margins[k]
            else:
                enough = third_counts[k] >= least
                a, b, c, d, e, f = alpha[unit], alpha[j], alpha[k], beta[unit], beta[j], beta[k]
                size = a * b * c * third[k] + a * b * f * together[j] + a * c * e * together[k] + d * e * f * total
                size += a * e * f * margins[unit] + b * d * f * margins[j] + c * d * e * margins[k]
                unsure += abs(d * b * c) * min(with_any[j], with_any[k])
                third[k] = 0.0
                third_counts[k] = 0
                if not enough:
                    continue
            looked[0] += 1
            size = abs(size)
            if size + unsure >= need:
                found[n_found, 0] = k if degree == 1 else unit
                if degree == 3:
                    found[n_found, 1] = j
                found[n_found, degree - 1] = k
                bounds[n_found] = size + unsure
                n_found += 1
                if size - unsure > heap[0]:
                    replace_smallest(heap, size - unsure)
                    need = max(floor, heap[0])
    return count, n_found


@kernel
def cells_of(unit_starts, samples, y, found, cells):
    """For each subset and each part of it, as a bit mask of places: sums of y, y^2 and 1 where all of it is active."""
    for row in range(found.shape[0]):
        for cell in range(1, 1 << found.shape[1]):
            places = np.empty(3, np.int64)
            size = 0
            fits = True
            for place in range(found.shape[1]):
                if cell >> place & 1:
                    places[size] = found[row, place]
                    fits = fits and places[size] >= 0
                    size += 1
            if not fits:
                continue
            at = np.empty(3, np.int64)
            for p in range(size):
                at[p] = unit_starts[places[p]]
            while at[0] < unit_starts[places[0] + 1]:
                sample = samples[at[0]]
                shared = True
                for p in range(1, size):
                    while at[p] < unit_starts[places[p] + 1] and samples[at[p]] < sample:
                        at[p] += 1
                    shared = shared and at[p] < unit_starts[places[p] + 1] and samples[at[p]] == sample
                if shared:
                    cells[row, 0, cell] += y[sample]
                    cells[row, 1, cell] += y[sample] * y[sample]
                    cells[row, 2, cell] += 1.0
                at[0] += 1
