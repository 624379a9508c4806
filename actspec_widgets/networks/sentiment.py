"""A small ReLU transformer that tells praise from blame: its logit is a function of one feed-forward layer alone."""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..datasets.words import PAD, Vocabulary
from ..files import FileKind
from .building import SeededDropout, check_rate, load_model, seeded_linear, weights_of
from .recording import Recording, record
from .training import one_thread

UNITS, HIDDEN = "feed_forward", "rest.relu"  # layers to record, by name
KIND = FileKind("actspec_widgets.SentimentTransformer", "a sentiment transformer", "SentimentTransformer.save")


class SentimentTransformer(nn.Module):
    """Token ids to one logit: positive for praise.

    Each of the first ``blocks - 1`` blocks is attention and a ReLU feed-forward layer, both with a residual
    connection. In the last block the ReLU layer's outputs are averaged over the words of the sentence *before* they
    go on, and nothing goes around it: the module "feed_forward" gives these means, (m, units), and the logit is a
    function of them alone, the module "rest". So a unit is above 0 exactly where it is active at one word or
    more, and patterns of the units can be put in place of what a sentence gives.

    Parameters
    ----------
    vocabulary : Vocabulary or sequence of str
    width : int
        Of the embedding, a multiple of ``heads`` and even.
    heads, blocks : int
    units : int
        Units of each feed-forward layer.
    hidden : int
        ReLU units between "feed_forward" and the logit; their layer is "rest.relu".
    length : int
        Words of a sentence that are read.
    dropout : float
        Rate at which embeddings and units are dropped in training, 0 <= dropout < 1.
    seed : int
        Of the initial weights. The global random state is neither read nor changed.

    Attributes
    ----------
    vocabulary : Vocabulary
    settings : dict
        The numbers above.
    report : dict
        What :func:`train_sentiment` did; empty before.

    References
    ----------
    Vaswani et al. (2017), arXiv:1706.03762; the norm before each layer: Xiong et al. (2020), arXiv:2002.04745.

    Examples
    --------
    >>> model = SentimentTransformer(["good", "bad"], width=8, heads=2, units=16, hidden=4, length=6)
    >>> model(model.tokens(["a good film", "bad"])).shape
    torch.Size([2, 1])
    """

    places: Tensor  # codes of the positions, no parameter

    def __init__(
        self,
        vocabulary: Vocabulary | Sequence[str],
        *,
        width: int = 64,
        heads: int = 4,
        blocks: int = 1,
        units: int = 128,
        hidden: int = 64,
        length: int = 48,
        dropout: float = 0.3,
        seed: int = 0,
    ):
        super().__init__()
        sizes = {
            "width": width, "heads": heads, "blocks": blocks, "units": units, "hidden": hidden, "length": length,
        }  # fmt: skip
        for name, size in sizes.items():
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"{name}={size!r}; give a whole number, 1 or more")
        if width % heads or width % 2:
            raise ValueError(f"width={width} for {heads} heads; give an even multiple of the number of heads")
        check_rate("dropout", dropout)
        self.vocabulary = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary(vocabulary)
        self.settings: dict[str, Any] = {**sizes, "dropout": float(dropout), "seed": seed}
        self.report: dict[str, Any] = {}
        generator = torch.Generator().manual_seed(seed)
        self.embed = nn.utils.skip_init(nn.Embedding, len(self.vocabulary), width)
        nn.init.normal_(self.embed.weight, std=width**-0.5, generator=generator)
        self.dropout = SeededDropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, units, dropout, generator) for _ in range(blocks - 1))
        self.attention = Attention(width, heads, generator)
        self.feed_forward = PooledFeedForward(width, units, generator)
        self.rest = nn.Sequential(
            OrderedDict(
                dropout=SeededDropout(dropout),
                mix=seeded_linear(units, hidden, generator),
                relu=nn.ReLU(),
                logit=seeded_linear(hidden, 1, generator),
            )
        )
        self.register_buffer("places", _sines(length, width), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        length = self.settings["length"]
        if tokens.ndim != 2 or tokens.shape[1] > length or tokens.is_floating_point():
            raise ValueError(
                f"the sentiment transformer got {tokens.dtype} of shape {tuple(tokens.shape)}; it takes token ids "
                f"(m, up to {length}), see model.tokens(texts)"
            )
        real = tokens != PAD
        values = self.dropout(self.embed(tokens) + self.places[: tokens.shape[1]])
        for block in self.blocks:
            values = block(values, real)
        values = values + self.attention(values, real)
        return self.rest(self.feed_forward(values, real))

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """Token ids of sentences, int64 (m, length): what the model takes."""
        return torch.from_numpy(self.vocabulary.encode(texts, self.settings["length"]))

    def save(self, path: str | os.PathLike[str], *, half: bool = False) -> None:
        """Write words, weights and report to a ``.safetensors`` file; see :meth:`load`.

        ``half`` rounds the weights to float16, for half of the bytes.
        """
        header = {"settings": self.settings, "report": self.report, "vocabulary": self.vocabulary.entries}
        weights = weights_of(self)
        if half:
            weights = {name: array.astype(np.float16) for name, array in weights.items()}
        KIND.save_tensors(path, header, weights)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SentimentTransformer:
        """Read a transformer written by :meth:`save`, in evaluation mode.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, of another kind, or written by another version.
        """
        return load_model(KIND, path, lambda header: cls(tuple(header["vocabulary"]), **header["settings"]))


class Attention(nn.Module):
    """Multi-head attention among the words of each sentence, after a layer norm."""

    def __init__(self, width: int, heads: int, generator: torch.Generator):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.project = seeded_linear(width, 3 * width, generator)
        self.out = seeded_linear(width, width, generator)
        with torch.no_grad():  # linear layers without a ReLU after them
            self.project.weight.mul_(0.5**0.5)
            self.out.weight.mul_(0.5**0.5)

    def forward(self, values: Tensor, real: Tensor) -> Tensor:
        m, length, width = values.shape
        split = self.project(self.norm(values)).view(m, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        scores = (query @ key.transpose(-1, -2)) / math.sqrt(width // self.heads)
        scores = scores.masked_fill(~real[:, None, None, :], -1e9)  # not -inf: a row without words would be NaN
        return self.out((scores.softmax(-1) @ value).transpose(1, 2).reshape(m, length, width))


class Block(nn.Module):
    """Attention and a ReLU feed-forward layer, each with a residual connection."""

    def __init__(self, width: int, heads: int, units: int, dropout: float, generator: torch.Generator):
        super().__init__()
        self.attention = Attention(width, heads, generator)
        self.norm = nn.LayerNorm(width)
        self.up = seeded_linear(width, units, generator)
        self.dropout = SeededDropout(dropout)
        self.down = seeded_linear(units, width, generator)

    def forward(self, values: Tensor, real: Tensor) -> Tensor:
        values = values + self.attention(values, real)
        return values + self.down(self.dropout(self.up(self.norm(values)).relu()))


class PooledFeedForward(nn.Module):
    """ReLU units at every word, averaged over the words of each sentence, (m, units)."""

    def __init__(self, width: int, units: int, generator: torch.Generator):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = seeded_linear(width, units, generator)

    def forward(self, values: Tensor, real: Tensor) -> Tensor:
        weight = real.to(values.dtype)
        weight = weight / weight.sum(1, keepdim=True).clamp(min=1)
        return (self.up(self.norm(values)).relu() * weight[:, :, None]).sum(1)


def _sines(length: int, width: int) -> Tensor:
    """Fixed codes of the positions, at the scale of the embedding, (length, width)."""
    angles = torch.arange(length)[:, None] * 10000.0 ** (-torch.arange(0, width, 2) / width)
    return torch.cat([angles.sin(), angles.cos()], dim=1) / math.sqrt(width)


def logits(model: SentimentTransformer, texts: Sequence[str]) -> NDArray:
    """The model's logit of each sentence, shape (m,)."""
    return recorded(model, UNITS, texts).target


def recorded(model: SentimentTransformer, layer: str, texts: Sequence[str]) -> Recording:
    """Activations (m, n) of a layer and the logit (m,) of sentences, on one thread; see :func:`record`."""
    with one_thread():
        return record(model, layer, model.tokens(texts), output=0)
