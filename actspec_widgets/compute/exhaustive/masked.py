"""The exhaustive scan over units of three states: on, off, or not in play, where a product is 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, count_subsets
from ...progress import Heard, Progress
from ..kernels import kernel
from ..parity import flattened, padded_columns, parity_words, popcount
from ..threads import Workers, thread_count
from .scan import chunks_of
from .scan_kernel import advance, replace_smallest, unrank
from .screen import ROUNDING, build_screen
from .search import ScreenedSearch, as_tuples, in_list_order, pieces

_SAMPLES = 1e7  # summed at a time: some ten milliseconds


def scan_masked(
    states: Patterns,
    in_play: Patterns,
    y: NDArray[np.float64],
    *,
    degree: int,
    top: int,
    threads: Workers = None,
    progress: Progress | None = None,
) -> tuple[tuple[Subset, ...], NDArray[np.float64]]:
    """The ``top`` largest ``abs(sum_j y_j m_S(j) chi_S(j))`` over the subsets S of ``degree`` units, exact.

    Parameters
    ----------
    states, in_play : Patterns
        k draws of n units; ``m_S`` is 1 where every unit of S is active in ``in_play``, else 0, and ``chi_S`` is the
        product of the states.
    y : ndarray, shape (k,)
    degree, top : int
    threads : int, optional
        The answer is the same, bit for bit, for any number.
    progress : callable, optional

    Returns
    -------
    tuple
        Subsets, largest first (ties by smaller indices), and their sums.

    Notes
    -----
    As in :func:`actspec_widgets.scan`, with one mask more in the popcounts: a word gives
    ``level * (samples in play - 2 * those of them where the product is -1)``, and what the levels leave of the target
    bounds the error of every subset.
    """
    both = Patterns(np.concatenate([states.planes, ~in_play.planes & _valid(in_play)]), states.n_samples)
    search = _MaskedSearch(both, y, min(top, count_subsets(states.n_units, degree, least=degree)), degree)
    chunks = [c for c in chunks_of(states.n_units, both.planes.shape[1], degree) if c[0] == degree]
    told = Heard(progress)
    found, sums = search.largest(search.over(chunks, thread_count(threads), told, told.again), thread_count(threads))
    return tuple(as_tuples(found)), sums


def _valid(patterns):
    """Bits of the samples that are there."""
    everywhere = np.zeros((1, patterns.n_samples), bool)
    return Patterns.from_signs(everywhere.T).planes[0]


class _MaskedSearch(ScreenedSearch):
    """A screened search whose patterns are those of the states and, below them, those in play (bit set: in play)."""

    def __init__(self, both: Patterns, y: NDArray[np.float64], top: int, degree: int):
        self.n = both.n_units // 2
        super().__init__(both, y, top, degree, range(self.n))
        self.screen = build_screen(both, y)

    def screen_prefixes(self, degree, rank, count, heap, found, bounds):
        s = self.screen
        return scan_masked_prefixes(
            s.planes[: self.n], s.planes[self.n :], s.signs, s.weights, s.errors, degree, rank, count, self.floor, heap,
            found, bounds, ROUNDING * np.abs(self.centred).sum(),
        )  # fmt: skip

    def largest(self, found: NDArray, threads: Any, bounds: NDArray | None = None) -> tuple[NDArray, NDArray]:
        values = np.empty(len(found))
        planes = self.patterns.planes
        column = padded_columns(planes, self.centred)[0]
        for rows in pieces(np.full(len(found), column.size), _SAMPLES):
            self.hear()
            flat, starts = flattened(as_tuples(found[rows]))
            masked_sums_of(planes[: self.n], planes[self.n :], flat, starts, column, values[rows])
        return in_list_order(found, values, np.abs(self.centred).sum(), self.top)


# Only sums of popcounts times weights are reordered; the bound's slack covers their rounding.
@kernel(fastmath={"reassoc", "contract"})
def masked_rows(masks, words, planes, in_play, first, weights, scores):
    """``scores[k] = sum_w weights[w] * (in play - 2 * those with an odd sign)`` with unit k, for units k >= first."""
    n, n_words = planes.shape
    k = first
    while k + 4 <= n:  # four rows share each loaded word, mask and weight
        s0 = s1 = s2 = s3 = 0.0
        for w in range(n_words):
            mask, word, weight = masks[w], words[w], weights[w]
            m0, m1 = mask & in_play[k, w], mask & in_play[k + 1, w]
            m2, m3 = mask & in_play[k + 2, w], mask & in_play[k + 3, w]
            s0 += weight * (popcount(m0) - 2 * popcount(m0 & (word ^ planes[k, w])))
            s1 += weight * (popcount(m1) - 2 * popcount(m1 & (word ^ planes[k + 1, w])))
            s2 += weight * (popcount(m2) - 2 * popcount(m2 & (word ^ planes[k + 2, w])))
            s3 += weight * (popcount(m3) - 2 * popcount(m3 & (word ^ planes[k + 3, w])))
        scores[k], scores[k + 1], scores[k + 2], scores[k + 3] = s0, s1, s2, s3
        k += 4
    while k < n:
        total = 0.0
        for w in range(n_words):
            mask = masks[w] & in_play[k, w]
            total += weights[w] * (popcount(mask) - 2 * popcount(mask & (words[w] ^ planes[k, w])))
        scores[k] = total
        k += 1


@kernel(fastmath={"reassoc", "contract"})
def masked_score(masks, words, signs, plane, in_play, weights):
    """One score with one more sign plane."""
    total = 0.0
    for w in range(words.size):
        mask = masks[w] & in_play[w]
        total += weights[w] * (popcount(mask) - 2 * popcount(mask & (words[w] ^ signs[w] ^ plane[w])))
    return total


@kernel
def masked_sums_of(planes, in_play, flat_units, starts, column, out):
    """Exact sums of a column with masked products, one for each subset, added in a fixed order."""
    words, masks = np.empty(planes.shape[1], np.uint64), np.empty(planes.shape[1], np.uint64)
    for s in range(starts.size - 1):
        units = flat_units[starts[s] : starts[s + 1]]
        parity_words(planes, units, words)
        masks[:] = in_play[units[0]]
        for unit in units[1:]:
            for w in range(masks.size):
                masks[w] &= in_play[unit, w]
        lanes = np.zeros(64)
        for w in range(words.size):
            word, mask, base = np.int64(words[w]), np.int64(masks[w]), 64 * w
            for bit in range(64):
                sign = np.float64((mask >> bit) & 1) * (1.0 - 2.0 * np.float64((word >> bit) & 1))
                lanes[bit] += column[base + bit] * sign
        total = 0.0
        for bit in range(64):
            total += lanes[bit]
        out[s] = total


@kernel
def scan_masked_prefixes(
    planes, in_play, signs, weights, errors, degree, rank, count, floor, heap, found, bounds, slack
):
    """As :func:`scan_prefixes`, for products that are 0 where a unit is not in play; ``slack`` is for rounding."""
    n, n_words = planes.shape
    n_found = 0
    prefix = np.empty(degree - 1, np.int64)
    unrank(rank, n, prefix)
    words, masks = np.empty(n_words, np.uint64), np.empty(n_words, np.uint64)
    screened = np.empty(n_words, np.uint64)
    scores = np.empty(n)
    missed = errors.copy()  # by the prefix at hand, after each plane
    need = max(floor, heap[0])
    for done in range(count):
        first = prefix[degree - 2] + 1 if degree > 1 else 0
        if bounds.size - n_found < n - first:
            return done, n_found
        parity_words(planes, prefix, words)
        for w in range(n_words):
            masks[w] = ~np.uint64(0)
        for unit in prefix:
            for w in range(n_words):
                masks[w] &= in_play[unit, w]
        if errors.size > 1:
            # What the first plane leaves of a sample is at most twice the second plane's weight in its word.
            left = 0.0
            for w in range(n_words):
                left += weights[1, w] * popcount(masks[w])
            missed[0] = min(errors[0], 2.0 * left + slack)
        for w in range(n_words):
            screened[w] = words[w] ^ signs[0, w]
        masked_rows(masks, screened, planes, in_play, first, weights[0], scores)
        for k in range(first, n):
            plane, score = 0, scores[k]
            while abs(score) + missed[plane] >= need and plane + 1 < errors.size:
                plane += 1
                score += masked_score(masks, words, signs[plane], planes[k], in_play[k], weights[plane])
            upper = abs(score) + missed[plane]
            if upper >= need:
                found[n_found, : degree - 1] = prefix
                found[n_found, degree - 1] = k
                bounds[n_found] = upper
                n_found += 1
                if abs(score) - missed[plane] > heap[0]:
                    replace_smallest(heap, abs(score) - missed[plane])
                    need = max(floor, heap[0])
        advance(prefix, n)
    return count, n_found
