"""A real target made cheap to correlate with parities, with a proven bound on the rounding.

Sort the samples by the target: the 64 samples of a word then have nearly the same value, and the signed
sum of a word needs one popcount and one multiplication,
``sum_j y_j chi_S(j) ~ sum_w level_w * (samples in w - 2 * popcount(chi_S in w))``.
What is left of the target inside each word is halved by sign planes with one weight per word. After q
planes the sum is known up to ``errors[q] = sum_j |residual_j|``, for every subset S at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ..kernels import kernel

MAX_PLANES = 14
# Finer planes than this share of a character mean's standard error would spare no recomputation
# worth their popcounts.
_FINE_ENOUGH = 0.1
_ROUNDING = 4e-12  # slack for float64 sums and for ties, relative to sum |y|


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


def build_screen(patterns: Patterns, y: NDArray[np.float64]) -> Screen:
    """Prepare the screen of a centred target ``y``, shape (m,)."""
    m, n_words = patterns.n_samples, patterns.planes.shape[1]
    planes, residual, signs, weights = patterns.planes, y.copy(), [], []
    middle, half = (y.max() + y.min()) / 2, (y.max() - y.min()) / 2
    if np.abs(np.abs(y - middle) - half).max() <= 1e-9 * half and abs(middle) * np.sqrt(m) < half:
        # Two nearly balanced values are one sign plane as they stand: no sorting, and a constant is left.
        signs.append(Patterns.from_signs((y > middle)[:, None]).planes[0])
        weights.append(np.full(n_words, half))
        residual = np.full(m, middle)
    else:
        order = np.argsort(y, kind="stable")
        planes = np.empty_like(patterns.planes)
        reorder(patterns.planes, order, planes)
        residual = residual[order]
        levels = _by_word(residual, n_words, np.median)
        signs.append(np.zeros(n_words, np.uint64))
        weights.append(levels)
        residual -= np.repeat(levels, 64)[:m]
    scale = np.abs(y).sum()
    errors = [np.abs(residual).sum()]
    while len(signs) < MAX_PLANES and errors[-1] > max(_FINE_ENOUGH * np.sqrt(m) * y.std(), _ROUNDING * scale):
        positive = residual >= 0
        halved = _by_word(np.abs(residual), n_words, np.max) / 2
        if np.ptp(residual) <= 1e-9 * half:  # a constant is finished in one step
            halved *= 2
        signs.append(Patterns.from_signs(positive[:, None]).planes[0])
        weights.append(halved)
        residual -= np.where(positive, 1.0, -1.0) * np.repeat(halved, 64)[:m]
        errors.append(np.abs(residual).sum())
    samples_in_word = np.clip(m - 64 * np.arange(n_words), 0, 64)
    table = np.array(weights)
    return Screen(planes, np.array(signs), table, table @ samples_in_word, np.array(errors) + _ROUNDING * scale)


def _by_word(values, n_words, reduce):
    """``reduce`` over the samples of each word; zero for words without samples."""
    result = np.zeros(n_words)
    whole = values.size // 64
    if whole:
        result[:whole] = reduce(values[: 64 * whole].reshape(whole, 64), axis=1)
    if values.size % 64:
        result[whole] = reduce(values[64 * whole :])
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
                block[bit] = samples[order[64 * w + bit]]
            block[there:] = 0
            transpose(block)
            for unit in range(size):
                out[first + unit, w] = block[unit]
