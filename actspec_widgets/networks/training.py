"""The training loop of the small networks: seeded to the bit, on one thread of the CPU."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..progress import Progress, tick
from .building import SeededDropout

_REPORT_EVERY = 16  # steps, some tens of ms


def fit(
    model: nn.Module,
    loss_of: Callable[[Tensor, torch.Generator], Tensor],
    samples: int,
    *,
    make_optimiser: Callable[..., torch.optim.Optimizer],
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    anneal: bool,
    progress: Progress | None,
) -> list[float]:
    """Train a model in place and leave it in evaluation mode.

    Parameters
    ----------
    model : torch.nn.Module
    loss_of : callable
        Gets the indices (k,) of the samples of one step, and the generator of all that is drawn; returns their mean
        loss.
    samples : int
        How many there are.
    make_optimiser : callable
        Gets the model's parameters and ``lr``; a class of ``torch.optim``.
    epochs, batch_size : int
    learning_rate : float
    seed : int
        That of the model's initial weights.
    anneal : bool
        Lower the learning rate along half a cosine, from its value at the first step to nothing after the last.
    progress : callable, optional
        Gets (steps done, steps in all).

    Returns
    -------
    list of float
        Mean loss of each epoch.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    if epochs < 1 or batch_size < 1 or not learning_rate > 0:
        raise ValueError(
            f"epochs={epochs}, batch_size={batch_size}, learning_rate={learning_rate}; "
            "use 1 or more, 1 or more, and a positive rate"
        )
    # Not the seed of the weights itself, or the first numbers drawn would repeat them.
    generator = torch.Generator().manual_seed(seed + 0x5EED)
    dropouts = [layer for layer in model.modules() if isinstance(layer, SeededDropout)]
    optimiser = make_optimiser(model.parameters(), lr=learning_rate)
    steps = -(-samples // batch_size)
    losses = []
    model.train()
    for layer in dropouts:
        layer.generator = generator
    for epoch in range(epochs):
        total = 0.0
        for step, chosen in enumerate(torch.randperm(samples, generator=generator).split(batch_size)):
            if anneal:
                for group in optimiser.param_groups:
                    group["lr"] = learning_rate * (1 + math.cos(math.pi * (epoch + step / steps) / epochs)) / 2
            optimiser.zero_grad()
            loss = loss_of(chosen, generator)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(chosen)
            done = epoch * steps + step + 1
            if done % _REPORT_EVERY == 0 or done == epochs * steps:
                tick(progress, done, epochs * steps)
        losses.append(total / samples)
    for layer in dropouts:
        layer.generator = None  # a generator can be neither copied nor pickled with the model
    model.eval()
    return losses


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread: sums over a batch depend on their number, and layers this small gain nothing."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
