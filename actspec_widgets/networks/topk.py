"""A small sparse dictionary of a layer: its rows made of a few of many directions."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from ..files import FileKind
from ..progress import Progress
from .building import load_model, weights_of
from .training import fit, one_thread

KIND = FileKind("actspec_widgets.TopK", "a sparse dictionary", "TopK.save")


class TopK(nn.Module):
    """A sparse dictionary: of each row the ``k`` largest latents, and the row made of them again.

    Parameters
    ----------
    units, latents, k : int
    seed : int

    Attributes
    ----------
    report : dict
        What the training measured, and of what.

    References
    ----------
    Gao et al. (2024), arXiv:2406.04093: TopK sparse autoencoders.
    """

    def __init__(self, units: int, latents: int, k: int, seed: int = 0):
        super().__init__()
        if not 0 < k <= latents:
            raise ValueError(f"k={k} of {latents} latents; keep at least one and at most all")
        self.k, self.report = k, dict[str, Any]()
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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write sizes, weights and report to a ``.safetensors`` file; see :meth:`load`."""
        latents, units = self.directions.shape
        sizes = {"units": units, "latents": latents, "k": self.k}
        KIND.save_tensors(path, {"sizes": sizes, "report": self.report}, weights_of(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TopK:
        """Read a dictionary written by :meth:`save`.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, of another kind, or written by another version.
        """
        return load_model(KIND, path, lambda header: cls(**header["sizes"]))


def train_topk(
    rows: ArrayLike,
    *,
    latents: int,
    k: int,
    epochs: int = 20,
    batch_size: int = 512,
    learning_rate: float = 1e-3,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[TopK, float]:
    """A TopK dictionary for rows of activations, such as tokens, the same to the bit for a seed.

    Parameters
    ----------
    rows : array, shape (m, units)
    latents, k : int
    epochs, batch_size : int
    learning_rate : float
    seed : int
    progress : callable, optional
        Gets (steps done, steps in all).

    Returns
    -------
    TopK
    float
        Share of the rows' variance that the dictionary explains.

    Raises
    ------
    ValueError
        If the rows are no matrix, or a number is out of range.
    """
    data = torch.as_tensor(np.asarray(rows, dtype=np.float32))
    if data.ndim != 2 or len(data) < 2:
        raise ValueError(f"rows have shape {tuple(data.shape)}; give (m, units), m at least 2")
    model = TopK(data.shape[1], latents, k, seed)
    centre, scale = data.mean(0), data.std().clamp(min=1e-12)

    def normalise() -> None:
        with torch.no_grad():
            model.directions.copy_(nn.functional.normalize(model.directions))

    def loss_of(chosen: Tensor, generator: torch.Generator) -> Tensor:
        normalise()  # what the step before has moved
        part = data[chosen]
        return ((model(part) - part) / scale).square().mean()

    with one_thread():
        with torch.no_grad():
            model.centre.copy_(centre)
        fit(
            model, loss_of, len(data), make_optimiser=torch.optim.Adam, epochs=epochs, batch_size=batch_size,
            learning_rate=learning_rate, seed=seed, anneal=False, progress=progress,
        )  # fmt: skip
        normalise()
        with torch.no_grad():
            left = sum(float((model(part) - part).square().sum()) for part in data.split(4096))
    return model, 1 - left / float((data - centre).square().sum())
