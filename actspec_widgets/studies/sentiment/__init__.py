"""Sentiment: a small transformer on rated sentences, seen through its feed-forward units and through its words."""

from __future__ import annotations

from functools import partial

from ..needs import missing, torch_and_rated_sentences
from ..study import Study, grid
from . import figure, findings, run
from .run import Sentiment

__all__ = ["STUDY", "Sentiment"]

STUDY = Study(
    name="sentiment",
    title="A transformer for sentiment",
    version=3,  # regressions, too, see all samples that the search sees
    settings=Sentiment,
    run=run.run,
    full=grid(Sentiment, blocks=1, seed=range(6)) + grid(Sentiment, blocks=2, seed=range(3)),
    quick=grid(Sentiment, seed=range(2), epochs=6, words=150, max_degree=2, top=20, checked=3),
    figure=figure.figure,
    findings=findings.findings,
    extra="studies,torch",
    needs=partial(missing, torch_and_rated_sentences),
)
