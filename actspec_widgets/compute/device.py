"""Scan and transform as torch operations, for machines with an accelerator.

The device only screens. The target is rounded to 15 bits, the high and low ones as two rows of bytes; their products
with signs are bytes too, and integer tensor cores sum them exactly. What the bound of the rounding cannot exclude is
summed again in float64 by the caller, so that the list of a scan is the same as without a device. torch is imported
when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..patterns import Patterns
from ..patterns.packing import WORD, words_for
from ..patterns.stretches import words_of
from ..progress import Progress, tick
from .memory import available_bytes, require_memory

_LIST_LIMIT = 1 << 20  # candidates held on the device before they are thinned out
_UNIT_ROUNDOFF = 2.0**-24
_STEPS = 128  # of a byte on one side of 0
_SIDE, _ROWS = 16, 32  # tables of bytes have sides that are multiples of this, and more than 16 rows
_MOST_SAMPLES = 2**31 // _STEPS - 1
_ROUNDING = 4e-12  # slack for float64 sums and for ties, relative to sum |y|
_BLOCK = 4096  # units whose products with all later ones are in one table
_TABLE_BYTES = 24  # of one number of such a table, all steps together
_UNPACKED = 1 << 26  # bytes of signs made at a time


def import_torch(device: str) -> Any:
    """Import torch and check that it can use ``device``.

    Raises
    ------
    ImportError
        Without torch.
    ValueError
        If the device is not there, or holds no values.
    """
    try:
        import torch
    except ImportError:
        raise ImportError(f"device={str(device)!r} needs PyTorch; install it, or leave device out") from None
    usable_device(device)
    return torch


def usable_device(device: Any) -> Any:
    """A torch device of this machine that can hold numbers.

    Raises
    ------
    ValueError
        If there is no such device, or it holds no values.
    """
    import torch

    try:
        usable = torch.device(device)
        if usable.type == "meta":
            raise RuntimeError("it holds shapes and no values, and a model sent there would lose its own")
        torch.empty(1, device=usable)
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as problem:
        said = str(problem).splitlines()[0]
        raise ValueError(
            f'device={str(device)!r} cannot be used here ({said}); leave it out, or say "cpu"'
        ) from problem
    return usable


def require_device_memory(device: str, needed: int, what: str, remedy: str) -> None:
    """As :func:`require_memory`, of a device.

    Raises
    ------
    MemoryError
    """
    import torch

    kind = torch.device(device)
    free = torch.cuda.mem_get_info(kind)[0] if kind.type == "cuda" else available_bytes()
    require_memory(needed, what, remedy, free)


def screen_on_device(
    patterns: Patterns,
    names: Sequence[int],
    centred: NDArray,
    max_degree: int,
    top: int,
    device: str,
    progress: Progress | None,
) -> NDArray[np.int64]:
    """A list that certainly holds the ``top`` largest: places in ``names``, (k, max_degree), padded with -1."""
    torch = import_torch(device)
    n, m = len(names), patterns.n_samples
    high, low, scale, error = quantised_to_bytes(centred)
    rows = min(_BLOCK, n)
    require_device_memory(
        device, (n + 3 * rows) * _filled(m) + _TABLE_BYTES * rows * n + _UNPACKED,
        f"the screen of {n:,} units on {m:,} samples on {device}", "leave device out, or name fewer units",
    )  # fmt: skip
    # Tensor cores take tables of bytes whose sides are multiples of 16; what is filled up is 0 and adds nothing.
    signs = torch.zeros((_filled(n) + _SIDE, _filled(m)), dtype=torch.int8, device=device)
    step = max(1, _UNPACKED // (WORD * words_for(m)))
    for at in range(0, n, step):
        tick(progress, 0, 1)
        signs[at : min(at + step, n), :m] = _signs(
            torch, words_of(patterns, 0, words_for(m), names[at : at + step]), m, device
        )
    halves = torch.zeros((2, _filled(m)), dtype=torch.int8, device=device)
    halves[:, :m] = torch.as_tensor(np.stack([high, low]), device=device)
    # Two exact integers are put together in float32, which rounds each of two operations.
    error += 4 * _UNIT_ROUNDOFF * scale * _STEPS * _STEPS * m
    kept = _Kept(torch, top, 2 * error)

    def scores(weighted, first):
        """|sums| of the products with each later unit, from exact sums of bytes times signs."""
        parts = [torch._int_mm(half, signs[first:].T).to(torch.float32) for half in weighted]
        return (parts[0] * _STEPS + parts[1]).mul_(scale).abs_()

    alone = scores([(half * signs[:1].abs()).expand(_ROWS, -1).contiguous() for half in halves], 0)[0, :n]
    kept.add(alone, torch.arange(n, device=device)[:, None], max_degree)
    prefixes = (p for size in range(max_degree - 1) for p in combinations(range(n - 2), size))
    total = sum(comb(max(n - 2, 0), size) for size in range(max_degree - 1))
    tick(progress, 0, total)
    for done, prefix in enumerate(prefixes, 1):
        row = halves if not prefix else halves * signs[list(prefix)].prod(dim=0, dtype=torch.int8)
        # The product starts at a multiple of 16, with units that are in the prefix, or before it, left out after.
        after = prefix[-1] + 1 if prefix else 0
        for first in range(after // _SIDE * _SIDE, n - 1, _BLOCK):
            stop = first + _BLOCK if first + _BLOCK < n else len(signs)
            table = scores([signs[first:stop] * half for half in row], first)
            skipped = max(after - first, 0)
            kept.add_pairs(table[skipped : n - first, skipped : n - first], first + skipped, prefix, max_degree)
            if n > _BLOCK:
                tick(progress, done - 1, total)
        if done % 8 == 0 or done == total:
            tick(progress, done, total)
    return kept.subsets()


def _signs(torch, planes, m, device):
    """int8 signs of packed bits, (units, m), unpacked on the device."""
    octets = torch.tensor(planes.astype("<u8", copy=False).view(np.uint8), device=device)
    bits = octets[:, :, None] >> torch.arange(8, dtype=torch.uint8, device=device) & 1
    return 1 - 2 * bits.reshape(len(octets), -1)[:, :m].to(torch.int8)


def quantised_to_bytes(y: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.int8], float, float]:
    """``y ~ scale * (128 * high + low)`` and a bound on what any signed sum of it is off by.

    Raises
    ------
    ValueError
        If there are so many samples that their sums of bytes do not fit 32-bit integers.
    """
    if y.size > _MOST_SAMPLES:
        raise ValueError(
            f"device= takes up to {_MOST_SAMPLES:,} samples and there are {y.size:,}; leave device out, or take some"
        )
    largest = float(np.abs(y).max())
    scale = largest / ((_STEPS - 1) * _STEPS)
    steps = np.rint(y / scale).astype(np.int64)
    high = (steps + _STEPS // 2) // _STEPS
    low = steps - _STEPS * high
    error = float(np.abs(y - scale * steps).sum()) + _ROUNDING * float(np.abs(y).sum())
    return high.astype(np.int8), low.astype(np.int8), scale, error


def _filled(size):
    return max(_ROWS, -(-size // _SIDE) * _SIDE)


def transform_on_device(values: NDArray, device: str) -> NDArray:
    """The transform of :func:`walsh_hadamard` on ``device``, in the precision of ``values``."""
    torch = import_torch(device)
    table = torch.as_tensor(np.ascontiguousarray(values), device=device)
    half = 1
    while half < values.size:
        pairs = table.view(-1, 2, half)
        table = torch.stack((pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]), dim=1)
        half *= 2
    return (table.reshape(-1) / values.size).cpu().numpy()


class _Kept:
    """Candidates on the device: everything within ``margin`` of the top-th largest score so far."""

    def __init__(self, torch, top, margin):
        self.torch, self.top, self.margin = torch, top, margin
        self.need = -1.0
        self.scores: list = []
        self.rows: list = []
        self.count = 0

    def add(self, scores, units, width):
        """Scores (k,) of the subsets whose units are the rows of ``units`` (k, size)."""
        alive = scores >= self.need
        padded = self.torch.full((int(alive.sum()), width), -1, dtype=self.torch.int64, device=scores.device)
        padded[:, : units.shape[1]] = units[alive]
        self.scores.append(scores[alive])
        self.rows.append(padded)
        self.count += len(padded)
        if self.count > _LIST_LIMIT or self.need < 0:
            self._thin()

    def add_pairs(self, scores, first, prefix, width):
        """Scores (t, t) of ``prefix`` with units first + row and first + column, row < column."""
        rows, columns = self.torch.nonzero((scores >= self.need).triu(1), as_tuple=True)
        units = [self.torch.full_like(rows, unit) for unit in prefix]
        self.add(scores[rows, columns], self.torch.stack([*units, rows + first, columns + first], dim=1), width)

    def _thin(self):
        scores, rows = self.torch.cat(self.scores), self.torch.cat(self.rows)
        if len(scores) >= self.top:
            self.need = float(self.torch.topk(scores, self.top).values[-1]) - self.margin
        alive = scores >= self.need
        self.scores, self.rows, self.count = [scores[alive]], [rows[alive]], int(alive.sum())

    def subsets(self):
        self._thin()
        return self.rows[0].cpu().numpy()
