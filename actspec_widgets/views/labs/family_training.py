"""Train one more digits classifier, in a process of its own that can be stopped at any moment."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np

from ...datasets import FamilyMember, load_digits_family, load_mnist
from ...studies.worker import Tell, WorkerProcess


def train_member(
    dropout: float,
    seed: int,
    *,
    epochs: int = 15,
    starting: Callable[[], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FamilyMember:
    """A network of the family's shape, trained on the 5,000 training digits that come with the package.

    Parameters
    ----------
    dropout : float
        Rate at which hidden units are dropped, 0 <= dropout < 1.
    seed, epochs : int
    starting : callable, optional
        Called every now and then before there is progress to tell; may raise to stop.
    progress : callable, optional
        Gets (steps done, steps in all); may raise to stop. The process is then killed, and nothing of it stays.

    Raises
    ------
    ValueError
        If PyTorch is missing or the numbers make no sense, with the reason.
    """
    with WorkerProcess(training) as process:
        process.ask({"dropout": dropout, "seed": seed, "epochs": epochs})
        told = [0, 0]

        def tell() -> None:
            if told[1] and progress is not None:
                progress(told[0], told[1])
            elif starting is not None:
                starting()

        while True:
            try:
                row: Any = process.answer(tell=tell)
            except RuntimeError as error:
                raise ValueError(f"training failed: {error}") from None
            if "steps" not in row:
                break
            told = [row["done"], row["steps"]]
    if "sentence" in row:
        raise ValueError(row["sentence"])
    weights = {}
    for name, (shape, text) in row["weights"].items():
        weights[name] = np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)
    return FamilyMember(float(dropout), seed, row["accuracy"], row["train_accuracy"], weights)


def training(request: dict[str, Any], tell: Tell) -> None:
    """The work of the process: it tells each step, then the network."""
    try:
        from ...networks import train_digits
    except ImportError:
        return tell({"sentence": "training needs PyTorch; install it as the README says, then try again"})
    model = train_digits(
        request["dropout"],
        hidden=load_digits_family().hidden,
        seed=request["seed"],
        epochs=request["epochs"],
        data=load_mnist(),
        progress=lambda done, steps: tell({"done": done, "steps": steps}),
    )
    weights: Any = {
        name: [list(tensor.shape), base64.b64encode(tensor.numpy().astype("<f4").tobytes()).decode()]
        for name, tensor in model.state_dict().items()
    }
    report = model.report
    tell({"accuracy": report["test_accuracy"], "train_accuracy": report["train_accuracy"], "weights": weights})
