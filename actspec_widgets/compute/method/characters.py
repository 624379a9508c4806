"""Characters on recorded samples: what selection and estimation need to know of them, for signs and for products.

A *row* is one character over the samples, in whatever form is quickest: packed bits for signs, floats for products of
standardised units. Sums over the samples run in a fixed order, so nothing depends on the number of threads, of ours
or of a linear algebra library; those of signs with each other are popcounts and so exact integers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...patterns.packing import unpack
from ...results.encoding import Encoding
from ..kernels import kernel
from ..parity import disagreements, flattened, padded_columns, parity_words, signed_sums
from ..products.table import ProductTable, effective_samples, varies
from .cells import smallest_cells

_POOL = 1000  # candidates taken from each round of search
_POOL_NUMBERS = 2**25  # floats that the candidates of products may hold at once
_SMALLEST_POOL = 100


@kernel
def parity_table(planes, flat_units, starts):
    """Parity words of many subsets, shape (subsets, words)."""
    table = np.empty((starts.size - 1, planes.shape[1]), np.uint64)
    for s in range(starts.size - 1):
        parity_words(planes, flat_units[starts[s] : starts[s + 1]], table[s])
    return table


@kernel
def signed_rows(table, columns, out):
    """Signed sums of the columns for each row of parity words."""
    for s in range(table.shape[0]):
        signed_sums(table[s], columns, out[s])


def character_words(patterns: Patterns, subsets: Sequence[Subset]) -> NDArray[np.uint64]:
    """Each subset's character over the samples as bits, shape (subsets, words)."""
    return parity_table(patterns.planes, *flattened(subsets))


def agreements(table: NDArray, words: NDArray, n_samples: int) -> NDArray[np.int64]:
    """Sum over the samples of the product of two characters, for each row of ``table`` against ``words``."""
    return n_samples - 2 * disagreements(table, words)


def character(patterns: Patterns, subset: Subset) -> NDArray[np.int8]:
    """chi_S over the samples as int8 -1/+1, shape (m,)."""
    words = character_words(patterns, (subset,))
    return Patterns(words, patterns.n_samples).signs()[:, 0]


