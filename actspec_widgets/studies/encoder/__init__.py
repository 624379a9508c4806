"""How distributed is every layer of a published sentence encoder, and of the small transformer beside it."""

from __future__ import annotations

from ..study import Study, grid
from . import figure, findings, run
from .material import FEED_FORWARD, LATENTS, WORDS_AS_UNITS
from .run import LayerOfSentences

__all__ = ["STUDY", "LayerOfSentences"]


def _needs() -> str | None:
    """What is missing: torch, transformers, scikit-learn, the encoder's weights, or the rated sentences."""
    try:
        import sklearn  # noqa: F401

        from ...datasets.reviews import load_reviews
        from ...networks import sentence_encoder

        load_reviews()
        sentence_encoder()
    except (ImportError, OSError, ValueError) as error:
        return str(error)
    return None


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
    needs=_needs,
)
