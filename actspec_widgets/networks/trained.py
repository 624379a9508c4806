"""Digits classifiers that are trained once and then kept, so that a study which is resumed never trains again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from ..datasets import Mnist, binarise, load_digits_family
from ..files import cache_folder
from ..progress import Progress
from .building import set_weights
from .digits import DigitsClassifier
from .digits_training import train_digits
from .evaluation import evaluating
from .recording import record
from .training import one_thread

EPOCHS, BATCH_SIZE, LEARNING_RATE = 8, 256, 2e-3
LEAST_ACCURACY = 0.8  # of ten digits one in ten is read rightly by chance; what reads fewer than this has not learnt
_VERSION = 1  # raised when the same recipe would give other weights


def trained_digits(
    dropout: float = 0.0,
    *,
    input_dropout: float = 0.0,
    seed: int = 0,
    hidden: Sequence[int] = (256, 128),
    data: Mnist,
    folder: str | os.PathLike[str] | None = None,
    least_accuracy: float = LEAST_ACCURACY,
    epochs: int = EPOCHS,
    progress: Progress | bool | None = None,
) -> DigitsClassifier:
    """A classifier trained by one fixed recipe, from the cache where it was trained before.

    Eight epochs of Adam in batches of 256, its rate lowered from 0.002 along half a cosine: about 12 s on one core
    for all 60,000 digits and hidden layers of 256 and 128 units.

    Parameters
    ----------
    dropout, input_dropout, seed, hidden
        As for :class:`DigitsClassifier`.
    data : Mnist
    folder : path, optional
        Where weights are kept, one ``.safetensors`` file (0.9 MB) each. Default: "classifiers" in the folder that the
        environment variable ACTSPEC_CACHE names, else in the user's cache folder. Another
        recipe, other data or another version of torch give another file name.
    least_accuracy : float
        Share of the test digits that has to be read rightly.
    epochs : int
    progress : bool or callable, optional
        Of the training, as for :func:`train_digits`.

    Returns
    -------
    DigitsClassifier
        In evaluation mode.

    Raises
    ------
    ValueError
        If the data hold no test digits, or the classifier did not learn: it reads fewer of them rightly.
    OSError
        If the folder can not be written.
    """
    if not len(data.x_test):
        raise ValueError("the data hold no test digits to tell what was learnt; give at least one")
    kept = cache_folder() / "classifiers" if folder is None else Path(folder)
    path = kept / _name(dropout, input_dropout, seed, tuple(hidden), epochs, data)
    model = _kept(path)
    if model is None:
        model = train_digits(
            dropout,
            hidden=hidden,
            input_dropout=input_dropout,
            seed=seed,
            data=data,
            progress=progress,
            epochs=epochs,
            batch_size=BATCH_SIZE,
            learning_rate=LEARNING_RATE,
            anneal=True,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(path)
    require_learnt(model, len(data.x_test), least_accuracy)
    return model


def require_learnt(model: DigitsClassifier, n_test: int, least_accuracy: float = LEAST_ACCURACY) -> None:
    """Refuse a classifier that did not learn.

    Raises
    ------
    ValueError
        If its accuracy on the ``n_test`` test digits is below ``least_accuracy``.
    """
    reached = model.report["test_accuracy"]
    if reached < least_accuracy:
        settings = model.settings
        raise ValueError(
            f"the classifier with dropout {settings['dropout']:g} of hidden units and {settings['input_dropout']:g} of "
            f"pixels (seed {settings['seed']}) did not learn: it reads {reached:.1%} of {n_test:,} test digits rightly "
            f"and {least_accuracy:.0%} is the least; lower the rate, train for more epochs or use more digits"
        )


def family_classifier(dropout: float = 0.0, seed: int = 0) -> DigitsClassifier:
    """A classifier of the bundled family as a torch model, in evaluation mode; its report holds the accuracies.

    Raises
    ------
    ValueError
        If the family has none of that rate and seed.

    Examples
    --------
    >>> family_classifier(0.5).settings["dropout"]
    0.5
    """
    family = load_digits_family()
    member = family.member(dropout, seed)
    model = DigitsClassifier(family.hidden, member.dropout, seed=member.seed)
    set_weights(model, member.weights)
    model.report = {**family.recipe, "train_accuracy": member.train_accuracy, "test_accuracy": member.accuracy}
    return model.eval()


def layer_outputs(model: DigitsClassifier, images: ArrayLike) -> dict[str, NDArray[np.float32]]:
    """What every layer gives for images, uint8 (m, 28, 28): "input", "relu1", "relu2", ..., "logits".

    On one thread, so that the last bits do not depend on how many there are.
    """
    points = binarise(images)
    names = ["input", *(name for name, _ in model.named_children() if name.startswith("relu")), "logits"]
    with one_thread():
        return {name: record(model, name, points, output=0).activations for name in names}


def logits_at(
    model: DigitsClassifier, layer: str, activations: NDArray[np.float32], points: Iterable[NDArray[np.bool_]]
) -> Iterator[NDArray[np.float64]]:
    """All ten logits at on/off patterns of one layer; :class:`SubNetwork` is this for any network and one output.

    Parameters
    ----------
    model : DigitsClassifier
    layer : str
        "input" or a ReLU, "relu1" and so on.
    activations : ndarray, shape (m, n)
        What the layer gave on data: a unit that is on gets its mean over the samples with a positive activation,
        one that is off its mean over the others; a unit that never changes gets that mean in both states.
    points : iterable of bool arrays, shape (k, n)
        True = active.

    Yields
    ------
    ndarray, shape (k, 10)
    """
    on = activations > 0
    n_on = on.sum(axis=0)
    sums = np.where(on, activations, 0).sum(axis=0, dtype=np.float64)
    rest = activations.sum(axis=0, dtype=np.float64) - sums
    high = np.where(n_on > 0, sums / np.maximum(n_on, 1), rest / len(on))
    low = np.where(n_on < len(on), rest / np.maximum(len(on) - n_on, 1), high)
    names = [name for name, _ in model.named_children()]
    start = 0 if layer == "input" else names.index(layer) + 1
    tail = nn.Sequential(*list(model.children())[start:])
    with one_thread(), evaluating(tail):
        for part in points:
            yield tail(torch.from_numpy(np.where(part, high, low).astype(np.float32))).numpy().astype(np.float64)


def _name(dropout, input_dropout, seed, hidden, epochs, data):
    """The name of a file: some settings, and a hash of all that the weights depend on."""
    digest = hashlib.sha256()
    recipe = {
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "anneal": True,
        "version": _VERSION,
        "torch": torch.__version__,
    }
    digest.update(json.dumps([recipe, hidden, dropout, input_dropout, seed], sort_keys=True).encode())
    for array in (data.x_train, data.y_train, data.x_test, data.y_test):
        digest.update(f"{array.shape}".encode())
        digest.update(memoryview(array).cast("B") if array.flags.c_contiguous else array.tobytes())
    return f"digits-hidden{dropout:g}-input{input_dropout:g}-seed{seed}-{digest.hexdigest()[:12]}.safetensors"


def _kept(path):
    try:
        return DigitsClassifier.load(path)
    except FileNotFoundError:
        return None
    except ValueError:  # damaged since it was written: treated as absent
        return None
