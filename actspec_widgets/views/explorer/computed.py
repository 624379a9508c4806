"""A spectrum together with what it was computed from, and the lines of Python that compute it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...results import Spectrum
from .recording import Recording

if TYPE_CHECKING:
    from ...networks.targets import Target

# What the method is called with, besides patterns and target.
METHOD_SETTINGS = ("max_degree", "top", "rho_max", "alpha", "search", "split", "seed")
# What the network from a layer on depends on.
REST_SETTINGS = ("layer", "logit", "target_kind", "threshold")
MOST_BY_EXPERIMENT = 3  # units of a subset that is looked for in an experiment


@dataclass(frozen=True, eq=False)
class ComputedSpectrum:
    """One answer and its data.

    Attributes
    ----------
    spectrum : Spectrum
    recording : Recording
    settings : mapping
        ``evidence``, REST_SETTINGS and METHOD_SETTINGS.
    """

    spectrum: Spectrum
    recording: Recording
    settings: Mapping[str, Any]

    @property
    def output(self) -> int | Target:
        """What is explained: an output by its place, or what is made of the logits for its class."""
        return self.recording.explained(self.settings)

    @property
    def patterns(self) -> Patterns:
        return self.recording.patterns(self.settings["threshold"], self.output)

    @property
    def target(self) -> NDArray[np.float64]:
        return self.recording.target(self.output)

    @property
    def other_target(self) -> NDArray[np.float64] | None:
        """The same of the next output, to compare returns with; None where there is none that varies."""
        outputs = self.recording.outputs.shape[1]
        next_one = self.recording.like((self.settings["logit"] + 1) % outputs, self.settings["target_kind"])
        if outputs == 1 or next_one is None:
            return None
        other = self.recording.target(next_one)
        return None if other.min() == other.max() else other

    @property
    def target_name(self) -> str:
        return self.recording.target_name(self.output)

    @property
    def binarised(self) -> bool:
        """Whether a threshold made the patterns; False for data that were on and off already."""
        return not isinstance(self.recording.activations, Patterns)

    @property
    def held_out(self) -> NDArray[np.intp]:
        """The samples that took no part in the search."""
        from ...compute.method.parts import split_samples

        return split_samples(len(self.target), self.settings["split"], self.settings["seed"])[1]

    def code(self, data: list[str], selection: tuple[int, ...] | None) -> str:
        """Python that computes the same ``spectrum``, bit for bit, and names the ``selection``.

        ``data`` are the lines that make ``activations`` and ``target``.
        """
        patterns, lines = "activations", list(data)
        if self.binarised:
            patterns, rule = "patterns", self.settings["threshold"]
            more = ", target=target" if rule == "informative" else ""
            if self.recording.unit_names is not None:
                lines.insert(0, "# unit_names: as given to the explorer")
                more += ", unit_names=unit_names"
            lines.append(f"patterns = Patterns.from_activations(activations, {rule!r}{more})")
        method = ", ".join(f"{name}={self.settings[name]!r}" for name in METHOD_SETTINGS)
        lines.append(f"spectrum = activation_spectroscopy({patterns}, target, {method})")
        return _script(lines, selection)

    def code_of_experiment(self, rest: list[str], selection: tuple[int, ...] | None) -> str:
        """The same for a spectrum by experiment; ``rest`` are the lines that make ``model`` and what it is run on."""
        asked = {**self.settings, "max_degree": min(self.settings["max_degree"], MOST_BY_EXPERIMENT)}
        method = ", ".join(f"{name}={asked[name]!r}" for name in ("max_degree", "top", "alpha", "seed"))
        threshold = f"threshold={self.settings['threshold']!r}"
        lines = [
            *(line.replace("THRESHOLD", threshold) for line in rest),
            f"made = experiment(rest, threshold=rest.thresholds, seed={self.settings['seed']})",
            f"spectrum = activation_spectroscopy(made, {method})",
        ]
        return _script(lines, selection)


_IMPORTS = {
    "actspec_widgets": ("Patterns", "SubNetwork", "activation_spectroscopy", "experiment", "record", "targets"),
    "actspec_widgets.datasets": ("load_example", "load_switches"),
    "actspec_widgets.networks": ("DigitsClassifier",),
    "actspec_widgets.networks.lamp": ("lamp_network",),
}


def _script(lines: list[str], selection: tuple[int, ...] | None) -> str:
    """Lines with the imports that they need."""
    if selection is not None:
        lines = [*lines, f"selection = {selection!r}"]
    text = "\n".join(lines)
    imports = []
    for module, names in _IMPORTS.items():
        if used := [name for name in names if re.search(rf"\b{name}[(.]", text)]:
            imports.append(f"from {module} import {', '.join(used)}")
    return "\n".join([*imports, "", text, ""])


def drawing_code(settings: Mapping[str, Any], selection: tuple[int, ...] | None) -> str:
    """The same for a spectrum that was given finished: how it is drawn."""
    drawn = ", ".join(f"{name}={settings[name]!r}" for name in ("max_degree", "top"))
    lines = [
        "from actspec_widgets.views import SpectrumExplorer",
        "",
        "# spectrum: the one that was given to the explorer; spectrum.save(path) keeps it",
        f"explorer = SpectrumExplorer(spectrum, {drawn})",
    ]
    if selection is not None:
        lines.append(f"explorer.selection = {selection!r}")
    return "\n".join([*lines, ""])
