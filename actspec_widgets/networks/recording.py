"""What layers and one output of a network do on data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..progress import Progress, tick
from .batches import Batches, Masks, Samples
from .evaluation import evaluating
from .layers import read_logit, to_numpy_type
from .layout import Layout, Pool, unit_axes_seen
from .sites import Site, hooked


@dataclass(frozen=True, eq=False)
class Recording:
    """Activations of a layer and the output that went with them; unpacks into these two.

    Attributes
    ----------
    activations : ndarray, shape (m, n_units)
        float32, or float64 for a model in double precision.
    target : ndarray, shape (m,), or (m, k) where ``output`` gives k numbers a sample
        In the output's own units; the same types.
    layout : Layout or None
        Which axes of the layer's output were read as samples, positions and units; ``print`` says it.
    """

    activations: NDArray[np.floating]
    target: NDArray[np.floating]
    layout: Layout | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[NDArray[np.floating]]:
        return iter((self.activations, self.target))

    def __repr__(self) -> str:
        axes = f": {self.layout}" if self.layout is not None else ""
        return f"Recording({len(self.target)} samples, {self.activations.shape[1]} units{axes})"


def record(
    model: nn.Module,
    layer: str,
    inputs: Any,
    *,
    output: int | Callable[[Any], Tensor],
    mask: Any = None,
    pool: Pool = None,
    site: str = "output",
    call: int | None = None,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
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
        the first axis; an iterable of batches in one of these forms, a ``DataLoader`` for example; or a map-style
        ``Dataset``. Floating *arrays* are cast to the model's floating type; tensors go in as they are.
    output : int or callable
        A class index into the model's (batch, classes) output (its ``logits`` or first tensor, if it returns
        several things), or a callable on what the model returns that gives (batch,) or (batch, k).
    mask : array of shape (m, positions), str or False, optional
        Positions that are real (1) and padding (0); a string names the keyword argument of the model that says so.
        Only real positions are pooled. Default: ``attention_mask`` where the inputs have it; False counts all.
    pool : {"mean", "max", "first", "last", "flatten"} or callable, optional
        A unit is a channel of a convolution, a feature of a transformer block; ``pool`` makes one number of its
        positions. "flatten" makes each position a unit of its own, in the order of ``out.flatten(1)``. A
        callable gets a tensor (batch, positions, units), with padding also a bool tensor (batch, positions), True
        where real, and returns (batch, units). Default: "mean" for a layer, "flatten" for "input".
    site : {"output", "input"}
        Whether to record what the layer gives or what it is given.
    call : int, optional
        Which call of a layer that is called several times in a forward pass, from 0.
    batch_size : int
        Samples run at once.
    device : torch.device or str, optional
        Where to run; the model is brought back afterwards. None: where the model is.
    unit_axis, batch_axis : int, optional
        Axes of the layer's output along which units and samples lie. Default for units: what the kind of the layer
        tells (channels of a convolution, features of a linear layer), else the layers around it that meet the same
        shape; for samples axis 0, or 1 for attention and recurrent modules with ``batch_first=False`` (not for
        modules *inside* them: say so there).
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
        is out of range; the data are empty; axes do not fit or cannot be told; "input" holds token ids, which are
        names and not numbers; or an activation or output is NaN or infinite.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    >>> activations, logit = record(model, "1", torch.ones(10, 3), output=0)
    >>> activations.shape, logit.shape
    ((10, 5), (10,))
    """
    rows: list[Rows] = []

    def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None) -> None:
        rows[number].add(to_numpy_type(reader.units(folded, real)), str(reader.site), "unit")

    place = Site.find(model, layer, site, call) if isinstance(model, nn.Module) else Site(layer, None)
    axes: dict[str, Any] = {"pool": pool, "unit_axis": unit_axis, "batch_axis": batch_axis}
    with evaluating(model, device) as there:
        batches = Batches(inputs, model, batch_size)
        rows.append(Rows(batches.n_samples))
        (layout,), target = run(model, [Reader(place, axes)], batches, there, keep, output, Masks(mask), progress)
    return Recording(rows[0].joined(), target, layout)


