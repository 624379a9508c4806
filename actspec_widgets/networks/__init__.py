"""The only room that knows torch: record a layer, query the rest of a network, train the small models."""

try:
    import torch as _torch  # noqa: F401
except ModuleNotFoundError as error:  # pragma: no cover - needs an environment without torch
    if error.name != "torch":
        raise
    raise ModuleNotFoundError(
        "networks need PyTorch, which is not installed; install its CPU build as pytorch.org says, or run "
        "pip install 'actspec_widgets[torch]'",
        name="torch",
    ) from error

from ..datasets import binarise
from .covered import CoveredInput
from .digits import DigitsClassifier, accuracy
from .digits_training import train_digits
from .distributed_layers import distributed_layers
from .encoder import SentenceEncoder, film_encoder, fit_probe, sentence_encoder
from .recording import Recording, record
from .sentence_words import SentenceWords
from .sentiment import SentimentTransformer
from .sentiment_training import train_sentiment
from .subnetwork import SubNetwork
from .target_comparison import compare_targets
from .topk import TopK, train_topk
from .tracing import trace
from .trained import family_classifier, trained_digits

__all__ = [
    "CoveredInput",
    "DigitsClassifier",
    "Recording",
    "SentenceEncoder",
    "SentenceWords",
    "SentimentTransformer",
    "SubNetwork",
    "TopK",
    "accuracy",
    "binarise",
    "compare_targets",
    "distributed_layers",
    "family_classifier",
    "film_encoder",
    "fit_probe",
    "record",
    "sentence_encoder",
    "trace",
    "train_digits",
    "train_sentiment",
    "train_topk",
    "trained_digits",
]
