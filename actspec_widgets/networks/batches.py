"""Inputs of a network, in any of the forms people have them, cut into batches."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

from .evaluation import float_type

MASK = "attention_mask"  # what transformers call their mask of real tokens
_LABELS = ("labels", "label", "target", "targets", "y")


@dataclass(frozen=True)
class Batch:
    """What one call of the model gets; every tensor has the samples along its first axis."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def tensors(self) -> list[Tensor]:
        return [value for value in (*self.args, *self.kwargs.values()) if isinstance(value, Tensor)]

    @property
    def size(self) -> int:
        return len(self.tensors()[0])

    @property
    def signature(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of one sample: batches that have the same can be mixed."""
        return tuple(tuple(tensor.shape[1:]) for tensor in self.tensors())

    def map(self, change: Callable[[Tensor], Tensor]) -> Batch:
        """The same batch with every tensor changed; other values pass."""

        def apply(value):
            return change(value) if isinstance(value, Tensor) else value

        return Batch(tuple(map(apply, self.args)), {name: apply(value) for name, value in self.kwargs.items()})

    def cut(self, start: int, end: int) -> Batch:
        return self.map(lambda tensor: tensor[start:end])

    def to(self, device: torch.device) -> Batch:
        # Copied even on the same device: a model that works in place would write into the caller's data.
        return self.map(lambda tensor: tensor.detach().to(device, copy=True))

    def with_first(self, first: Tensor) -> Batch:
        """The same batch with the model's first input replaced."""
        old = self.tensors()[0]
        return self.map(lambda tensor: first if tensor is old else tensor)

    def __call__(self, model: nn.Module) -> Any:
        return model(*self.args, **self.kwargs)


class Batches:
    """Batches of one data set.

    Parameters
    ----------
    inputs
        A tensor or array; a tuple of them (the model's positional arguments) or a mapping (its keyword
        arguments), samples along the first axis of each; an iterable of batches, each in one of these
        forms; or a map-style ``Dataset`` of samples. Floating arrays are cast to the model's floating type, tensors
        are used as they are. Labels, which loaders give along, are left out where the model does not take them.
    model : nn.Module
    batch_size : int
        Samples in a batch; an iterable's batches stay as they come.

    Attributes
    ----------
    n_samples : int or None
        None where only walking the iterable would tell.
    n_batches : int or None
    whole : Batch or None
        All samples, where they are given at once.
    """

    def __init__(self, inputs: Any, model: nn.Module, batch_size: int):
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(f"batch_size={batch_size!r}; use a whole number of samples, 1 or more")
        self._type = float_type(model)
        self._takes = _Takes.of(model)
        self._batch_size = int(batch_size)
        self.whole: Batch | None = None
        self.n_samples: int | None = None
        self.n_batches: int | None = None
        if not isinstance(inputs, (Tensor, np.ndarray, Mapping)) and hasattr(inputs, "__array__"):
            inputs = np.asarray(inputs)  # a table of another library
        if isinstance(inputs, Dataset) and not isinstance(inputs, (IterableDataset, Mapping)):
            inputs = DataLoader(inputs, batch_size=batch_size)
        if isinstance(inputs, (Tensor, np.ndarray, tuple, Mapping)):
            self.whole = self._as_batch(inputs)
            self.n_samples = self.whole.size
            self.n_batches = -(-self.n_samples // batch_size)
        elif isinstance(inputs, Iterable):
            self._parts = inputs
            self.n_batches = len(inputs) if isinstance(inputs, Sized) else None
        else:
            raise TypeError(f"inputs are a {type(inputs).__name__}; {_FORMS}")

    def __iter__(self) -> Iterator[Batch]:
        if self.whole is None:
            for number, part in enumerate(self._parts):
                yield self._as_batch(part, f"batch {number}")
            return
        for start in range(0, self.whole.size, self._batch_size):
            yield self.whole.cut(start, start + self._batch_size)

    def kept(self) -> Samples:
        """All samples at hand, so that any of them can be asked for; an iterable is walked once."""
        return Samples(list(self))

    def _as_batch(self, inputs, what="inputs"):
        if isinstance(inputs, Mapping):
            given = self._takes.keywords(inputs)
            batch = Batch((), {name: self._as_tensor(value) for name, value in given.items()})
        elif isinstance(inputs, (tuple, list)):
            if isinstance(inputs, list):
                inputs = self._takes.positional(inputs, what)
            batch = Batch(tuple(map(self._as_tensor, inputs)), {})
        elif isinstance(inputs, (Tensor, np.ndarray)):
            batch = Batch((self._as_tensor(inputs),), {})
        elif isinstance(inputs, str):
            raise TypeError(f"{what} is a text; {_TOKENS}")
        else:
            raise TypeError(f"{what} is a {type(inputs).__name__}; {_FORMS}")
        tensors = batch.tensors()
        if not tensors:
            raise ValueError(f"{what} holds no tensor or array; {_FORMS}")
        if any(tensor.ndim == 0 for tensor in tensors):
            raise ValueError(f"{what} has a single number where samples should lie along the first axis")
        sizes = {len(tensor) for tensor in tensors}
        if len(sizes) > 1:
            raise ValueError(f"{what} mixes {sorted(sizes)} samples in one call of the model; give as many in each")
        if 0 in sizes:
            raise ValueError(f"{what} is empty (shape {tuple(tensors[0].shape)}); give at least one sample")
        return batch

    def _as_tensor(self, value):
        if isinstance(value, list):
            try:
                value = np.asarray(value)
            except ValueError as error:
                raise ValueError("inputs hold lists of different lengths; pad them to one length") from error
        if isinstance(value, Tensor):
            return _laid_out(value)
        if not isinstance(value, np.ndarray):
            return value
        if isinstance(value, np.ma.MaskedArray):
            raise TypeError("inputs hold a masked array, whose masked values would be run too; fill or drop them")
        if value.dtype.kind in "US":
            raise TypeError(f"inputs hold texts (dtype {value.dtype}); {_TOKENS}")
        if value.dtype.kind not in "fiub":
            raise TypeError(f"inputs hold an array of dtype {value.dtype}; give real numbers or bool")
        # Read-only arrays are common and torch warns about them, hence the copy.
        tensor = torch.from_numpy(
            np.array(value, order="C") if not value.flags.writeable else np.ascontiguousarray(value)
        )
        return tensor.to(self._type) if value.dtype.kind == "f" else tensor


def _laid_out(tensor: Tensor) -> Tensor:
    """The same numbers where each sample is one piece of memory: sums over other layouts round otherwise."""
    if tensor.is_nested or tensor.layout != torch.strided:
        kind = "nested" if tensor.is_nested else str(tensor.layout).removeprefix("torch.")
        raise TypeError(f"inputs hold a {kind} tensor; give a dense one, e.g. tensor.to_dense() or padded samples")
    kept = tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last)
    return tensor if kept else tensor.contiguous()


def blank(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A tensor of which only the form is of use; read after all, it gives NaN, or 0 where numbers are whole."""
    nothing = torch.nan if tensor.is_floating_point() else 0
    return torch.full((), nothing, dtype=tensor.dtype, device=tensor.device).expand(shape)


class Samples:
    """Batches at hand, of which any samples can be put together.

    Attributes
    ----------
    batches : list of Batch
    n_samples, n_batches : int
    kind : ndarray of int, shape (n_samples,)
        Samples of one kind have the same shapes and can share a batch.
    """

    def __init__(self, batches: list[Batch]):
        self.batches = batches
        self.n_batches: int | None = len(batches)
        ends = np.cumsum([batch.size for batch in batches])
        self.n_samples = int(ends[-1]) if len(ends) else 0
        self._starts = ends - [batch.size for batch in batches]
        signatures = list(dict.fromkeys(batch.signature for batch in batches))
        kinds = [signatures.index(batch.signature) for batch in batches]
        self.kind = np.repeat(kinds, [batch.size for batch in batches])

    def __iter__(self) -> Iterator[Batch]:
        return iter(self.batches)

    def first(self, size: int) -> Samples:
        """The first samples of the first batch."""
        return Samples([batch.cut(0, size) for batch in self.batches[:1]])

    def take(self, samples: NDArray[np.int64], read: tuple[bool, ...] | None = None) -> Batch:
        """The given samples, all of one kind, as one batch; ``read`` says of which of its tensors anything is read."""
        homes = np.searchsorted(self._starts, samples, side="right") - 1
        used = np.unique(homes)
        wanted = iter((True,) * len(self.batches[0].tensors()) if read is None else read)
        if len(used) == 1 or (read is not None and not any(read)):
            at = torch.from_numpy(samples - self._starts[used[0]])

            def rows(tensor):
                return (
                    tensor[at.to(tensor.device)] if next(wanted) else blank(tensor, (len(samples), *tensor.shape[1:]))
                )

            return self.batches[used[0]].map(rows)
        order = np.argsort(homes, kind="stable")
        back = torch.from_numpy(np.argsort(order, kind="stable"))
        parts = []
        for home in used:
            at = torch.from_numpy(samples[order][homes[order] == home] - self._starts[home])
            parts.append(self.batches[home].map(lambda tensor, at=at: tensor[at.to(tensor.device)]).tensors())
        joined = iter(
            torch.cat(pieces)[back.to(pieces[0].device)]
            if next(wanted)
            else blank(pieces[0], (len(samples), *pieces[0].shape[1:]))
            for pieces in zip(*parts, strict=True)
        )
        return self.batches[used[0]].map(lambda tensor: next(joined))


class Masks:
    """Which positions of each sample are real.

    Parameters
    ----------
    mask : array of shape (n_samples, positions), str, False or None
        True or 1 where a position is real. A string names one of the model's keyword arguments; one that ends in
        "padding_mask" is True where it is *not* real, as PyTorch has it. None: ``attention_mask`` where there is one.
        False: every position counts.
    """

    def __init__(self, mask: Any = None):
        self._name: str | None = None
        self._table: Tensor | None = None
        self._asked = mask is not None
        if mask is None or isinstance(mask, str):
            self._name = MASK if mask is None else mask
        elif mask is not False:
            table = torch.as_tensor(np.asarray(mask.cpu() if isinstance(mask, Tensor) else mask))
            if table.ndim != 2:
                raise ValueError(f"mask has shape {tuple(table.shape)}; give (samples, positions), 1 where real")
            self._table = _as_mask(table, "mask")

    def first(self, size: int) -> Masks:
        """Those of the first samples."""
        return self if self._table is None else Masks(self._table[:size])

    def reads(self, batch: Batch) -> tuple[bool, ...]:
        """Which tensors of a batch the mask is read from."""
        of = None if self._name is None or self._table is not None else batch.kwargs.get(self._name)
        return tuple(tensor is of for tensor in batch.tensors())

    def of(self, batch: Batch, samples: NDArray[np.int64]) -> Tensor | None:
        """The mask of a batch of the given samples."""
        if self._table is not None:
            if samples[-1] >= len(self._table):
                raise ValueError(
                    f"mask has {len(self._table)} rows and the inputs have more samples; give one for each"
                )
            return self._table[torch.from_numpy(samples)].to(batch.tensors()[0].device)
        if self._name is None:
            return None
        value = batch.kwargs.get(self._name)
        if not self._asked:
            if not isinstance(value, Tensor) or value.ndim != 2:
                return None
            written = batch.kwargs.get("decoder_input_ids")
            if isinstance(written, Tensor) and written.shape == value.shape and bool((value == 0).any()):
                raise ValueError(
                    f"{self._name} is of what the model reads, and what it writes is as long, so that it may be laid "
                    f'on either; say mask="{self._name}" for layers of the encoder, an array or False for those of '
                    "the decoder"
                )
        if value is None:
            known = ", ".join(map(repr, batch.kwargs)) or "none, as the inputs are positional"
            raise ValueError(f"mask={self._name!r} is not among the model's keyword inputs ({known}); give an array")
        if not isinstance(value, Tensor) or value.ndim != 2:
            raise ValueError(f"mask={self._name!r} is not of shape (samples, positions); give such an array as mask=")
        if self._name.endswith("padding_mask"):
            return _as_mask(~value.bool(), self._name)
        return _as_mask(value, self._name)

    def real_positions(self, batches: Batches) -> int | None:
        """How many real positions all samples have together; None where no mask or only the batches tell."""
        if self._table is not None:
            return int(self._table.sum())
        if batches.whole is None:
            return None
        mask = self.of(batches.whole, np.arange(batches.whole.size))
        return None if mask is None else int(mask.sum())

    def check_end(self, n_samples: int) -> None:
        if self._table is not None and len(self._table) != n_samples:
            raise ValueError(f"mask has {len(self._table)} rows for {n_samples} samples; give one for each")


def _as_mask(values, name):
    real = values != 0
    if not bool((real == values).all()):
        raise ValueError(f"{name} holds values other than 0 and 1; give 1 where a position is real and 0 elsewhere")
    empty = ~real.any(1)
    if bool(empty.any()):
        raise ValueError(f"{name} calls every position of sample {int(empty.int().argmax())} padding; leave it out")
    return real


@dataclass(frozen=True)
class _Takes:
    """What a model's forward takes, where it can be told."""

    names: tuple[str, ...] | None
    required: tuple[str, ...]
    anything: bool

    @classmethod
    def of(cls, model):
        try:
            given = inspect.signature(model.forward).parameters.values()
        except (TypeError, ValueError):
            return cls(None, (), True)
        plain = [p for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        return cls(
            tuple(p.name for p in plain),
            tuple(p.name for p in given if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)),
            any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in given),
        )

    def keywords(self, inputs: Mapping) -> dict[str, Any]:
        """Without labels that are not required: a model would only compute a loss by them."""
        known = self.names if self.names is not None and not self.anything else ()
        return {
            name: value
            for name, value in inputs.items()
            if name not in _LABELS or name in self.required or (name in known and not name.startswith("label"))
        }

    def positional(self, inputs: list[Any], what: str) -> list[Any]:
        """Of a loader's list (inputs, label) what the model takes."""
        names = [name for name in self.names or () if name not in _LABELS]
        if len(inputs) == 1 or (not self.anything and len(names) == 1):
            return inputs[:1]
        if not self.anything and len(inputs) <= len([name for name in names if name in self.required]):
            return inputs
        raise TypeError(
            f"{what} is a list of {len(inputs)}, as a DataLoader gives for (inputs, labels), and the model takes "
            f"{', '.join(names) or 'anything'}; pass only what it takes, e.g. inputs=[x for x, label in loader]"
        )


_TOKENS = 'give what the model reads of it, e.g. tokenizer(texts, padding=True, return_tensors="pt")'
_FORMS = (
    "give a tensor or array, a tuple (positional arguments) or dict (keyword arguments) of them, "
    "or an iterable of such batches"
)
