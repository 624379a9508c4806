"""What layers and one output of a network do on data."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.memory import require_memory
from ..patterns import Patterns
from ..patterns.sparse import PatternWriter
from ..patterns.thresholds import thresholds
from ..progress import Progress
from .batches import Batches, Masks
from .evaluation import evaluating
from .layers import to_numpy_type
from .layout import Layout, Pool
from .passes import Dictionary, Reader, Rows, checked, find_sites, run
from .positions import split
from .shards import Work, in_shards, into_file
from .sites import check_name
from .targets import Output, Target, read_output


@dataclass(frozen=True, eq=False)
class Recording:
    """Activations of a layer and the output that went with them; unpacks into these two.

    Attributes
    ----------
    activations : ndarray, shape (m, n_units), or Patterns
        float32, or float64 for a model in double precision; on/off where a threshold was given as ``to``.
    target : ndarray, shape (m,), or (m, k) where ``output`` gives k numbers a sample
        In the output's own units; the same types.
    groups, positions : ndarray of int64, shape (m,), or None
        Of rows that are positions: the sample, and the place in it. Give ``groups`` to whatever splits the rows.
    layout : Layout or None
        Which axes of the layer's output were read as samples, positions and units; ``print`` says it.
    """

    activations: Any
    target: NDArray[np.floating]
    groups: NDArray[np.int64] | None = None
    positions: NDArray[np.int64] | None = None
    layout: Layout | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.activations, self.target))

    def __repr__(self) -> str:
        axes = f": {self.layout}" if self.layout is not None else ""
        units = getattr(self.activations, "n_units", None) or self.activations.shape[1]
        rows = "samples" if self.groups is None else "positions"
        return f"Recording({len(self.target)} {rows}, {units} units{axes})"


@overload
def record(model: nn.Module, layer: str, inputs: Any, **settings: Any) -> Recording: ...


@overload
def record(model: nn.Module, layer: list[str], inputs: Any, **settings: Any) -> dict[str, Recording]: ...


def record(  # type: ignore[misc]
    model: nn.Module,
    layer: str | list[str],
    inputs: Any,
    *,
    output: Output,
    mask: Any = None,
    pool: Pool = None,
    per: str = "sample",
    call: int | str | None = None,
    site: str = "output",
    dictionary: Any = None,
    to: Any = None,
    threshold: Any = 0.0,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
    unit_axis: int | None = None,
    batch_axis: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Recording | dict[str, Recording]:
    """Run a network on data and keep what layers and one output gave for every sample.

    The model runs in evaluation mode without gradients; the numbers are those of a plain forward pass of
    the same batches, bit for bit. Afterwards, also after an error, hooks are off, every submodule is in the mode
    it was in, and the model is on its device.

    Parameters
    ----------
    model : nn.Module
    layer : str or list of str
        A dotted name from ``model.named_modules()``, or "input" for the model's own (first) input. Of a layer
        that gives several tensors (``nn.LSTM``, ``nn.MultiheadAttention``) the first one is recorded. A list is
        recorded in one pass, with the other settings for all.
    inputs
        A tensor or array; a tuple of them (positional arguments) or a dict (keyword arguments), samples along
        the first axis; an iterable of batches in one of these forms, a ``DataLoader`` for example; or a map-style
        ``Dataset``. Floating *arrays* are cast to the model's floating type; tensors go in as they are.
    output : int, Target, callable, or sequence of these
        A class index into the model's (batch, classes) output (its ``logits`` or first tensor, if it returns
        several things), a target such as ``targets.margin(3, 8)``, or a callable on what the model returns that gives
        (batch,) or (batch, k).
    mask : array of shape (m, positions), str or False, optional
        Positions that are real (1) and padding (0); a string names the keyword argument of the model that says so.
        Only real positions are recorded. Default: ``attention_mask`` where the inputs have it; False counts all.
    pool : {"mean", "max", "first", "last", "flatten"} or callable, optional
        A unit is a channel of a convolution, a feature of a transformer block; ``pool`` makes one number of its
        positions. "flatten" makes each position a unit of its own, in the order of ``out.flatten(1)``. A
        callable gets a tensor (batch, positions, units), with padding also a bool tensor (batch, positions), True
        where real, and returns (batch, units). Default: "mean" for a layer, "flatten" for "input".
    per : {"sample", "position"}
        Whether a row is a sample, or a real position of a sample, a token for example; then ``groups`` says of which
        sample, and an output that gives (batch, positions), or an int of (batch, positions, classes) logits, is read
        at each position.
    call : int or "all", optional
        Which call of a layer that is called several times in a forward pass, from 0; of all calls the units stand
        side by side.
    site : {"output", "input", "through"}
        Whether to record what the layer gives or what it is given; "through" for a transcoder.
    dictionary : (encode, decode), or an object with these methods, optional
        Units are the latents of a sparse autoencoder on the layer: ``encode`` gets (samples, positions, units) and
        gives (samples, positions, latents). With ``site="through"`` those of a transcoder that stands for the layer:
        it encodes what the layer is given, and decodes to what the layer gives.
    to : number, array of shape (n_units,), or path, optional
        A threshold: rows are packed as :class:`Patterns` while they come, active above it. Use 0.0 for ReLUs. A path,
        of one layer: the patterns go into this file as they come, memory holds some batches, and ``activations`` are
        the patterns of the file, mapped. What an interrupted call has written stands in ``path`` + ".part"; the same
        call goes on there, after it has seen that model, settings and inputs are the same.
    threshold : number, or array of shape (n_units,)
        Where ``to`` is a path: a unit is active above it.
    batch_size : int
        Samples run at once.
    device : torch.device or str, optional
        Where to run; the model is brought back afterwards. None: where the model is.
    unit_axis, batch_axis : int, optional
        Axes of the layer's output along which units and samples lie. Default for units: what the kind of the layer
        tells (channels of a convolution, features of a linear layer), else the layers around it that meet the same
        shape; for samples axis 0, or 1 for attention and recurrent modules with ``batch_first=False`` (not for
        modules *inside* them: say so there).
    executor : concurrent.futures.Executor, optional
        Its workers record shards of eight batches, each with the model, which they get once. The recording is the same,
        bit for bit, on processors of one kind.
    progress : callable, optional
        Gets (samples done, samples in all) after each batch; where an iterable does not tell how many there
        will be, (batches done, batches in all) or (samples done, samples done).

    Returns
    -------
    Recording, or dict of layer to Recording
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
    names = list(layer) if isinstance(layer, (list, tuple)) else [layer]
    for name in names:
        check_name(model, name)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"layer={layer!r}; name at least one layer, each once")
    axes: dict[str, Any] = {"pool": pool, "unit_axis": unit_axis, "batch_axis": batch_axis}
    settings: dict[str, Any] = {
        "output": output, "per": per, "call": call, "site": site, "dictionary": dictionary, "batch_size": batch_size,
    }  # fmt: skip
    layers, to_file = {name: axes for name in names}, isinstance(to, str | os.PathLike)
    if executor is None and not to_file:
        found = record_each(model, layers, inputs, mask=mask, to=to, device=device, progress=progress, **settings)
        return found[names[0]] if isinstance(layer, str) else found
    if to_file and len(names) > 1:
        raise ValueError(f"to={os.fspath(to)!r} is one file and there are {len(names)} layers; record one at a time")
    batches = Batches(inputs, model, batch_size)
    work = Work(record_each, model, layers, settings | {"to": threshold if to_file else to, "device": device})
    with evaluating(model, device) if executor is None else nullcontext():  # else each shard would move the model
        if to_file:
            parts = {names[0]: into_file(to, work, batches, mask, executor, progress)}
        else:
            parts = in_shards(work, batches, mask, executor, progress)
    found = {name: Recording(*part) for name, part in parts.items()}
    return found[names[0]] if isinstance(layer, str) else found


