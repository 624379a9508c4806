"""What the network behind an explorer is asked: how distributed a layer is, and what subsets do when changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...patterns.cube import Subset
from ...results import Spectrum
from ...results.distributedness import Distributedness
from ...results.unit_move import UnitMove
from ..kit.evidence import Effects
from ..kit.job import Report
from .computed import MOST_BY_EXPERIMENT, REST_SETTINGS, ComputedSpectrum
from .recording import Recording
from .sources import Source

if TYPE_CHECKING:
    from ...networks.targets import Target

_MANY, _FINE, _COARSE = 200, 0.02, 0.05  # units, and the errors that are good enough for fewer and for more of them
_MOST_OUTPUTS = 20  # measured in one pass; of more the one that is looked at
_CONTEXTS, _OF_ONE = 150, 300  # samples in which the units of a subset, and a single one, are changed


class Layer(NamedTuple):
    """A layer and the outputs that it is measured for."""

    name: str | None
    outputs: tuple[int | Target, ...]


class Network:
    """Asks the network of a source, and keeps the answers: a slider that is moved asks about new subsets only.

    Attributes
    ----------
    source : Source
        One without a network where there is none.
    there, quick : bool
        Whether there is a network, and whether it is so small that it may be asked unbidden.
    known : dict
        Measures of layers.
    """

    def __init__(self, source: Source | None):
        self.source = Source() if source is None else source
        self.there, self.quick = self.source.has_network, self.source.quick
        self.known: dict[Layer, Distributedness] = self.source.measured
        self._made: tuple[tuple, Any] = ((), None)  # the latest experiment
        self._effects: dict[tuple, dict[Subset, Sequence[float]]] = {}
        self._kept: tuple[tuple, Any] = ((), None)  # the network from a layer on, as it was asked last

    def layer(self, name: str | None, computed: ComputedSpectrum) -> Layer:
        """A layer with all outputs of the kind that is looked at, where they are few, else with that one."""
        recording, kind = computed.recording, computed.settings["target_kind"]
        n_outputs = len(recording.output_names)
        if n_outputs > _MOST_OUTPUTS:
            return Layer(name, (computed.output,))
        alike = (recording.like(k, kind) for k in range(n_outputs))
        return Layer(name, tuple(one for one in alike if one is not None))

    def measure(self, layer: Layer, progress: Report) -> Distributedness:
        """How many units of a layer carry the outputs, and how far these act jointly."""
        from ...compute import distributedness

        if layer not in self.known:
            progress.stage(f"Preparing the network behind {layer.name}")
            rest = self.source.rest(layer.name, [self.source.output(k) for k in layer.outputs], progress)
            progress.stage(f"Resampling units of {layer.name}")
            tolerance = _FINE if rest.n_units <= _MANY else _COARSE
            self.known[layer] = distributedness(rest, tolerance=tolerance, progress=progress)
        return self.known[layer]

    def spectrum(self, recording: Recording, settings: Mapping[str, Any], progress: Report) -> Spectrum:
        """The subsets whose units act jointly, or alone, where units are resampled."""
        from ...compute import activation_spectroscopy, experiment

        key = tuple(settings[name] for name in (*REST_SETTINGS, "seed"))
        if self._made[0] != key:
            rest = self._rest(recording, settings, progress)
            progress.stage("Resampling units")
            made = experiment(rest, threshold=rest.thresholds, seed=settings["seed"], progress=progress)
            self._made = key, made
        progress.stage("Searching the experiment")
        degree = min(settings["max_degree"], MOST_BY_EXPERIMENT)
        asked = {name: settings[name] for name in ("top", "alpha", "seed")}
        return activation_spectroscopy(self._made[1], max_degree=degree, progress=progress, **asked)

    def _rest(self, recording, settings, progress):
        key = tuple(settings[name] for name in REST_SETTINGS)
        if self._kept[0] != key:
            progress.stage("Preparing the network")
            levels = recording.levels(settings["threshold"], recording.explained(settings), progress)
            output = self.source.output(recording.explained(settings))
            self._kept = (), None
            self._kept = key, self.source.rest(settings["layer"], output, progress, threshold=levels)
        return self._kept[1]

    def move(self, computed: ComputedSpectrum, unit: int, progress: Report) -> UnitMove:
        """What the network does when one unit is switched on, beside what the spectrum predicts."""
        from ...compute.method.unit_move import unit_move

        rest = self._rest(computed.recording, computed.settings, progress)
        progress.stage(f"Switching unit {unit}")
        return unit_move(rest, computed.spectrum, unit, patterns=computed.patterns, contexts=_OF_ONE, progress=progress)

    def effects(self, computed: ComputedSpectrum, progress: Report) -> Effects:
        """The other evidence on each reported subset: what its units do jointly when they alone are changed.

        Of a spectrum by experiment, what the recorded data say.
        """
        from ...compute import character_means
        from ...compute.effects.measured import joint_effects

        settings, subsets = computed.settings, computed.spectrum.subsets
        if settings["evidence"] == "experiment":
            progress.stage("Looking at the recorded data")
            means = character_means(computed.patterns, computed.target, subsets)
            return Effects(
                "as recorded", dict(zip(subsets, zip(means.values, means.standard_errors, strict=True), strict=True))
            )
        known = self._effects.setdefault(tuple(settings[name] for name in REST_SETTINGS), {})
        if new := [subset for subset in subsets if subset not in known]:
            rest = self._rest(computed.recording, settings, progress)
            progress.stage("Changing the units of each subset")
            found = joint_effects(rest, rest.activations > rest.thresholds, new, contexts=_CONTEXTS, progress=progress)
            known.update(zip(new, found.tolist(), strict=True))
        return Effects("by experiment", {subset: known[subset] for subset in subsets})
