"""A lamp with twelve switches: a small network that is known unit by unit, with a joint part that is really there."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_SINGLES = (1.0, -0.7, 0.5)  # what switches 0, 1 and 2 add by themselves
_XOR, _XOR_WEIGHT = (3, 7), 2.0  # exactly one of the two is on
_AND, _AND_WEIGHT = (4, 8), 1.2  # both are on
_SWITCHES, _SAMPLES = 12, 2000


@dataclass(frozen=True, eq=False)
class Switches:
    """Settings of the switches, what the network's gates make of them, and how bright the lamp is; all read-only.

    ``gates = relu(switches @ weights.T + bias)`` and ``lamp = gates @ lamp_weights``. The lamp's brightness is, with 1
    for on and 0 for off: ``x0 - 0.7 x1 + 0.5 x2 + 2 [exactly one of x3, x7] + 1.2 x4 x8``; switches 5, 6, 9, 10 and 11
    do nothing.

    Attributes
    ----------
    switches : ndarray of float32, shape (m, 12)
        1 on, 0 off, each with probability one half.
    gates : ndarray of float32, shape (m, 14)
        One for each switch, then that of the two that must not both be on, and that of the two that must.
    lamp : ndarray of float32, shape (m,)
    weights, bias, lamp_weights : ndarray of float32, shapes (14, 12), (14,), (14,)
    """

    switches: NDArray[np.float32] = field(repr=False)
    gates: NDArray[np.float32] = field(repr=False)
    lamp: NDArray[np.float32] = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    bias: NDArray[np.float32] = field(repr=False)
    lamp_weights: NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        for array in vars(self).values():
            array.setflags(write=False)


@functools.cache
def load_switches() -> Switches:
    """The lamp and its switches, the same ones each time.

    Examples
    --------
    >>> known = load_switches()
    >>> known.switches.shape, known.gates.shape
    ((2000, 12), (2000, 14))
    >>> on = known.switches[:, 3] != known.switches[:, 7]
    >>> round(float(known.lamp[on].mean() - known.lamp[~on].mean()))
    2
    """
    weights = np.vstack([np.eye(_SWITCHES), np.zeros((2, _SWITCHES))]).astype(np.float32)
    bias = np.zeros(_SWITCHES + 2, np.float32)
    lamp_weights = np.zeros(_SWITCHES + 2, np.float32)
    lamp_weights[: len(_SINGLES)] = _SINGLES
    lamp_weights[list(_XOR)] = _XOR_WEIGHT
    for gate, pair, weight in ((_SWITCHES, _XOR, -2 * _XOR_WEIGHT), (_SWITCHES + 1, _AND, _AND_WEIGHT)):
        weights[gate, list(pair)] = 1.0  # relu(a + b - 1) is 1 where both are on
        bias[gate], lamp_weights[gate] = -1.0, weight
    switches = np.random.default_rng(0).integers(0, 2, (_SAMPLES, _SWITCHES)).astype(np.float32)
    gates = np.maximum(switches @ weights.T + bias, 0)
    return Switches(switches, gates, gates @ lamp_weights, weights, bias, lamp_weights)
