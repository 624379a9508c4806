"""The sentences as patterns: of the units of a layer, or of the words that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns

if TYPE_CHECKING:
    from ...datasets.reviews import Reviews
    from ...networks import SubNetwork
    from ...networks.sentiment import SentimentTransformer


@dataclass(frozen=True, eq=False)
class View:
    """One way to see the sentences: on/off units, and the logit that the transformer gives.

    Attributes
    ----------
    patterns, unseen : Patterns
        Of the training sentences, and of those in the parts "val" and "test".
    y, unseen_y : ndarray
        The logits.
    activations, unseen_activations : ndarray of shape (m, n), or None
    query : SubNetwork or None
        The rest of the network as a function of the units; None where there is none.
    """

    patterns: Patterns
    unseen: Patterns
    y: NDArray[np.float64]
    unseen_y: NDArray[np.float64]
    activations: NDArray[np.float32] | None = None
    unseen_activations: NDArray[np.float32] | None = None
    query: SubNetwork | None = None


def see(model: SentimentTransformer, reviews: Reviews, layer: str | None, threshold: str, n_words: int) -> View:
    """The sentences as patterns: of a layer's units, or of the presence of frequent words (``layer=None``).

    Units of "feed_forward" are means over the words of a sentence, so with the threshold "zero" one is active where
    it is above 0 at one word or more; with "median" where its mean is larger than in half of the training sentences.
    """
    from ...datasets.words import presence
    from ...networks import SubNetwork
    from ...networks.sentiment import logits, recorded
    from ...networks.training import one_thread

    known, new = reviews.part("train"), reviews.part("val", "test")
    if layer is None:
        frequent = model.vocabulary.entries[:n_words]  # in the order of how many training texts hold them
        return View(
            patterns=Patterns.from_signs(presence(known.texts, frequent), unit_names=frequent),
            unseen=Patterns.from_signs(presence(new.texts, frequent), unit_names=frequent),
            y=logits(model, known.texts).astype(np.float64),
            unseen_y=logits(model, new.texts).astype(np.float64),
        )
    activations, y = recorded(model, layer, known.texts)
    unseen_activations, unseen_y = recorded(model, layer, new.texts)
    with one_thread():
        query = SubNetwork(model, layer, model.tokens(known.texts), 0, threshold=threshold)
    return View(
        patterns=Patterns.from_activations(activations, query.thresholds),
        unseen=Patterns.from_activations(unseen_activations, query.thresholds),
        y=y.astype(np.float64),
        unseen_y=unseen_y.astype(np.float64),
        activations=activations,
        unseen_activations=unseen_activations,
        query=query,
    )
