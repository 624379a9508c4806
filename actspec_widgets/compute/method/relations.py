"""Exact relations between units on recorded data: constants, duplicates, and products that never change.

A set U of units with ``chi_U`` constant is a null vector, over GF(2), of the table of bits with one row of ones
added: if ``chi_U`` is constant then S and ``S xor U`` are the same feature seen twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...patterns import Patterns
from ...patterns.cube import Subset, order_key
from ...patterns.packing import WORD
from ...patterns.table import as_patterns
from ..kernels import kernel

_SPARE = 8  # words of samples beyond the number of units: independent units that vanish there by chance are rare
_ROWS = 64


@dataclass(frozen=True)
class UnitClasses:
    """Units in classes of equal or negated ones.

    ``representatives``: the first unit of each class of equal or negated units, in order; ``members``: for each
    of them, the whole class; ``constants``: units that never change.
    """

    representatives: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    constants: tuple[int, ...]


def unit_classes(patterns: Patterns) -> UnitClasses:
    """Group units that always agree or always disagree."""
    valid = _valid_bits(patterns)
    flipped = (patterns.planes[:, 0] & np.uint64(1)).astype(bool)
    canonical = np.where(flipped[:, None], ~patterns.planes & valid, patterns.planes)
    constants = np.flatnonzero(~canonical.any(axis=1))
    classes: dict[bytes, list[int]] = {}
    for unit in np.flatnonzero(canonical.any(axis=1)):
        classes.setdefault(canonical[unit].tobytes(), []).append(int(unit))
    members = tuple(tuple(group) for group in classes.values())
    return UnitClasses(tuple(group[0] for group in members), members, tuple(int(i) for i in constants))


@dataclass(frozen=True)
class Relation:
    """``chi_units`` is ``sign`` in every sample."""

    units: Subset
    sign: int

    def describe(self, names: tuple[str, ...] | None = None) -> str:
        """The relation in words."""
        called = [f"unit {i}" if names is None else names[i] for i in self.units]
        if len(called) == 1:
            return f"{called[0]} is always {'active' if self.sign > 0 else 'inactive'}"
        if len(called) == 2:
            return f"{called[0]} always equals {called[1]}" + (" negated" if self.sign < 0 else "")
        parity = "even" if self.sign > 0 else "odd"
        return f"of {', '.join(called[:-1])} and {called[-1]}, always an {parity} number is inactive"


def exact_relations(patterns: Patterns) -> tuple[Relation, ...]:
    """A basis of all exact relations, found by elimination over GF(2) on the packed patterns.

    Every product of units that is constant on these samples is a product of the ones returned. Units are taken in
    order, so each relation ties one unit to earlier ones: constants and duplicates come out as such. With fewer
    samples than units there are always relations; they say that samples are few.

    Returns
    -------
    tuple of Relation
        Fewest units first.

    Examples
    --------
    >>> X = [[1, 1, -1], [-1, 1, 1], [-1, 1, 1]]
    >>> [relation.describe() for relation in exact_relations(Patterns.from_signs(X))]
    ['unit 1 is always active', 'unit 0 always equals unit 2 negated']
    """
    n = as_patterns(patterns).n_units
    relations = []
    for combination in _null_vectors(np.vstack([_valid_bits(patterns)[None], patterns.planes])):
        bits = np.unpackbits(combination.astype("<u8").view(np.uint8), bitorder="little")[: n + 1]
        # the row of ones takes part where the product is -1 throughout
        relations.append(Relation(tuple(np.flatnonzero(bits[1:]).tolist()), -1 if bits[0] else 1))
    return tuple(sorted(relations, key=lambda relation: order_key(relation.units)))


def relation_counts(patterns: Patterns, classes: UnitClasses) -> tuple[int, int]:
    """How many units repeat an earlier one, and how many independent products of distinct units never change."""
    rows = np.vstack([_valid_bits(patterns)[None], patterns.planes[list(classes.representatives)]])
    return sum(len(group) - 1 for group in classes.members), len(_null_vectors(rows))


def _null_vectors(rows):
    """A basis of the sets of rows whose sum over GF(2) is zero, as bits, shape (sets, words for the rows).

    A sum that is zero is so on the first samples: those that vanish there, few where units differ, are looked at whole.
    Each set has one row that is no sum of earlier ones with others of the basis, so that the basis is the same as
    without this short cut.
    """
    count, n_words = rows.shape
    first = min(n_words, -(-count // WORD) + _SPARE)
    combinations = np.zeros((count, -(-count // WORD)), np.uint64)
    for row in range(count):
        combinations[row, row // WORD] = np.uint64(1) << np.uint64(row % WORD)
    vanish = combinations[_eliminate(rows[:, :first].copy(), combinations)]
    if first < n_words and len(vanish):
        sums = np.zeros((len(vanish), n_words), np.uint64)
        _add_up(rows, vanish, sums)
        vanish = vanish[_eliminate(sums, vanish)]
    return vanish


@kernel
def _add_up(rows, combinations, sums):
    """The sum over GF(2) of the rows of each combination."""
    for k in range(len(combinations)):
        for row in range(len(rows)):
            if combinations[k, row // WORD] >> np.uint64(row % WORD) & np.uint64(1):
                for w in range(rows.shape[1]):
                    sums[k, w] ^= rows[row, w]


@kernel
def _eliminate(rows, combinations):
    """Reduce each row by those before it, in place, and ``combinations``, which tell what was added up, with it.

    Returns which rows became zero. Some rows at a time are finished and then taken from all later ones, while they are
    in the cache.
    """
    count, n_words = rows.shape
    pivots, n_pivots = np.empty((count, 2), np.int64), 0  # row and word
    pivot_bits = np.empty(count, np.uint64)
    dependent = np.zeros(count, np.bool_)
    for start in range(0, count, _ROWS):
        done, stop = n_pivots, min(start + _ROWS, count)
        for row in range(start, stop):
            _reduce(rows, combinations, row, pivots[done:n_pivots], pivot_bits[done:n_pivots])
            first = 0
            while first < n_words and rows[row, first] == 0:
                first += 1
            if first == n_words:
                dependent[row] = True
                continue
            word = rows[row, first]
            pivots[n_pivots] = row, first
            pivot_bits[n_pivots] = word & (~word + np.uint64(1))
            n_pivots += 1
        for row in range(stop, count):
            _reduce(rows, combinations, row, pivots[done:n_pivots], pivot_bits[done:n_pivots])
    return dependent


@kernel
def _reduce(rows, combinations, row, pivots, pivot_bits):
    """Add to a row each of the pivots' rows whose bit it has."""
    for p in range(len(pivots)):
        other = pivots[p, 0]
        if rows[row, pivots[p, 1]] & pivot_bits[p]:
            for w in range(rows.shape[1]):
                rows[row, w] ^= rows[other, w]
            for w in range(combinations.shape[1]):
                combinations[row, w] ^= combinations[other, w]


def _valid_bits(patterns):
    """One row of words whose bits are set where there is a sample."""
    n_words = patterns.planes.shape[1]
    filled = np.clip(patterns.n_samples - WORD * np.arange(n_words), 0, WORD)
    return np.array([(1 << int(bits)) - 1 for bits in filled], np.uint64)
