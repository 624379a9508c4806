"""The parity of some units of a layer as an output: what the model does up to that layer, and reading it there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .layout import Layout
from .sites import Site, hooked
from .targets import ReadsPadding


class UpTo(nn.Module):
    """A model whose answer is what one of its layers gives."""

    def __init__(self, model: nn.Module, layer: str):
        super().__init__()
        self.model = model
        site = Site.find(model, layer)

        @wraps(model.forward)  # which inputs it takes is read off its signature
        def forward(*args: Any, **kwargs: Any) -> Tensor:
            seen: list[Tensor] = []
            with hooked(site, seen.append) as watch:
                model(*args, **kwargs)
            watch.expect_one()
            return seen[0]

        self.forward = forward


class ParityOf(ReadsPadding):
    """-1 or +1: the product of the states of some units of a layer, from what that layer gives.

    Parameters
    ----------
    layout : Layout
        How the layer was read.
    units : sequence of int
    thresholds : ndarray, shape (n_units,)
        A unit is on, +1, above it.
    """

    def __init__(self, layout: Layout, units: Sequence[int], thresholds: NDArray):
        self._layout, self._units = layout, list(units)
        self._cuts = torch.as_tensor(thresholds[self._units])

    def __call__(self, result: Tensor, real: Tensor | None = None) -> Tensor:
        folded = self._layout.fold(result, result.shape[self._layout.batch_axis])
        values = self._layout.units(folded, self._layout.real(folded, real))[:, self._units]
        return torch.where(values > self._cuts.to(values.device, values.dtype), 1.0, -1.0).prod(1)
