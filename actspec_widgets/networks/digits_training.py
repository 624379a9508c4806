"""Training the digits classifier: seeded to the bit, in a few seconds on one core."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ..datasets import Mnist, binarise, load_mnist
from ..progress import Progress, shown
from .digits import DigitsClassifier, accuracy
from .training import fit, one_thread


def train_digits(
    dropout: float = 0.0,
    *,
    hidden: Sequence[int] = (64,),
    input_dropout: float = 0.0,
    seed: int = 0,
    data: Mnist | None = None,
    epochs: int = 15,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.0,
    anneal: bool = False,
    progress: Progress | bool | None = True,
) -> DigitsClassifier:
    """Train a :class:`DigitsClassifier` on binarised digits.

    Cross-entropy and Adam, on one thread of the CPU. A pixel dropped by ``input_dropout`` is set to its mean over
    the training digits. The same arguments give the same weights bit for bit on
    the same machine and version of torch; the global random states are neither read nor changed.

    Parameters
    ----------
    dropout, hidden, input_dropout
        As for :class:`DigitsClassifier`.
    seed : int
        Of the initial weights, the order of the samples and what is dropped.
    data : Mnist, optional
        Default: the bundled subset, ``load_mnist()``.
    epochs, batch_size : int
    learning_rate, weight_decay : float
        A weight decay above 0 is AdamW's.
    anneal : bool
        Lower the learning rate along half a cosine, from its value at the first step to nothing after the last.
    progress : bool or callable, optional
        True draws a bar; None or False is silent; a callable gets (steps done, steps in all) and may raise
        ``Cancelled``.

    Returns
    -------
    DigitsClassifier
        In evaluation mode; ``.report`` holds "train_accuracy", "test_accuracy" (0 to 1), "loss" (mean
        cross-entropy of each epoch, in nats) and the settings used.

    Raises
    ------
    ValueError
        If a number is out of range or the data are empty.

    References
    ----------
    Kingma and Ba (2015), arXiv:1412.6980 (Adam); Loshchilov and Hutter (2017), arXiv:1608.03983 (the half cosine), and
    (2019), arXiv:1711.05101 (AdamW).
    """
    if data is None:
        data = load_mnist()
    if not weight_decay >= 0:
        raise ValueError(f"weight_decay={weight_decay}; use 0 or more")
    if not len(data.x_train):
        raise ValueError("the data hold no training digits; give at least one")
    with one_thread():
        model = DigitsClassifier(hidden, dropout, input_dropout=input_dropout, seed=seed)
        points, digits = torch.from_numpy(binarise(data.x_train)), torch.from_numpy(data.y_train.astype("int64"))
        with shown(progress, f"dropout {dropout:g}", "step") as tell:
            losses = _fit_centred(
                model, points, digits, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
                seed=seed, anneal=anneal, progress=tell, weight_decay=weight_decay,
            )  # fmt: skip
        model.report = {
            "train_accuracy": accuracy(model, data.x_train, data.y_train),
            "test_accuracy": accuracy(model, data.x_test, data.y_test) if len(data.x_test) else None,
            "loss": losses,
            "n_train": len(points),
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            **({"anneal": True} if anneal else {}),
            **({"weight_decay": weight_decay} if weight_decay else {}),
        }
    return model


def _fit_centred(
    model: DigitsClassifier, points: Tensor, digits: Tensor, *, weight_decay: float, **settings: Any
) -> list[float]:
    """Fit on pixels measured from their means, then fold the means into the first bias: the same function.

    Most pixels are paper (-1) in most digits, so otherwise each step moves a unit's pre-activation up or down
    for all digits at once: of 64 hidden units 19 (no dropout) to 31 (dropout 0.5) ended up off for every digit,
    with this none, and two digits more in a hundred are read rightly.
    """
    mean = points.mean(0)
    centred = points - mean

    def loss_of(chosen: Tensor, generator: torch.Generator) -> Tensor:
        return nn.functional.cross_entropy(model(centred[chosen]), digits[chosen])

    optimiser = partial(torch.optim.AdamW, weight_decay=weight_decay) if weight_decay else torch.optim.Adam
    losses = fit(model, loss_of, len(points), make_optimiser=optimiser, **settings)
    first = next(layer for layer in model if isinstance(layer, nn.Linear))
    with torch.no_grad():
        first.bias.sub_(first.weight @ mean)
    return losses
