"""Make the answers again: ``ACTSPEC_REVIEWS=file python -m actspec_widgets.networks.make_sentence_example``.

Fits the probe on the embeddings of the rated sentences (a minute or two on one core), and reads every sentence below
with every choice of its words dropped, by the encoder with its probe and by the bundled transformer. The sentences are
written for this package and chosen by hand among some forty that were tried, so that words that act together and words
that add up are both among them: they are no sample of English.
A second argument names the folder of the encoder's files, where they are not in the hub's cache.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..datasets import checksums, load_sentiment_example
from ..datasets.reviews import Reviews, load_reviews
from ..datasets.sentence_example import ANSWERS, ENCODER, KIND, STEP, TRANSFORMER
from ..patterns.cube import points_from_index
from .encoder import NAME, SHA256, SentenceEncoder, fit_probe, sentence_encoder
from .sentence_words import SentenceWords
from .sentiment import SentimentTransformer

TEXTS = (
    "this is not a bad film",
    "hardly a masterpiece but not bad",
    "never boring and always funny",
    "the film is not good at all",
    "the acting is not bad at all",
    "there is not a dull moment in this film",
    "not one dull moment",
    "not funny",
    "not without charm",
    "you will not regret it",
    "i could not stop laughing",
    "it is not as bad as they say",
    "far from boring",
    "anything but funny",
    "nobody could call this film dull",
    "i laughed and i cried",
    "the plot is thin but the actors are great",
    "slow but beautiful",
    "a waste of time",
    "the best film of the year",
)


def make_sentence_example(folder: str | Path, encoder: SentenceEncoder, reviews: Reviews) -> None:
    """Write ``sentence_answers.npz`` into ``folder``; the encoder's probe is fitted on the way."""
    accuracy = fit_probe(encoder, reviews)
    transformer = SentimentTransformer.load(load_sentiment_example().weights)
    arrays = {ENCODER: _rounded(encoder), TRANSFORMER: _rounded(transformer)}
    arrays["probe_weight"] = encoder.probe.weight.detach().numpy()[0].astype(np.float32)
    settings = {
        "encoder": NAME, "encoder_sha256": SHA256, "test_accuracy": accuracy, "reviews_sha256": reviews.sha256,
    }  # fmt: skip
    header = {"texts": TEXTS, "probe_bias": float(encoder.probe.bias.detach()[0]), "settings": settings}
    KIND.save_npz(Path(folder, ANSWERS.name), header, arrays)


def _rounded(model: SentenceEncoder | SentimentTransformer) -> NDArray[np.int16]:
    """All answers, sentence after sentence, as multiples of STEP."""
    sentences = [SentenceWords(model, text) for text in TEXTS]
    answers = [words.query(points_from_index(np.arange(1 << words.n_units), words.n_units)) for words in sentences]
    return np.round(np.concatenate(answers) / STEP).astype(np.int16)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ANSWERS.parent
    make_sentence_example(target, sentence_encoder(*sys.argv[2:3]), load_reviews())
    checksums.write(target)
