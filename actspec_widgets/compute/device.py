"""Scan and transform as torch operations, for machines with an accelerator.

The device only screens: what its float32 products cannot exclude, within a worst-case rounding bound, is summed
again in float64 by the caller. So the list of a scan is the same as without a device. torch is imported when asked for.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..patterns import Patterns
from ..progress import Progress, tick

_LIST_LIMIT = 1 << 20  # candidates held on the device before they are thinned out
_UNIT_ROUNDOFF = 2.0**-24


def import_torch(device: str) -> Any:
    """Import torch and check that it can use ``device``."""
    try:
        import torch
    except ImportError:
        raise ImportError(f"device={device!r} needs PyTorch; install it, or leave device out") from None
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as problem:
        raise ValueError(
            f"device={device!r} cannot be used here ({str(problem).splitlines()[0]}); leave device out"
        ) from None
    return torch


def screen_on_device(
    patterns: Patterns, centred: NDArray, max_degree: int, top: int, device: str, progress: Progress | None
) -> NDArray[np.int64]:
    """A list that certainly holds the ``top`` largest, shape (k, max_degree), padded with -1."""
    torch = import_torch(device)
    signs = torch.as_tensor(patterns.signs(), device=device).T.to(torch.float32).contiguous()
    target = torch.as_tensor(centred, device=device, dtype=torch.float32)
    n, m = signs.shape
    # A float32 sum of m products in any order is off by at most gamma_m sum |y|; one more for rounding y.
    slack = (m + 1) * _UNIT_ROUNDOFF / (1 - (m + 1) * _UNIT_ROUNDOFF) * float(np.abs(centred).sum())
    kept = _Kept(torch, top, 2 * slack)
    weighted = signs @ target
    kept.add(weighted.abs(), torch.arange(n, device=device)[:, None], max_degree)
    prefixes = (p for size in range(max_degree - 1) for p in combinations(range(n - 2), size))
    total = sum(comb(max(n - 2, 0), size) for size in range(max_degree - 1))
    tick(progress, 0, total)
    for done, prefix in enumerate(prefixes, 1):
        first = prefix[-1] + 1 if prefix else 0
        tail = signs[first:]
        row = target if not prefix else target * signs[list(prefix)].prod(dim=0)
        scores = (tail * row) @ tail.T
        kept.add_pairs(scores.abs(), first, prefix, max_degree)
        if done % 8 == 0 or done == total:
            tick(progress, done, total)
    return kept.subsets()


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
