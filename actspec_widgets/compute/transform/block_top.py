"""The largest character means inside a block too large for one table: one transform for each choice of extra units."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.cube import as_subset, as_target
from ...progress import Progress
from ...results import Coverage, Estimates
from ..means import mean_errors
from ..memory import require_memory
from ..parity import popcount
from ..ranking import TIE
from ..threads import in_order, thread_count
from .block import pattern_indices
from .butterflies import transform_block
from .wht import aligned_empty

MAX_UNITS = 32
_TABLE_BITS = 18, 24  # a table of the first size stays near the core; more pays only for many samples
_CHUNK_WORK = 2e7  # table entries and samples between two ticks: some ten milliseconds


@njit(cache=True, nogil=True)
def fold_signed(index, y, bits, chosen, table):
    """Sums of ``y chi_T`` by the lowest ``bits`` of the index; T is ``chosen`` among the bits above."""
    table[:] = 0.0
    inside = np.int64(table.size - 1)
    for j in range(y.size):
        at = np.int64(index[j])
        odd = popcount(np.uint64((at >> bits) & chosen)) & 1
        table[at & inside] += y[j] * (1.0 - 2.0 * np.float64(odd))


@njit(cache=True, nogil=True)
def collect(table, inverse, floor, degree, chosen_degree, found):
    """Positions whose size (in ties) exceeds ``floor``, or equals it at no more than ``degree`` units.

    Returns how many there are, even where ``found`` holds fewer.
    """
    count = 0
    width = min(table.size, 64)
    for start in range(0, table.size, width):
        near = 0
        for i in range(start, start + width):  # no branch inside, so that it runs on vectors
            near += abs(table[i]) * inverse >= floor - 0.75
        if near == 0:
            continue
        for i in range(start, start + width):
            size = np.rint(abs(table[i]) * inverse)
            if size > floor or (size == floor and popcount(np.uint64(i)) + chosen_degree <= degree):
                if count < found.size:
                    found[count] = i
                count += 1
    return count


def block_top(
    patterns: Patterns,
    y: ArrayLike,
    units: Iterable[int],
    top: int = 1000,
    *,
    table_bits: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Estimates:
    """The ``top`` largest ``abs(E_data[y chi_S])`` over every subset S of up to 32 units, every degree, exact.

    Parameters
    ----------
    patterns : Patterns
        m samples.
    y : array, shape (m,)
        Subtract its mean first where the empty subset is of no interest.
    units : collection of int
        Up to 32 different units, in any order.
    top : int
        Length of the list; fewer come back where there are fewer subsets.
    table_bits : int, optional
        Units inside each table of ``2**table_bits`` float64 sums, one table for each thread; the others are split
        on. Chosen by the number of samples where left out.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Estimates
        Largest first; ties (to twelve digits) by lower degree, then smaller indices. In units of ``y``; the
        standard error is that of a mean. ``coverage.missed_bound`` is what every subset not listed stays at or below.

    Raises
    ------
    ValueError, TypeError
        If ``y`` does not fit or is not finite, a unit repeats or is out of range, there are more than 32, or
        ``top`` or ``table_bits`` is out of range.
    MemoryError
        If the tables would not fit; nothing has been allocated then.

    Examples
    --------
    >>> patterns = Patterns.from_signs([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> block_top(patterns, [3.0, 1.0, 1.0, 3.0], [0, 1], top=2).subsets
    ((), (0, 1))
    """
    y = as_target(y, patterns.n_samples)
    block = as_subset(units, patterns.n_units)
    if len(block) > MAX_UNITS:
        raise ValueError(f"{len(block)} units have 2**{len(block)} subsets; give at most {MAX_UNITS} units")
    if top < 1:
        raise ValueError(f"top={top}; ask for at least one subset")
    bits = _bits_inside(len(block), y.size, table_bits)
    workers = thread_count(threads)
    require_memory(8 * workers * (1 << bits) + 4 * y.size, "the tables of this block", "give a smaller table_bits")
    # The first unit gets the highest bit: among subsets of one degree, smaller indices are then larger masks.
    index = np.empty(64 * -(-y.size // 64), np.uint32)
    pattern_indices(patterns.planes, np.array(block[::-1], np.int64), 0, index)
    index = index[: y.size]
    largest = _Largest(top, float(np.abs(y).sum()))

    def search(choices):
        table, found = aligned_empty(1 << bits, np.float64), np.empty(min(1 << bits, max(4 * top, 4096)), np.int64)
        for chosen in choices:
            fold_signed(index, y, bits, chosen, table)
            transform_block(table, table, 1.0)
            largest.look(table, chosen << bits, found)

    choices = 1 << (len(block) - bits)
    group = max(1, int(_CHUNK_WORK / ((1 << bits) + 2 * y.size)))
    chunks = [range(start, min(start + group, choices)) for start in range(0, choices, group)]
    for _ in in_order(search, chunks, len(chunks), workers, progress):
        pass
    return _estimates(largest, patterns, y, block)


def _bits_inside(n_units: int, n_samples: int, asked: int | None) -> int:
    least, most = _TABLE_BITS
    if asked is None:  # folding costs as much as a transform of about as many points as samples
        asked = min(max(least, n_samples.bit_length() + 1), most)
    if not 0 <= asked <= 28:
        raise ValueError(f"table_bits={asked}; a table holds 0 to 28 units")
    return min(n_units, asked)


def _estimates(largest: _Largest, patterns: Patterns, y: NDArray, block: tuple[int, ...]) -> Estimates:
    subsets = tuple(
        tuple(unit for k, unit in enumerate(reversed(block)) if mask >> k & 1)[::-1] for mask in largest.masks.tolist()
    )
    values = largest.sums / y.size
    examined = 1 << len(block)
    missed = float(abs(values[-1])) if examined > len(subsets) else 0.0
    chosen = f"They are {len(block)} chosen ones of {patterns.n_units:,}; nothing outside was looked at."
    notes = (chosen,) if len(block) < patterns.n_units else ()
    coverage = Coverage("block transform", len(block), None, examined, True, missed, notes)
    return Estimates(subsets, values, mean_errors(values, y), y.size, coverage)


class _Largest:
    """The ``top`` largest sums so far, and the bar that another must reach."""

    def __init__(self, top: int, total: float):
        self.top, self.inverse = top, 1.0 / (TIE * total) if total else 1.0
        self.masks, self.sums = np.empty(0, np.int64), np.empty(0)
        self.bar = -1.0, MAX_UNITS  # size in ties, and the degree up to which that size is enough
        self.lock = threading.Lock()

    def look(self, table: NDArray, above: int, found: NDArray) -> None:
        """Take what belongs in the list from a table of sums, ``above`` being the mask of the units outside it."""
        floor, degree = self.bar
        count = collect(table, self.inverse, floor, degree, above.bit_count(), found)
        if count == 0:
            return
        places = found[:count] if count <= found.size else self._best_of(table, above)
        with self.lock:
            masks = np.concatenate([self.masks, places + above])
            sums = np.concatenate([self.sums, table[places]])
            sizes, degrees = np.rint(np.abs(sums) * self.inverse), np.bitwise_count(masks)
            order = np.lexsort((-masks, degrees, -sizes))[: self.top]
            self.masks, self.sums = masks[order], sums[order]
            if order.size == self.top:
                self.bar = float(sizes[order[-1]]), int(degrees[order[-1]])

    def _best_of(self, table, above):
        """The ``top`` places of a table in which many reach the bar: the first one, or many ties."""
        sizes = np.rint(np.abs(table) * self.inverse)
        cut = np.partition(sizes, -self.top)[-self.top]
        sure, tied = np.flatnonzero(sizes > cut), np.flatnonzero(sizes == cut)
        simplest = (np.bitwise_count(tied + above).astype(np.int64) << 40) - tied
        return np.concatenate([sure, tied[np.argsort(simplest)[: self.top - sure.size]]])
