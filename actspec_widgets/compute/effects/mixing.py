"""Kernels that put activations of several recorded samples together."""

from __future__ import annotations

import numpy as np
from numba import config

from ..kernels import kernel

COMPILED = not config.DISABLE_JIT  # type: ignore[attr-defined]


@kernel
def parts_that_differ(differs, labels, parts):
    """Which parts hold a unit that differs, bool (draws, parts), from units (draws, units); label -1 is no part."""
    out = np.zeros((differs.shape[0], parts), np.bool_)
    for i in range(differs.shape[0]):
        for j in range(differs.shape[1]):
            if differs[i, j] and labels[i, j] >= 0:
                out[i, labels[i, j]] = True
    return out


@kernel
def put(rows, table, row_of, labels, units):
    """Put what ``table`` (draws, n) has into the row of each unit's part: ``row_of`` (draws, parts), -1 for none."""
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            label = labels[i, j]
            if label >= 0 and row_of[i, label] >= 0:
                rows[row_of[i, label], units[j]] = table[i, units[j]]


@kernel
def exchange(new, own, real, donors, starts, values):
    """Fill ``new`` with ``own`` (samples, places, units), units of real places taken from donors (samples, units).

    The j-th real place of a sample gets row ``starts[donor] + j`` of ``values``; a donor below 0 keeps what is there.
    Rows that follow each other often differ in few units: what they share is copied in one piece.
    """
    k, places, n = own.shape
    differs = np.empty(n, np.int64)
    ranks = np.full(places, -1)  # of the places of the row before; -1 is padding
    for i in range(k):
        count = 0
        for u in range(n):
            if i == 0 or donors[i, u] < 0 or donors[i, u] != donors[i - 1, u]:
                differs[count] = u
                count += 1
        rank = 0
        for p in range(places):
            if not real[i, p]:
                new[i, p, :] = own[i, p, :]
                ranks[p] = -1
                continue
            if ranks[p] == rank and 2 * count < n:
                new[i, p, :] = new[i - 1, p, :]
                for c in range(count):
                    u = differs[c]
                    donor = donors[i, u]
                    new[i, p, u] = own[i, p, u] if donor < 0 else values[starts[donor] + rank, u]
            else:
                for u in range(n):
                    donor = donors[i, u]
                    new[i, p, u] = own[i, p, u] if donor < 0 else values[starts[donor] + rank, u]
            ranks[p] = rank
            rank += 1
