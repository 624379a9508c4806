"""A small classifier of binarised digits: a pseudo-Boolean function of its pixels."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from ..datasets import binarise
from ..files import FileKind
from .building import SeededDropout, check_rate, load_model, seeded_linear, weights_of
from .evaluation import evaluating

PIXELS = 28 * 28
CLASSES = 10
KIND = FileKind("actspec_widgets.DigitsClassifier", "a digits classifier", "DigitsClassifier.save")


class DigitsClassifier(nn.Sequential):
    """Fully connected ReLU network from 784 pixels at -1/+1 to ten logits.

    Its layers are called "dropout0" (on the pixels), then "hidden1", "relu1", "dropout1", "hidden2", ...,
    and "logits".

    Parameters
    ----------
    hidden : sequence of int
        Units in each hidden layer; none makes a linear classifier.
    dropout : float
        Rate at which the units of the hidden layers are dropped in training, 0 <= dropout < 1.
    input_dropout : float
        The same for pixels.
    seed : int
        Of the initial weights, uniform as in He et al. 2015. The global random state is neither read nor changed.

    Attributes
    ----------
    settings : dict
        The parameters above.
    report : dict
        What :func:`train_digits` did: epochs, accuracy and so on; empty before training.

    Examples
    --------
    >>> model = DigitsClassifier(hidden=(16,))
    >>> model(torch.from_numpy(binarise(np.zeros((2, 28, 28), np.uint8)))).shape
    torch.Size([2, 10])
    """

    def __init__(
        self, hidden: Sequence[int] = (64,), dropout: float = 0.0, *, input_dropout: float = 0.0, seed: int = 0
    ):
        hidden = (hidden,) if isinstance(hidden, int) else tuple(hidden)
        if any(not isinstance(width, int) or width < 1 for width in hidden):
            raise ValueError(f"hidden={hidden!r}; give the number of units of each hidden layer, e.g. (64,)")
        check_rate("dropout", dropout)
        check_rate("input_dropout", input_dropout)
        generator = torch.Generator().manual_seed(seed)
        layers: OrderedDict[str, nn.Module] = OrderedDict(dropout0=SeededDropout(input_dropout))
        width = PIXELS
        for number, units in enumerate(hidden, start=1):
            layers[f"hidden{number}"] = seeded_linear(width, units, generator)
            layers[f"relu{number}"] = nn.ReLU()
            layers[f"dropout{number}"] = SeededDropout(dropout)
            width = units
        layers["logits"] = seeded_linear(width, CLASSES, generator)
        super().__init__(layers)
        self.settings: dict[str, Any] = {
            "hidden": list(hidden),
            "dropout": float(dropout),
            "input_dropout": float(input_dropout),
            "seed": seed,
        }
        self.report: dict[str, Any] = {}

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim != 2 or input.shape[1] != PIXELS:
            raise ValueError(
                f"the digits classifier got shape {tuple(input.shape)}; it takes binarised digits (m, {PIXELS}), "
                "see binarise(images)"
            )
        return super().forward(input)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write architecture, weights and report to a ``.safetensors`` file; see :meth:`load`."""
        KIND.save_tensors(path, {"settings": self.settings, "report": self.report}, weights_of(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> DigitsClassifier:
        """Read a classifier written by :meth:`save`, in evaluation mode.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, of another kind, or written by another version.
        """

        def make(header: dict[str, Any]) -> DigitsClassifier:
            settings = dict(header["settings"])
            return cls(tuple(settings.pop("hidden")), **settings)

        return load_model(KIND, path, make)


def accuracy(model: nn.Module, images: ArrayLike, digits: ArrayLike) -> float:
    """Share of images, uint8 (m, 28, 28), whose largest logit is their digit, between 0 and 1."""
    points = torch.from_numpy(binarise(images))
    truth = np.asarray(digits)
    if truth.shape != (len(points),) or not len(points):
        raise ValueError(
            f"{len(points)} images came with digits of shape {truth.shape}; give one for each, at least one"
        )
    with evaluating(model) as there:
        chosen = torch.cat([model(part.to(there)).argmax(1).cpu() for part in points.split(1024)])
    return float(np.mean(chosen.numpy() == truth))
