"""Parities on bit planes: XOR the units' rows, count bits, or sum a float target with the signs they give."""

from __future__ import annotations

import numpy as np
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

from .kernels import kernel

if config.DISABLE_JIT:  # type: ignore[attr-defined]

    def popcount(word):
        """Number of set bits of a 64-bit word."""
        return int(word).bit_count()

    def disagreements(table, words):
        """In how many samples each row of ``table`` differs from ``words``, both bits, shape (rows,)."""
        return np.bitwise_count(table ^ words).sum(axis=1, dtype=np.int64)

else:
    from llvmlite import ir

    @intrinsic
    def popcount(_, word):
        """Number of set bits of a 64-bit word; loops over it become vector popcounts where the CPU has them."""

        def generate(context, builder, signature, arguments):
            i64 = ir.IntType(64)
            function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(i64, [i64]), "llvm.ctpop.i64")
            return builder.call(function, arguments)

        return types.int64(types.uint64), generate

    @kernel
    def disagreements(table, words):
        """In how many samples each row of ``table`` differs from ``words``, both bits, shape (rows,)."""
        out = np.empty(table.shape[0], np.int64)
        for row in range(table.shape[0]):
            count = 0
            for w in range(words.size):
                count += popcount(table[row, w] ^ words[w])
            out[row] = count
        return out


@kernel
def parity_words(planes, units, out):
    """Bit planes of the units' product: bit set where chi_S = -1."""
    out[:] = 0
    for unit in units:
        for j in range(out.size):
            out[j] ^= planes[unit, j]


BLOCK = 1024  # words: sums of so many are added up one after another, so that a long recording can be read in pieces


@kernel
def signed_sums(words, columns, out):
    """``out[c] += sum over samples j of columns[c, j] * chi(j)`` with chi given as bits.

    ``columns`` has shape (c, 64 * words.size), zero past the last sample. In each block sixty-four running sums,
    one for each bit of a word, are added in a fixed order: the same bits on every machine and thread, and however many
    blocks come at a time.
    """
    lanes = np.empty(64)
    for c in range(columns.shape[0]):
        for start in range(0, words.size, BLOCK):
            lanes[:] = 0.0
            for j in range(start, min(start + BLOCK, words.size)):
                word = np.int64(words[j])
                values = columns[c, 64 * j : 64 * j + 64]  # indices that are sums would be gathered one by one
                for bit in range(64):
                    lanes[bit] += values[bit] * (1.0 - 2.0 * np.float64((word >> bit) & 1))
            total = 0.0
            for bit in range(64):
                total += lanes[bit]
            out[c] += total


@kernel
def signed_sums_of(planes, flat_units, starts, columns, out):
    """:func:`signed_sums` for many subsets; subset s is ``flat_units[starts[s]:starts[s + 1]]``."""
    words = np.empty(planes.shape[1], np.uint64)
    for s in range(starts.size - 1):
        parity_words(planes, flat_units[starts[s] : starts[s + 1]], words)
        signed_sums(words, columns, out[s])


def padded_columns(planes, *columns):
    """Targets as rows of a table that is zero past the last sample, one entry for each bit of a plane."""
    table = np.zeros((len(columns), 64 * planes.shape[-1]))
    for row, column in zip(table, columns, strict=True):
        row[: column.size] = column
    return table


def flattened(subsets):
    """Subsets as one flat array of units and the positions where each starts."""
    starts = np.zeros(len(subsets) + 1, np.int64)
    starts[1:] = np.cumsum([len(s) for s in subsets])
    flat = np.fromiter((unit for s in subsets for unit in s), np.int64, int(starts[-1]))
    return flat, starts
