"""A real target made cheap to correlate with parities, with a proven bound on the rounding.

Sort the samples by the target: the 64 samples of a word then have nearly the same value, and the signed
sum of a word needs one popcount and one multiplication,
``sum_j y_j chi_S(j) ~ sum_w level_w * (samples in w - 2 * popcount(chi_S in w))``.
What is left of the target inside each word is halved by sign planes with one weight per word. After q
planes the sum is known up to ``errors[q] = sum_j |residual_j|``, for every subset S at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.packing import WORD, words_for
from ..kernels import kernel

MAX_PLANES = 14
# Finer planes than this share of a character mean's standard error would spare no recomputation
# worth their popcounts.
_FINE_ENOUGH = 0.1
_PIECE = 1 << 20  # samples
_SEEN, _INTERVALS, _IN_INTERVAL = 1 << 16, 255, 1 << 17  # of a long target: values that tell intervals, and their size
_BITS = 1 << 23  # put into order at a time: some ten milliseconds
ROUNDING = 4e-12  # slack for float64 sums and for ties, relative to sum |y|


@dataclass(frozen=True)
class Levels:
    """A target as weighted sign planes, over samples in ``order`` (None: as they are); the rest as in a screen."""

    order: NDArray[Any] | None
    signs: NDArray[np.uint64]
    weights: NDArray[np.float64]
    bases: NDArray[np.float64]
    errors: NDArray[np.float64]


@dataclass(frozen=True)
class Screen:
    """Patterns in the target's order, and the target as weighted sign planes.

    ``planes`` (n, W); ``signs`` (Q, W) bit planes and ``weights`` (Q, W), coarsest first; ``bases`` (Q,), the
    signed sum where no bit is set; ``errors`` (Q,), the bound on the sum after each plane.
    """

    planes: NDArray[np.uint64]
    signs: NDArray[np.uint64]
    weights: NDArray[np.float64]
    bases: NDArray[np.float64]
    errors: NDArray[np.float64]


def build_screen(
    patterns: Patterns,
    y: NDArray[np.float64],
    names: Sequence[int] | None = None,
    hear: Callable[[], None] = lambda: None,
) -> Screen:
    """Prepare the screen of a centred target ``y``, shape (m,), for all units or those of some ``names``.

    ``hear`` is called every few milliseconds; what it raises stops the work.
    """
    levels = quantised(y, words_for(y.size), hear=hear)
    whole = names is None or len(names) == patterns.n_units
    source = patterns.planes if whole else patterns.planes[np.asarray(names)]
    planes = source
    if levels.order is not None:
        planes = np.empty(source.shape, np.uint64)
        step = max(1, _BITS // y.size)
        for at in range(0, len(source), step):
            hear()
            reorder(source[at : at + step], levels.order, planes[at : at + step])
    return Screen(planes, levels.signs, levels.weights, levels.bases, levels.errors)


def quantised(
    y: NDArray[np.float64], n_words: int, most: int = MAX_PLANES, hear: Callable[[], None] = lambda: None
) -> Levels:
    """A centred target, shape (m,), as at most so many sign planes.

    Beside it at most one and a half times its size is held. ``hear`` is called every few milliseconds in between.
    """
    m, scale, order, signs, weights = y.size, _size(y), None, [], []
    low, high = float(y.min()), float(y.max())
    middle, half = (high + low) / 2, (high - low) / 2
    off = max(float(np.abs(np.abs(y[at] - middle) - half).max()) for at in _pieces(m))
    if off <= 1e-9 * half and abs(middle) * np.sqrt(m) < half:
        # Two nearly balanced values are one sign plane as they stand: no sorting, and a constant is left.
        signs.append(Patterns.from_signs((y > middle)[:, None]).planes[0])
        weights.append(np.full(n_words, half))
        residual = np.full(m, middle)
    else:
        order = stable_order(y, hear)
        residual = np.empty(m)
        for at in _pieces(m):
            residual[at] = y[order[at]]
        levels = _by_word(residual, n_words, np.median)
        signs.append(np.zeros(n_words, np.uint64))
        weights.append(levels)
        for at in _pieces(m):
            residual[at] -= _over_samples(levels, at)
    errors, fine = [_size(residual)], max(_FINE_ENOUGH * np.sqrt(sum_of_squares(y)), ROUNDING * scale)
    while len(signs) < most and errors[-1] > fine:
        halved = _by_word(residual, n_words, lambda rows, axis=0: np.abs(rows).max(axis=axis)) / 2
        if np.ptp(residual) <= 1e-9 * half:  # a constant is finished in one step
            halved *= 2
        signs.append(Patterns.from_signs((residual >= 0)[:, None]).planes[0])
        weights.append(halved)
        for at in _pieces(m):
            residual[at] -= np.where(residual[at] >= 0, 1.0, -1.0) * _over_samples(halved, at)
        errors.append(_size(residual))
    samples_in_word = np.clip(m - WORD * np.arange(n_words), 0, WORD)
    table = np.array(weights)
    return Levels(order, np.array(signs), table, table @ samples_in_word, np.array(errors) + ROUNDING * scale)


def stable_order(y: NDArray[np.float64], hear: Callable[[], None] = lambda: None) -> NDArray[Any]:
    """What ``np.argsort(y, kind="stable")`` gives, a long target in pieces: first by intervals, then within each."""
    kind = np.uint32 if y.size < 2**32 else np.uint64
    if y.size <= _PIECE:
        return np.argsort(y, kind="stable").astype(kind)
    few = np.sort(y[:: max(1, y.size // _SEEN)])
    cuts = np.unique(few[:: max(1, few.size // min(_INTERVALS, y.size // _IN_INTERVAL + 1))])[-_INTERVALS:]
    labels = np.empty(y.size, np.uint8)
    ends = np.zeros(cuts.size + 1, np.int64)
    for at in _pieces(y.size):
        hear()
        labels[at] = np.searchsorted(cuts, y[at], side="right")
        ends += np.bincount(labels[at], minlength=ends.size)
    ends = np.cumsum(ends)
    filled = np.concatenate([[0], ends[:-1]])
    order = np.empty(y.size, kind)
    for at in _pieces(y.size):
        hear()
        deal_out(labels[at], at.start, filled, order)
    for start, stop in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        hear()
        mine = order[start:stop]
        mine[:] = mine[np.argsort(y[mine], kind="stable")]
    return order


@kernel
def deal_out(labels, first, filled, order):
    """Write the numbers of these samples, from ``first`` on, behind those of their label; ``filled`` moves along."""
    for j in range(labels.size):
        order[filled[labels[j]]] = first + j
        filled[labels[j]] += 1


def _pieces(m):
    """Stretches of whole words: what is computed of one of them takes little memory."""
    return [slice(start, min(start + _PIECE, m)) for start in range(0, m, _PIECE)]


def sum_of_squares(values: NDArray[np.float64]) -> float:
    """Of a long target, without a copy of it."""
    return sum(float((values[at] ** 2).sum()) for at in _pieces(values.size))


def _size(values):
    return sum(float(np.abs(values[at]).sum()) for at in _pieces(values.size))


def _over_samples(by_word, at):
    """One value of each word, for each sample of a stretch."""
    words = by_word[at.start // WORD : -(-at.stop // WORD)]
    return np.repeat(words, WORD)[: at.stop - at.start]


def _by_word(values, n_words, reduce):
    """``reduce`` over the samples of each word; zero for words without samples."""
    result = np.zeros(n_words)
    for at in _pieces(values.size):
        piece, first = values[at], at.start // WORD
        whole = piece.size // WORD
        if whole:
            result[first : first + whole] = reduce(piece[: WORD * whole].reshape(whole, WORD), axis=1)
        if piece.size % WORD:
            result[first + whole] = reduce(piece[WORD * whole :])
    return result


@kernel
def transpose(block):
    """Transpose 64 words in place: bit j of word i becomes bit i of word j."""
    width, low = 32, np.uint64(0xFFFFFFFF)
    while width:
        shift = np.uint64(width)
        for start in range(0, 64, 2 * width):
            for i in range(start, start + width):  # swaps the high half of one word with the low half of another
                both = ((block[i] >> shift) ^ block[i + width]) & low
                block[i + width] ^= both
                block[i] ^= both << shift
        width //= 2
        low ^= low << np.uint64(width)


@kernel
def reorder(planes, order, out):
    """Permute the samples: bit j of each output row is bit ``order[j]`` of the input row.

    Sixty-four units at a time become the bits of one word a sample, and the words are moved.
    """
    n_units, n_words = planes.shape
    samples, block = np.empty(64 * n_words, np.uint64), np.zeros(64, np.uint64)
    for first in range(0, n_units, 64):
        size = min(64, n_units - first)
        for w in range(n_words):
            for unit in range(size):
                block[unit] = planes[first + unit, w]
            block[size:] = 0
            transpose(block)
            samples[64 * w : 64 * w + 64] = block
        for w in range(n_words):
            there = min(64, max(order.size - 64 * w, 0))
            for bit in range(there):
                block[bit] = samples[np.intp(order[64 * w + bit])]
            block[there:] = 0
            transpose(block)
            for unit in range(size):
                out[first + unit, w] = block[unit]
