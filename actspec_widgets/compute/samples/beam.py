"""Beam search over one-unit flips: thousands of units and any degree, without a certificate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_subsets, as_units, count_subsets, varying_target
from ...patterns.table import as_patterns
from ...progress import Progress, tick
from ...results import Coverage, Estimates
from ..distinct import DistinctSubsets
from ..exhaustive.scan import covariance_errors, scan
from ..exhaustive.scan_kernel import screen_rows, weighted_count
from ..exhaustive.screen import build_screen
from ..kernels import kernel
from ..means import signed_totals
from ..parity import flattened, parity_words
from ..ranking import TIE, largest_first, list_length
from ..threads import in_order

_START_DEGREE = 2
_BATCH_FLIPS = 65_536  # flips screened before the size that the next ones must reach is raised
_CHUNKS = 8  # pieces of a batch; a fixed number, so that threads change nothing


@kernel
def _screen_flips(planes, signs, weights, bases, errors, flat_units, starts, max_degree, need, found):
    """Screen S with one unit added or removed, for each S and each unit; returns the length of ``found``.

    Subset s is ``flat_units[starts[s]:starts[s + 1]]``. Those flips whose sum may reach ``need`` are appended to
    ``found``, shape (subsets * n, 2), as (s, unit).
    """
    n, n_words = planes.shape
    words = np.empty(n_words, np.uint64)
    screened = np.empty(n_words, np.uint64)
    scores = np.empty(n)
    member = np.zeros(n, np.bool_)
    n_found = 0
    for s in range(starts.size - 1):
        units = flat_units[starts[s] : starts[s + 1]]
        parity_words(planes, units, words)
        for w in range(n_words):
            screened[w] = words[w] ^ signs[0, w]
        screen_rows(screened, planes, 0, weights[0], scores)
        for unit in units:
            member[unit] = True
        for k in range(n):
            if units.size == 1 if member[k] else units.size == max_degree:
                continue
            score = bases[0] - 2.0 * scores[k]
            plane = 0
            while abs(score) + errors[plane] >= need and plane + 1 < errors.size:
                plane += 1
                score += bases[plane] - 2.0 * weighted_count(words, signs[plane], planes[k], weights[plane])
            if abs(score) + errors[plane] >= need:
                found[n_found, 0] = s
                found[n_found, 1] = k
                n_found += 1
        for unit in units:
            member[unit] = False
    return n_found


def beam(
    patterns: Patterns,
    y: ArrayLike,
    *,
    max_degree: int | None = None,
    top: int = 1000,
    units: Iterable[int] | None = None,
    start: Iterable[Iterable[int]] | None = None,
    width: int = 200,
    rounds: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Estimates:
    """Large ``abs(E_data[(y - mean y) chi_S])`` of any degree, reached by adding or removing one unit at a time.

    Parameters
    ----------
    patterns : Patterns
        m samples of n units.
    y : array, shape (m,)
    max_degree : int, optional
        Largest subset size; default every size.
    top : int
        Length of the list.
    units : collection of int, optional
        The units that a subset may use; default all.
    start : iterable of subsets, optional
        Where to start; default the best of an exhaustive scan up to degree 2.
    width : int
        The beam: the best so many distinct subsets met so far.
    rounds : int, optional
        Most rounds; default until the beam stays as it is.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    progress : callable, optional
        Gets ``(done, total)`` in subsets whose flips are scored; the total grows while new ones enter the beam.
        May raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Estimates
        The best ``top`` of all subsets scored; order, ties and errors as for :func:`scan`. ``coverage.examined``
        counts the distinct subsets scored (told apart by a hash of 64 bits); there is no certificate.

    Raises
    ------
    ValueError, TypeError
        If ``y`` does not fit, is not finite or never changes, or a setting is out of range.

    Notes
    -----
    Each round scores all n flips of every subset in the beam whose flips are not scored yet, by popcounts against
    a quantised target; what a proven error bound cannot exclude from the best is summed again in float64.
    The search ends when no flip of a subset in the beam is better than the beam's last.

    A subset is reached only along a chain of subsets that stand out themselves. A parity of high degree
    none of whose neighbours is large is not found, by this or by any method that is polynomial in n where the
    units are independent (learning parity with noise).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).choice([-1, 1], (2000, 50))
    >>> y = sum(X[:, :k].prod(axis=1) for k in range(1, 6))
    >>> sorted(beam(Patterns.from_signs(X), y, top=5).subsets)
    [(0,), (0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4)]
    """
    y = varying_target(y, as_patterns(patterns).n_samples)
    names = as_units(units, patterns.n_units)
    degree = len(names) if max_degree is None else min(as_count(max_degree, "max_degree"), len(names))
    top = list_length(top, count_subsets(len(names), degree))
    given = None if start is None else as_subsets(start, patterns.n_units)
    _check_settings(degree, width, rounds, given, names)
    patterns = patterns.select(names)
    if given is not None:
        given = tuple(tuple(names.index(unit) for unit in subset) for subset in given)
    done = finished = 0
    expanded: set[Subset] = set()

    def hear() -> None:
        tick(progress, finished, max(len(expanded), 1))

    search = _Search(patterns, y - y.mean(), max(width, top), degree, threads, hear)
    seeds = search.begin(given)
    while rounds is None or done < rounds:
        frontier = [s for s in search.subsets[:width] if s not in expanded]
        if not frontier:
            break
        expanded.update(frontier)
        size = max(1, _BATCH_FLIPS // patterns.n_units)
        hear()
        for at in range(0, len(frontier), size):
            search.flip(frontier[at : at + size])
            finished += len(frontier[at : at + size])
            hear()
        done += 1
    subsets, sums = tuple(search.subsets[:top]), search.sums[:top]
    left = sum(s not in expanded for s in search.subsets[:width])
    coverage = Coverage(
        "beam", patterns.n_units, None if max_degree is None else degree, search.examined(), False, None,
        _notes(seeds, done, min(width, len(search.subsets)), left),
    )  # fmt: skip
    errors = covariance_errors(patterns, search.centred, subsets, threads)
    named = tuple(tuple(names[i] for i in subset) for subset in subsets)
    return Estimates(named, sums / patterns.n_samples, errors, patterns.n_samples, coverage)


def _check_settings(degree, width, rounds, start, names):
    as_count(width, "width")
    if rounds is not None and rounds < 0:
        raise ValueError(f"rounds={rounds}; give 0 or more, or None to go on until nothing changes")
    if start is not None:
        if not start:
            raise ValueError("start is empty; give at least one subset, or None to start from a scan")
        wrong = [s for s in start if not 1 <= len(s) <= degree]
        if wrong:
            raise ValueError(f"start has the subset {wrong[0]}; with this max_degree it takes 1 to {degree} units")
        outside = [s for s in start if not set(s) <= set(names)]
        if outside:
            raise ValueError(f"start has the subset {outside[0]}, which leaves units; give subsets of units")


class _Search:
    """The best subsets scored so far, and which were scored; ``hear`` is called often and may stop the work."""

    def __init__(self, patterns, centred, kept, max_degree, threads, hear):
        self.patterns, self.centred, self.kept = patterns, centred, kept
        self.max_degree, self.threads, self.hear = max_degree, threads, hear
        self.scale = float(np.abs(centred).sum())
        self.screen = build_screen(patterns, centred)
        self.subsets: list[Subset] = []
        self.sums: NDArray[np.float64] = np.empty(0)
        self.scored = DistinctSubsets(patterns.n_units, hear)
        self.scanned_degree = 0

    def begin(self, start: Sequence[Subset] | None) -> str:
        """Score the first subsets; returns what they are, in words."""
        if start is not None:
            self.scored.add(start)
            self._keep(dict.fromkeys(start))
            return f"{len(self.subsets):,} subsets given"
        self.scanned_degree = min(_START_DEGREE, self.max_degree)
        found = scan(
            self.patterns, self.centred, max_degree=self.scanned_degree, top=self.kept, threads=self.threads,
            progress=lambda done, total: self.hear(),
        )  # fmt: skip
        self._keep(found.subsets)
        return f"an exhaustive scan up to degree {self.scanned_degree}"

    def flip(self, frontier: list[Subset]) -> None:
        """Score every one-unit flip of some subsets and keep the best."""
        s, n = self.screen, self.patterns.n_units
        full = len(self.subsets) == self.kept
        need = abs(self.sums[-1]) - TIE * self.scale if full else -1.0
        parts = [frontier[c::_CHUNKS] for c in range(min(_CHUNKS, len(frontier)))]

        def screened(part):
            found = np.empty((len(part) * n, 2), np.int64)
            length = _screen_flips(
                s.planes, s.signs, s.weights, s.bases, s.errors, *flattened(part), self.max_degree, need, found
            )
            return [tuple(sorted({unit}.symmetric_difference(part[at]))) for at, unit in found[:length].tolist()]

        known = set(self.subsets)
        new: dict[Subset, None] = {}
        for part in in_order(screened, parts, len(parts), self.threads, lambda done, total: self.hear()):
            new.update((subset, None) for subset in part if subset not in known)
        for subset in frontier:
            sizes = np.full(self.patterns.n_units, len(subset) + 1)
            sizes[list(subset)] -= 2
            # those in range, without those that a scan has counted already
            self.scored.add_flips(subset, (sizes > self.scanned_degree) & (sizes <= self.max_degree))
        self._keep(new)

    def _keep(self, new: Iterable[Subset]) -> None:
        added = list(new)
        totals = signed_totals(self.patterns, added, self.centred, threads=self.threads, hear=self.hear)
        sums = np.concatenate([self.sums, totals[:, 0]])
        subsets = self.subsets + added
        best = largest_first(subsets, sums, self.scale)[: self.kept]
        self.subsets, self.sums = [subsets[i] for i in best], sums[best]

    def examined(self) -> int:
        """Distinct subsets scored."""
        return count_subsets(self.patterns.n_units, self.scanned_degree) + len(self.scored)


def _notes(seeds, rounds, width, left):
    text = f"Started from {seeds}; {rounds} rounds of one-unit flips. "
    if left:
        text += f"It was stopped before the flips of {left:,} of the best {width:,} subsets were scored."
    else:
        text += f"Every flip of the best {width:,} subsets was scored, and none is better than those."
    return text, "A subset whose neighbours are all small cannot have been seen."
