"""Subsets of several layers, tied by how much of each one's parity the layer before explains."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..patterns.cube import Subset
from .spectrum import Spectrum

if TYPE_CHECKING:
    import pandas

# Why a branch goes no further back.
ENDINGS = {
    "first": "first layer traced",
    "noise": "ends here: no subset of the layer before stands out from noise",
    "unmoved": "ends here: the network does not move it when units of the layer before are resampled",
    "limit": "not traced: beyond max_nodes",
}


@dataclass(frozen=True, eq=False)
class TraceNode:
    """The parity of a subset of one layer's units, or the output itself.

    Attributes
    ----------
    layer : str or None
        None for the output, which has an empty subset.
    subset : tuple of int
    equivalents : tuple of subsets
        Others that carry the same information on these data.
    mean : float
        Of the parity (the output) over all samples; near -1 or +1 it hardly ever changes.
    weight : float
        Largest product of edge shares on a path from the output: the order in which nodes were traced, no share
        of variance.
    spectrum : Spectrum or None
        What the layer before says about it; None where it was not traced.
    ending : {"first", "noise", "unmoved", "limit"} or None
        Why the branch goes no further back: this is the first layer, nothing before it stood out from noise, no unit
        of the layer before moves it (by experiment), or ``max_nodes`` was reached.
    """

    layer: str | None
    subset: Subset
    equivalents: tuple[Subset, ...]
    mean: float
    weight: float
    spectrum: Spectrum | None
    ending: str | None

    @property
    def label(self) -> str:
        return "output" if self.layer is None else f"{self.layer} {{{', '.join(map(str, self.subset))}}}"


@dataclass(frozen=True)
class TraceEdge:
    """A subset of one layer in the spectrum of a parity in the layer after it.

    Attributes
    ----------
    source, target : int
        Indices into ``Trace.nodes``; the source is in the earlier layer.
    coefficient, standard_error : float
        As in the target's spectrum; a parity is -1 or +1, so this is no logit except where the target is the output.
    share, share_error : float
        Share of the held-out variance of the target that the source adds to the sources before it; by experiment, of
        the variance of what resampling changes of the target, that the source's average effect is. And its
        delta-method error, ``2 share |standard_error / coefficient|``, which takes the variances of target and
        sources as given.
    p_value : float
        Corrected for the subsets examined, the targets of the layer and the layers.
    """

    source: int
    target: int
    coefficient: float
    standard_error: float
    share: float
    share_error: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Trace:
    """A layered graph from an output back to the first of the layers given.

    Attributes
    ----------
    layers : tuple of str
        In the order of the forward pass.
    nodes : tuple of TraceNode
        The output first, then the layers from last to first.
    edges : tuple of TraceEdge
    n_samples : int
    settings : dict
        The arguments that reproduce this answer.
    """

    layers: tuple[str, ...]
    nodes: tuple[TraceNode, ...]
    edges: tuple[TraceEdge, ...]
    n_samples: int
    settings: dict[str, Any] = field(default_factory=dict)

    def sources(self, target: int) -> tuple[TraceEdge, ...]:
        """The edges that end in a node, in the order in which its spectrum chose them."""
        return tuple(edge for edge in self.edges if edge.target == target)

    def cut(self) -> tuple[TraceNode, ...]:
        """Nodes where a branch ends in noise."""
        return tuple(node for node in self.nodes if node.ending in ("noise", "unmoved"))

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per edge; the output is the layer "output" with an empty subset."""
        import pandas

        nodes = self.nodes
        columns: dict[str, list[Any]] = {
            "source_layer": [nodes[e.source].layer for e in self.edges],
            "source": [nodes[e.source].subset for e in self.edges],
            "target_layer": [nodes[e.target].layer or "output" for e in self.edges],
            "target": [nodes[e.target].subset for e in self.edges],
        }
        for name in ("coefficient", "standard_error", "share", "share_error", "p_value"):
            columns[name] = [getattr(e, name) for e in self.edges]
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        cut = len(self.cut())
        lines = [
            f"Trace of {self.n_samples:,} samples through {', '.join(self.layers)}: {len(self.nodes) - 1} subsets, "
            f"{len(self.edges)} edges, {cut} cut off in noise"
        ]
        for index, node in enumerate(self.nodes):
            if node.spectrum is not None and node.ending is None:
                explained = f"{node.spectrum.explained_variance:.1%} ± {node.spectrum.explained_variance_error:.1%}"
                parts = ", ".join(
                    f"{self.nodes[e.source].label} {e.share:.1%} ± {e.share_error:.1%}" for e in self.sources(index)
                )
                lines.append(f"  {node.label}: {explained} from {parts}")
            elif node.ending in ("noise", "unmoved", "limit"):
                lines.append(f"  {node.label}: {ENDINGS[node.ending]}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
