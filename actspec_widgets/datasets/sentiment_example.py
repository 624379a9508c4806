"""A small trained transformer and what it computes from rated film sentences, which are not here. No torch needed."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import FileKind
from .mnist import FILES

WEIGHTS = FILES / "sentiment_transformer.safetensors"
RECORDING = FILES / "sentiment_recording.npz"
KIND = FileKind(
    "actspec_widgets.SentimentExample",
    "a recorded sentiment example",
    "python -m actspec_widgets.networks.make_sentiment_example",
)


@dataclass(frozen=True, eq=False)
class SentimentExample:
    """What the bundled transformer computes from rated film sentences; the arrays are read-only.

    Attributes
    ----------
    units : ndarray of bool, shape (m, n)
        Feed-forward units that each sentence switches on: above 0 at one word or more.
    logits : ndarray of float32, shape (m,)
        The network's output, above 0 for praise.
    scores : ndarray of float32, shape (m,)
        Mean human rating, from -4 to +4; at least 0.5 away from 0.
    parts : ndarray of str, shape (m,)
        "train", "val" or "test"; the network was trained on the first.
    words : ndarray of bool, shape (m, k)
        Which of the most frequent words each sentence contains, without order or number.
    word_names : tuple of str, length k
        By how many training sentences hold them, most first.
    active_means : ndarray of float64, shape (n,)
        Mean activation of each unit over the sentences that switch it on; one that is off is at 0.
    layer : str
        Name of the recorded layer in the network.
    weights : Path
        The network itself: ``networks.sentiment.SentimentTransformer.load(example.weights)``.
    settings : dict
        How the network was trained, and its accuracies.
    reviews_sha256 : str
        Of the file of rated sentences.

    Notes
    -----
    The sentences belong to others and are not here; :func:`load_reviews` reads a copy of yours.

    References
    ----------
    C.J. Hutto and E.E. Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
    Media Text", ICWSM-14: the ratings (MIT licence). The film sentences were gathered by B. Pang and L. Lee.
    """

    units: NDArray[np.bool_] = field(repr=False)
    logits: NDArray[np.float32] = field(repr=False)
    scores: NDArray[np.float32] = field(repr=False)
    parts: NDArray[np.str_] = field(repr=False)
    words: NDArray[np.bool_] = field(repr=False)
    word_names: tuple[str, ...] = field(repr=False)
    active_means: NDArray[np.float64] = field(repr=False)
    layer: str
    weights: Path = field(repr=False)
    settings: dict[str, Any]
    reviews_sha256: str

    def __post_init__(self) -> None:
        for name in ("units", "logits", "scores", "parts", "words", "active_means"):
            getattr(self, name).setflags(write=False)

    @property
    def is_train(self) -> NDArray[np.bool_]:
        """True where the network was trained on the sentence, shape (m,)."""
        return self.parts == "train"


def load_sentiment_example(path: str | os.PathLike[str] | None = None) -> SentimentExample:
    """The recorded sentiment transformer that comes with the package.

    ``python -m actspec_widgets.networks.make_sentiment_example`` makes the files again, from a copy of yours of the
    rated sentences.

    Parameters
    ----------
    path : path, optional
        Another recording made by that script; the weights are those beside it.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, or of another kind or version.

    Examples
    --------
    >>> example = load_sentiment_example()
    >>> example.units.shape, example.word_names[:3]
    ((10072, 128), ('the', 'a', 'and'))
    """
    return _bundled() if path is None else _read(Path(path))


@functools.cache
def _bundled() -> SentimentExample:
    return _read(RECORDING)


def _read(path: Path) -> SentimentExample:
    header, arrays = KIND.load_npz(path)
    with KIND.reading(path):
        names = tuple(header["words"])
        return SentimentExample(
            units=np.unpackbits(arrays["units"], axis=1, count=arrays["active_means"].size).astype(bool),
            logits=arrays["logits"],
            scores=arrays["scores"],
            parts=arrays["parts"].astype(str),
            words=np.unpackbits(arrays["words"], axis=1, count=len(names)).astype(bool),
            word_names=names,
            active_means=arrays["active_means"],
            layer=header["layer"],
            weights=path.parent / WEIGHTS.name,
            settings=header["settings"],
            reviews_sha256=header["reviews_sha256"],
        )
