"""Exact Fourier coefficients of a function given on the whole cube, by the fast Walsh-Hadamard transform."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ...patterns.arrays import as_array
from ...progress import Progress, tick
from ..device import transform_on_device
from ..memory import require_memory
from ..phases import Chain, Phase, run_phases
from ..threads import thread_count
from .butterflies import data_address, join_columns, join_eight, transform_block

MAX_BITS = 28
_LINE_BLIND = 1 << 15  # bytes: up to here aligning costs more time than it saves
_LINE = 64  # bytes: a vector that crosses a cache line costs two accesses
_THREADED = 1 << 25  # bytes: below this, starting threads costs more than they save
_PIECE = 1 << 22  # bytes of one piece between two ticks: some milliseconds, some ten where pages are new


def walsh_hadamard(
    values: ArrayLike, *, threads: int | None = None, progress: Progress | None = None, device: str | None = None
) -> NDArray[np.float64] | NDArray[np.float32]:
    """Every Fourier coefficient ``f_hat(S) = E[f(x) chi_S(x)]`` of a function given on all points of the cube.

    Parameters
    ----------
    values : array, shape (2**n,)
        Value of f at each point, n = 1 to 28: bit i of the index is set where ``x_i = -1``. It is left untouched.
    threads : int, optional
        Default: every core, for tables of 32 MiB and more. The result is the same, bit for bit, for any number.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.
    device : str, optional
        A torch device such as "cuda" that does the work instead.

    Returns
    -------
    ndarray, shape (2**n,)
        f_hat in units of f: bit i of the index is set where i is in S. float32 for float32 values, else float64.

    Raises
    ------
    ValueError
        If there are not ``2**n`` values in one dimension, or one is NaN or infinite.
    TypeError
        If the values are not real numbers of at most 64 bits.
    MemoryError
        If the result would not fit; nothing has been allocated then.

    Notes
    -----
    Values are divided by ``2**n`` before they are added, so no sum overflows. That is exact, except that
    float32 values below ``2**(n - 126)`` lose digits.

    References
    ----------
    O'Donnell, *Analysis of Boolean Functions* (2014), sections 1.2 and 1.3.

    Examples
    --------
    >>> walsh_hadamard([1, 1, 1, -1]).tolist()  # -1 only where both coordinates are -1
    [0.5, 0.5, 0.5, -0.5]
    """
    values = as_array(values, "the table of values")
    dtype = _precision(values.dtype)
    if values.ndim != 1:
        raise ValueError(f"the values have shape {values.shape}; give a single dimension, e.g. values.ravel()")
    points = values.size
    if points < 2 or points & (points - 1):
        raise ValueError(f"there are {points} values; a function of n = 1 to {MAX_BITS} coordinates has 2**n of them")
    if points > 1 << MAX_BITS:
        raise ValueError(f"there are 2**{points.bit_length() - 1} values; the largest table taken is 2**{MAX_BITS}")
    require_memory(points * dtype.itemsize, "the table of coefficients", "use float32 values or fewer coordinates")
    if device is not None:
        out = transform_on_device(np.array(values, dtype), device)
    else:
        out = aligned_empty(points, dtype)
        transform(values, out, 1 / points, threads, progress)
    # A NaN or infinity anywhere stays in every sum, so one coefficient tells.
    if not math.isfinite(out[0]):
        _refuse_infinite(values)
    return out


def transform(
    source: NDArray, out: NDArray, scale: float, threads: int | None = None, progress: Progress | None = None
) -> None:
    """Write ``scale * sum over x of source[x] chi_S(x)`` to ``out``; both may be the same table."""
    # The kernels take plain writeable tables; each further kind would be compiled anew.
    plain = source.dtype == out.dtype and source.flags.carray
    if out.nbytes >= _THREADED:
        workers = thread_count(threads)
        before = [] if plain else [copy_phase(source, out, workers)]
        run_phases([*before, *transform_phases(source if plain else out, out, scale, workers)], progress)
        return
    if threads is not None:
        thread_count(threads)
    if not plain:
        np.copyto(out, source)
        source = out
    tick(progress, 0, 1)
    transform_block(source, out, scale)
    tick(progress, 1, 1)


def transform_phases(source: NDArray, out: NDArray, scale: float, threads: int) -> list[Phase]:
    """The work of :func:`transform`: of a large table 64 blocks, then the stages that join them.

    A block of more than one piece is done in a chain, an eighth after the other and then the stages that join
    these, while the nearest cache that holds the block still does: the same work in smaller steps.
    """
    points = out.size
    if out.nbytes < _THREADED:
        return [(lambda _: transform_block(source, out, scale), (0,), 1)]
    piece = _PIECE // out.itemsize
    stride = points // 64
    width = min(piece // 64, stride)

    def block(start, stop):
        transform_block(source[start:stop], out[start:stop], scale)

    def join(first):
        join_columns(out, first, first + width, stride)

    def chain(start):
        eighth, columns = stride // 8, min(piece // 8, stride // 8)
        parts = [partial(block, at, at + eighth) for at in range(start, start + stride, eighth)]
        firsts = range(start, start + eighth, columns)
        return Chain([*parts, *(partial(join_eight, out, at, at + columns, eighth) for at in firsts)])

    blocks = [partial(block, at, at + stride) if stride <= piece else chain(at) for at in range(0, points, stride)]
    return [(lambda call: call(), blocks, threads), (join, range(0, stride, width), threads)]


def copy_phase(source: NDArray, out: NDArray, threads: int) -> Phase:
    """Copy a table piece by piece, or fill one with a single number; the first touch of its pages takes long."""
    step = _PIECE // out.itemsize
    source = np.broadcast_to(source, out.shape)

    def copy(start):
        np.copyto(out[start : start + step], source[start : start + step])

    return copy, range(0, out.size, step), threads


def aligned_empty(points: int, dtype: DTypeLike) -> NDArray:
    """An uninitialised table that starts on a cache line."""
    dtype = np.dtype(dtype)
    if points * dtype.itemsize <= _LINE_BLIND:
        return np.empty(points, dtype)
    raw = np.empty(points * dtype.itemsize + _LINE, np.uint8)
    start = -data_address(raw) % _LINE
    return raw[start : start + points * dtype.itemsize].view(dtype)


def _precision(dtype: np.dtype) -> np.dtype:
    if dtype.char in "fd":
        return dtype if dtype.isnative else dtype.newbyteorder("=")
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise TypeError(f"the values have dtype {dtype}; give float64, float32 or integers")
    return np.dtype(np.float64)


def _refuse_infinite(values: NDArray) -> None:
    """Name the first value that is NaN or infinite, if there is one."""
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        raise ValueError(f"the value at index {wrong[0]} is {values[wrong[0]]}; repair such values first")
