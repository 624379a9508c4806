"""Goldreich-Levin on recorded samples: best-first over buckets of subsets, with a certificate."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_units, count_subsets, varying_target
from ...patterns.table import as_patterns
from ...progress import Progress, tick
from ...results import Coverage, Estimates
from ..exhaustive.scan import covariance_errors, scan
from ..means import signed_totals
from ..ranking import largest_first, list_length, rank_of_size, size_of_rank
from ..threads import in_order
from .sample_tree import build_tree, rank_of
from .walk_kernel import Buckets, Limits, explore

_CHUNKS = 8  # walks of one batch; a fixed number, so that threads change nothing
_CHUNK_WORK = 5_000_000  # sums touched in one walk: some ten milliseconds
_CHUNK_NODES = 20_000
_NODES, _WORK = 4_000_000, 1e10  # where a search without a limit of its own stops: memory, and some ten seconds
_STEPS = 1000  # resolution of the progress reported
_BATCH = 4096  # buckets taken up in one batch
_STEP = 7 / 8  # a walk leaves open what falls below this share of the largest bound
_FIRST_DEGREE = 2  # subsets up to this size are scanned first, so that there is a floor from the start
_LISTED = 50_000  # subsets held before they are thinned out


def best_first(
    patterns: Patterns,
    y: ArrayLike,
    *,
    max_degree: int | None = None,
    top: int = 100,
    units: Iterable[int] | None = None,
    tau: float = 0.0,
    max_nodes: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Estimates:
    """The ``top`` largest ``abs(E_data[(y - mean y) chi_S])`` over non-empty subsets of any size, with a certificate.

    Parameters
    ----------
    patterns : Patterns
        m samples of n units.
    y : array, shape (m,)
    max_degree : int, optional
        Largest subset size; default every size.
    top : int
        Length of the list; fewer come back where there are fewer subsets.
    units : collection of int, optional
        The units that a subset may use; default all.
    tau : float
        Subsets below this size are not asked for, in units of ``y``. A ``tau`` above the noise lets bounds exclude
        most buckets where ``top`` alone would make the search sort out chance findings.
    max_nodes : int, optional
        Buckets that may be looked at before the search stops with what it has; default some ten seconds' worth.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Estimates
        Order, ties and errors as for :func:`scan`. ``coverage.complete`` says whether the list is exact;
        ``coverage.missed_bound`` is the certificate: no subset in range that is not listed is larger.

    Raises
    ------
    ValueError, TypeError
        If ``y`` does not fit, is not finite or never changes, or a setting is out of range.
    MemoryError
        If the tables of groups would not fit.

    Notes
    -----
    A bucket fixes which of the first k units are in S. Its samples are grouped by the other units, and the sum over
    the groups of ``|sum of y chi_S| / m`` bounds every member's mean from above. (The groups' sum of squares times
    the number of joint patterns of the other units is the bucket's weight, the sum of its members' squares; its root
    is never the smaller bound.) Units are decided in an order that makes groups large early, buckets with the
    largest bound are looked at first, and the last ten units of a bucket are finished by one transform.

    The bound excludes much where the undecided units take few joint patterns beside the number of samples: few units,
    many more samples than ``2^(n - k)``, skewed or strongly correlated units. It excludes little where nearly every
    sample has a pattern of its own, as for uniform data with ``2^n`` far above m: each sample is then its own group and
    the bound stays at the mean of ``|y - mean y|`` until about ``log2(m)`` units are left, so that ``2^n / m`` buckets
    must be opened. The search then stops at ``max_nodes``, and the certificate says how little was excluded.

    Fold constant and repeated units first: each doubles the number of subsets with exactly the same value.

    References
    ----------
    Drake and Ventura, "Search techniques for Fourier-based learning", IJCAI (2009).
    Kushilevitz and Mansour (1993), SIAM J. Comput. 22; Goldreich and Levin, STOC (1989).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).choice([-1, 1], (1000, 14))
    >>> found = best_first(Patterns.from_signs(X), X[:, [1, 2, 4, 7, 9, 12]].prod(axis=1), top=1)
    >>> found.subsets, found.coverage.complete
    (((1, 2, 4, 7, 9, 12),), True)
    """
    y = varying_target(y, as_patterns(patterns).n_samples)
    names = as_units(units, patterns.n_units)
    degree = len(names) if max_degree is None else min(as_count(max_degree, "max_degree"), len(names))
    top = list_length(top, count_subsets(len(names), degree))
    _check_settings(tau, max_nodes)
    tick(progress, 0, _STEPS)
    search = _Search(patterns.select(names), y, top, degree, tau, threads)
    search.scan_first()
    search.run(max_nodes, progress)
    found, sums = search.best()
    subsets = tuple(tuple(names[i] for i in s) for s in found)
    errors = covariance_errors(patterns, y - y.mean(), subsets, threads)
    tick(progress, _STEPS, _STEPS)
    coverage = search.coverage(sums, None if max_degree is None else degree)
    return Estimates(subsets, sums / patterns.n_samples, errors, patterns.n_samples, coverage)


def _check_settings(tau, max_nodes):
    if not 0 <= tau < math.inf:
        raise ValueError(f"tau={tau}; give a size in units of the target, 0 or more")
    if max_nodes is not None and max_nodes < 2:
        raise ValueError(f"max_nodes={max_nodes}; allow at least two buckets")


class _Search:
    """Open buckets, the subsets found so far, and the rank that a further one must reach."""

    def __init__(self, patterns, y, top, max_degree, tau, threads):
        self.patterns, self.top, self.max_degree, self.threads = patterns, top, max_degree, threads
        self.centred = y - y.mean()
        self.scale = float(np.abs(self.centred).sum())
        self.tau = tau
        self.tree, self.order = build_tree(patterns, self.centred)
        self.floor = rank_of_size(tau * patterns.n_samples, self.scale) if tau > 0 else -1
        self.heap = np.full(top, -1, np.int64)
        self.found = _empty(0, self.tree)
        self.scanned: tuple[Subset, ...] = ()
        self.open = Buckets(*(np.zeros_like(column) for column in _empty(1, self.tree)))
        self.open.ranks[0] = rank_of(int(np.abs(self.tree.totals).sum()), 0)
        self.nodes = self.work = 0

    def scan_first(self) -> None:
        """The best small subsets by exhaustive scan: a floor for every bound."""
        found = scan(
            self.patterns,
            self.centred,
            max_degree=min(self.max_degree, _FIRST_DEGREE),
            top=self.top,
            threads=self.threads,
        )
        kept = np.abs(found.values) >= self.tau
        self.scanned = tuple(s for s, k in zip(found.subsets, kept, strict=True) if k)
        if len(self.scanned) == self.top:
            smallest = float(np.abs(found.values[kept]).min()) * self.patterns.n_samples
            self.floor = max(self.floor, rank_of_size(smallest, self.scale))

    def run(self, max_nodes: int | None, progress: Progress | None) -> None:
        """Lower the level step by step; at each, finish every bucket whose bound reaches it."""
        self.max_nodes, self.max_work = (max_nodes, math.inf) if max_nodes else (_NODES, _WORK)
        while self.open.ranks.size and self._spent() < 1:
            leave = max(self._need(), int(self.open.ranks.max() * _STEP))
            now = self.open.ranks >= leave
            later = [_rows(self.open, ~now)]
            level = _rows(self.open, np.flatnonzero(now)[np.argsort(-self.open.ranks[now], kind="stable")])
            while level.ranks.size and self._spent() < 1:
                batch, level = _rows(level, slice(_BATCH)), _rows(level, slice(_BATCH, None))
                opened = self._walk(batch, leave, progress)
                level = _joined([_rows(opened, opened.ranks >= leave), level])
                later.append(_rows(opened, opened.ranks < leave))
            self.open = _joined([level, *later])
            self.open = _rows(self.open, self.open.ranks >= self._need())

    def _spent(self):
        """Share of the budget; a bucket is opened by two nodes, so a single one left is nothing."""
        return max((self.nodes + 1) / self.max_nodes, self.work / self.max_work)

    def _walk(self, batch, leave, progress):
        """One batch of buckets in a fixed number of chunks; returns the buckets left open."""
        left = self.max_nodes - self.nodes
        chunks = min(_CHUNKS, batch.ranks.size, max(1, left // 100))
        limits = Limits(self.max_degree, self.floor, leave, min(_CHUNK_NODES, left // chunks), _CHUNK_WORK)
        parts = [_rows(batch, slice(c, None, chunks)) for c in range(chunks)]
        heap = self.heap

        def walk(part):
            opened = _empty(part.ranks.size + limits.nodes + self.tree.counts.size, self.tree)
            found = _empty(_LISTED, self.tree)
            n_opened, n_found, *spent = explore(self.tree, part, limits, heap.copy(), opened, found)
            return _rows(opened, slice(n_opened)), _rows(found, slice(n_found)), spent

        rest = []
        for opened, found, (nodes, work) in in_order(walk, parts, chunks, self.threads):
            self.nodes += nodes
            self.work += work
            rest.append(opened)
            self._keep(found)
            tick(progress, min(int(self._spent() * _STEPS), _STEPS), _STEPS)
        return _joined(rest)

    def _keep(self, found):
        found = _joined([self.found, found])
        if found.ranks.size >= self.top:
            self.heap = np.sort(np.partition(found.ranks, -self.top)[-self.top :])
        found = _rows(found, found.ranks >= self._need())
        if found.ranks.size > _LISTED + self.top:  # many ties: only the first by degree and indices can be listed
            rows = list(zip((-found.ranks).tolist(), self._as_subsets(found.subsets), strict=True))
            found = _rows(found, sorted(range(len(rows)), key=rows.__getitem__)[: self.top])
        self.found = found

    def _need(self):
        """Rank that a further subset must reach."""
        return max(self.floor, int(self.heap[0]))

    def _as_subsets(self, rows) -> list[Subset]:
        bits = np.empty((len(rows), len(self.order)), bool)
        for p, unit in enumerate(self.order):
            bits[:, unit] = (rows[:, p // 64] >> np.uint64(p % 64)) & np.uint64(1)
        return [tuple(np.flatnonzero(row).tolist()) for row in bits]

    def best(self) -> tuple[list[Subset], NDArray[np.float64]]:
        """The list and the signed sums of the target, in float64."""
        subsets = list(dict.fromkeys([*self.scanned, *self._as_subsets(self.found.subsets)]))
        sums = signed_totals(self.patterns, subsets, self.centred, threads=self.threads)[:, 0]
        kept = [
            i for i in largest_first(subsets, sums, self.scale) if abs(sums[i]) >= self.tau * self.patterns.n_samples
        ]
        kept = kept[: self.top]
        return [subsets[i] for i in kept], sums[kept]

    def coverage(self, sums, max_degree) -> Coverage:
        """What the search looked at, and the largest size that an unlisted subset may have."""
        m, n = self.patterns.n_samples, self.patterns.n_units
        everything = count_subsets(n, self.max_degree)
        missed = 0.0
        if everything > len(sums):
            missed = float(np.abs(sums[-1])) / m if len(sums) == self.top else self.tau
        complete = not self.open.ranks.size
        if not complete:
            missed = max(missed, size_of_rank(self.open.ranks.max(), self.scale) / m)
        examined = everything - self._members_open()
        return Coverage("best-first", n, max_degree, examined, complete, missed, self._notes(everything, examined))

    def _members_open(self) -> int:
        """Subsets in open buckets, without those that the first scan has looked at."""
        pairs, times = np.unique(np.stack([self.open.depths, self.open.degrees]), axis=1, return_counts=True)
        total = 0
        for depth, degree, count in zip(*pairs.tolist(), times.tolist(), strict=True):
            undecided = self.patterns.n_units - depth
            fewest = max(_FIRST_DEGREE + 1 - degree, 0)
            total += count * count_subsets(undecided, self.max_degree - degree, fewest)
        return total

    def _notes(self, everything, examined) -> tuple[str, ...]:
        m, groups = self.patterns.n_samples, self.tree.totals.size
        notes = [f"{self.nodes:,} buckets were bounded; {m:,} samples show {groups:,} distinct patterns."]
        if self.tau > 0:
            notes.append(f"Subsets below {self.tau:.4g} were not asked for.")
        if self.open.ranks.size:
            bound, start = size_of_rank(self.open.ranks.max(), self.scale) / m, self.scale / m
            notes.append(
                f"The search stopped at its limit with {self.open.ranks.size:,} buckets open; they hold "
                f"{everything - examined:,} subsets not looked at, and one of these may be as large as {bound:.4g}."
            )
            if bound > 0.9 * start and 2 * groups > m:
                notes.append(
                    "The bound did not bite, because the undecided units tell nearly all samples apart: allow more "
                    "nodes, fewer units or a smaller degree, or record more samples."
                )
        return tuple(notes)


def _empty(size, tree):
    return Buckets(np.empty((size, tree.patterns.shape[1]), np.uint64), *(np.empty(size, np.int64) for _ in range(3)))


def _rows(buckets, index):
    return Buckets(*(np.ascontiguousarray(column[index]) for column in buckets))


def _joined(parts):
    return Buckets(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
