"""One cell: a transformer trained on rated sentences, and what is read off three representations of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...compute import activation_spectroscopy
from ...results import Spectrum
from ..study import Row
from .baseline import tfidf_correct
from .reading import causal_columns, unseen_columns
from .view import View, see

if TYPE_CHECKING:
    from ...datasets.reviews import Reviews
    from ...networks.sentiment import SentimentTransformer

# Name in the table, layer of the network (None: words of the sentence), threshold of a unit.
REPRESENTATIONS = (
    ("feed_forward", "feed_forward", "zero"),
    ("feed_forward", "feed_forward", "median"),
    ("hidden", "rest.relu", "zero"),
    ("hidden", "rest.relu", "median"),
    ("words", None, "present"),
)
MARGIN = 0.5  # ratings nearer to 0 count as neutral and are left out


@dataclass(frozen=True)
class Sentiment:
    """A transformer, and how it is looked at.

    Attributes
    ----------
    seed : int
        Of weights, order of the sentences and drops; also of which sentences the search holds out.
    blocks, units : int
        Of the transformer; ``units`` in each feed-forward layer.
    epochs : int
    words : int
        Most frequent words whose presence makes the units of the third representation.
    max_degree : int
    top : int
    checked : int
        Subsets checked by intervening, the largest first.
    source : str
        Kind of the rated texts.
    """

    seed: int = 0
    blocks: int = 1
    units: int = 128
    epochs: int = 10
    words: int = 300
    max_degree: int = 3
    top: int = 40
    checked: int = 6
    source: str = "movie"


def run(settings: Sentiment) -> list[Row]:
    """Train and measure: a row for each representation and threshold.

    The transformer learns from the part "train" of the sentences rated at least 0.5 away from 0; accuracies are those
    on the part "test". The spectrum, too, comes from the part "train", and what it is worth is measured on "val" and
    "test", which neither the weights nor the search has seen.

    Raises
    ------
    FileNotFoundError
        If no file of rated sentences is named.
    ValueError
        If the transformer did not learn, or a setting is out of range.
    """
    from ...datasets.reviews import load_reviews

    return rows_for(settings, load_reviews(source=settings.source))


def rows_for(settings: Sentiment, reviews: Reviews) -> list[Row]:
    """The rows of :func:`run` for any rated texts."""
    start = time.perf_counter()
    reviews = reviews.polar(MARGIN)
    model = train(settings, reviews)
    common = _accuracies(model, reviews) | {"reviews_sha256": reviews.sha256[:12]}
    common["training_time_s"] = time.perf_counter() - start
    rows: list[Row] = []
    for name, layer, threshold in REPRESENTATIONS:
        start = time.perf_counter()
        view = see(model, reviews, layer, threshold, settings.words)
        spectrum = spectrum_of(settings, view)
        head: Row = {"representation": name, "threshold": threshold}
        rows.append(
            head
            | common
            | _numbers(spectrum, settings.max_degree)
            | unseen_columns(spectrum, view, settings.top)
            | causal_columns(spectrum, view, settings.checked, settings.seed)
            | {"time_s": time.perf_counter() - start}
        )
    return rows


def train(settings: Sentiment, reviews: Reviews) -> SentimentTransformer:
    """Train the transformer of a cell."""
    from ...networks.sentiment_training import require_learnt, train_sentiment

    for part in ("train", "val", "test"):
        if not len(reviews.part(part)):
            raise ValueError(f"the rated texts have none in the part {part!r}; the study needs train, val and test")
    model = train_sentiment(
        reviews,
        blocks=settings.blocks,
        units=settings.units,
        epochs=settings.epochs,
        seed=settings.seed,
        progress=None,
    )
    require_learnt(model, reviews.part("val", "test"))
    return model


def spectrum_of(settings: Sentiment, view: View, max_degree: int | None = None) -> Spectrum:
    """Activation Spectroscopy of a view: every subset up to ``max_degree``."""
    return activation_spectroscopy(
        view.patterns,
        view.y,
        max_degree=settings.max_degree if max_degree is None else max_degree,
        top=settings.top,
        search="exhaustive",
        seed=settings.seed,
    )


def _accuracies(model, reviews):
    """Accuracy of the transformer and of TF-IDF on the same test sentences, and of the difference."""
    from ...networks.sentiment import logits

    test = reviews.part("test")
    right = (logits(model, test.texts) > 0) == test.labels
    other, strength = tfidf_correct(reviews)
    difference = right.astype(np.float64) - other

    def error(values):
        return float(np.std(values, ddof=1) / np.sqrt(len(values)))

    return {
        "accuracy": float(right.mean()),
        "accuracy_error": error(right),
        "train_accuracy": model.report["train_accuracy"],
        "tfidf_accuracy": float(other.mean()),
        "tfidf_accuracy_error": error(other),
        "tfidf_strength": strength,
        "accuracy_difference": float(difference.mean()),
        "accuracy_difference_error": error(difference),
        "larger_class": float(max(test.labels.mean(), 1 - test.labels.mean())),
        "test_texts": len(test),
    }


def _numbers(spectrum, max_degree):
    """What is read off a collection, with weights of degrees 1 to ``max_degree`` in squared logits."""
    weights = spectrum.degree_weights(max_degree)
    whole = weights[1:].sum()
    sizes = np.array([len(subset) for subset in spectrum.subsets])
    row = {
        "n_units": spectrum.n_units,
        "constant_units": len(spectrum.constant_units),
        "samples": spectrum.n_search + spectrum.n_estimate,
        "examined": spectrum.coverage.examined,
        "subsets": len(spectrum),
        "explained_variance": spectrum.explained_variance,
        "explained_variance_error": spectrum.explained_variance_error,
    }
    for degree in range(1, max_degree + 1):
        row[f"subsets_of_{degree}"] = int((sizes == degree).sum())
        row[f"weight_{degree}"] = float(weights[degree])
        row[f"weight_share_{degree}"] = float(weights[degree] / whole) if whole else None
    return row
