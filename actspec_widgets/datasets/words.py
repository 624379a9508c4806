"""Sentences as words: one rule for what a word is, a vocabulary, and which words a sentence holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN = 0, 1  # token ids that stand for no word of the vocabulary
_WORD = re.compile(r"\w+(?:['’]\w+)?|[!?]")


def words(text: str) -> list[str]:
    """Lower-case words in their order; "isn't" is one word, and so are "!" and "?".

    Examples
    --------
    >>> words("It isn't GOOD -- why?")
    ['it', "isn't", 'good', 'why', '?']
    """
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def numbered(words: Sequence[str]) -> tuple[str, ...]:
    """Words as names: one that comes again gets its number.

    Examples
    --------
    >>> numbered(["the", "film", "the"])
    ('the', 'film', 'the (2)')
    """
    counts = [words[: at + 1].count(word) for at, word in enumerate(words)]
    return tuple(word if count == 1 else f"{word} ({count})" for word, count in zip(words, counts, strict=True))


class Vocabulary:
    """Words and their token ids: 0 fills up short sentences, 1 is any other word, then the words in order.

    Parameters
    ----------
    entries : sequence of str
        Each once.

    Attributes
    ----------
    entries : tuple of str

    Raises
    ------
    ValueError
        If there is no word or one comes twice.
    """

    def __init__(self, entries: Sequence[str]):
        self.entries = tuple(entries)
        self._ids = {word: number for number, word in enumerate(self.entries, start=UNKNOWN + 1)}
        if not self.entries or not all(isinstance(word, str) for word in self.entries):
            raise ValueError("a vocabulary needs words; give at least one string")
        if len(self._ids) < len(self.entries):
            twice = next(word for word, count in Counter(self.entries).items() if count > 1)
            raise ValueError(f"the vocabulary has the word {twice!r} more than once; give each word once")

    @classmethod
    def from_texts(cls, texts: Iterable[str], size: int = 8000, least: int = 2) -> Vocabulary:
        """The words that most texts hold, the most frequent first and equally frequent ones in alphabetical order.

        Parameters
        ----------
        texts : iterable of str
        size : int
            Most words.
        least : int
            Texts that must hold a word.

        Raises
        ------
        ValueError
            If no word is in ``least`` texts.

        Examples
        --------
        >>> Vocabulary.from_texts(["a good film", "a bad film"]).entries
        ('a', 'film')
        """
        counts = Counter(word for text in texts for word in dict.fromkeys(words(text)))
        kept = sorted(
            (word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word)
        )
        if not kept or size < 1:
            raise ValueError(
                f"no word is in {least} or more of the texts (size={size}); give more texts, or a smaller least"
            )
        return cls(kept[:size])

    def __len__(self) -> int:
        """Number of token ids, with the two that stand for no word."""
        return len(self.entries) + 2

    def encode(self, texts: Sequence[str], length: int) -> NDArray[np.int64]:
        """Token ids, shape (m, length); words of a text after the first ``length`` are left out.

        A text without any word becomes one unknown word.

        Examples
        --------
        >>> Vocabulary(["good", "film"]).encode(["A good film!"], 5)
        array([[1, 2, 3, 1, 0]])
        """
        tokens = np.full((len(texts), length), PAD, dtype=np.int64)
        for row, text in enumerate(texts):
            ids = [self._ids.get(word, UNKNOWN) for word in words(text)[:length]] or [UNKNOWN]
            tokens[row, : len(ids)] = ids
        return tokens


def presence(texts: Sequence[str], entries: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the given words each text holds, shape (m, number of words).

    Examples
    --------
    >>> presence(["A good film!", "No."], ["good", "no"]).tolist()
    [[True, False], [False, True]]
    """
    place = {word: column for column, word in enumerate(entries)}
    held = np.zeros((len(texts), len(entries)), dtype=bool)
    for row, text in enumerate(texts):
        held[row, [place[word] for word in words(text) if word in place]] = True
    return held
