"""The inner loop of the beam search: every one-unit flip of some subsets."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..exhaustive.scan_kernel import screen_rows, weighted_count
from ..parity import parity_words


@njit(cache=True, nogil=True)
def screen_flips(planes, signs, weights, bases, errors, flat_units, starts, max_degree, need, found):
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
