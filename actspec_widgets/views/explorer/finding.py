"""A spectrum together with what it was computed from, and the one call that computes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...results import Spectrum
from .recording import Recording

if TYPE_CHECKING:
    from .sources import Source


class Stages(Protocol):
    """A ``progress`` that can be told what is being done."""

    def stage(self, name: str) -> None: ...

    def __call__(self, done: int, total: int) -> None: ...


# What the method is called with, besides patterns and target.
METHOD_SETTINGS = ("max_degree", "top", "rho_max", "alpha", "search", "split", "seed")


@dataclass(frozen=True, eq=False)
class Finding:
    """One answer and its data.

    Attributes
    ----------
    spectrum : Spectrum
    recording : Recording
    settings : mapping
        ``layer``, ``logit``, ``threshold`` and METHOD_SETTINGS.
    """

    spectrum: Spectrum
    recording: Recording
    settings: Mapping[str, Any]

    @property
    def patterns(self) -> Patterns:
        return self.recording.patterns(self.settings["threshold"], self.settings["logit"])

    @property
    def target(self) -> NDArray[np.float64]:
        return self.recording.target(self.settings["logit"])

    @property
    def target_name(self) -> str:
        return self.recording.target_name(self.settings["logit"])

    @property
    def held_out(self) -> NDArray[np.intp]:
        """The samples that took no part in the search."""
        from ...compute.method.parts import split_samples

        return split_samples(len(self.target), self.settings["split"], self.settings["seed"])[1]


def find(source: Source, settings: Mapping[str, Any], progress: Stages) -> Finding:
    """Record the layer if need be, and run the method on it."""
    recording = source.record(settings["layer"], progress)
    return Finding(compute(recording, settings, progress), recording, settings)


def compute(recording: Recording, settings: Mapping[str, Any], progress: Stages) -> Spectrum:
    """The one call behind every control."""
    progress.stage("Setting thresholds")
    patterns = recording.patterns(settings["threshold"], settings["logit"], progress)
    progress.stage("Searching")
    from ...compute import activation_spectroscopy

    method = {name: settings[name] for name in METHOD_SETTINGS}
    return activation_spectroscopy(patterns, recording.target(settings["logit"]), progress=progress, **method)