class Reader:
    """Reads one site in batch after batch; the axes are settled by the first."""

    def __init__(self, site: Site, axes: dict[str, Any], layout: Layout | None = None):
        self.site, self.layout = site, layout
        self._axes = axes
        self._waiting: Tensor | None = None

    def settle(self, evidence: list[tuple[tuple[int, ...], int]]) -> None:
        assert self._waiting is not None
        self.layout = Layout.of(self.site, self._waiting, evidence=evidence, **self._axes)

    def wait(self, out: Tensor) -> None:
        self._waiting = out.detach().clone()  # a later module may work in place on this very tensor

    def waited(self) -> Tensor:
        out, self._waiting = self._waiting, None
        assert out is not None
        return out

    def parts(self, out: Tensor, size: int, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The output as (samples, positions, units), and which positions are real."""
        assert self.layout is not None
        if out.is_quantized:
            out = out.dequantize()
        folded = self.layout.fold(out, size)
        return folded, self.layout.real(folded, mask)

    def units(self, folded: Tensor, real: Tensor | None) -> Tensor:
        assert self.layout is not None
        return self.layout.units(folded, real)


def run(
    model: nn.Module,
    readers: list[Reader],
    batches: Batches | Samples,
    there: torch.device,
    keep: Callable[[int, Reader, Tensor, Tensor | None], None],
    output: int | Callable[[Any], Tensor],
    masks: Masks,
    progress: Progress | None = None,
) -> tuple[list[Layout], NDArray[np.floating]]:
    """Run a model that is being evaluated over batches, and let ``keep`` have what each reader's site gave.

    ``keep`` must copy what it keeps.
    """
    target = Rows(batches.n_samples)
    seen = size = 0
    mask: Tensor | None = None

    def see(number: int, out: Tensor) -> None:
        reader = readers[number]
        if reader.layout is None:
            reader.wait(out)
        else:
            keep(number, reader, *reader.parts(out, size, mask))

    for count, raw in enumerate(batches, start=1):
        batch = raw.to(there)
        size, mask = batch.size, masks.of(batch, np.arange(seen, seen + batch.size))
        unsettled = [number for number, reader in enumerate(readers) if reader.layout is None]
        with ExitStack() as around:
            watches = [
                around.enter_context(hooked(reader.site, partial(see, number))) for number, reader in enumerate(readers)
            ]
            evidence = around.enter_context(unit_axes_seen(model)) if unsettled else []
            for number, reader in enumerate(readers):
                if reader.site.module is None:
                    check_no_tokens(model, batch.tensors()[0])
                    see(number, batch.tensors()[0])
            result = batch(model)
        for watch, reader in zip(watches, readers, strict=True):
            if reader.site.module is not None:
                watch.expect_one()
        for number in unsettled:
            readers[number].settle(evidence)
            see(number, readers[number].waited())
        target.add(to_numpy_type(read_logit(result, output, size)), f"output {output!r}", "entry")
        seen += size
        if batches.n_samples is not None:
            tick(progress, seen, batches.n_samples)
        elif batches.n_batches is not None:
            tick(progress, count, batches.n_batches)
        else:
            tick(progress, seen, seen)
    if not seen:
        raise ValueError("inputs gave no batch at all; give at least one sample")
    masks.check_end(seen)
    layouts = [reader.layout for reader in readers if reader.layout is not None]
    return layouts, target.joined()


def check_no_tokens(model: nn.Module, first: Tensor) -> None:
    """Refuse token ids as the activations of "input": they are names, not numbers."""
    if first.dtype in (torch.int64, torch.int32) and any(
        isinstance(module, (nn.Embedding, nn.EmbeddingBag)) for module in model.modules()
    ):
        raise ValueError(
            'layer="input" is given token ids, which are names and not numbers; record the embedding layer, or take '
            "which tokens are present as patterns: Patterns.from_signs(presence), bool of shape (samples, tokens)"
        )


class Rows:
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
