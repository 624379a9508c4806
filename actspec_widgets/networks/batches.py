"""Inputs of a network, in any of the forms people have them, cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .evaluation import float_type


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
        arguments), samples along the first axis of each; or an iterable of batches, each in one of these
        forms. Floating arrays are cast to the model's floating type, tensors are used as they are.
    model : nn.Module
    batch_size : int
        Samples in a batch; an iterable's batches stay as they come.

    Attributes
    ----------
    n_samples : int or None
        None where only walking the iterable would tell.
    n_batches : int or None
    """

    def __init__(self, inputs: Any, model: nn.Module, batch_size: int):
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size={batch_size!r}; use a whole number of samples, 1 or more")
        self._type = float_type(model)
        self._batch_size = batch_size
        self._whole: Batch | None = None
        self.n_samples: int | None = None
        self.n_batches: int | None = None
        if isinstance(inputs, (Tensor, np.ndarray, tuple, Mapping)):
            self._whole = self._as_batch(inputs)
            self.n_samples = self._whole.size
            self.n_batches = -(-self.n_samples // batch_size)
        elif isinstance(inputs, Iterable):
            self._parts = inputs
            self.n_batches = len(inputs) if isinstance(inputs, Sized) else None
        else:
            raise TypeError(f"inputs are a {type(inputs).__name__}; {_FORMS}")

    def __iter__(self) -> Iterator[Batch]:
        if self._whole is None:
            for number, part in enumerate(self._parts):
                yield self._as_batch(part, f"batch {number}")
            return
        for start in range(0, self._whole.size, self._batch_size):
            yield self._whole.cut(start, start + self._batch_size)

    def sample(self, index: int) -> Batch:
        """Sample ``index`` alone, as a batch of one."""
        seen = 0
        for batch in self:
            if 0 <= index - seen < batch.size:
                return batch.cut(index - seen, index - seen + 1)
            seen += batch.size
        raise ValueError(f"base={index} is not a sample of the inputs; they hold samples 0..{seen - 1}")

    def _as_batch(self, inputs, what="inputs"):
        if isinstance(inputs, Mapping):
            batch = Batch((), {name: self._as_tensor(value) for name, value in inputs.items()})
        elif isinstance(inputs, tuple):
            batch = Batch(tuple(map(self._as_tensor, inputs)), {})
        elif isinstance(inputs, (Tensor, np.ndarray)):
            batch = Batch((self._as_tensor(inputs),), {})
        elif isinstance(inputs, list):
            raise TypeError(
                f"{what} is a list, which a DataLoader gives for (inputs, labels); pass only what the model takes, "
                "e.g. inputs=[x for x, label in loader]"
            )
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
        if not isinstance(value, np.ndarray):
            return value
        if value.dtype.kind not in "fiub":
            raise TypeError(f"inputs hold an array of dtype {value.dtype}; give real numbers or bool")
        # Read-only arrays are common and torch warns about them, hence the copy.
        tensor = torch.from_numpy(np.array(value) if not value.flags.writeable else np.ascontiguousarray(value))
        return tensor.to(self._type) if value.dtype.kind == "f" else tensor


_FORMS = (
    "give a tensor or array, a tuple (positional arguments) or dict (keyword arguments) of them, "
    "or an iterable of such batches"
)
