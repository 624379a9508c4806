"""One sentence of which some words are left out, as a function of which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from ..datasets.words import numbered
from .batches import MASK, Batches
from .evaluation import evaluating
from .layers import to_numpy_type
from .points import as_shown, check_finite
from .targets import Output, read_output


class SentenceWords:
    """The output for one sentence when some of its words are dropped or hidden, or another text stands in their place.

    A unit is a word; +1 keeps it, -1 leaves it out. What follows a dropped word moves up: the network reads the shorter
    text as it would read any other. Of a hidden word the tokens stay where they are, and attention passes over them.

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
    hidden : bool
        Hide words in the place of dropping them: ``tokens(texts)`` gives an ``attention_mask``, and their tokens are
        masked there.
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
        If the text has no word, or words cannot be hidden: there is no mask, or ``absent`` came as well.

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
        hidden: bool = False,
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
        self._places = self._tokens_of_words() if hidden else None

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
        kept = as_shown(points, self.n_units, "words")
        order = np.argsort(kept.sum(axis=1), kind="stable")  # little padding: short ones together
        answers = []
        with evaluating(self.model, self._device) as there:
            for start in range(0, len(kept), self._batch_size):
                shown = kept[order[start : start + self._batch_size]]
                for batch in Batches(self._inputs(shown), self.model, len(shown)):
                    answer = read_output(batch.to(there)(self.model), self.output, len(shown))
                    answers.append(to_numpy_type(answer).numpy())
        self.queries += len(kept)
        found = np.concatenate(answers).astype(np.float64)
        values = np.empty_like(found)
        values[order] = found
        check_finite(values)
        return values

    __call__ = query

    def _inputs(self, shown: NDArray[np.bool_]) -> Any:
        """What the network reads at some patterns."""
        tokens: Any = self.model.tokens  # that it can be called was checked when it was made
        if self._places is None:
            return tokens([self.text(row) for row in shown])
        made = tokens([" ".join(self.words)] * len(shown))
        mask = made[MASK].clone()
        seen = self._places >= 0
        mask[:, seen] *= torch.from_numpy(shown[:, self._places[seen]]).to(mask)
        return {**made, MASK: mask}

    def _tokens_of_words(self) -> NDArray[np.intp]:
        """Which word each token of the sentence belongs to; -1 for what frames it.

        A text of the first j words has as many tokens more as the j-th word has.
        """
        if self.absent is not None:
            raise ValueError(
                f"absent={self.absent!r} came with hidden=True; a hidden word keeps its tokens, so give one"
            )
        starts = [" ".join(self.words[:count]) for count in range(len(self.words) + 1)]
        tokens: Any = self.model.tokens
        made = [tokens([start]) for start in starts]
        if not isinstance(made[0], Mapping) or MASK not in made[0]:
            raise ValueError(
                f"tokens(texts) of {type(self.model).__name__} gives no {MASK}, so words cannot be hidden; drop "
                "them, or give absent= a word that stands in their place"
            )
        sizes = [int(one[MASK].sum()) for one in made]
        ids = [next(iter(one.values()))[0, :size].tolist() for one, size in zip(made, sizes, strict=True)]
        frame = next((i for i, (a, b) in enumerate(zip(ids[0], ids[-1], strict=False)) if a != b), len(ids[0]))
        places = np.full(sizes[-1], -1, dtype=np.intp)
        places[frame : frame + sizes[-1] - sizes[0]] = np.repeat(np.arange(self.n_units), np.diff(sizes))
        return places

    def __repr__(self) -> str:
        return f"SentenceWords({' '.join(self.words)!r}, {self.n_units} words, {self.queries} queries)"
