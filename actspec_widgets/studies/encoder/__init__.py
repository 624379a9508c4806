"""How distributed is every layer of a published sentence encoder, and of the small transformer beside it."""

from __future__ import annotations

from functools import partial

from ..needs import encoder, missing, torch_and_rated_sentences
from ..study import Study, grid
from . import figure, findings, run
from .material import FEED_FORWARD, LATENTS, WORDS_AS_UNITS
from .run import LayerOfSentences

__all__ = ["STUDY", "LayerOfSentences"]

STUDY = Study(
    name="encoder",
    title="A published sentence encoder, layer by layer",
    version=1,
    settings=LayerOfSentences,
    run=run.run,
    full=grid(LayerOfSentences, layer=["embedding", *reversed(FEED_FORWARD), LATENTS, WORDS_AS_UNITS])
    + grid(LayerOfSentences, network="small", seed=range(3), layer=["feed_forward", "hidden", WORDS_AS_UNITS]),
    quick=grid(LayerOfSentences, layer=[FEED_FORWARD[-1], "embedding"], sentences=500)
    + grid(LayerOfSentences, network="small", layer=["feed_forward", WORDS_AS_UNITS], sentences=500),
    figure=figure.figure,
    findings=findings.findings,
    extra="studies,encoder",
    needs=partial(missing, torch_and_rated_sentences, encoder),
)
