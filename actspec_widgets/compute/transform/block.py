"""Character means of a block of units, of every subset: fold the centred samples into a table, transform it once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.cube import as_subset, as_target
from ...patterns.table import as_patterns
from ...progress import Progress
from ..kernels import kernel
from ..memory import require_memory
from ..phases import run_phases
from ..threads import thread_count
from .wht import aligned_empty, copy_phase, transform_phases

MAX_UNITS = 26
_WORDS = 1 << 12  # words of every unit's plane folded between two ticks: 262,144 samples, some milliseconds
_SLICE = 1 << 20


@kernel
def pattern_indices(planes, units, first, out):
    """Bit k of ``out[j]`` is unit ``units[k]``'s bit in sample ``64 * first + j``; whole words of samples."""
    lanes = np.empty(64, np.uint64)
    one = np.uint64(1)
    for w in range(out.size // 64):
        lanes[:] = 0
        for k in range(units.size):
            word = planes[units[k], first + w]
            for bit in range(64):
                lanes[bit] |= ((word >> np.uint64(bit)) & one) << np.uint64(k)
        for bit in range(64):
            out[64 * w + bit] = lanes[bit]


@kernel
def fold(index, y, table):
    """Add each sample to the sum of its pattern, in the order of the samples."""
    for j in range(y.size):
        table[index[j]] += y[j]


def block_spectrum(
    patterns: Patterns,
    y: ArrayLike,
    *,
    units: Iterable[int],
    threads: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """``E_data[(y - mean y) chi_S]`` for every subset S of a block of units, every degree, exact.

    Parameters
    ----------
    patterns : Patterns
        m samples.
    y : array, shape (m,)
    units : collection of int
        Up to 26 different units; their order gives the bits of the result's index.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    ndarray of float64, shape (2**len(units),)
        Entry ``mask``, in units of ``y``: S is every ``units[k]`` whose bit k is set in ``mask``. Entry 0, of the
        empty set, is 0: the target is centred, as it is for :func:`scan`.

    Raises
    ------
    ValueError, TypeError
        If ``y`` does not fit or is not finite, a unit repeats or is out of range, or there are more than 26.
    MemoryError
        If the table would not fit; nothing has been allocated then.

    Examples
    --------
    >>> patterns = Patterns.from_signs([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> block_spectrum(patterns, [3.0, 1.0, 1.0, 3.0], units=[0, 1]).tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    y = as_target(y, as_patterns(patterns).n_samples)
    block = np.array(_checked(units, patterns.n_units), np.int64)
    if block.size > MAX_UNITS:
        raise ValueError(
            f"{block.size} units make a table of 2**{block.size} sums; give at most {MAX_UNITS} units, "
            "or use best_first or beam for the largest"
        )
    points = 1 << block.size
    require_memory(8 * points, f"the table of a block of {block.size} units", "leave some units out")
    table = aligned_empty(points, np.float64)
    centred = y - y.mean()
    n_words = -(-y.size // 64)

    def fold_words(first):
        index = np.empty(64 * min(_WORDS, n_words - first), np.uint32)
        pattern_indices(patterns.planes, block, first, index)
        fold(index, centred[64 * first : 64 * first + index.size], table)

    def divide(start):
        table[start : start + _SLICE] /= y.size  # at the end: sums of whole numbers stay exact until here

    workers = thread_count(threads)
    phases = [copy_phase(np.zeros(()), table, workers), (fold_words, range(0, n_words, _WORDS), 1)]
    phases += transform_phases(table, table, 1.0, workers)
    run_phases([*phases, (divide, range(0, points, _SLICE), workers)], progress)
    table[0] = 0.0  # but for rounding it is
    return table


def _checked(units: Iterable[int], n_units: int) -> tuple[int, ...]:
    """The units in the order given, each once and in range."""
    units = tuple(units)
    as_subset(units, n_units, "units")
    return tuple(int(unit) for unit in units)
