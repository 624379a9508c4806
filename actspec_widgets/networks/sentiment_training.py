"""Training the sentiment transformer: seeded to the bit, on one thread."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..datasets.reviews import Reviews
from ..datasets.words import PAD, UNKNOWN, Vocabulary
from ..progress import Progress, shown
from .building import check_rate
from .sentiment import SentimentTransformer, logits
from .training import fit, one_thread


def train_sentiment(
    reviews: Reviews,
    *,
    vocabulary_size: int = 8000,
    width: int = 64,
    heads: int = 4,
    blocks: int = 1,
    units: int = 128,
    hidden: int = 64,
    length: int = 48,
    dropout: float = 0.3,
    word_dropout: float = 0.3,
    seed: int = 0,
    epochs: int = 10,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    weight_decay: float = 1.0,
    progress: Progress | bool | None = True,
) -> SentimentTransformer:
    """Train a :class:`SentimentTransformer` to tell positive from negative texts.

    Cross-entropy and AdamW, the learning rate lowered along half a cosine, on one thread of the CPU. The vocabulary
    comes from the part "train" alone, and so does everything else. The same arguments give the same weights bit for
    bit on the same machine and version of torch; the global random states are neither read nor changed. About 25 s on
    one core for 8,000 film sentences. The defaults are those that judged the part "val" best of six tried, which
    differed by less than their errors.

    Parameters
    ----------
    reviews : Reviews
        Texts with a rating of 0 take no part; the part "train" is trained on, "test" gives the accuracy.
    vocabulary_size : int
        Most words known; each is in two or more training texts.
    width, heads, blocks, units, hidden, length, dropout, seed
        As for :class:`SentimentTransformer`.
    word_dropout : float
        Share of words that are read as unknown, drawn anew in each step.
    epochs, batch_size : int
    learning_rate, weight_decay : float
    progress : bool or callable, optional
        True draws a bar; None or False is silent; a callable gets (steps done, steps in all) and may raise
        ``Cancelled``.

    Returns
    -------
    SentimentTransformer
        In evaluation mode; ``.report`` holds "train_accuracy", "val_accuracy", "test_accuracy" (0 to 1, None where
        that part has no texts), "n_train", "n_test", "loss" (mean of each epoch, in nats) and the settings used.

    Raises
    ------
    ValueError
        If a number is out of range, or the training texts are none or all of one kind.

    References
    ----------
    Loshchilov and Hutter (2019), arXiv:1711.05101 (AdamW); (2017), arXiv:1608.03983 (the half cosine).
    """
    if not weight_decay >= 0:
        raise ValueError(f"weight_decay={weight_decay}; use 0 or more")
    check_rate("word_dropout", word_dropout)
    polar = reviews.select(reviews.scores != 0)
    train = polar.part("train")
    if len(np.unique(train.labels)) < 2:
        raise ValueError(
            f"the {len(train)} training texts are not of both kinds; give some rated above 0 and some below"
        )
    recipe: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "word_dropout": word_dropout,
    }
    with one_thread():
        model = SentimentTransformer(
            Vocabulary.from_texts(train.texts, vocabulary_size),
            width=width,
            heads=heads,
            blocks=blocks,
            units=units,
            hidden=hidden,
            length=length,
            dropout=dropout,
            seed=seed,
        )
        tokens, labels = model.tokens(train.texts), torch.from_numpy(train.labels.astype(np.float32))
        lengths = (tokens != PAD).sum(1)

        def loss_of(chosen: Tensor, generator: torch.Generator) -> Tensor:
            read = _forget(tokens[chosen, : int(lengths[chosen].max())], word_dropout, generator)
            return nn.functional.binary_cross_entropy_with_logits(model(read)[:, 0], labels[chosen])

        with shown(progress, "sentiment", "step") as tell:
            losses = fit(
                model, loss_of, len(tokens), make_optimiser=partial(torch.optim.AdamW, weight_decay=weight_decay),
                epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
                seed=seed, anneal=True, progress=tell,
            )  # fmt: skip
        parts = {name: polar.part(name) for name in ("train", "val", "test")}
        model.report = {
            **{f"{name}_accuracy": accuracy(model, part) for name, part in parts.items()},
            "n_train": len(train),
            "n_test": len(parts["test"]),
            "loss": losses,
            **recipe,
        }
    return model


def accuracy(model: SentimentTransformer, reviews: Reviews) -> float | None:
    """Share of texts whose logit has the sign of their rating, between 0 and 1; None where there is no text."""
    return float(np.mean((logits(model, reviews.texts) > 0) == reviews.labels)) if len(reviews) else None


def require_learnt(model: SentimentTransformer, reviews: Reviews, errors: float = 3.0) -> None:
    """Refuse a transformer that did not learn.

    Raises
    ------
    ValueError
        If its accuracy on ``reviews`` is not ``errors`` standard errors above the share of the larger class.
    """
    share = max(reviews.labels.mean(), 1 - reviews.labels.mean())
    reached = accuracy(model, reviews) or 0.0
    least = share + errors * math.sqrt(max(share * (1 - share), 1e-12) / len(reviews))
    if reached < least:
        raise ValueError(
            f"the sentiment transformer (seed {model.settings['seed']}) did not learn: it judges {reached:.1%} of "
            f"{len(reviews):,} unseen texts rightly, always saying the same would judge {share:.1%}, and {least:.1%} "
            "is the least; train for more epochs, lower the dropout or use more texts"
        )


def _forget(tokens: Tensor, rate: float, generator: torch.Generator) -> Tensor:
    """Replace words at random by the unknown one, so that no single word decides."""
    forgotten = (torch.rand(tokens.shape, generator=generator) < rate) & (tokens != PAD)
    return tokens.masked_fill(forgotten, UNKNOWN)
