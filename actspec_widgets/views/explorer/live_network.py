"""The rest of the network behind a finding: made when it is first asked for, then kept while the finding is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...compute.queries.queries import Query
from .finding import Finding, Stages
from .sources import Source

if TYPE_CHECKING:
    from ...networks import SubNetwork


class LiveNetwork:
    """``live.query(finding, sample, progress)`` answers at patterns of the finding's layer, the rest as in a sample."""

    def __init__(self, source: Source):
        self._source = source
        self._key: tuple[Any, ...] = ()
        self._made: SubNetwork | None = None

    def query(self, finding: Finding, sample: int, progress: Stages) -> Query:
        """The sub-network; what bypasses the layer is that of ``sample``.

        Raises
        ------
        ValueError
            If there is no network, or PyTorch is missing.
        """
        settings = finding.settings
        key = tuple(settings[name] for name in ("layer", "logit", "threshold"))
        if self._made is None or key != self._key:
            progress.stage("Preparing the network")
            model, inputs = self._source.network()
            from ...networks import SubNetwork

            self._made, self._key = None, key
            self._made = SubNetwork(
                model,
                self._source.network_layer(settings["layer"]),
                inputs,
                settings["logit"],
                threshold=finding.recording.levels(settings["threshold"], settings["logit"], progress),
                base=sample,
                progress=progress,
            )
        else:
            self._made.rebase(sample)
        return self._made
