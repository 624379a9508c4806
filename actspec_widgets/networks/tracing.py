"""The method run backwards: from an output through a network, each subset a target for the layer before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ..compute import activation_spectroscopy, experiment
from ..compute.effects.subsets import MAX_DEGREE
from ..compute.method.parts import split_samples
from ..patterns import Patterns
from ..patterns.cube import Subset
from ..patterns.thresholds import thresholds
from ..progress import Progress, part_of
from ..results import Spectrum, Trace, TraceEdge, TraceNode
from .batches import Batches
from .evaluation import evaluating
from .layout import Pool
from .parity_target import ParityOf, UpTo
from .recording import Recording, record_each
from .sites import Site, hooked
from .subnetwork import NotRead, SubNetwork


def trace(
    model: nn.Module,
    layers: Sequence[str],
    inputs: Any,
    *,
    output: int | Callable[[Any], Tensor],
    mask: Any = None,
    threshold: str | float | ArrayLike | Mapping[str, Any] = "zero",
    max_degree: int = 3,
    top: int = 4,
    max_nodes: int = 20,
    rho_max: float = 0.9,
    alpha: float = 0.05,
    evidence: str = "recorded",
    draws: int = 20_000,
    search: str = "auto",
    split: float = 0.8,
    seed: int = 0,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
    pool: Pool | Mapping[str, Pool] = None,
    progress: Progress | None = None,
) -> Trace:
    """Follow an output back through the layers of a network.

    :func:`activation_spectroscopy` explains the output by subsets of the last layer's units; the parity of each
    subset, -1 or +1 in every sample, is then explained by subsets of the layer before, and so on. A parity of
    which nothing stands out from noise in the layer before ends its branch, and the node says so.

    With ``evidence="recorded"`` an edge is an association on recorded data. With ``evidence="experiment"`` it is an
    effect: units of the earlier layer take their values from other recorded samples, the model runs on from there, and
    an edge is what the source's units do jointly to the target on average. What the earlier layer does not move ends
    its branch, however much it goes along with it in the data.

    Parameters
    ----------
    model : nn.Module
    layers : sequence of str
        In the order of the forward pass; names as in :func:`record`, "input" included.
    inputs, output, mask, batch_size, device
        As in :func:`record`. The model runs once for all layers, and on the first batch once more.
    threshold : str, number, array of shape (n_units,), or mapping of layer to one of these
        A unit is active above it: the rules of ``Patterns.from_activations``. "informative" chooses by the traced
        output, also in layers whose targets are parities, as a layer has one set of thresholds; half of the samples
        choose them, and only the other half takes part in the graph.
    max_degree, top, rho_max, search, split
        Of each target, as in :func:`activation_spectroscopy`. All targets share one split of the samples. By experiment
        ``max_degree`` is 3 at most, and the last three mean nothing.
    evidence : {"recorded", "experiment"}
    draws : int
        Of the :func:`experiment` on each target.
    max_nodes : int
        Most subsets of a layer that are traced back, those with the largest ``weight`` first; the others stay
        in the graph and say so.
    alpha : float
        At most this is the chance that the graph holds an edge which is noise: it is shared out evenly over the
        layers, and in each over its targets (Bonferroni).
    seed : int
        As in :func:`activation_spectroscopy`.
    pool : str, callable, or mapping of layer to one
        As in :func:`record`.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Trace

    Raises
    ------
    TypeError, ValueError
        As :func:`record` and :func:`activation_spectroscopy`, or if the layers are none, twice the same, or not in
        the order of the forward pass.

    References
    ----------
    The step: Reing, Ver Steeg and Galstyan (2025), arXiv:2501.15435. The delta method for the errors of the
    edges: van der Vaart, *Asymptotic Statistics* (1998), chapter 3.

    Examples
    --------
    >>> x = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]).repeat(100, 1)
    >>> model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1))
    >>> model[0].weight = nn.Parameter(torch.tensor([[1.0, 1.0], [-1.0, -1.0]]))
    >>> model[2].weight = nn.Parameter(torch.ones(1, 2))
    >>> trace(model, ["input", "1"], x, output=0)
    Trace of 400 samples through input, 1: 5 subsets, 8 edges, 0 cut off in noise
      output: 100.0% ± 0.0% from 1 {1} 33.3% ± 0.0%, 1 {0} 66.7% ± 0.0%
      1 {1}: 100.0% ± 0.0% from input {0} 33.3% ± 0.0%, input {1} 33.3% ± 0.0%, input {0, 1} 33.3% ± 0.0%
      1 {0}: 100.0% ± 0.0% from input {0} 33.3% ± 0.0%, input {1} 33.3% ± 0.0%, input {0, 1} 33.3% ± 0.0%

    Whether both inputs agree is a sum of two units here, each of which is active at one corner of the cube.
    """
    names = _layer_names(layers)
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes={max_nodes!r}; trace at least one subset of each layer")
    if evidence not in ("recorded", "experiment"):
        raise ValueError(f'evidence={evidence!r}; edges are found "recorded", or by "experiment"')
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha}; give a probability between 0 and 1, such as 0.05")
    if not isinstance(inputs, (Tensor, np.ndarray, tuple, Mapping)) and isinstance(inputs, Iterable):
        inputs = list(inputs)  # its first batch is run once more, and a shuffling loader would change its order
    _check_order(model, names, inputs, batch_size, device)
    rules = _by_layer(threshold, names, "threshold", "zero")
    pools = _by_layer(pool, names, "pool", None)
    parts = 2 * len(names)
    tables: dict[str, Patterns] = {}
    levels: dict[str, NDArray] = {}
    recordings = record_each(
        model, {name: {"pool": pools[name]} for name in names}, inputs, output=output, mask=mask,
        batch_size=batch_size, device=device, progress=part_of(progress, 0, 2),
    )  # fmt: skip
    target = recordings[names[0]].target
    if target.ndim != 1:
        raise ValueError(f"output gives {target.shape[1]} numbers for each sample; trace one of them")
    used = np.arange(len(target))
    if any(isinstance(rule, str) and rule == "informative" for rule in rules.values()):
        choosing, used = split_samples(len(target), 0.5, seed)
    for name in names:
        activations = recordings[name].activations
        rows = choosing if isinstance(rules[name], str) and rules[name] == "informative" else used
        levels[name] = thresholds(activations[rows], rules[name], target[rows])
        tables[name] = Patterns.from_activations(activations[used], threshold=levels[name])
        if evidence == "recorded":
            del recordings[name]
    network = _Network(model, inputs, output, mask, pools, batch_size, device, recordings, levels, used, draws, seed)
    target = target[used]

    settings: dict[str, Any] = {
        "max_degree": max_degree, "top": top, "rho_max": rho_max, "search": search, "split": split,
        "seed": seed,
    }  # fmt: skip
    graph = _Graph(target.astype(np.float64))
    found = [0]
    for step, name in enumerate(reversed(names)):
        found.sort(key=lambda node: -graph.nodes[node].weight)
        for node in found[max_nodes:]:
            graph.end(node, "limit")
        targets, found = found[:max_nodes], []
        tests = len(names) * max(len(targets), 1)
        report = part_of(progress, len(names) + step, parts)
        for number, node in enumerate(targets):
            own = part_of(report, number, len(targets))
            spectrum: Spectrum | None
            if evidence == "recorded":
                spectrum = activation_spectroscopy(
                    tables[name], graph.values[node], alpha=alpha / tests, halves=0, progress=own, **settings
                )
            else:
                spectrum = network.spectrum(graph.nodes[node], name, max_degree, top, alpha / tests, own)
            if spectrum is None:
                graph.end(node, "unmoved")
            else:
                found += graph.explain(node, name, tables[name], spectrum, tests)
        report(1, 1)
    for node in found:
        graph.end(node, "first")
    return Trace(
        layers=names,
        nodes=tuple(graph.nodes),
        edges=tuple(graph.edges),
        n_samples=len(target),
        settings={**settings, "alpha": alpha, "max_nodes": max_nodes, "threshold": _plain(rules), "evidence": evidence}
        | ({"draws": draws} if evidence == "experiment" else {}),
    )


@dataclass
class _Network:
    """The model, to be run from a layer on to what is traced."""

    model: nn.Module
    inputs: Any
    output: Any
    mask: Any
    pools: dict[str, Any]
    batch_size: int
    device: torch.device | str | None
    recordings: dict[str, Recording]
    levels: dict[str, NDArray]
    used: NDArray[np.intp]
    draws: int
    seed: int

    def spectrum(
        self, node: TraceNode, layer: str, max_degree: int, top: int, alpha: float, progress: Progress
    ) -> Spectrum | None:
        """What units of a layer do to a node when they are resampled; None where they do not move it."""
        model, output, place = self.model, self.output, layer
        if node.layer is not None:
            layout = self.recordings[node.layer].layout
            assert layout is not None
            model, output = UpTo(model, node.layer), ParityOf(layout, node.subset, self.levels[node.layer])
            place = layer if Site.find(self.model, layer).module is None else f"model.{layer}"
        try:
            rest = SubNetwork(
                model, place, self.inputs, output, threshold=self.levels[layer], mask=self.mask, pool=self.pools[layer],
                batch_size=self.batch_size, device=self.device,
            )  # fmt: skip
        except NotRead:
            return None
        made = experiment(
            rest, threshold=rest.thresholds, draws=self.draws, base=self.used, seed=self.seed,
            progress=part_of(progress, 0, 2),
        )  # fmt: skip
        if not made.change.any():
            return None
        return activation_spectroscopy(
            made, max_degree=min(max_degree, MAX_DEGREE), top=top, alpha=alpha, seed=self.seed,
            progress=part_of(progress, 1, 2),
        )  # fmt: skip


@dataclass
class _Graph:
    """The graph while it grows; ``values`` holds each node's number in every sample."""

    target: NDArray[np.float64]
    nodes: list[TraceNode] = field(default_factory=list)
    edges: list[TraceEdge] = field(default_factory=list)
    values: list[NDArray] = field(default_factory=list)
    index: dict[tuple[str, Subset], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes.append(TraceNode(None, (), (), float(self.target.mean()), 1.0, None, None))
        self.values.append(self.target)

    def end(self, node: int, why: str) -> None:
        self.nodes[node] = replace(self.nodes[node], ending=why)

    def explain(self, target: int, layer: str, patterns: Patterns, spectrum: Spectrum, tests: int) -> list[int]:
        """Add what a spectrum says about a node; returns the nodes that are new."""
        ending = None if len(spectrum) else "noise"
        self.nodes[target] = replace(self.nodes[target], spectrum=spectrum, ending=ending)
        new = []
        for place, subset in enumerate(spectrum.subsets):
            coefficient, error = float(spectrum.coefficients[place]), float(spectrum.standard_errors[place])
            share = float(spectrum.gains[place])
            weight = self.nodes[target].weight * share
            source = self.index.get((layer, subset))
            if source is None:
                source = self.index[layer, subset] = len(self.nodes)
                parity = patterns.select(subset).signs().prod(axis=1, dtype=np.int8)
                self.values.append(parity)
                equivalents = spectrum.equivalents[place]
                self.nodes.append(TraceNode(layer, subset, equivalents, float(parity.mean()), weight, None, None))
                new.append(source)
            elif weight > self.nodes[source].weight:
                self.nodes[source] = replace(self.nodes[source], weight=weight)
            self.edges.append(
                TraceEdge(
                    source,
                    target,
                    coefficient,
                    error,
                    share,
                    share_error=2 * share * abs(error / coefficient) if coefficient else 0.0,
                    p_value=min(1.0, float(spectrum.p_values[place]) * tests),
                )
            )
        return new


def _layer_names(layers) -> tuple[str, ...]:
    if isinstance(layers, str):
        raise TypeError(f"layers is the string {layers!r}; give a list of names, e.g. [{layers!r}]")
    names = tuple(layers)
    if not names:
        raise ValueError("layers is empty; name at least one layer, in the order of the forward pass")
    if len(set(names)) < len(names):
        raise ValueError(f"layers={list(names)} names a layer twice; name each once")
    return names


def _check_order(model, names, inputs, batch_size, device):
    """Refuse layers in another order than one batch meets them."""
    met = []
    with evaluating(model, device) as there, ExitStack() as hooks:
        for name in names:
            site = Site.find(model, name)
            if site.module is None:
                met.append(name)
            hooks.enter_context(hooked(site, lambda out, name=name: met.append(name)))
        for batch in Batches(inputs, model, batch_size):
            batch.to(there)(model)
            break
    order = [name for name in met if name in names]
    if len(order) == len(names) and order != list(names):
        raise ValueError(f"layers={list(names)} are not in the order of the forward pass; give {order}")


def _by_layer(option, names, what, default):
    """An option for each layer, from one for all or a mapping; layers that a mapping leaves out get the default."""
    if not isinstance(option, Mapping):
        return dict.fromkeys(names, option)
    unknown = [name for name in option if name not in names]
    if unknown:
        raise ValueError(f"{what} names {unknown}, which are not among layers={list(names)}")
    return {name: option.get(name, default) for name in names}


def _plain(rules):
    """Threshold rules as text and numbers, so that the settings fit in JSON."""
    return {name: rule if isinstance(rule, str) else np.asarray(rule, float).tolist() for name, rule in rules.items()}
