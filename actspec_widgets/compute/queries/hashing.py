"""Hashing coefficients into buckets: evaluate f on shifted random subspaces and transform each shift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..memory import require_memory
from .queries import MeteredQuery, signs_of
from .subset_code import Bits, SubsetCode

MIN_SHIFTS = 12  # fewer leave too little to tell one coefficient in a bucket from two


class HashGroup:
    """One random hash of all subsets into ``2^bits`` buckets, each seen through several shifts of the subspace.

    With M of shape (b, n) and a shift d, the transform of ``f(l M + d)`` over the ``2^b`` values of l holds in
    bucket j the sum of ``f_hat(S) chi_S(d)`` over the subsets with ``M S = j``. The rows of M are combinations of
    the code's parities and the shifts are its other parities, so bucket and signs together spell the syndrome of
    a subset that has the bucket to itself (or outweighs what shares it): no query goes to a bit already known.
    Two subsets that the code tells apart meet with probability at most ``2^-b``.

    References
    ----------
    Scheibler, Haghighatshoar, Vetterli, IEEE Trans. Inf. Theory 61 (2015): hashing by subsampling, peeling.
    Li, Bradley, Pawar, Ramchandran, ISIT (2015): shifts coded against noise.
    Kang, Butler, Agarwal, Erginbas, Pedarsani, Ramchandran, Yu (2025), arXiv:2502.13870: BCH-coded shifts.
    """

    def __init__(self, code: SubsetCode, bits: int, rng: np.random.Generator) -> None:
        self.code = code
        r, n = code.rows.shape
        self.bits = b = min(bits, r)
        require_memory(
            4 * 8 * group_queries(code, bits) + (13 * n << b),
            f"a hash of the subsets of {n:,} units into {1 << b:,} buckets", "ask for fewer coefficients",
        )  # fmt: skip
        order = rng.permutation(r)
        self.pivots, self.rest = order[:b], order[b:]
        self.mix = rng.integers(0, 2, (b, r - b), dtype=np.uint8)
        self.subspace = code.rows[self.pivots] ^ parities(self.mix, code.rows[self.rest])
        half = (r - b) // 2
        self.blend = (
            rng.integers(0, 2, (half, r - b - half), dtype=np.uint8),
            rng.integers(0, 2, (r - b - half, half), dtype=np.uint8),
        )
        spare = rng.integers(0, 2, (max(0, MIN_SHIFTS - 1 - (r - b)), n), dtype=np.uint8)
        origin = np.zeros((1, n), dtype=np.uint8)
        # A random offset makes every single point uniform, so what is not found cannot bias what is.
        offset = rng.integers(0, 2, n, dtype=np.uint8)
        self.shifts = np.concatenate([origin, self._blended(code.rows[self.rest]), spare]) ^ offset
        self.values = np.empty((len(self.shifts), self.buckets))

    @property
    def buckets(self) -> int:
        return 1 << self.bits

    @property
    def queries(self) -> int:
        return self.values.size

    def ask(self, query: MeteredQuery) -> None:
        """Evaluate every point and transform each shift; ``values[p, j]`` is then bucket j under shift p."""
        counter = (np.arange(self.buckets)[:, None] >> np.arange(self.bits)) & 1
        base = parities(counter, self.subspace)

        def points(start: int, stop: int) -> NDArray[np.int8]:
            shift, place = np.divmod(np.arange(start, stop), self.buckets)
            return signs_of(base[place] ^ self.shifts[shift])

        answers = query.evaluate_many(self.queries, points)
        self.values = transform_rows(answers.reshape(self.values.shape)) / self.buckets

    def locate(self, subsets: Bits) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Bucket of each subset, shape (k,), and its sign under each shift, shape (k, shifts)."""
        bucket = parities(subsets, self.subspace.T).astype(np.int64) @ (1 << np.arange(self.bits))
        return bucket, 1.0 - 2.0 * parities(subsets, self.shifts.T).astype(np.float64)

    def read(self, residual: NDArray[np.float64], buckets: NDArray[np.intp]) -> Bits:
        """The subsets read off these buckets, where one holds a single subset, shape (up to k, n)."""
        negative = residual[:, buckets].T < 0
        known = 1 + len(self.rest)
        shifted = self._unblended((negative[:, 1:known] ^ negative[:, :1]).astype(np.uint8))
        index = (buckets[:, None] >> np.arange(self.bits)).astype(np.uint8) & 1
        syndromes = np.empty((len(buckets), len(self.pivots) + len(self.rest)), dtype=np.uint8)
        syndromes[:, self.rest] = shifted
        syndromes[:, self.pivots] = index ^ parities(shifted, self.mix.T)
        named, subsets = self.code.decode(syndromes)
        return subsets[named]

    def _blended(self, rows: Bits) -> Bits:
        """Every row plus a random part of the others: subsets that differ in one parity then differ in many shifts."""
        above, below = self.blend
        half = len(above)
        upper = rows[:half] ^ parities(above, rows[half:])
        return np.concatenate([upper, rows[half:] ^ parities(below, upper)])

    def _unblended(self, columns: Bits) -> Bits:
        above, below = self.blend
        half = len(above)
        lower = columns[:, half:] ^ parities(columns[:, :half], below.T)
        return np.concatenate([columns[:, :half] ^ parities(lower, above.T), lower], axis=1)


def group_queries(code: SubsetCode, bits: int) -> int:
    """Queries that one :class:`HashGroup` asks."""
    r = code.rows.shape[0]
    b = min(bits, r)
    return max(MIN_SHIFTS, 1 + r - b) << b


def parities(a: NDArray, b: NDArray) -> Bits:
    """The matrix product over GF(2) of 0/1 matrices; float32 counts are exact up to 2^24 units."""
    return ((a.astype(np.float32) @ b.astype(np.float32)).astype(np.int32) & 1).astype(np.uint8)


def transform_rows(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unnormalised Walsh-Hadamard transform of every row: short and many, where one long one is ``walsh_hadamard``."""
    count, size = rows.shape
    half = 1
    while half < size:
        pair = rows.reshape(count, -1, 2, half)
        rows = np.stack([pair[:, :, 0] + pair[:, :, 1], pair[:, :, 0] - pair[:, :, 1]], axis=2)
        half *= 2
    return rows.reshape(count, size)
