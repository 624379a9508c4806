"""Which axes of a layer's output are samples, positions and units."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .layers import first_tensor
from .sites import Site, forwards_replaced

Pool = str | Callable[..., Tensor] | None
POOLS = ("mean", "max", "first", "last", "flatten")
_CONVOLUTIONS = (nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.GroupNorm)
_POOLING = (
    *(nn.modules.pooling._MaxPoolNd, nn.modules.pooling._AvgPoolNd, nn.modules.pooling._LPPoolNd),
    *(nn.modules.pooling._AdaptiveMaxPoolNd, nn.modules.pooling._AdaptiveAvgPoolNd),
)
_FEATURES_LAST = (nn.Linear, nn.LayerNorm, nn.Embedding, nn.MultiheadAttention, nn.RNNBase)
_SEQUENCES = (nn.MultiheadAttention, nn.RNNBase)
# What a kind of layer calls the width of what it is given and of what it gives, in the order in which they are tried.
_WIDTHS = {
    "input": ("in_features", "in_channels", "num_features", "num_channels", "normalized_shape", "input_size"),
    "output": (
        *("out_features", "out_channels", "num_features", "num_channels", "normalized_shape", "embedding_dim"),
        *("embed_dim", "hidden_size"),
    ),
}


@dataclass(frozen=True)
class Layout:
    """How one layer's output of shape (..., samples, ..., units, ...) is read.

    Attributes
    ----------
    name : str
        The site, for error sentences.
    shape : tuple of int
        Of the output by which the axes were settled.
    batch_axis, unit_axis : int
        Axes of the output, none negative.
    pool : str or callable
        Every position is a unit of its own for "flatten"; then ``unit_axis`` plays no part.
    """

    name: str
    shape: tuple[int, ...]
    batch_axis: int
    unit_axis: int
    pool: str | Callable[..., Tensor]

    @classmethod
    def of(
        cls,
        site: Site,
        out: Tensor,
        *,
        pool: Pool = None,
        unit_axis: int | None = None,
        batch_axis: int | None = None,
        evidence: list[tuple[tuple[int, ...], int]] | None = None,
    ) -> Layout:
        """Settle what the caller left open from the kind of layer, its neighbours, and the number of axes.

        ``pool``: "flatten" for the model's input, "mean" for a layer. ``batch_axis``: 0, or 1 where the module
        says ``batch_first=False``. ``unit_axis``: that of the channels or features of the layer's kind; of other
        layers with three axes or more, that on which the layers in ``evidence`` that meet the same shape agree; of
        three axes else the last one, as in transformer blocks.

        Raises
        ------
        ValueError
            If an axis does not fit, or ``unit_axis`` is left open and nothing tells it.
        """
        module, name = site.module, str(site)
        if pool is None:
            pool = "flatten" if module is None else "mean"
        if not callable(pool) and pool not in POOLS:
            raise ValueError(f"pool={pool!r} is not a rule; use {', '.join(map(repr, POOLS))} or a callable")
        if out.ndim < 2:
            raise ValueError(f"{name} gives shape {tuple(out.shape)}, without an axis of units; choose another")
        if batch_axis is None:
            batch_axis = int(isinstance(module, _SEQUENCES) and not module.batch_first and out.ndim == 3)
            inner = getattr(module, "self_attn", None)  # nn.TransformerEncoderLayer and DecoderLayer
            if isinstance(inner, nn.MultiheadAttention) and not inner.batch_first:
                batch_axis = 1
        if unit_axis is None:
            unit_axis = _known_axis(module, tuple(out.shape), site.side)
        if unit_axis is None and pool != "flatten":
            unit_axis = _agreed_axis(name, tuple(out.shape), evidence or [])
        axes = []
        for axis, what in ((batch_axis, "batch_axis"), (-1 if unit_axis is None else unit_axis, "unit_axis")):
            if not -out.ndim <= axis < out.ndim:
                raise ValueError(f"{what}={axis} does not fit {name}, which gives shape {tuple(out.shape)}")
            axes.append(axis % out.ndim)
        if axes[0] == axes[1] and pool != "flatten":
            raise ValueError(
                f"samples and units of {name} cannot both lie along axis {axes[0]} of {tuple(out.shape)}; "
                "give unit_axis and batch_axis"
            )
        return cls(name, tuple(out.shape), axes[0], axes[1], pool)

    @property
    def has_positions(self) -> bool:
        """Whether a unit has more than one value in a sample."""
        return self.pool != "flatten" and len(self.shape) > 2

    @property
    def _in_order(self) -> bool:
        """Whether samples come first and units last, as :meth:`fold` gives them."""
        return self.batch_axis == 0 and (self.pool == "flatten" or self.unit_axis == len(self.shape) - 1)

    def __str__(self) -> str:
        rest = [i for i in range(len(self.shape)) if i not in (self.batch_axis, self.unit_axis)]
        if self.pool == "flatten":
            rest = [i for i in range(len(self.shape)) if i != self.batch_axis]
            return f"samples along axis {self.batch_axis}, every place of {_axes(rest)} a unit, of {self.shape}"
        text = f"samples along axis {self.batch_axis}, units along axis {self.unit_axis}"
        pool = self.pool if isinstance(self.pool, str) else "a callable"
        return text + (f", positions along {_axes(rest)} pooled by {pool}" if rest else "") + f", of {self.shape}"

    def fold(self, out: Tensor, size: int) -> Tensor:
        """An output as (samples, positions, units); ``size`` is the number of samples in the batch."""
        if out.ndim <= max(self.batch_axis, self.unit_axis) or out.shape[self.batch_axis] != size:
            raise ValueError(
                f"{self.name} gives shape {tuple(out.shape)} for a batch of {size} samples, which do not lie "
                f"along axis {self.batch_axis}; say with batch_axis=... along which they do"
            )
        if self.pool == "flatten":
            return out.movedim(self.batch_axis, 0).flatten(1)[:, None, :]
        moved = out.movedim((self.batch_axis, self.unit_axis), (0, -1))
        return moved.flatten(1, -2) if out.ndim > 2 else moved[:, None, :]

    def unfold(self, values: Tensor, out: Tensor) -> Tensor:
        """The inverse of :meth:`fold`: (samples, positions, units) in the shape, type and strides of ``out``.

        ``values`` themselves, which the network may then write into, where they lie in memory as ``out`` does.
        """
        formed = out.is_contiguous() or not any(out.stride())  # a blank has no strides to keep
        if formed and self._in_order and values.dtype == out.dtype and values.is_contiguous():
            return values.reshape(out.shape)
        new = torch.empty_like(out)
        if self.pool == "flatten":
            moved = new.movedim(self.batch_axis, 0)
        else:
            moved = new.movedim((self.batch_axis, self.unit_axis), (0, -1))
        moved.copy_(values.reshape(moved.shape))
        return new

    def real(self, folded: Tensor, mask: Tensor | None) -> Tensor | None:
        """The positions of ``folded`` that are no padding, bool (samples, positions); None where all are real.

        Raises
        ------
        ValueError
            If the mask does not fit the layer's positions, or padding would become units.
        """
        if mask is None or (not self.has_positions and (self.pool != "flatten" or len(self.shape) == 2)):
            return None
        if self.pool != "flatten" and folded.shape[1] > 1 and mask.shape != folded.shape[:2]:
            raise ValueError(
                f"{self.name} has {folded.shape[1]} positions and the mask {mask.shape[1]}; give mask=an array of "
                f"shape (samples, {folded.shape[1]}), or mask=False to count every position"
            )
        if bool(mask.all()) or (folded.shape[1] == 1 and self.pool != "flatten"):
            return None
        if self.pool == "flatten":
            raise ValueError(
                f'pool="flatten" makes units of the padding of {self.name}; use another pool, or inputs of one length'
            )
        return mask

    def units(self, folded: Tensor, real: Tensor | None = None) -> Tensor:
        """One number for each sample and unit, from (samples, positions, units); only ``real`` positions count."""
        if folded.dtype not in (torch.float32, torch.float64):
            folded = folded.float()  # so that a mean over positions is not rounded to half precision
        if callable(self.pool):
            return self._called(folded, real)
        if folded.shape[1] == 1:
            return folded[:, 0]
        if real is None:
            if self.pool == "mean":
                return folded.mean(1)
            if self.pool == "max":
                return folded.amax(1)
            return folded[:, 0] if self.pool == "first" else folded[:, -1]
        if self.pool == "mean":
            return folded.where(real[:, :, None], 0).sum(1) / real.sum(1, keepdim=True)
        if self.pool == "max":
            return folded.where(real[:, :, None], -torch.inf).amax(1)
        ranks = torch.arange(real.shape[1], device=real.device)
        at = torch.where(real, ranks, -1).amax(1) if self.pool == "last" else real.int().argmax(1)
        return folded[torch.arange(len(folded), device=real.device), at]

    def _called(self, folded, real):
        assert callable(self.pool)
        if real is not None and len(inspect.signature(self.pool).parameters) < 2:
            raise ValueError(
                f"some positions of {self.name} are padding, which pool(values) cannot know; "
                "give pool=a callable of (values, real), the latter bool of shape (samples, positions)"
            )
        pooled = self.pool(folded) if real is None else self.pool(folded, real)
        if not isinstance(pooled, Tensor) or pooled.shape != (len(folded), folded.shape[2]):
            came = f"shape {tuple(pooled.shape)}" if isinstance(pooled, Tensor) else type(pooled).__name__
            raise ValueError(
                f"pool(...) made {came} of (samples, positions, units) = {tuple(folded.shape)}; "
                f"return (samples, units) = {(len(folded), folded.shape[2])}"
            )
        return pooled


@contextmanager
def unit_axes_seen(model: nn.Module) -> Iterator[list[tuple[tuple[int, ...], int]]]:
    """Shapes that layers of a known kind meet while the context lasts, each with its axis of units."""
    seen: list[tuple[tuple[int, ...], int]] = []

    def watched(module):
        def change(forward):
            def run(*args, **kwargs):
                out = forward(*args, **kwargs)
                for side, what in (("input", args), ("output", out)):
                    try:
                        shape = tuple(first_tensor(what, "").shape)
                    except ValueError:
                        continue
                    axis = _known_axis(module, shape, side)
                    if axis is not None:
                        seen.append((shape, axis % len(shape)))
                return out

            return run

        return change

    known = [
        module
        for module in model.modules()
        if isinstance(module, (*_CONVOLUTIONS, *_FEATURES_LAST)) and not isinstance(module, torch.jit.ScriptModule)
    ]
    with forwards_replaced({module: watched(module) for module in known}):
        yield seen


def _known_axis(module, shape, side):
    """The axis of units that a layer's own kind tells, or None."""
    if len(shape) < 2:
        return None
    if isinstance(module, _POOLING):
        return 1
    if not isinstance(module, (*_CONVOLUTIONS, *_FEATURES_LAST)):
        return -1 if len(shape) == 2 else None
    width = next((getattr(module, name) for name in _WIDTHS[side] if hasattr(module, name)), None)
    width = width[-1] if isinstance(width, tuple) and width else width
    if isinstance(module, nn.RNNBase) and side == "output":
        return -1
    fits = [axis for axis in (1, len(shape) - 1) if shape[axis] == width]
    # Some libraries make channels-first layers of features-last ones: their kind counts only where both would fit.
    if fits and not (isinstance(module, nn.LayerNorm) and type(module) is not nn.LayerNorm and len(set(fits)) == 2):
        return fits[0] if len(set(fits)) == 1 else (1 if isinstance(module, _CONVOLUTIONS) else -1)
    return None


def _agreed_axis(name, shape, evidence):
    axes = {axis for seen, axis in evidence if seen == shape}
    if len(axes) == 1:
        return axes.pop()
    if not axes and len(shape) <= 3:
        return -1
    raise ValueError(
        f"{name} gives shape {shape}, and nothing tells along which axis its units lie; say so with unit_axis=1 "
        "(channels first) or unit_axis=-1 (channels last)"
    )


def _axes(axes):
    return f"axes {', '.join(map(str, axes))}" if len(axes) > 1 else f"axis {axes[0]}"
