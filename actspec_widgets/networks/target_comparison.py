"""What is found for several outputs of one network, and which subsets are found for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from torch import nn

from ..compute import activation_spectroscopy
from ..patterns import Patterns
from ..progress import Progress, part_of
from ..results import TargetComparison
from .recording import record
from .targets import Output


def compare_targets(
    model: nn.Module,
    layer: str,
    inputs: Any,
    outputs: Sequence[Output],
    *,
    threshold: str | float | ArrayLike = "zero",
    mask: Any = None,
    pool: Any = None,
    batch_size: int = 1024,
    device: Any = None,
    progress: Progress | None = None,
    **search: Any,
) -> TargetComparison:
    """Explain several outputs by subsets of one layer's units, and say which subsets all of them have.

    A shift of all logits of a sample leaves the network's decision alone and changes what explains a logit, so what is
    found for one output need not be found for another. All outputs share one recording, one set of thresholds
    and one split of the samples.

    Parameters
    ----------
    model, layer, inputs, mask, pool, batch_size, device
        As in :func:`record`.
    outputs : sequence of int, Target or callable
        At least two, each giving one number a sample.
    threshold
        As in ``Patterns.from_activations``; "informative" chooses by the first output.
    progress : callable, optional
        Gets ``(done, total)``.
    **search
        As in :func:`activation_spectroscopy`.

    Returns
    -------
    TargetComparison

    Raises
    ------
    ValueError
        As :func:`record` and :func:`activation_spectroscopy`, or if there are fewer than two outputs.

    Examples
    --------
    >>> import torch
    >>> from actspec_widgets import targets
    >>> x = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]).repeat(30, 1)
    >>> model = nn.Sequential(nn.Identity(), nn.Linear(2, 3))
    >>> model[1].weight = nn.Parameter(torch.tensor([[2.0, 0.0], [1.0, 1.0], [0.0, 1.0]]))
    >>> compare_targets(model, "0", x, [targets.logit(0), targets.margin(0, 1)])
    Found for all of 2 outputs: {0}
      logit 0               1 found, overlap with logit 0 1.00
      logit 0 less logit 1  2 found, overlap with logit 0 0.50
    """
    chosen = list(outputs)
    if len(chosen) < 2:
        raise ValueError(f"outputs holds {len(chosen)}; give two or more to compare")
    activations, values = record(
        model, layer, inputs, output=chosen, mask=mask, pool=pool, batch_size=batch_size, device=device,
        progress=part_of(progress, 0, len(chosen) + 1),
    )  # fmt: skip
    patterns = Patterns.from_activations(activations, threshold=threshold, target=values[:, 0])
    spectra = tuple(
        activation_spectroscopy(
            patterns, y, progress=part_of(progress, 1 + i, len(chosen) + 1), **{"halves": 0} | search
        )
        for i, y in enumerate(values.T.astype(np.float64))
    )
    return TargetComparison.of([_name(one) for one in chosen], spectra)


def _name(output: Output) -> str:
    if isinstance(output, (int, np.integer)):
        return f"logit {output}"
    name = getattr(output, "__name__", None)
    return name if name is not None else str(output)
