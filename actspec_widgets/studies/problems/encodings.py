"""A small ReLU network built by hand: units, the features that they encode, and the XOR of these as its logit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENCODINGS = ("onehot", "distributed", "superposed", "copies")
_COPIES = 2  # further units for each one where the encoding is redundant

Layer = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class ReluNetwork:
    """Layers ``(weights, biases)``, a ReLU after each but the last one.

    The first layer holds the units whose patterns are recorded: its pre-activations are -1 and +1, so that a unit is
    active, at 1, or inactive, at 0.
    """

    layers: tuple[Layer, ...]

    @property
    def n_inputs(self) -> int:
        return self.layers[0][0].shape[1]

    def patterns(self, inputs: NDArray[np.int8]) -> NDArray[np.int8]:
        """Signs of the first layer's pre-activations, shape (k, units)."""
        weights, biases = self.layers[0]
        return np.where(inputs @ weights.T + biases > 0, np.int8(1), np.int8(-1))

    def logit(self, inputs: NDArray[np.int8]) -> NDArray[np.float64]:
        """+1 or -1 for inputs of -1 and +1, shape (k,)."""
        h = np.asarray(inputs, float)
        for weights, biases in self.layers[:-1]:
            h = np.maximum(h @ weights.T + biases, 0.0)
        weights, biases = self.layers[-1]
        return (h @ weights.T + biases)[:, 0]


def xor_network(features: int, encoding: str) -> tuple[ReluNetwork, int]:
    """The network, and how many further units repeat each of the first ones.

    Parameters
    ----------
    features : int
        How many features the logit is the XOR of: -1 where an odd number of them is present, else +1.
    encoding : str
        "onehot": a feature is one unit. "distributed": a feature is whether two units differ, so that neither of them
        tells anything about it. "superposed": a feature is that two units are active together, so that k units hold
        ``k (k - 1) / 2`` features (as long as few are present at a time) and any pattern of them is read as features.
        "copies": a feature is three units that always agree, read by their mean.

    Raises
    ------
    ValueError
        If the encoding is not known.
    """
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding={encoding!r} is not known; use one of {', '.join(ENCODINGS)}")
    eye = np.eye(features)
    pairs = np.repeat(eye, 2, axis=1)  # feature j reads units 2j and 2j + 1
    copies = _COPIES if encoding == "copies" else 0
    if encoding == "onehot":
        read: list[Layer] = [(eye, np.zeros(features))]
    elif encoding == "copies":
        read = [(np.hstack([eye] * (1 + copies)) / (1 + copies), np.zeros(features))]
    elif encoding == "superposed":
        read = [(pairs, -np.ones(features))]
    else:  # |a - b| as relu(a - b) + relu(b - a)
        difference = pairs * np.tile([1.0, -1.0], features)
        both = np.hstack([eye, eye])
        read = [(np.vstack([difference, -difference]), np.zeros(2 * features)), (both, np.zeros(features))]
    n_inputs = read[0][0].shape[1] // (1 + copies)
    units = (np.vstack([np.eye(n_inputs)] * (1 + copies)), np.zeros(n_inputs * (1 + copies)))
    return ReluNetwork((units, *read, *_parity(features))), copies


def _parity(features: int) -> tuple[Layer, Layer]:
    """Layers that turn features of 0 and 1 into +1 for an even and -1 for an odd number of them.

    As a function of the number present, the saw tooth 0, 1, 0, 1, ... with a bend at every whole number.
    """
    bends = (np.ones((features, features)), -np.arange(features, dtype=float))
    slopes = np.array([1.0, *(2.0 * (-1) ** k for k in range(1, features))])
    return bends, (-2.0 * slopes[None], np.ones(1))
