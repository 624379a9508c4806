"""The network of the published experiment: digits at 14 x 14 pixels, one hidden layer of 256 units."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from ..datasets import Mnist
from ..progress import Progress, shown
from .building import SeededDropout, check_rate, seeded_linear
from .training import fit, one_thread

SIDE, HIDDEN, CLASSES = 14, 256, 10


def low_resolution(images: ArrayLike) -> NDArray[np.float32]:
    """Means of 2 x 2 pixels, 0 for paper and 1 for ink.

    Parameters
    ----------
    images : array of uint8, shape (m, 28, 28)

    Returns
    -------
    ndarray of float32, shape (m, 196)
        Pixel (row, column) is unit ``14 * row + column``.

    Examples
    --------
    >>> low_resolution(np.full((1, 28, 28), 255, np.uint8)).mean()
    np.float32(1.0)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.shape[1:] != (2 * SIDE, 2 * SIDE):
        raise ValueError(f"images have shape {images.shape} and dtype {images.dtype}; give uint8 of (m, 28, 28)")
    means = images.reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4), dtype=np.float32)
    return means.reshape(len(images), -1) / np.float32(255)


def train_low_resolution(
    dropout: float = 0.0, *, seed: int = 0, data: Mnist, epochs: int = 10, progress: Progress | bool | None = None
) -> nn.Sequential:
    """Train 196-256-10 on all ten digits, hidden units dropped at a rate: ten epochs of Adam in batches of 128.

    Parameters
    ----------
    dropout : float
        Of the units of the hidden layer, 0 <= dropout < 1; published are 0 and 0.2.
    seed : int
        Of weights, order and drops; the global random states are neither read nor changed.
    data : Mnist
    epochs : int
    progress : bool or callable, optional

    Returns
    -------
    nn.Sequential
        In evaluation mode, its layers called "hidden", "relu", "dropout" and "logits".
    """
    check_rate("dropout", dropout)
    generator = torch.Generator().manual_seed(seed)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["hidden"], layers["relu"] = seeded_linear(SIDE * SIDE, HIDDEN, generator), nn.ReLU()
    layers["dropout"], layers["logits"] = SeededDropout(dropout), seeded_linear(HIDDEN, CLASSES, generator)
    model = nn.Sequential(layers)
    points = torch.from_numpy(low_resolution(data.x_train))
    digits = torch.from_numpy(data.y_train.astype("int64"))

    def loss_of(chosen: torch.Tensor, _: torch.Generator) -> torch.Tensor:
        return nn.functional.cross_entropy(model(points[chosen]), digits[chosen])

    recipe: dict[str, Any] = {"batch_size": 128, "learning_rate": 1e-3, "anneal": False}
    with one_thread(), shown(progress, f"dropout {dropout:g}", "step") as tell:
        fit(
            model, loss_of, len(points), make_optimiser=torch.optim.Adam, epochs=epochs, seed=seed, progress=tell,
            **recipe,
        )  # fmt: skip
    return model
