"""Of the subsets that go with an output, how many have an effect in the network, layer by layer."""

from __future__ import annotations

from functools import partial

from ..needs import encoder, missing, torch_and_rated_sentences
from ..study import Study, grid
from . import figure, findings, run
from .places import ENCODER, RATES, SMALL
from .run import AssociationAndEffect

__all__ = ["STUDY", "AssociationAndEffect"]

STUDY = Study(
    name="effects",
    title="Association and effect",
    version=1,
    settings=AssociationAndEffect,
    run=run.run,
    full=grid(AssociationAndEffect, layer=["hidden2", "hidden1"], max_degree=3, dropout=RATES, seed=range(3))
    + grid(AssociationAndEffect, network="small", seed=range(3), layer=SMALL, max_degree=3)
    + grid(AssociationAndEffect, layer="pixels", dropout=[0.0, 0.5])
    + grid(AssociationAndEffect, network="encoder", layer=ENCODER),
    quick=grid(AssociationAndEffect, layer=["hidden1", "hidden2"], dropout=[0.0, 0.5], samples=1000, contexts=200),
    figure=figure.figure,
    findings=findings.findings,
    extra="studies,encoder",
    needs=partial(missing, torch_and_rated_sentences, encoder),
)
