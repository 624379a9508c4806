"""Sentiment: a small transformer on rated sentences, seen through its feed-forward units and through its words."""

from __future__ import annotations

from ..study import Study, grid
from . import figure, findings, run
from .run import Sentiment

__all__ = ["STUDY", "Sentiment"]


def _needs() -> str | None:
    """What is missing: torch, scikit-learn, or the rated sentences."""
    try:
        import sklearn  # noqa: F401

        from ...datasets.reviews import load_reviews
        from ...networks import sentiment  # noqa: F401

        load_reviews()
    except (ImportError, OSError, ValueError) as error:
        return str(error)
    return None


STUDY = Study(
    name="sentiment",
    title="A transformer for sentiment",
    version=1,
    settings=Sentiment,
    run=run.run,
    full=grid(Sentiment, blocks=1, seed=range(6)) + grid(Sentiment, blocks=2, seed=range(3)),
    quick=grid(Sentiment, seed=range(2), epochs=6, words=150, max_degree=2, top=20, checked=3),
    figure=figure.figure,
    findings=findings.findings,
    extra="studies,torch",
    needs=_needs,
)
