"""Linear codes over GF(2) that name a subset by few parities: s = H S, with one column of H for each unit."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

# Primitive polynomials of degree m over GF(2), as bit masks (Lin & Costello, Error Control Coding, table 2.7).
_PRIMITIVE = {
    2: 7,
    3: 11,
    4: 19,
    5: 37,
    6: 67,
    7: 137,
    8: 285,
    9: 529,
    10: 1033,
    11: 2053,
    12: 4179,
    13: 8219,
    14: 17475,
}


class SubsetCode(Protocol):
    """``rows`` is H, shape (r, n); no two subsets that the code covers have the same syndrome."""

    rows: Bits

    def decode(self, syndromes: Bits) -> tuple[NDArray[np.bool_], Bits]:
        """Syndromes (k, r) -> which of them name a subset, shape (k,), and those subsets' bits, (k, n)."""


class PlainCode:
    """H is the identity: the syndrome is the subset itself, any degree."""

    def __init__(self, n_units: int, max_degree: int | None = None) -> None:
        self.rows: Bits = np.eye(n_units, dtype=np.uint8)
        self.max_degree = max_degree

    def decode(self, syndromes: Bits) -> tuple[NDArray[np.bool_], Bits]:
        named = np.ones(len(syndromes), dtype=bool)
        if self.max_degree is not None:
            named = syndromes.sum(axis=1) <= self.max_degree
        return named, syndromes


