"""Make the sentiment example again: ``ACTSPEC_REVIEWS=file python -m actspec_widgets.networks.make_sentiment_example``.

Trains a transformer smaller than the study's, so that it fits into the package, on the rated sentences (half a minute
on one core), rounds its weights to float16, and records what the rounded network does with them. The sentences
themselves are others' and are not written; of them the file holds which feed-forward units each one switches on, the
network's logit, the rating, the part, and which of the most frequent words it contains, without their order.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..datasets import checksums
from ..datasets.reviews import Reviews, load_reviews
from ..datasets.sentiment_example import KIND, RECORDING, WEIGHTS
from ..datasets.words import presence
from .building import set_weights, weights_of
from .sentiment import UNITS, recorded
from .sentiment_training import accuracy, require_learnt, train_sentiment

MARGIN = 0.5  # ratings nearer to 0 are neither praise nor blame, as in the study
WORDS = 200
RECIPE: dict[str, Any] = {"vocabulary_size": 4000, "width": 32}


def make_sentiment_example(folder: str | Path, reviews: Reviews | None = None, **recipe: Any) -> None:
    """Write ``sentiment_transformer.safetensors`` and ``sentiment_recording.npz`` into ``folder``.

    Parameters
    ----------
    folder : path
    reviews : Reviews, optional
        Default: those that :func:`load_reviews` finds.
    **recipe
        For :func:`train_sentiment`, in place of ``RECIPE``.

    Raises
    ------
    FileNotFoundError
        If no file of rated sentences is named.
    ValueError
        If the transformer did not learn.
    """
    reviews = (load_reviews() if reviews is None else reviews).polar(MARGIN)
    model = train_sentiment(reviews, progress=None, **(recipe or RECIPE))
    set_weights(model, {name: array.astype(np.float16) for name, array in weights_of(model).items()})
    model.report |= {f"{name}_accuracy": accuracy(model, reviews.part(name)) for name in ("train", "val", "test")}
    require_learnt(model, reviews.part("val", "test"))
    model.save(Path(folder, WEIGHTS.name), half=True)
    activations, logits = recorded(model, UNITS, reviews.texts)
    on = activations > 0
    words = model.vocabulary.entries[:WORDS]  # in the order of how many training sentences hold them
    header = {
        "layer": UNITS,
        "words": words,
        "settings": {**model.settings, **model.report, "torch": torch.__version__},
        "reviews_sha256": reviews.sha256,
    }
    arrays = {
        "units": np.packbits(on, axis=1),
        "words": np.packbits(presence(reviews.texts, words), axis=1),
        "active_means": np.where(on, activations, 0).sum(axis=0, dtype=np.float64) / np.maximum(on.sum(axis=0), 1),
        "logits": logits,
        "scores": reviews.scores.astype(np.float32),
        "parts": reviews.parts.astype("S5"),
    }
    KIND.save_npz(Path(folder, RECORDING.name), header, arrays)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS.parent
    make_sentiment_example(target)
    checksums.write(target)
