"""The inner loops of the exhaustive scan: a run of prefixes, each with every larger last unit."""

from __future__ import annotations

import numpy as np

from ..kernels import kernel
from ..parity import parity_words, popcount


@kernel
def binomial(n, k):
    """n over k; exact for the sizes that a scan can reach."""
    if k < 0 or k > n:
        return 0
    result = 1
    for i in range(k):
        result = result * (n - i) // (i + 1)
    return result


@kernel
def unrank(rank, n, prefix):
    """Fill ``prefix`` with the rank-th combination of 0 .. n - 1, in lexicographic order."""
    unit = 0
    for place in range(prefix.size):
        while True:
            below = binomial(n - unit - 1, prefix.size - place - 1)
            if rank < below:
                break
            rank -= below
            unit += 1
        prefix[place] = unit
        unit += 1


@kernel
def advance(prefix, n):
    """The next combination in lexicographic order; False behind the last one."""
    size = prefix.size
    for place in range(size - 1, -1, -1):
        if prefix[place] < n - size + place:
            prefix[place] += 1
            for later in range(place + 1, size):
                prefix[later] = prefix[later - 1] + 1
            return True
    return False


# Only sums of popcounts times weights are reordered; the bound's slack covers their rounding.
@kernel(fastmath={"reassoc", "contract"})
def screen_rows(words, planes, first, weights, scores):
    """``scores[k] = sum_w weights[w] * popcount(words[w] ^ planes[k, w])`` for units k >= first."""
    n, n_words = planes.shape
    k = first
    while k + 4 <= n:  # four rows share each loaded word and weight
        s0 = s1 = s2 = s3 = 0.0
        for w in range(n_words):
            word, weight = words[w], weights[w]
            s0 += weight * popcount(word ^ planes[k, w])
            s1 += weight * popcount(word ^ planes[k + 1, w])
            s2 += weight * popcount(word ^ planes[k + 2, w])
            s3 += weight * popcount(word ^ planes[k + 3, w])
        scores[k], scores[k + 1], scores[k + 2], scores[k + 3] = s0, s1, s2, s3
        k += 4
    while k < n:
        total = 0.0
        for w in range(n_words):
            total += weights[w] * popcount(words[w] ^ planes[k, w])
        scores[k] = total
        k += 1


@kernel(fastmath={"reassoc", "contract"})
def weighted_count(words, signs, row, weights):
    """One score with one more sign plane."""
    total = 0.0
    for w in range(words.size):
        total += weights[w] * popcount(words[w] ^ signs[w] ^ row[w])
    return total


@kernel
def replace_smallest(heap, value):
    """Replace the root of a min-heap and restore its order."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= heap.size:
            break
        if child + 1 < heap.size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value


@kernel
def scan_prefixes(planes, signs, weights, bases, errors, degree, rank, count, floor, heap, found, bounds):
    """Screen every subset made of one of ``count`` prefixes and one larger unit.

    ``heap`` holds the largest proven lower bounds met so far: its root, or ``floor``, is what a subset must
    be able to reach. Those that can are appended to ``found`` and their upper bounds to ``bounds``.
    Returns the prefixes done (fewer than ``count`` when the list has no room for another) and its length.
    """
    n, n_words = planes.shape
    n_found = 0
    prefix = np.empty(degree - 1, np.int64)
    unrank(rank, n, prefix)
    words = np.empty(n_words, np.uint64)
    screened = np.empty(n_words, np.uint64)
    scores = np.empty(n)
    need = max(floor, heap[0])
    for done in range(count):
        first = prefix[degree - 2] + 1 if degree > 1 else 0
        if bounds.size - n_found < n - first:
            return done, n_found
        parity_words(planes, prefix, words)
        for w in range(n_words):
            screened[w] = words[w] ^ signs[0, w]
        screen_rows(screened, planes, first, weights[0], scores)
        for k in range(first, n):
            score = bases[0] - 2.0 * scores[k]
            plane = 0
            while abs(score) + errors[plane] >= need and plane + 1 < errors.size:
                plane += 1
                score += bases[plane] - 2.0 * weighted_count(words, signs[plane], planes[k], weights[plane])
            upper = abs(score) + errors[plane]
            if upper >= need:
                found[n_found, : degree - 1] = prefix
                found[n_found, degree - 1] = k
                bounds[n_found] = upper
                n_found += 1
                if abs(score) - errors[plane] > heap[0]:
                    replace_smallest(heap, abs(score) - errors[plane])
                    need = max(floor, heap[0])
        advance(prefix, n)
    return count, n_found
