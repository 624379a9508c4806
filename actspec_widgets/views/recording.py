"""What an explorer computes from: recorded activations and outputs, and the call that computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..patterns import Patterns
from ..patterns.thresholds import thresholds
from ..progress import Progress, tick
from ..results import Spectrum


class Stages(Protocol):
    """A ``progress`` that can be told what is being done."""

    def stage(self, name: str) -> None: ...

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, eq=False)
class Recording:
    """One layer and the outputs on the same samples.

    Attributes
    ----------
    activations : Patterns, or ndarray of shape (m, n)
        Patterns are on/off already: no threshold applies to them.
    outputs : ndarray, shape (m, k)
    output_names : tuple of k str
    image_shape : (rows, columns), or None
        Given when the units are the pixels of an image.
    unit_names : tuple of n str, or None
    """

    activations: Patterns | NDArray[np.floating]
    outputs: NDArray[np.float64]
    output_names: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    unit_names: tuple[str, ...] | None = None
    _packed: dict[Any, Patterns] = field(default_factory=dict, repr=False)

    @classmethod
    def checked(
        cls,
        activations: Patterns | ArrayLike,
        outputs: ArrayLike,
        *,
        output_names: Sequence[str] | None = None,
        image_shape: Sequence[int] | None = None,
        unit_names: Sequence[str] | None = None,
    ) -> Recording:
        """A recording whose parts fit each other.

        Raises
        ------
        ValueError
            If lengths differ, an output is not finite, or a name or pixel is missing.
        """
        recorded: Patterns | NDArray
        if isinstance(activations, Patterns):
            recorded, (m, n) = activations, (activations.n_samples, activations.n_units)
            unit_names = activations.unit_names if unit_names is None else unit_names
        else:
            recorded = np.asarray(activations)
            if recorded.ndim < 2:
                raise ValueError(f"activations have shape {recorded.shape}; give a table of shape (samples, units)")
            if recorded.ndim == 3 and image_shape is None:
                image_shape = recorded.shape[1:]
            m, n = len(recorded), prod(recorded.shape[1:])
            recorded = recorded.reshape(m, n)
        if m == 0 or n == 0:
            raise ValueError(f"nothing was recorded: {m} samples of {n} units; give at least one of each")
        table = np.asarray(outputs, dtype=np.float64)
        table = table[:, None] if table.ndim == 1 else table
        if table.ndim != 2 or 0 in table.shape:
            raise ValueError(f"outputs have shape {table.shape}; give (samples,) or (samples, outputs)")
        if len(table) != m:
            raise ValueError(f"{m} samples of activations came with {len(table)} of outputs; record both together")
        if not np.isfinite(table).all():
            row, column = (int(i) for i in np.argwhere(~np.isfinite(table))[0])
            raise ValueError(f"outputs hold {table[row, column]} at sample {row}, output {column}; repair or drop it")
        unnamed = ["the output"] if table.shape[1] == 1 else range(table.shape[1])
        names = tuple(map(str, unnamed if output_names is None else output_names))
        if len(names) != table.shape[1]:
            raise ValueError(f"{len(names)} output names came for {table.shape[1]} outputs; give one for each")
        return cls(
            recorded,
            table,
            names,
            checked_image_shape(image_shape, n),
            None if unit_names is None else tuple(unit_names),
        )

    @property
    def n_units(self) -> int:
        shape = self.activations
        return shape.n_units if isinstance(shape, Patterns) else shape.shape[1]

    def target_name(self, logit: int) -> str:
        """One output in words."""
        name = self.output_names[logit]
        return name if len(self.output_names) == 1 else f"logit {name}"

    def target(self, logit: int) -> NDArray[np.float64]:
        """One output, shape (m,).

        Raises
        ------
        ValueError
            If there is no such output.
        """
        if not 0 <= logit < len(self.output_names):
            raise ValueError(f"logit={logit}; this recording has outputs 0 to {len(self.output_names) - 1}")
        return self.outputs[:, logit]

    def patterns(self, threshold: Any, logit: int, progress: Progress | None = None) -> Patterns:
        """The activations as on/off patterns; kept, so that the same rule is not applied twice."""
        if isinstance(self.activations, Patterns):
            return self.activations
        key = (threshold, logit if threshold == "informative" else None)
        if key not in self._packed:
            levels = self._levels(threshold, self.target(logit), progress)
            packed = Patterns.from_activations(self.activations, levels, unit_names=self.unit_names)
            self._packed.clear()  # one at a time: recordings can be large
            self._packed[key] = packed
        return self._packed[key]

    def _levels(self, threshold, target, progress):
        if threshold not in ("otsu", "informative"):
            return threshold
        levels = np.empty(self.n_units)  # unit by unit: these rules take long enough to be watched and stopped
        for unit in range(self.n_units):
            tick(progress, unit, self.n_units)
            levels[unit] = thresholds(self.activations[:, unit : unit + 1], threshold, target)[0]
        return levels

    def backdrop(self, logit: int) -> tuple[NDArray[np.float64], str]:
        """What lies behind a subset of pixels, shape (n,), and a caption: the mean image of one output."""
        if len(self.output_names) > 1:
            samples = np.flatnonzero(self.outputs.argmax(axis=1) == logit)
            words = f"the {len(samples):,} images for which {self.target_name(logit)} is the largest"
        else:
            samples, words = np.arange(0), ""
        if not len(samples):
            samples, words = np.arange(len(self.outputs)), f"all {len(self.outputs):,} images"
        if isinstance(self.activations, Patterns):
            values = self.activations.take(samples).signs().mean(axis=0, dtype=np.float64)
        else:
            values = self.activations[samples].mean(axis=0, dtype=np.float64)
        return values, f"Shade: the mean of {words}."


def checked_image_shape(shape: Sequence[int] | None, n_units: int) -> tuple[int, int] | None:
    """``(rows, columns)`` whose product is the number of units.

    Raises
    ------
    ValueError
        If it is another number.
    """
    if shape is None:
        return None
    sides = tuple(int(side) for side in shape)
    if len(sides) != 2 or prod(sides) != n_units:
        raise ValueError(f"image_shape={sides} has {prod(sides)} pixels for {n_units} units; give (rows, columns)")
    return sides[0], sides[1]


@dataclass(frozen=True)
class Settings:
    """What a spectrum is computed with."""

    logit: int
    threshold: Any
    max_degree: int
    max_subsets: int
    rho_max: float
    alpha: float
    search: str
    split: float
    seed: int


def compute(recording: Recording, settings: Settings, progress: Stages) -> Spectrum:
    """The one call behind every control."""
    progress.stage("Setting thresholds")
    patterns = recording.patterns(settings.threshold, settings.logit, progress)
    progress.stage("Searching")
    from ..compute import activation_spectroscopy

    return activation_spectroscopy(
        patterns,
        recording.target(settings.logit),
        max_degree=settings.max_degree,
        max_subsets=settings.max_subsets,
        rho_max=settings.rho_max,
        alpha=settings.alpha,
        search=settings.search,
        split=settings.split,
        seed=settings.seed,
        progress=progress,
    )
