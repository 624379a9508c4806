"""Mean degree, joint share and effective units of every layer of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..compute import distributedness
from ..progress import Progress, part_of
from ..results.distributedness import Distributedness
from ..results.layers import DistributedLayers
from .layers import layer_names
from .layout import Pool
from .recording import Recording, record_each
from .subnetwork import SubNetwork
from .targets import Output


def distributed_layers(
    model: nn.Module,
    inputs: Any,
    layers: Sequence[str] | None = None,
    *,
    output: Output,
    tolerance: float = 0.02,
    draws: int | None = None,
    share: float = 1.0,
    seed: int = 0,
    mask: Any = None,
    pool: Pool = None,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
) -> DistributedLayers:
    """Measure how distributed each layer of a model is: :func:`actspec_widgets.distributedness` of one after another.

    Parameters
    ----------
    model : nn.Module
    inputs
        As in :func:`record`. One pass over them records all layers; layers with several positions take another.
    layers : sequence of str, optional
        As in :func:`record`. Default: the input, and all submodules that are called and do something.
    output : int, Target, callable, or sequence of these
        As in :func:`record`; several cost one pass.
    tolerance, draws, share, seed
        As in :func:`actspec_widgets.distributedness`.
    mask, pool, batch_size, device
        As in :func:`record`.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    DistributedLayers
        A layer that cannot be measured, as one that gives no tensor or that the output does not read, is in
        ``refused`` with the reason.

    Raises
    ------
    ValueError
        If a layer does not exist or is named twice, or none can be measured.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1))
    >>> x = torch.randn(400, 4, generator=torch.Generator().manual_seed(0))
    >>> found = distributed_layers(model, x, ["input", "1"], output=0)
    >>> f"{float(found['1'].mean_degree):.3f}, {float(found['1'].joint_share):z.3f}"  # the last layer adds its units up
    '1.000, 0.000'
    """
    names = _checked(model, layers)
    if not isinstance(inputs, (Tensor, np.ndarray, tuple, Mapping)) and isinstance(inputs, Iterable):
        inputs = list(inputs)  # walked again for each layer, and a shuffling loader would change its order
    reading = {"output": output, "mask": mask, "batch_size": batch_size, "device": device}
    parts = 1 + len(names)
    recordings = _recorded(model, names, inputs, pool, reading, part_of(progress, 0, parts))
    found: dict[str, Distributedness] = {}
    refused: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        report = part_of(progress, number, parts)
        try:
            rest = SubNetwork(model, name, inputs, recording=recordings.pop(name, None), pool=pool, **reading)
            found[name] = distributedness(
                rest, tolerance=tolerance, draws=draws, share=share, seed=seed, progress=report
            )
        except (TypeError, ValueError) as error:
            refused[name] = str(error)
        report(1, 1)
    if not found:
        raise ValueError(f"none of {len(names)} layers can be measured; {names[0]}: {refused[names[0]]}")
    return DistributedLayers(found, refused)


def _checked(model, layers) -> tuple[str, ...]:
    if layers is None:
        return layer_names(model)
    if isinstance(layers, str):
        raise TypeError(f"layers is the string {layers!r}; give a list of names, e.g. [{layers!r}]")
    from .sites import Site

    names = tuple(layers)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"layers={list(names)}; name one layer or more, each once")
    for name in names:
        Site.find(model, name)  # says which there are
    return names


def _recorded(model, names, inputs, pool, reading, progress) -> dict[str, Recording]:
    """All layers from one pass, where all can be read; else each is left to a pass of its own."""
    try:
        return record_each(model, {name: {"pool": pool} for name in names}, inputs, progress=progress, **reading)
    except (TypeError, ValueError):
        return {}
