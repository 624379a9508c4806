"""What studies need beyond the package, and what of it is missing here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def missing(*needed: Callable[[], Any]) -> str | None:
    """Why one of these cannot be had, in words; None where all can."""
    try:
        for get in needed:
            get()
    except (ImportError, OSError, ValueError) as error:
        return str(error)
    return None


def torch() -> None:
    """Torch alone: the classifiers and digits come with the package."""
    from ..networks import trained_digits  # noqa: F401


def torch_and_full_mnist() -> None:
    """Torch, and all 70,000 digits, downloaded where they are not in the cache."""
    from ..datasets import load_mnist
    from ..networks import trained_digits  # noqa: F401

    load_mnist("full")


def torch_and_rated_sentences() -> None:
    """Torch, scikit-learn, and the file of rated sentences."""
    import sklearn  # noqa: F401

    from ..datasets.reviews import load_reviews
    from ..networks import sentiment  # noqa: F401

    load_reviews()


def encoder() -> None:
    """The published sentence encoder: transformers and the weights."""
    from ..networks import sentence_encoder

    sentence_encoder()
