"""Which units of a layer can be removed, and whether a code of few units or a joint one breaks earlier under noise."""

from __future__ import annotations

from functools import partial

from ..needs import missing, torch
from ..study import Study, grid
from . import figure, findings, run
from .run import Pruning

__all__ = ["STUDY", "Pruning"]

STUDY = Study(
    name="pruning",
    title="Units that can be removed, and noise",
    version=1,
    settings=Pruning,
    run=run.run,
    full=grid(Pruning, layer=["hidden1", "hidden2"], dropout=[0.0, 0.1, 0.2, 0.3, 0.5, 0.7], seed=range(3)),
    quick=grid(Pruning, layer="hidden1", dropout=[0.0, 0.5], seed=range(2), tolerance=0.1),
    figure=figure.figure,
    findings=findings.findings,
    needs=partial(missing, torch),
)
