"""Which axes of a layer's output are samples, positions and units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Pool = str | Callable[[Tensor], Tensor] | None
POOLS = ("mean", "max", "first", "last", "flatten")
_CHANNELS_FIRST = (
    *(nn.Conv1d, nn.ConvTranspose1d, nn.BatchNorm1d, nn.InstanceNorm1d, nn.GroupNorm),
    *(nn.MaxPool1d, nn.AvgPool1d, nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d, nn.LPPool1d),
)
_FEATURES_LAST = (nn.Linear, nn.LayerNorm, nn.Embedding, nn.MultiheadAttention, nn.RNNBase)
_SEQUENCES = (nn.MultiheadAttention, nn.RNNBase)


@dataclass(frozen=True)
class Layout:
    """How one layer's output of shape (..., samples, ..., units, ...) is read.

    Attributes
    ----------
    name : str
        The layer, for error sentences.
    batch_axis, unit_axis : int
        Axes of the output, none negative.
    pool : str or callable
        Every position is a unit of its own for "flatten"; then ``unit_axis`` plays no part.
    """

    name: str
    batch_axis: int
    unit_axis: int
    pool: str | Callable[[Tensor], Tensor]

    @classmethod
    def of(
        cls,
        name: str,
        module: nn.Module | None,
        out: Tensor,
        *,
        pool: Pool = None,
        unit_axis: int | None = None,
        batch_axis: int | None = None,
    ) -> Layout:
        """Settle what the caller left open from the kind of layer and the number of axes.

        ``pool``: "flatten" for the model's input, "mean" for a layer. ``batch_axis``: 0, or 1 where the module
        says ``batch_first=False``. ``unit_axis``: 1 (channels) for convolutions and their kin and for
        whatever has four axes or more; the last one otherwise, as in transformer blocks.
        """
        if pool is None:
            pool = "flatten" if module is None else "mean"
        if not callable(pool) and pool not in POOLS:
            raise ValueError(f"pool={pool!r} is not a rule; use {', '.join(map(repr, POOLS))} or a callable")
        if batch_axis is None:
            batch_axis = int(isinstance(module, _SEQUENCES) and not module.batch_first and out.ndim == 3)
            inner = getattr(module, "self_attn", None)  # nn.TransformerEncoderLayer and DecoderLayer
            if isinstance(inner, nn.MultiheadAttention) and not inner.batch_first:
                batch_axis = 1
        if unit_axis is None:
            channels = isinstance(module, _CHANNELS_FIRST) or out.ndim >= 4
            unit_axis = 1 if channels and not isinstance(module, _FEATURES_LAST) else -1
        if out.ndim < 2:
            raise ValueError(f"layer {name!r} gives shape {tuple(out.shape)}, without an axis of units; choose another")
        axes = []
        for axis, what in ((batch_axis, "batch_axis"), (unit_axis, "unit_axis")):
            if not -out.ndim <= axis < out.ndim:
                raise ValueError(f"{what}={axis} does not fit layer {name!r}, which gives shape {tuple(out.shape)}")
            axes.append(axis % out.ndim)
        if axes[0] == axes[1] and pool != "flatten":
            raise ValueError(
                f"samples and units of layer {name!r} cannot both lie along axis {axes[0]} of {tuple(out.shape)}; "
                "give unit_axis and batch_axis"
            )
        return cls(name, axes[0], axes[1], pool)

    def fold(self, out: Tensor, size: int) -> Tensor:
        """An output as (samples, positions, units); ``size`` is the number of samples in the batch."""
        if out.ndim <= max(self.batch_axis, self.unit_axis) or out.shape[self.batch_axis] != size:
            raise ValueError(
                f"layer {self.name!r} gives shape {tuple(out.shape)} for a batch of {size} samples, which do not lie "
                f"along axis {self.batch_axis}; say with batch_axis=... along which they do"
            )
        if self.pool == "flatten":
            return out.movedim(self.batch_axis, 0).flatten(1)[:, None, :]
        moved = out.movedim((self.batch_axis, self.unit_axis), (0, -1))
        return moved.flatten(1, -2) if out.ndim > 2 else moved[:, None, :]

    def unfold(self, values: Tensor, out: Tensor) -> Tensor:
        """The inverse of :meth:`fold`: (samples, positions, units) in the shape and type of ``out``."""
        if self.pool == "flatten":
            moved = out.movedim(self.batch_axis, 0)
            return values.reshape(moved.shape).movedim(0, self.batch_axis).to(out.dtype)
        moved = out.movedim((self.batch_axis, self.unit_axis), (0, -1))
        return values.reshape(moved.shape).movedim((0, -1), (self.batch_axis, self.unit_axis)).to(out.dtype)

    def units(self, folded: Tensor) -> Tensor:
        """One number for each sample and unit, from (samples, positions, units)."""
        if folded.dtype not in (torch.float32, torch.float64):
            folded = folded.float()  # so that a mean over positions is not rounded to half precision
        if callable(self.pool):
            pooled = self.pool(folded)
            if not isinstance(pooled, Tensor) or pooled.shape != (len(folded), folded.shape[2]):
                came = f"shape {tuple(pooled.shape)}" if isinstance(pooled, Tensor) else type(pooled).__name__
                raise ValueError(
                    f"pool(...) made {came} of (samples, positions, units) = {tuple(folded.shape)}; "
                    f"return (samples, units) = {(len(folded), folded.shape[2])}"
                )
            return pooled
        if folded.shape[1] == 1:
            return folded[:, 0]
        if self.pool == "mean":
            return folded.mean(1)
        if self.pool == "max":
            return folded.amax(1)
        return folded[:, 0] if self.pool == "first" else folded[:, -1]
