"""Parts of the small networks: layers with random numbers of their own, and weights as arrays and from files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..files import FileKind

M = TypeVar("M", bound=nn.Module)


class SeededDropout(nn.Dropout):
    """Dropout that can draw from its own generator, so that training leaves the global random state alone."""

    generator: torch.Generator | None = None

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or self.generator is None or self.p == 0:
            return super().forward(input)
        kept = torch.rand(input.shape, generator=self.generator) >= self.p
        return input * kept / (1 - self.p)


def seeded_linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """A linear layer with weights drawn as in He et al. 2015 and biases of zero."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)  # nn.Linear itself would draw from the global state
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def check_rate(name: str, rate: float) -> None:
    """Refuse a dropout rate outside ``0 <= rate < 1`` with a ValueError."""
    if not 0 <= rate < 1:
        raise ValueError(f"{name}={rate!r}; a dropout rate lies in 0 <= rate < 1")


def weights_of(model: nn.Module) -> dict[str, NDArray]:
    """The model's weights by name, as arrays on the CPU."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}


def set_weights(model: nn.Module, weights: Mapping[str, NDArray]) -> None:
    """Give the model weights by name, rounded or widened to its own floating type."""
    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})


def load_model(kind: FileKind, path: str | os.PathLike[str], make: Callable[[dict[str, Any]], M]) -> M:
    """A model of a file, in evaluation mode: ``make`` builds it from the header; weights and report are then set.

    Raises
    ------
    FileNotFoundError, ValueError
        As :meth:`FileKind.load_tensors`, or if the header or the weights do not fit the model.
    """
    header, weights = kind.load_tensors(path)
    with kind.reading(path):
        model: Any = make(header)
        set_weights(model, weights)
        model.report = dict(header["report"])
    return model.eval()
