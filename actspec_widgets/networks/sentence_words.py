"""One sentence of which some words are left out, as a function of which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from ..datasets.words import numbered
from ..patterns.cube import as_signs
from .batches import Batches
from .evaluation import evaluating
from .layers import to_numpy_type
from .targets import Output, read_output


class ReadsTexts(Protocol):
    """A network that makes its inputs of texts: :class:`SentenceEncoder` and :class:`SentimentTransformer` do."""

    def tokens(self, texts: Sequence[str]) -> Any: ...


class SentenceWords:
    """The output for one sentence when some of its words are dropped, or another text stands in their place.

    A unit is a word; +1 keeps it, -1 leaves it out. What follows a dropped word moves up: the network reads the shorter
    text as it would read any other.

    Parameters
    ----------
    model : nn.Module
        With a method ``tokens(texts)`` that makes its inputs.
    text : str, or sequence of str
        A sentence, cut where there are spaces; or its pieces, to be joined by spaces.
    output : int, Target or callable
        As in :func:`record`.
    absent : str, optional
        What stands in the place of a word that is left out, such as the tokenizer's ``"[MASK]"``. Default: nothing.
    batch_size : int
    device : torch.device or str, optional

    Attributes
    ----------
    n_units, queries : int
    unit_names : tuple of str
        The words; one that comes again gets its number, "the (2)".

    Raises
    ------
    TypeError
        If the network cannot read texts.
    ValueError
        If the text has no word.

    Examples
    --------
    >>> from actspec_widgets.networks import SentimentTransformer
    >>> model = SentimentTransformer(["good", "not"], width=8, heads=2, units=16, hidden=4, length=6)
    >>> sentence = SentenceWords(model, "not a good film")
    >>> sentence.unit_names, sentence.query([[1, -1, 1, -1]]).shape
    (('not', 'a', 'good', 'film'), (1,))
    """

    def __init__(
        self,
        model: nn.Module,
        text: str | Sequence[str],
        output: Output = 0,
        *,
        absent: str | None = None,
        batch_size: int = 256,
        device: torch.device | str | None = None,
    ):
        if not callable(getattr(model, "tokens", None)):
            raise TypeError(
                f"{type(model).__name__} has no method tokens(texts) that makes its inputs of texts; give it one, or "
                "use CoveredInput, which covers tokens"
            )
        self.words = tuple(text.split() if isinstance(text, str) else text)
        if not self.words or not all(isinstance(word, str) and word for word in self.words):
            raise ValueError(f"text={text!r} has no words; give a sentence, or its words")
        self.model, self.output, self.absent = model, output, absent
        self.n_units, self.queries = len(self.words), 0
        self.unit_names = numbered(self.words)
        self._batch_size, self._device = batch_size, device

    def text(self, point: ArrayLike) -> str:
        """The sentence at one pattern, shape (n_units,)."""
        shown = np.asarray(point) > 0
        pieces = [word if keep else self.absent for word, keep in zip(self.words, shown, strict=True)]
        return " ".join(piece for piece in pieces if piece is not None)

    def query(self, points: ArrayLike) -> NDArray[np.float64]:
        """The output where words are kept (+1) or left out (-1).

        Parameters
        ----------
        points : array of int8, shape (k, n_units)

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs

        Raises
        ------
        ValueError
            If the shape or a value does not fit, or the network answers NaN or infinity.
        """
        signs = as_signs(points)
        if signs.shape[1] != self.n_units:
            raise ValueError(f"points have shape {signs.shape} for {self.n_units} words; give (k, {self.n_units})")
        order = np.argsort((signs > 0).sum(axis=1), kind="stable")  # little padding: short ones together
        answers = []
        with evaluating(self.model, self._device) as there:
            for start in range(0, len(signs), self._batch_size):
                texts = [self.text(signs[row]) for row in order[start : start + self._batch_size]]
                inputs = self.model.tokens(texts)  # type: ignore[operator]  # checked when it was made
                for batch in Batches(inputs, self.model, len(texts)):
                    answer = read_output(batch.to(there)(self.model), self.output, len(texts))
                    answers.append(to_numpy_type(answer).numpy())
        self.queries += len(signs)
        found = np.concatenate(answers).astype(np.float64)
        if not np.isfinite(found).all():
            raise ValueError("the network answers NaN or infinity; look for overflow in its weights")
        values = np.empty_like(found)
        values[order] = found
        return values

    __call__ = query

    def __repr__(self) -> str:
        return f"SentenceWords({' '.join(self.words)!r}, {self.n_units} words, {self.queries} queries)"
