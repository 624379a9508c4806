"""Digits classifiers trained at several dropout rates, small enough to come with the package. No torch needed."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files import FileKind
from .mnist import FILES, binarise

FAMILY = FILES / "digits_family.safetensors"
KIND = FileKind(
    "actspec_widgets.DigitsFamily",
    "a family of digits classifiers",
    "python -m actspec_widgets.networks.make_family",
)


@dataclass(frozen=True, eq=False)
class FamilyMember:
    """One trained classifier: 784 pixels at -1/+1, hidden ReLU layers, ten logits.

    Attributes
    ----------
    dropout : float
        Rate at which the units of the hidden layers were dropped in training.
    seed : int
    accuracy : float
        Share of MNIST's 10,000 test digits that these very weights read rightly.
    train_accuracy : float
        The same for the 60,000 training digits.
    weights : dict of str to ndarray of float32
        "hidden1.weight" (units, inputs), "hidden1.bias", ..., "logits.bias"; rounded to float16.
    """

    dropout: float
    seed: int
    accuracy: float
    train_accuracy: float
    weights: dict[str, NDArray[np.float32]] = field(repr=False)

    def layers(self, images: ArrayLike) -> dict[str, NDArray[np.float32]]:
        """What every layer gives for images, uint8 (m, 28, 28).

        Returns
        -------
        dict
            "input" (m, 784), "relu1", "relu2", ... (m, units) and "logits" (m, 10), as the network calls them.

        Examples
        --------
        >>> member = load_digits_family().member(0.5)
        >>> member.layers(np.zeros((1, 28, 28), np.uint8))["logits"].shape
        (1, 10)
        """
        return self.layers_after("input", binarise(images))

    def layers_after(self, layer: str, values: ArrayLike) -> dict[str, NDArray[np.float32]]:
        """What a layer, its activations given, and every later one give; activations of shape (m, units)."""
        values = np.asarray(values, np.float32)
        outputs = {layer: values}
        first = 1 if layer == "input" else 1 + int(layer.removeprefix("relu"))
        for number in range(first, len(self.weights) // 2):
            values = self._linear(f"hidden{number}", values)
            values = outputs[f"relu{number}"] = np.maximum(values, 0)
        outputs["logits"] = self._linear("logits", values)
        return outputs

    def _linear(self, name, values):
        return values @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]


@dataclass(frozen=True, eq=False)
class DigitsFamily:
    """Classifiers that differ in the dropout rate and the seed, and in nothing else.

    Attributes
    ----------
    members : tuple of FamilyMember
        By rate, then by seed.
    hidden : tuple of int
        Units in each hidden layer.
    recipe : dict
        How they were trained.
    """

    members: tuple[FamilyMember, ...] = field(repr=False)
    hidden: tuple[int, ...]
    recipe: dict[str, Any] = field(repr=False)

    @property
    def rates(self) -> tuple[float, ...]:
        """The dropout rates, lowest first."""
        return tuple(sorted({member.dropout for member in self.members}))

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(sorted({member.seed for member in self.members}))

    def member(self, dropout: float, seed: int = 0) -> FamilyMember:
        """The classifier of one rate and seed.

        Raises
        ------
        ValueError
            If there is none.
        """
        for member in self.members:
            if member.dropout == dropout and member.seed == seed:
                return member
        raise ValueError(
            f"the family has no classifier with dropout {dropout!r} and seed {seed!r}; it has the rates "
            f"{', '.join(f'{rate:g}' for rate in self.rates)}, each with the seeds {', '.join(map(str, self.seeds))}"
        )


def load_digits_family(path: str | os.PathLike[str] | None = None) -> DigitsFamily:
    """The classifiers that come with the package: six rates of hidden dropout, three seeds each.

    ``python -m actspec_widgets.networks.make_family`` makes the file again.

    Parameters
    ----------
    path : path, optional
        Another file made by that script.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is truncated, does not match its checksum, or is of another kind or version.

    Examples
    --------
    >>> load_digits_family().rates
    (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
    """
    return _bundled() if path is None else _read(Path(path))


@functools.cache
def _bundled() -> DigitsFamily:
    return _read(FAMILY)


def _read(path: Path) -> DigitsFamily:
    header, arrays = KIND.load_tensors(path)
    with KIND.reading(path):
        weights = {name: array.astype(np.float32) for name, array in arrays.items()}
        for array in weights.values():
            array.setflags(write=False)
        members = tuple(_member(entry, weights) for entry in header["members"])
        return DigitsFamily(members, tuple(header["hidden"]), dict(header["recipe"]))


def tensor_prefix(dropout: float, seed: int) -> str:
    """The beginning of the names of one classifier's tensors in the file."""
    return f"dropout{dropout:g}-seed{seed}."


def _member(entry, arrays):
    prefix = tensor_prefix(entry["dropout"], entry["seed"])
    weights = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    return FamilyMember(entry["dropout"], entry["seed"], entry["accuracy"], entry["train_accuracy"], weights)
