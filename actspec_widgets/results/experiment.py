"""What was done to the units of a function and what came of it: the record of an experiment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import FileKind
from ..patterns import Patterns
from ..patterns.packing import words_for
from .estimates import frozen_array

STATES = ("natural", "balanced")
KIND = FileKind("actspec_widgets.Experiment", "an experiment", "Experiment.save")
_SAVED = ("share", "states", "units", "left_out", "unit_names")
_TABLES = ("in_play", "new", "old")
_OF_DRAWS = {"change": np.float64, "before": np.float64, "base": np.int64}
_OF_UNITS = {"means": np.float64, "thresholds": np.float64}


@dataclass(frozen=True, eq=False)
class Experiment:
    """Draws of a base sample in which some units got their values from other recorded samples.

    Attributes
    ----------
    in_play : Patterns
        k draws of n units; "active" where the unit was resampled.
    new : Patterns
        The unit's state after that; where it was not resampled, its state in the base sample.
    old : Patterns
        Its state in the base sample.
    change : ndarray, shape (k,)
        Output less that of the base sample.
    before : ndarray, shape (k,)
        Output of the base sample.
    base : ndarray of int, shape (k,)
        The base samples.
    share : float
        Probability that a unit was resampled.
    states : {"natural", "balanced"}
        Whether a new value came from any recorded sample, or was drawn to be on or off with equal chance.
    means : ndarray, shape (n,)
        Mean of the new state (+1 on, -1 off) of a unit that is in play: its mean over the recorded samples, or 0.
    thresholds : ndarray, shape (n,)
        A unit is on above it.
    units : tuple of int
        Those that could be in play.
    left_out : tuple of int
        Units left out: fewer than 30 recorded samples show one of their states.
    unit_names : tuple of str or None
    rest : object or None
        The function that was asked, for further draws; it is not saved.
    """

    in_play: Patterns
    new: Patterns
    old: Patterns
    change: NDArray[np.float64]
    before: NDArray[np.float64]
    base: NDArray[np.int64]
    share: float
    states: str
    means: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    units: tuple[int, ...]
    left_out: tuple[int, ...] = ()
    unit_names: tuple[str, ...] | None = None
    rest: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name, kind in (_OF_DRAWS | _OF_UNITS).items():
            object.__setattr__(self, name, frozen_array(getattr(self, name), kind))

    def __len__(self) -> int:
        return len(self.change)

    @property
    def n_units(self) -> int:
        return self.in_play.n_units

    @property
    def scales(self) -> NDArray[np.float64]:
        """Standard deviation of the new state of each unit."""
        return np.sqrt(1 - self.means**2)

    def take(self, rows: NDArray[np.intp]) -> Experiment:
        """Some of the draws."""
        taken: dict[str, Any] = {name: getattr(self, name).take(rows) for name in _TABLES}
        taken |= {name: getattr(self, name)[rows] for name in _OF_DRAWS}
        return replace(self, **taken)

    @staticmethod
    def concatenate(experiments: Iterable[Experiment]) -> Experiment:
        """Draws of one kind, put together.

        Raises
        ------
        ValueError
            If there is none, or they differ in units, share, states, means or thresholds.
        """
        parts = list(experiments)
        if not parts:
            raise ValueError("no experiment came; give at least one")
        first = parts[0]
        for number, other in enumerate(parts[1:], start=1):
            settings = ("share", "states", "units", "n_units", "unit_names")
            differs = [name for name in settings if getattr(other, name) != getattr(first, name)]
            differs += [name for name in _OF_UNITS if not np.array_equal(getattr(other, name), getattr(first, name))]
            if differs:
                raise ValueError(
                    f"experiment {number} differs from the first in {', '.join(differs)}; put together draws of one "
                    "function, made with the same settings and other seeds"
                )
        whole: dict[str, Any] = {
            name: Patterns.concatenate([getattr(part, name) for part in parts]) for name in _TABLES
        }
        whole |= {name: np.concatenate([getattr(part, name) for part in parts]) for name in _OF_DRAWS}
        return replace(first, **whole)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the draws to an ``.npz`` file, bits packed, without pickle; the function asked is not in it."""
        header = {"draws": len(self), **{name: getattr(self, name) for name in _SAVED}}
        arrays = {name: getattr(self, name) for name in (*_OF_DRAWS, *_OF_UNITS)}
        KIND.save_npz(path, header, arrays | {name: getattr(self, name).planes for name in _TABLES})

    @staticmethod
    def open(path: str | os.PathLike[str]) -> Experiment:
        """Draws saved earlier.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, or of another kind.
        """
        header, arrays = KIND.load_npz(path)
        with KIND.reading(path):
            return _read(header, arrays)

    def __repr__(self) -> str:
        return (
            f"Experiment({len(self):,} draws, {len(self.units)} of {self.n_units} units resampled with probability "
            f"{self.share:g}, {self.states} states)"
        )


def _read(header, arrays) -> Experiment:
    """The experiment in a file; a ValueError, TypeError or KeyError where it holds something else."""
    k, n = int(header["draws"]), len(arrays["means"])
    for name, kind in (_OF_DRAWS | _OF_UNITS).items():
        array, shape = arrays[name], (k,) if name in _OF_DRAWS else (n,)
        if array.dtype != kind or array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"{name} does not match the draws")
    for name in _TABLES:
        if arrays[name].dtype != np.uint64 or arrays[name].shape != (n, words_for(k)):
            raise ValueError(f"{name} does not match the draws")
    if header["states"] not in STATES or not 0 < header["share"] <= 1:
        raise ValueError("settings that no experiment has")
    units, left_out = (tuple(int(i) for i in header[name]) for name in ("units", "left_out"))
    if not all(0 <= i < n for i in (*units, *left_out)):
        raise ValueError("units do not match")
    names = header["unit_names"]
    found: dict[str, Any] = {name: Patterns(arrays[name], k) for name in _TABLES}
    found |= {name: arrays[name] for name in (*_OF_DRAWS, *_OF_UNITS)}
    return Experiment(
        **found,
        share=float(header["share"]),
        states=header["states"],
        units=units,
        left_out=left_out,
        unit_names=None if names is None else tuple(names),
    )
