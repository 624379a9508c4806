"""Twenty short sentences, and what two networks say of each with any of its words dropped. No torch needed."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import FileKind
from .mnist import FILES

ANSWERS = FILES / "sentence_answers.npz"
STEP = 1 / 1024  # the answers are rounded to multiples of it
KIND = FileKind(
    "actspec_widgets.SentenceExample",
    "answers to sentences",
    "python -m actspec_widgets.networks.make_sentence_example",
)
ENCODER, TRANSFORMER = "sentence encoder", "small transformer"


@dataclass(frozen=True, eq=False)
class SentenceExample:
    """What two networks say of short sentences, whole and with words dropped; arrays are read-only.

    Attributes
    ----------
    texts : tuple of str
        Written for this package.
    answers : dict of str to tuple of ndarray of float64, each of shape (2^n,)
        For each network, for each text of n words, the logit of praise on all ``2^n`` ways to drop words: bit i of the
        index drops word i. Rounded to 1/1024.
    probe_weight : ndarray of float32, shape (384,)
        Of the logistic probe on the embedding of the encoder, fitted on rated film sentences.
    probe_bias : float
    settings : dict
        How the probe was fitted, its accuracy, and which files of weights were used.

    Notes
    -----
    The encoder is all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Apache 2.0); its weights are not here. The other network
    is the bundled transformer of :func:`load_sentiment_example`. Both learnt from the ratings of Hutto and Gilbert
    (2014; MIT licence), whose sentences are not here either.
    """

    texts: tuple[str, ...]
    answers: dict[str, tuple[NDArray[np.float64], ...]] = field(repr=False)
    probe_weight: NDArray[np.float32] = field(repr=False)
    probe_bias: float = field(repr=False)
    settings: dict[str, Any] = field(repr=False)

    def answer(self, network: str, text: str) -> NDArray[np.float64] | None:
        """The table of one text, or None where it is not here."""
        words = " ".join(text.split())
        return self.answers[network][self.texts.index(words)] if words in self.texts else None


def load_sentence_example(path: str | os.PathLike[str] | None = None) -> SentenceExample:
    """The answers to twenty sentences that come with the package.

    ``python -m actspec_widgets.networks.make_sentence_example`` makes the file again, from a copy of yours of the rated
    sentences and of the encoder.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, or of another kind or version.

    Examples
    --------
    >>> example = load_sentence_example()
    >>> len(example.texts), example.answer("small transformer", "not funny").shape
    (20, (4,))
    """
    return _bundled() if path is None else _read(Path(path))


@functools.cache
def _bundled() -> SentenceExample:
    return _read(ANSWERS)


def _read(path: Path) -> SentenceExample:
    header, arrays = KIND.load_npz(path)
    with KIND.reading(path):
        texts = tuple(header["texts"])
        sizes = [1 << len(text.split()) for text in texts]
        answers = {network: _tables(arrays[network], sizes) for network in (ENCODER, TRANSFORMER)}
        arrays["probe_weight"].setflags(write=False)
        return SentenceExample(
            texts=texts,
            answers=answers,
            probe_weight=arrays["probe_weight"],
            probe_bias=float(header["probe_bias"]),
            settings=header["settings"],
        )


def _tables(multiples: NDArray[np.int16], sizes: Sequence[int]) -> tuple[NDArray[np.float64], ...]:
    """The answers to each sentence, read-only, from those to all of them in multiples of STEP."""
    if len(multiples) != sum(sizes):
        raise ValueError("tables that do not fit the sentences")
    values = multiples * STEP
    values.setflags(write=False)
    return tuple(np.split(values, np.cumsum(sizes)[:-1]))
