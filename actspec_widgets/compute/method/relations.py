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
    rows = np.vstack([_valid_bits(patterns)[None], patterns.planes])
    combinations = np.zeros((n + 1, -(-(n + 1) // WORD)), np.uint64)
    dependent = _eliminate(rows, combinations)
    relations = []
    for row in np.flatnonzero(dependent):
        bits = np.unpackbits(combinations[row].astype("<u8").view(np.uint8), bitorder="little")[: n + 1]
        units = tuple(int(i) - 1 for i in np.flatnonzero(bits[1:]) + 1)
        # the row of ones takes part where the product is -1 throughout
        relations.append(Relation(units, -1 if bits[0] else 1))
    return tuple(sorted(relations, key=lambda relation: order_key(relation.units)))


def relation_counts(patterns: Patterns, classes: UnitClasses) -> tuple[int, int]:
    """How many units repeat an earlier one, and how many independent products of distinct units never change."""
    rows = np.vstack([_valid_bits(patterns)[None], patterns.planes[list(classes.representatives)]])
    dependent = _eliminate(rows, np.zeros((len(rows), -(-len(rows) // WORD)), np.uint64))
    return sum(len(group) - 1 for group in classes.members), int(dependent.sum())


@kernel
def _eliminate(rows, combinations):
    """Reduce each row by those before it, in place; ``combinations`` tells which rows were added up.

    Returns which rows became zero.
    """
    count, n_words = rows.shape
    pivot_word, pivot_bit = np.empty(count, np.int64), np.empty(count, np.uint64)
    pivots, n_pivots = np.empty(count, np.int64), 0
    dependent = np.zeros(count, np.bool_)
    for row in range(count):
        combinations[row, row // 64] |= np.uint64(1) << np.uint64(row % 64)
        for p in range(n_pivots):
            if rows[row, pivot_word[p]] & pivot_bit[p]:
                for w in range(n_words):
                    rows[row, w] ^= rows[pivots[p], w]
                for w in range(combinations.shape[1]):
                    combinations[row, w] ^= combinations[pivots[p], w]
        first = 0
        while first < n_words and rows[row, first] == 0:
            first += 1
        if first == n_words:
            dependent[row] = True
            continue
        word = rows[row, first]
        pivots[n_pivots], pivot_word[n_pivots] = row, first
        pivot_bit[n_pivots] = word & (~word + np.uint64(1))
        n_pivots += 1
    return dependent


def _valid_bits(patterns):
    """One row of words whose bits are set where there is a sample."""
    n_words = patterns.planes.shape[1]
    filled = np.clip(patterns.n_samples - WORD * np.arange(n_words), 0, WORD)
    return np.array([(1 << int(bits)) - 1 for bits in filled], np.uint64)