def record_each(
    model: nn.Module,
    layers: Mapping[str, dict[str, Any]],
    inputs: Any,
    *,
    output: Output,
    mask: Any = None,
    per: str = "sample",
    call: int | str | None = None,
    site: str = "output",
    dictionary: Any = None,
    to: Any = None,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
) -> dict[str, Recording]:
    """:func:`record` for layers with a ``pool``, ``unit_axis`` and ``batch_axis`` each."""
    if per not in ("sample", "position"):
        raise ValueError(f'per={per!r}; a row is a "sample" or a "position"')
    latents = Dictionary.of(dictionary)
    with evaluating(model, device) as there:
        batches = Batches(inputs, model, batch_size)
        readers = [
            Reader(find_sites(model, name, site, call, latents)[0], axes, latents) for name, axes in layers.items()
        ]
        masks = Masks(mask)
        tables = [_Table(batches.n_samples, per, to, masks.real_positions(batches)) for _ in readers]

        def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None) -> None:
            tables[number].add(reader, folded, real)

        def read(result: Any, size: int, real: Tensor | None) -> Tensor:
            if per == "sample":
                return read_output(result, output, size, real)
            values.expect(tables[0].expected)
            return tables[0].spread(read_positions(result, output, size, real), output)

        values = Rows(batches.n_samples if per == "sample" else None)
        layouts, target = run(model, readers, batches, there, keep, output, masks, progress, read, values)
    for name, table in zip(layers, tables, strict=True):
        if table.n_rows != len(target):
            raise ValueError(
                f"layer {name!r} has {table.n_rows} positions and {next(iter(layers))!r} has {len(target)}; with "
                'per="position" record layers of equal positions together'
            )
    return {
        name: Recording(table.joined(), target, *table.places(), layout)
        for name, table, layout in zip(layers, tables, layouts, strict=True)
    }


