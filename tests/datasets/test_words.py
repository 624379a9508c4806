"""Words, vocabularies and presence."""

import numpy as np
import pytest

from actspec_widgets.datasets.words import PAD, UNKNOWN, Vocabulary, presence, words


def test_a_word_is_letters_digits_and_one_inner_apostrophe():
    assert words("Don’t -- it's 'GREAT'... naïve 3D?!") == ["don't", "it's", "great", "naïve", "3d", "?", "!"]


def test_the_vocabulary_is_in_order_of_texts_then_alphabet():
    vocabulary = Vocabulary.from_texts(["b b b a", "a c", "c a", "d b"])
    assert vocabulary.entries == ("a", "b", "c")
    assert Vocabulary.from_texts(["b a", "a b"], size=1).entries == ("a",)


def test_encoding_fills_up_cuts_and_never_gives_an_empty_row():
    vocabulary = Vocabulary(["a", "b"])
    tokens = vocabulary.encode(["b x a", "a a a a a", "...", ""], 4)
    assert tokens.tolist() == [[3, UNKNOWN, 2, PAD], [2, 2, 2, 2], [UNKNOWN, PAD, PAD, PAD], [UNKNOWN, PAD, PAD, PAD]]
    assert len(vocabulary) == 4 and tokens.dtype == np.int64


def test_presence_counts_no_repetition():
    assert presence(["a b a", "c"], ["a", "c"]).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize("entries", [[], ["a", "b", "a"], [1]])
def test_a_vocabulary_of_nothing_or_repetitions_is_refused(entries):
    with pytest.raises(ValueError, match="vocabulary"):
        Vocabulary(entries)


def test_no_frequent_word_is_one_sentence():
    with pytest.raises(ValueError, match="no word is in 2 or more of the texts"):
        Vocabulary.from_texts(["a b", "c"])
