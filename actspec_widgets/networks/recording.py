"""What one layer and one output of a network do on data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..progress import Progress, tick
from .batches import Batches
from .evaluation import evaluating
from .layers import find_layer, hooked, read_logit, to_numpy_type
from .layout import Layout, Pool


class Recording(NamedTuple):
    """Activations of a layer and the output that went with them.

    Attributes
    ----------
    activations : ndarray, shape (m, n_units)
        float32, or float64 for a model in double precision.
    target : ndarray, shape (m,), or (m, k) where ``output`` gives k numbers a sample
        In the output's own units; the same types.
    """

    activations: NDArray[np.floating]
    target: NDArray[np.floating]


def record(
    model: nn.Module,
    layer: str,
    inputs: Any,
    *,
    output: int | Callable[[Any], Tensor],
    batch_size: int = 1024,
    device: torch.device | str | None = None,
    pool: Pool = None,
    unit_axis: int | None = None,
    batch_axis: int | None = None,
    progress: Progress | None = None,
) -> Recording:
    """Run a network on data and keep what one layer and one output gave for every sample.

    The model runs in evaluation mode without gradients; the numbers are those of a plain forward pass of
    the same batches, bit for bit. Afterwards, also after an error, hooks are off, every submodule is in the mode
    it was in, and the model is on its device.

    Parameters
    ----------
    model : nn.Module
    layer : str
        A dotted name from ``model.named_modules()``, or "input" for the model's own (first) input. Of a layer
        that gives several tensors (``nn.LSTM``, ``nn.MultiheadAttention``) the first one is recorded.
    inputs
        A tensor or array; a tuple of them (positional arguments) or a dict (keyword arguments), samples along
        the first axis; or an iterable of batches in one of these forms. Floating *arrays* are cast to the
        model's floating type; tensors go in as they are.
    output : int or callable
        A class index into the model's (batch, classes) output (its ``logits`` or first tensor, if it returns
        several things), or a callable on what the model returns that gives (batch,) or (batch, k).
    batch_size : int
        Samples run at once.
    device : torch.device or str, optional
        Where to run; the model is brought back afterwards. None: where the model is.
    pool : {"mean", "max", "first", "last", "flatten"} or callable, optional
        A unit is a channel of a convolution, a feature of a transformer block; ``pool`` makes one number of its
        positions. "flatten" makes each position a unit of its own, in the order of ``out.flatten(1)``. A
        callable gets a tensor (batch, positions, units) and returns (batch, units). Default: "mean" for a
        layer, "flatten" for "input".
    unit_axis, batch_axis : int, optional
        Axes of the layer's output along which units and samples lie. Default: units along axis 1 for
        convolutions and their kin and for outputs of four or more axes, else along the last one; samples along
        axis 0, or 1 for attention and recurrent modules with ``batch_first=False`` (not for modules
        *inside* them: say so there).
    progress : callable, optional
        Gets (samples done, samples in all) after each batch; where an iterable does not tell how many there
        will be, (batches done, batches in all) or (samples done, samples done).

    Returns
    -------
    Recording
        ``activations`` (m, n_units) and ``target`` (m,).

    Raises
    ------
    ValueError
        If the layer does not exist, is never called or is called more than once in a forward pass; the output
        is out of range; the data are empty; axes do not fit; or an activation or output is NaN or infinite.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    >>> activations, logit = record(model, "1", torch.ones(10, 3), output=0)
    >>> activations.shape, logit.shape
    ((10, 5), (10,))
    """
    module = find_layer(model, layer) if isinstance(model, nn.Module) else None
    with evaluating(model, device) as there:
        batches = Batches(inputs, model, batch_size)
        activations, target = _Rows(batches.n_samples), _Rows(batches.n_samples)
        layout: Layout | None = None
        size, seen = 0, 0

        def see(out: Tensor) -> None:
            nonlocal layout
            if layout is None:
                layout = Layout.of(layer, module, out, pool=pool, unit_axis=unit_axis, batch_axis=batch_axis)
            # Copied at once: a later module may work in place on this very tensor.
            activations.add(to_numpy_type(layout.units(layout.fold(out, size))), f"layer {layer!r}", "unit")

        with hooked(module, layer, see) as watch:
            for number, raw in enumerate(batches, start=1):
                batch = raw.to(there)
                size = batch.size
                if module is None:
                    see(batch.tensors()[0])
                result = batch(model)
                if module is not None:
                    watch.expect_one()
                target.add(to_numpy_type(read_logit(result, output, size)), f"output {output!r}", "entry")
                seen += size
                if batches.n_samples is not None:
                    tick(progress, seen, batches.n_samples)
                elif batches.n_batches is not None:
                    tick(progress, number, batches.n_batches)
                else:
                    tick(progress, seen, seen)
    if not seen:
        raise ValueError("inputs gave no batch at all; give at least one sample")
    return Recording(activations.joined(), target.joined())


class _Rows:
    """Rows of a table whose length may be known only at the end."""

    def __init__(self, total: int | None):
        self._total = total
        self._table: NDArray | None = None
        self._pieces: list[NDArray] = []
        self._filled = 0

    def add(self, rows: Tensor, what: str, column: str) -> None:
        new = rows.numpy()
        if not np.isfinite(new).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(new))[0])
            where = f" ({column} {at[1]})" if len(at) > 1 else ""
            raise ValueError(
                f"{what} is {new[at]} at sample {self._filled + at[0]}{where}; look for NaN or overflow in the inputs "
                "and in the model's weights"
            )
        if self._total is None:
            if self._pieces and self._pieces[0].shape[1:] != new.shape[1:]:
                raise _ragged(what, self._pieces[0], new)
            self._pieces.append(new)
        else:
            if self._table is None:
                self._table = np.empty((self._total, *new.shape[1:]), new.dtype)
            if self._table.shape[1:] != new.shape[1:]:
                raise _ragged(what, self._table, new)
            self._table[self._filled : self._filled + len(new)] = new
        self._filled += len(new)

    def joined(self) -> NDArray:
        return np.concatenate(self._pieces) if self._table is None else self._table


def _ragged(what, first, new):
    return ValueError(
        f"{what} has {first.shape[1:]} numbers for the first batch and {new.shape[1:]} for another; pad the inputs to "
        'one length, or choose a pool other than "flatten"'
    )