class _Table:
    """Rows of one layer while they come: one for each sample or real position, as numbers or as bits."""

    def __init__(self, n_samples: int | None, per: str, to: Any, real_positions: int | None):
        self._per, self._to, self._real_positions = per, to, real_positions
        self._rows, self._groups, self._positions = Rows(None), Rows(None), Rows(None)
        self._writer: PatternWriter | None = None
        self._n_samples = n_samples
        self._seen = 0
        self.n_rows = 0
        self.expected = 0

    def add(self, reader: Reader, folded: Tensor, real: Tensor | None) -> None:
        size, positions = folded.shape[:2]
        if self._per == "sample":
            rows = to_numpy_type(reader.units(folded, real))
        else:
            flat, lengths = split(folded, real)
            # What goes into bits is used at once, and rows picked out of padding are a copy already.
            rows = to_numpy_type(flat, copy=self._to is None and real is None)
            self._latest = real, lengths
        if self._seen == 0:
            self._expect(self._rows_in_all(size, positions, len(rows)))
        if self._per == "position":
            self._groups.append(np.repeat(np.arange(self._seen, self._seen + size), lengths))
            every = np.tile(np.arange(positions), size)
            self._positions.append(every if real is None else every[real.reshape(-1).cpu().numpy()])
        self._seen += size
        self.n_rows += len(rows)
        if self.n_rows == len(rows):
            self._require_room(rows, str(reader.site))
        if self._to is None:
            self._rows.add(rows, str(reader.site), "unit")
            return
        values = checked(rows, str(reader.site), "unit", self.n_rows - len(rows))
        cuts = thresholds(values, self._to)
        if self._writer is None:
            self._writer = PatternWriter(values.shape[1], self.expected)
        self._writer.add(values, lambda part, out: np.less_equal(part, cuts, out=out))

    def _require_room(self, first: Tensor, name: str) -> None:
        """Refuse what would not fit in memory, as far as the first batch tells how much there will be."""
        numbers = max(self.expected, len(first)) * first[0].numel()
        needed, kind = (numbers * first.itemsize, "numbers") if self._to is None else (numbers // 8, "bits")
        remedy = "give fewer inputs, or record into a file: to=path"
        if self._to is None:
            remedy = "record bits, to=0.0, or into a file, to=path"
        require_memory(needed, f"{name} in {kind}, {self.expected:,} rows of {first[0].numel():,} units,", remedy)

    def _expect(self, rows: int) -> None:
        self.expected = rows
        for table in (self._rows, self._groups, self._positions):
            table.expect(rows)

    def _rows_in_all(self, size: int, positions: int, rows: int) -> int:
        """How many rows there will be, exactly where that can be known: room for more would be held in vain."""
        if self._n_samples is None:
            return rows
        if rows == size:
            return self._n_samples
        return self._n_samples * positions if self._real_positions is None else self._real_positions

    def spread(self, chosen: Tensor, output: Output) -> Tensor:
        """An output as one row for each row of this table: its own position's, or the sample's at each."""
        real, lengths = self._latest
        if chosen.ndim == 1:
            return chosen.repeat_interleave(torch.from_numpy(lengths).to(chosen.device))
        longest = int(lengths.max()) if real is None else real.shape[1]
        if chosen.shape[1] != longest:
            raise ValueError(
                f"output {output!r} gives shape {tuple(chosen.shape)} for {longest} positions; "
                f"give ({len(lengths)}, {longest}), or one number a sample"
            )
        return chosen.reshape(-1) if real is None else chosen[real]

    def places(self) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
        if self._per == "sample":
            return None, None
        return self._groups.joined(), self._positions.joined()

    def joined(self) -> Any:
        if self._writer is None:
            return self._rows.joined()
        return Patterns(self._writer.finish(), self.n_rows)


def read_positions(result: Any, output: Output, size: int, real: Tensor | None) -> Tensor:
    """As :func:`read_output`, an int being read at every position of (batch, positions, classes) logits."""
    if isinstance(output, int) and not isinstance(output, bool):
        every = Target("logit", (output,), "all")
        if every.fits(result):
            return every(result)
    return read_output(result, output, size, real)
