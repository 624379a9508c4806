"""Two levels for each unit, one where it is active and one where it is not: what on/off patterns become."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ..patterns.thresholds import thresholds
from .recorded_layer import RecordedLayer


class Levels:
    """Each unit's value where it is active and where it is inactive, at each position.

    Parameters
    ----------
    layer : RecordedLayer
    threshold, active, inactive
        As in :class:`SubNetwork`.
    kind : torch.dtype
        Of the model's numbers.

    Attributes
    ----------
    thresholds : ndarray, shape (n_units,)
    on : ndarray of bool, shape (m, n_units)
        Which units are active in each sample.
    active, inactive : ndarray, shape (positions, n_units)
    constant_units : tuple of int
        Units that are always active or always inactive.
    """

    def __init__(
        self,
        layer: RecordedLayer,
        threshold: str | float | ArrayLike,
        active: str | float | ArrayLike,
        inactive: str | float | ArrayLike,
        kind: torch.dtype,
    ):
        self.thresholds = thresholds(layer.activations, threshold, layer.target)
        self.on = layer.activations > self.thresholds
        n_on = self.on.sum(0)
        self.constant_units = tuple(int(i) for i in np.flatnonzero((n_on == 0) | (n_on == len(self.on))))
        high, low = layer.means(self.on)
        high, low = as_levels(active, high, "active"), as_levels(inactive, low, "inactive")
        # Where the data show one state only, its value serves for both.
        self.active, self.inactive = np.where(np.isnan(high), low, high), np.where(np.isnan(low), high, low)
        self._name, self._ragged, self._kind = layer.name, layer.ragged, kind

    def put(self, own: Tensor, real: Tensor | None, on: NDArray[np.bool_]) -> Tensor:
        """The levels of patterns ``on`` (k, n_units) in the place of ``own`` (k, positions, n_units), not of padding.

        Raises
        ------
        ValueError
            If the layer has other positions than it had on the samples.
        """
        positions = own.shape[1]
        longest = len(self.active)
        if real is None and (positions > longest or (not self._ragged and positions != longest)):
            raise ValueError(
                f"{self._name} now gives {tuple(own.shape[1:])} positions and units, on the inputs it "
                f"gave {tuple(self.active.shape)}; build the SubNetwork again"
            )
        states = torch.from_numpy(on).to(own.device)[:, None, :]
        high, low = (self._at(levels, own, real) for levels in (self.active, self.inactive))
        levels = torch.where(states, high, low)
        return levels if real is None else torch.where(real[:, :, None], levels.to(own.dtype), own)

    def _at(self, levels: NDArray[np.float64], own: Tensor, real: Tensor | None) -> Tensor:
        return at_positions(torch.from_numpy(levels).to(own.device, self._kind), own, real)


def at_positions(levels: Tensor, own: Tensor, real: Tensor | None) -> Tensor:
    """Levels (positions, n_units) for each real position of ``own`` (k, positions, n_units), counted from the first."""
    if real is None:
        return levels[: own.shape[1]]
    return levels[(real.cumsum(1) - 1).clamp(min=0)]


def as_levels(spec: str | float | ArrayLike, means: NDArray[np.float64], state: str) -> NDArray[np.float64]:
    """What ``active=`` or ``inactive=`` asks for, shape (positions, n_units); NaN where a mean is not known.

    Raises
    ------
    ValueError
        If it is no rule and no numbers that fit.
    """
    if isinstance(spec, str):
        if spec == "mean":
            return means
        if spec == "zero":
            return np.zeros_like(means)
        raise ValueError(f'{state}={spec!r} is not a rule; use "mean", "zero", a number, or one per unit')
    values = np.asarray(spec, dtype=np.float64)
    if values.shape not in ((), (means.shape[1],)):
        raise ValueError(
            f"{state} has shape {values.shape} for {means.shape[1]} units; give one number or {means.shape[1]}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{state} holds NaN or infinity; give finite numbers")
    return np.broadcast_to(values, means.shape).copy()
