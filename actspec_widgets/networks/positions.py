"""Activations at every real position of every sample, one row a position."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..compute.effects.mixing import COMPILED, exchange


class PositionTable:
    """Rows of real positions, sample after sample, each sample's in their order.

    Attributes
    ----------
    values : Tensor, shape (rows, n_units)
    lengths : ndarray of int64, shape (m,)
        Real positions of each sample.
    starts : ndarray of int64, shape (m,)
        Row of each sample's first one.
    """

    def __init__(self, values: Tensor, lengths: NDArray[np.int64]):
        self.values, self.lengths = values, lengths
        self.starts = np.cumsum(lengths) - lengths
        self._starts = torch.from_numpy(self.starts).to(values.device)

    @classmethod
    def joined(cls, pieces: list[tuple[Tensor, NDArray[np.int64]]]) -> PositionTable:
        return cls(torch.cat([rows for rows, _ in pieces]), np.concatenate([lengths for _, lengths in pieces]))

    def to(self, device: torch.device) -> PositionTable:
        """The same on a device."""
        return PositionTable(self.values.to(device), self.lengths)

    def blocks(self, sizes: list[int]) -> Iterator[tuple[Tensor, Tensor]]:
        """Blocks of samples: values (samples, longest, units), 0 where a sample has no more, and where it has."""
        start = 0
        for size in sizes:
            lengths = self.lengths[start : start + size]
            yield padded(self._rows(start, size), lengths)
            start += size

    def _rows(self, start, size):
        first = int(self.starts[start])
        return self.values[first : first + int(self.lengths[start : start + size].sum())]

    def exchanged(self, own: Tensor, real: Tensor | None, donors: Tensor) -> Tensor:
        """``own`` (samples, positions, units) with units taken from donors (samples, units), -1 keeping what is there.

        The j-th real position of a sample gets the donor's j-th; padding keeps what is there.
        """
        values = self.values.to(own.device, own.dtype)
        if COMPILED and own.device.type == "cpu" and own.dtype in (torch.float32, torch.float64):
            return self._exchanged_here(own, real, donors, values)
        new = own.clone()
        kept, first = donors < 0, self._starts.to(own.device)[donors]
        for place in range(own.shape[1]):
            if real is None:
                rank = torch.full((len(own), 1), place, device=own.device)
                takes = ~kept
            else:
                rank = real[:, : place + 1].sum(1, keepdim=True) - 1
                takes = ~kept & real[:, place, None]
            at = torch.where(takes, first + rank, 0)
            new[:, place] = torch.where(takes, values.gather(0, at), own[:, place])
        return new

    def _exchanged_here(self, own: Tensor, real: Tensor | None, donors: Tensor, values: Tensor) -> Tensor:
        """The same by a kernel, with the same bits."""
        there = np.ones(own.shape[:2], bool) if real is None else real.contiguous().numpy()
        new = torch.empty(own.shape, dtype=own.dtype)
        exchange(
            new.numpy(), own.detach().contiguous().numpy(), there, donors.contiguous().numpy(), self.starts,
            values.contiguous().numpy(),
        )  # fmt: skip
        return new

    def of(self, samples: NDArray[np.int64], own: Tensor, real: Tensor | None) -> Tensor:
        """The samples' values at the real positions of ``own`` (samples, positions, anything), 0 in padding."""
        units = self.values.shape[1]
        nothing = own.new_zeros(*own.shape[:2], units)
        return self.exchanged(nothing, real, torch.from_numpy(samples).to(own.device)[:, None].expand(-1, units))


def split(folded: Tensor, real: Tensor | None) -> tuple[Tensor, NDArray[np.int64]]:
    """A batch (samples, positions, units) as rows of real positions, not copied, and how many each sample has."""
    size, positions, units = folded.shape
    if real is None:
        rows, lengths = folded.reshape(-1, units), np.full(size, positions, np.int64)
    else:
        rows, lengths = folded[real], real.sum(1).cpu().numpy().astype(np.int64)
    return rows.detach(), lengths


def padded(rows: Tensor, lengths: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """The reverse of :func:`split`, every sample starting at position 0; and where a sample has values."""
    longest = int(lengths.max())
    there = torch.arange(longest)[None, :] < torch.from_numpy(lengths)[:, None]
    values = rows.new_zeros(len(lengths), longest, rows.shape[1])
    values[there] = rows
    return values, there