class Characters(ABC):
    """The characters of subsets of ``n_units`` units on ``n_samples`` samples."""

    n_samples: int
    n_units: int
    pool_size: int
    encoding: Encoding

    @abstractmethod
    def rows(self, subsets: Sequence[Subset]) -> NDArray:
        """One row for each subset."""

    @abstractmethod
    def column(self, subset: Subset) -> NDArray:
        """chi_S in every sample, shape (m,)."""

    @abstractmethod
    def columns(self, subsets: Sequence[Subset]) -> NDArray[np.float64]:
        """chi_S in every sample for several subsets, shape (subsets, m)."""

    @abstractmethod
    def smallest_cell(self, subset: Subset) -> int | None:
        """Samples in the rarest on/off combination of the subset's units; None where units are not on or off."""

    @abstractmethod
    def inner(self, rows: NDArray, row: NDArray) -> NDArray:
        """Sum over the samples of the product of two characters, for each of ``rows`` against ``row``."""

    @abstractmethod
    def norms(self, rows: NDArray) -> NDArray:
        """Sum over the samples of chi_S squared, for each row."""

    @abstractmethod
    def sums(self, rows: NDArray, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the samples of ``column * chi_S``, for each row."""

    @abstractmethod
    def balanced(self, rows: NDArray, totals: NDArray, min_side: int) -> NDArray[np.bool_]:
        """Whether each row rests on at least ``min_side`` samples; ``totals`` are the sums of the rows."""

    @abstractmethod
    def score(self, sums: NDArray, variance: NDArray) -> NDArray[np.float64]:
        """Number by which a search ranks, from sums with the residual and centred sums of squares."""

    @abstractmethod
    def searchable(self, units: Sequence[int], min_side: int) -> Any:
        """What a search of this kind of character works on, for these units."""


class Signs(Characters):
    """Products of signs. The evidence of one is the number of samples on its rarer side."""

    pool_size = _POOL

    def __init__(self, patterns: Patterns):
        self.patterns, self.n_samples, self.n_units = patterns, patterns.n_samples, patterns.n_units
        self.encoding = Encoding()

    def rows(self, subsets):
        return character_words(self.patterns, subsets)

    def column(self, subset):
        return character(self.patterns, subset)

    def columns(self, subsets):
        return 1.0 - 2.0 * unpack(self.rows(subsets), self.n_samples)

    def smallest_cell(self, subset):
        return int(smallest_cells(self.patterns, [subset])[0])

    def inner(self, rows, row):
        return agreements(rows, row, self.n_samples)

    def norms(self, rows):
        return np.full(len(rows), self.n_samples)

    def sums(self, rows, column):
        out = np.zeros((len(rows), 1))
        signed_rows(rows, padded_columns(rows, column), out)
        return out[:, 0]

    def balanced(self, rows, totals, min_side):
        return self.n_samples - np.abs(totals) >= 2 * min_side

    def score(self, sums, variance):
        return sums / self.n_samples

    def searchable(self, units, min_side):
        return self.patterns.select(units)


class Products(Characters):
    """Products of standardised units.

    The evidence of one is ``(sum d^2)^2 / sum d^4``, with d its deviations from its mean: Satterthwaite's degrees of
    freedom of a robust variance. For a product of signs it is close to the number of samples on the rarer side where
    that is small. A search ranks by the covariance with the character divided by its standard deviation, since one
    that a few samples dominate would come first otherwise.
    """

    def __init__(self, recorded: Patterns | NDArray, encoding: Encoding):
        self.recorded, self.encoding = recorded, encoding
        self.n_samples = len(recorded)
        self.n_units = recorded.n_units if isinstance(recorded, Patterns) else recorded.shape[1]
        self.pool_size = max(_SMALLEST_POOL, min(_POOL, _POOL_NUMBERS // self.n_samples))

    def rows(self, subsets):
        units = sorted({unit for subset in subsets for unit in subset})
        place = {unit: at for at, unit in enumerate(units)}
        values = self.encoding.values(self.recorded, units) if units else None
        rows = np.ones((len(subsets), self.n_samples))
        for row, subset in zip(rows, subsets, strict=True):
            for unit in subset:
                row *= values[place[unit]]
        return rows

    def column(self, subset):
        return self.rows((subset,))[0]

    def columns(self, subsets):
        return self.rows(subsets)

    def smallest_cell(self, subset):
        return int(smallest_cells(self.recorded, [subset])[0]) if isinstance(self.recorded, Patterns) else None

    def inner(self, rows, row):
        # einsum as it stands calls no linear algebra library, whose sums depend on its threads
        return np.einsum("km,m->k", rows, row)

    def norms(self, rows):
        return np.einsum("km,km->k", rows, rows)

    def sums(self, rows, column):
        return np.einsum("km,m->k", rows, column)

    def balanced(self, rows, totals, min_side):
        return varies(rows) & (effective_samples(rows) >= min_side)

    def score(self, sums, variance):
        size = np.sqrt(self.n_samples * variance)
        return np.divide(sums, size, out=np.zeros_like(sums), where=size > 0)

    def searchable(self, units, min_side):
        return ProductTable(self.encoding.values(self.recorded, units), min_side)


def relation(inner: NDArray, norms: NDArray, norm: Any, totals: NDArray, total: Any, m: int) -> tuple[NDArray, NDArray]:
    """Cosine and correlation of characters with one of them, from sums over ``m`` samples.

    ``norms`` and ``norm`` are sums of their squares, ``totals`` and ``total`` sums of themselves.
    """
    size = np.sqrt(norms / m * (norm / m))
    means, mean = totals / m, total / m
    spread = np.sqrt(np.maximum((norms / m - means**2) * (norm / m - mean**2), 1e-300))
    cosine = np.divide(inner / m, size, out=np.zeros(len(inner)), where=size > 0)
    return cosine, (inner / m - means * mean) / spread


def characters_of(recorded: Patterns | NDArray, encoding: Encoding) -> Characters:
    """The characters of an encoding on data that :meth:`Encoding.read` has prepared."""
    if encoding.kind == "signs" and isinstance(recorded, Patterns):
        return Signs(recorded)
    return Products(recorded, encoding)
