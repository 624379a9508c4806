"""The two networks that read rated sentences, and what their layers did on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..sentiment.baseline import tfidf_correct
from ..study import Row

if TYPE_CHECKING:
    from ...datasets.reviews import Reviews
    from ...networks import Recording, TopK

MARGIN = 0.5  # ratings nearer to 0 count as neutral and are left out
WORDS = 14  # longer sentences are left out
FEW_WORDS = 8  # of the sentences that are resampled: a query costs as much as the sentence is long
FEED_FORWARD = tuple(f"feed_forward_{number}" for number in range(1, 7))
LATENTS, WORDS_AS_UNITS = "latents", "words"
SMALL = {"feed_forward": "feed_forward", "hidden": "rest.relu"}


@dataclass(frozen=True, eq=False)
class Seen:
    """One layer on the sentences: its activations and the logits that went with them.

    Attributes
    ----------
    layer : str
        As the network calls it.
    known, unseen : Recording
        On short sentences of the part "train", and of the parts "val" and "test".
    dictionary : TopK or None
        Where the units are its latents.
    """

    layer: str
    known: Recording
    unseen: Recording
    dictionary: TopK | None = None


@dataclass(frozen=True, eq=False)
class Material:
    """A network that gives one logit a sentence, and its layers.

    Attributes
    ----------
    model : nn.Module
    inputs : list of dict, or Tensor
        The shortest sentences of the part "train", to resample.
    texts : list of str
        The same as texts.
    seen : callable
        The name of a layer in the table -> :class:`Seen`.
    common : dict
        Columns that are the same for all layers.
    known : list of dict, or Tensor
        All sentences of the part "train" that are recorded.
    """

    model: Any
    inputs: Any
    texts: list[str]
    seen: Callable[[str], Seen]
    common: Row
    known: Any = None


@lru_cache(maxsize=1)
def encoder(source: str, sentences: int, seed: int) -> Material:
    """The published encoder with a probe on rated sentences; ``seed`` is that of the dictionary."""
    from ...networks import fit_probe, record, sentence_encoder
    from ...networks.encoder import SHA256
    from ...networks.make_dictionary import LAYER, SENTENCES, make_dictionary

    reviews, known_texts, unseen_texts, few = _sentences(source, sentences)
    model = sentence_encoder()
    fit_probe(model, reviews)
    names = dict(zip(FEED_FORWARD, model.feed_forward_layers(), strict=True)) | {"embedding": "embedding"}
    parts = [model.batches(texts)[0] for texts in (known_texts, unseen_texts)]
    known, unseen = (record(model, list(names.values()), part, output=0) for part in parts)

    @lru_cache(maxsize=1)
    def latents() -> Seen:
        made = make_dictionary(model, reviews.part("train").texts[:SENTENCES], seed=seed)
        first, second = (record(model, LAYER, part, output=0, dictionary=made) for part in parts)
        return Seen(LAYER, first, second, made)

    def seen(name: str) -> Seen:
        return latents() if name == LATENTS else Seen(names[name], known[names[name]], unseen[names[name]])

    batches, order = model.batches(reviews.part("test").texts)
    logits = np.empty(len(order))
    logits[order] = record(model, "embedding", batches, output=0).target
    common: Row = {"weights_sha256": SHA256[:12]}
    return Material(model, model.batches(few)[0], few, seen, common | accuracies(reviews, logits), parts[0])


@lru_cache(maxsize=1)
def small(source: str, sentences: int, seed: int) -> Material:
    """The small transformer of the sentiment study, trained from a seed."""
    from ...networks import record, train_sentiment
    from ...networks.sentiment import logits
    from ...networks.sentiment_training import require_learnt

    reviews, known_texts, unseen_texts, few = _sentences(source, sentences)
    model = train_sentiment(reviews, seed=seed, progress=None)
    require_learnt(model, reviews.part("val", "test"))
    parts = [model.tokens(texts) for texts in (known_texts, unseen_texts)]
    known, unseen = (record(model, list(SMALL.values()), part, output=0) for part in parts)

    def seen(name: str) -> Seen:
        return Seen(SMALL[name], known[SMALL[name]], unseen[SMALL[name]])

    common: Row = {"weights_sha256": None}
    right = accuracies(reviews, logits(model, reviews.part("test").texts))
    return Material(model, model.tokens(few), few, seen, common | right, parts[0])


def _sentences(source: str, sentences: int) -> tuple[Reviews, list[str], list[str], list[str]]:
    """All clearly rated sentences; short ones of "train", and of "val" and "test"; and the shortest of "train"."""
    from ...datasets.reviews import load_reviews

    reviews = load_reviews(source=source).polar(MARGIN)
    train, others = reviews.part("train").texts, reviews.part("val", "test").texts

    def short(texts: Sequence[str], longest: int) -> list[str]:
        return [text for text in texts if len(text.split()) <= longest]

    return reviews, short(train, WORDS)[:sentences], short(others, WORDS), short(train, FEW_WORDS)[:sentences]


def accuracies(reviews: Reviews, logits: ArrayLike) -> Row:
    """Accuracy on the part "test", of the logits there and of a bag of words, and the difference of the two."""
    test = reviews.part("test")
    right = ((np.asarray(logits) > 0) == test.labels).astype(np.float64)
    words, _ = tfidf_correct(reviews)
    row: Row = {"test_texts": len(test), "reviews_sha256": reviews.sha256[:12]}
    for name, values in (("accuracy", right), ("tfidf_accuracy", words), ("accuracy_difference", right - words)):
        row[name] = float(values.mean())
        row[f"{name}_error"] = float(values.std(ddof=1) / np.sqrt(len(values)))
    return row
