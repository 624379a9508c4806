"""Where an explorer's recordings come from: what every source has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..kit.job import Report
from .recording import Recording

if TYPE_CHECKING:
    from ...networks import SubNetwork
    from ...networks.targets import Target
    from .computed import ComputedSpectrum

MOST_BYTES = 512 * 2**20  # of activations kept, so that going back to a layer is quick


class Source:
    """Makes recordings of layers, and keeps the latest of them.

    Attributes
    ----------
    layers : tuple of str
        What can be recorded; empty where there is one recording without a name.
    layer : str or None
        The one to start with.
    logits : bool
        Whether its outputs are a model's logits, of which other targets can be made.
    measured : dict
        How distributed its layers are, as far as that was measured.
    """

    layers: tuple[str, ...] = ()
    layer: str | None = None
    logits = False

    def __init__(self) -> None:
        self.measured: dict[Any, Any] = {}
        self._kept: dict[str | None, Recording] = {}

    def record(self, layer: str | None, progress: Report) -> Recording:
        """The recording of a layer, made once while it is kept."""
        recording = self._kept.pop(layer, None) or self._make(layer, progress)
        self._kept[layer] = recording  # last in the order: the latest
        while len(self._kept) > 1 and sum(kept.n_bytes for kept in self._kept.values()) > MOST_BYTES:
            del self._kept[next(iter(self._kept))]
        return recording

    def _fits(self, layers: int) -> bool:
        """Whether that many more layers, as large as the largest one kept, can be kept as well."""
        sizes = [kept.n_bytes for kept in self._kept.values()]
        return sum(sizes) + layers * max(sizes) <= MOST_BYTES

    def check(self, layer: str | None) -> None:
        """Refuse a layer that can not be recorded.

        Raises
        ------
        ValueError
            With the layers that can.
        """
        if layer not in (self.layers or (None,)):
            known = ", ".join(map(repr, self.layers[:12])) + (", ..." if len(self.layers) > 12 else "")
            raise ValueError(f"layer={layer!r}; " + (f"there are {known}" if known else "arrays are of one layer only"))

    def check_target(self, kind: str) -> None:
        """Refuse what is made of logits where there are none.

        Raises
        ------
        ValueError
            With what to give instead.
        """
        if kind != "logit" and not self.logits:
            raise ValueError(
                f"target_kind={kind!r} is made of a model's logits, which are not what is explained here; give model= "
                f"and inputs= without output=, or the values of targets.{kind}(...) as an output"
            )

    def network(self) -> tuple[Any, Any]:
        """The model and its inputs, for those who run it at other points.

        Raises
        ------
        ValueError
            If there is no network behind the recording.
        """
        raise ValueError("these are recorded arrays; give the explorer model=, layer= and inputs= to run the network")

    @property
    def has_network(self) -> bool:
        """Whether there is a network to be asked."""
        return False

    @property
    def quick(self) -> bool:
        """Whether the network is so small that it may be asked much before anybody wants to know."""
        return False

    def network_layer(self, layer: str | None) -> str:
        """The model's own name of a layer."""
        return str(layer)

    def rest(self, layer: str | None, output: Any, progress: Report, **settings: Any) -> SubNetwork:
        """The network from a layer on; ``settings`` are further ones of :class:`actspec_widgets.SubNetwork`.

        Raises
        ------
        ValueError
            If there is no network, or PyTorch is missing.
        """
        model, inputs = self.network()
        from ...networks import SubNetwork

        return SubNetwork(
            model, self.network_layer(layer), inputs, output, progress=progress, **self.reading(layer), **settings
        )

    def reading(self, layer: str | None) -> dict[str, Any]:
        """How a layer is read: settings of :func:`actspec_widgets.record`, where they were given."""
        return {}

    def output(self, output: int | Target) -> Any:
        """What ``output=`` of a network means an output of a recording."""
        return output

    def same_class(self, computed: ComputedSpectrum) -> dict[str, NDArray[np.float64]]:
        """What else speaks for the same as what is explained, by name, that first; empty where nobody knows."""
        recording, kind = computed.recording, computed.settings["target_kind"]
        made = recording.targets(computed.settings["logit"])
        order = sorted(made, key=lambda one: one != kind)
        return {recording.target_name(made[one]): recording.target(made[one]) for one in order}

    def lines(self, layer: str | None, output: int | Target) -> list[str]:
        """Python that makes ``activations`` and ``target``."""
        raise NotImplementedError

    def rest_lines(self, layer: str | None, output: int | Target) -> list[str]:
        """Python that makes ``rest``, the network from a layer on; THRESHOLD stands for its threshold."""
        raise NotImplementedError

    def _make(self, layer: str | None, progress: Report) -> Recording:
        raise NotImplementedError
