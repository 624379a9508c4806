"""Data: handwritten digits, rated sentences, trained and recorded examples, functions whose subsets are known."""

from .example import Example, load_example
from .family import DigitsFamily, FamilyMember, load_digits_family
from .mnist import Mnist, binarise, load_mnist
from .reviews import Reviews, load_reviews
from .sentence_example import SentenceExample, load_sentence_example
from .sentiment_example import SentimentExample, load_sentiment_example
from .switches import Switches, load_switches

__all__ = [
    "DigitsFamily",
    "Example",
    "FamilyMember",
    "Mnist",
    "Reviews",
    "SentenceExample",
    "SentimentExample",
    "Switches",
    "binarise",
    "load_digits_family",
    "load_example",
    "load_mnist",
    "load_reviews",
    "load_sentence_example",
    "load_sentiment_example",
    "load_switches",
]