class LowDegreeCode:
    """The parity checks of a BCH code: ``t * log2(n)`` parities determine every subset of at most t units.

    Unit i stands for the element a^i of GF(2^m); the syndrome of S holds the power sums
    ``sum_{i in S} a^(i j)`` for odd j < 2t, from which Berlekamp's and Massey's recursion finds the
    polynomial whose roots are the units of S.

    References
    ----------
    Berlekamp, *Algebraic Coding Theory* (1968), chapter 7; Massey, IEEE Trans. Inf. Theory 15 (1969).
    Amrollahi, Zandieh, Kapralov, Krause, NeurIPS (2019): low-degree set functions from few queries.

    Examples
    --------
    >>> code = LowDegreeCode(30, 2)
    >>> subset = np.zeros((1, 30), dtype=np.uint8)
    >>> subset[0, [4, 17]] = 1
    >>> named, bits = code.decode(subset @ code.rows.T % 2)
    >>> code.rows.shape, named.tolist(), np.flatnonzero(bits[0]).tolist()
    ((10, 30), [True], [4, 17])
    """

    def __init__(self, n_units: int, max_degree: int) -> None:
        self.n_units, self.max_degree = n_units, max_degree
        self.m = m = field_bits(n_units)
        self.order = order = (1 << m) - 1
        powers = np.empty(order, dtype=np.int64)
        value = 1
        for i in range(order):
            powers[i] = value
            value <<= 1
            if value > order:
                value ^= _PRIMITIVE[m]
        # log 0 points past every sum of two true logarithms, where exp is zero: products need no branch.
        self.exp = np.zeros(4 * order + 1, dtype=np.int64)
        self.exp[: 2 * order] = np.tile(powers, 2)
        self.log = np.full(order + 1, 2 * order, dtype=np.int64)
        self.log[powers] = np.arange(order)
        self.exponents, self.conjugates = _odd_classes(max_degree, order)
        units = np.arange(n_units)
        elements = np.stack([powers[units * j % order] for j in self.exponents])
        self.rows: Bits = ((elements[:, None, :] >> np.arange(m)[:, None]) & 1).reshape(-1, n_units).astype(np.uint8)

    def decode(self, syndromes: Bits) -> tuple[NDArray[np.bool_], Bits]:
        k, t, order = len(syndromes), self.max_degree, self.order
        asked = syndromes.reshape(k, len(self.exponents), self.m).astype(np.int64) @ (1 << np.arange(self.m))
        sums = np.zeros((k, 2 * t + 1), dtype=np.int64)
        for j, (leader, power) in self.conjugates.items():
            logs = self.log[asked[:, leader]]
            sums[:, j] = np.where(asked[:, leader] == 0, 0, self.exp[(logs << power) % order])
        for j in range(2, 2 * t + 1, 2):  # S_2j = S_j^2 in characteristic two
            half = sums[:, j // 2]
            sums[:, j] = np.where(half == 0, 0, self.exp[2 * self.log[half] % order])
        locator, degree = self._locators(sums)
        bits = np.zeros((k, self.n_units), dtype=np.uint8)
        small = np.flatnonzero(degree <= t)
        bits[small] = self._roots(locator[small])
        return (degree <= t) & (bits.sum(axis=1) == degree), bits

    def _times(self, a, b):
        return self.exp[self.log[a] + self.log[b]]

    def _locators(self, sums):
        """Massey's recursion for all rows at once: shortest polynomial that generates each row's power sums."""
        k, length = len(sums), sums.shape[1] - 1
        locator = np.zeros((k, length + 2), dtype=np.int64)
        locator[:, 0] = 1
        previous, degree, last = locator.copy(), np.zeros(k, dtype=np.int64), np.ones(k, dtype=np.int64)
        for i in range(length):
            window = sums[:, i + 1 :: -1][:, : i + 1]
            gap = np.bitwise_xor.reduce(self._times(locator[:, : i + 1], window), axis=1)
            previous[:, 1:] = previous[:, :-1].copy()
            previous[:, 0] = 0
            ratio = np.where(gap == 0, 0, self.exp[(self.log[gap] - self.log[last]) % self.order])
            updated = locator ^ self._times(previous, ratio[:, None])
            grows = (gap != 0) & (2 * degree <= i)
            previous[grows], last[grows], degree[grows] = locator[grows], gap[grows], i + 1 - degree[grows]
            locator = updated
        return locator, degree

    def _roots(self, locator):
        logs = self.log[locator]
        units = np.arange(self.n_units)
        total = np.repeat(locator[:, :1], self.n_units, axis=1)
        for j in range(1, self.max_degree + 1):
            total ^= self.exp[logs[:, j, None] + (-units * j) % self.order]
        return total == 0


def field_bits(n_units: int) -> int:
    """The smallest m >= 2 for which GF(2^m) has ``n_units`` nonzero elements."""
    m = max(2, int(n_units).bit_length())
    if m not in _PRIMITIVE:
        raise ValueError(f"n_units={n_units} is too many; up to {(1 << max(_PRIMITIVE)) - 1:,} units are covered")
    return m


def subset_code(n_units: int, max_degree: int | None) -> SubsetCode:
    """The shorter of the two codes that cover every subset up to ``max_degree``."""
    if max_degree is None or max_degree * field_bits(n_units) >= n_units:
        return PlainCode(n_units, max_degree)
    if max_degree == 0:
        return _NoUnits(n_units)
    return LowDegreeCode(n_units, max_degree)


class _NoUnits:
    """Degree 0: only the empty subset, no parity needed."""

    def __init__(self, n_units: int) -> None:
        self.rows: Bits = np.zeros((0, n_units), dtype=np.uint8)

    def decode(self, syndromes: Bits) -> tuple[NDArray[np.bool_], Bits]:
        return np.ones(len(syndromes), dtype=bool), np.zeros((len(syndromes), self.rows.shape[1]), dtype=np.uint8)


def _odd_classes(max_degree, order):
    """Odd exponents to ask for, and for each odd j < 2t the one (and how many squarings) that gives it."""
    exponents: list[int] = []
    found: dict[int, tuple[int, int]] = {}
    odd = range(1, 2 * max_degree, 2)
    for j in odd:
        if j in found:
            continue
        conjugate, power = j, 0
        while conjugate not in found:
            found[conjugate] = (len(exponents), power)
            conjugate, power = conjugate * 2 % order, power + 1
        exponents.append(j)
    return exponents, {j: found[j] for j in odd}
