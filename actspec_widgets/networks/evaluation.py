"""Borrowing somebody's model: whatever happens meanwhile, it comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


def devices_of(model: nn.Module) -> list[torch.device]:
    """Devices that hold the model's parameters and buffers, each once, in the model's order."""
    tensors = [*model.parameters(), *model.buffers()]
    return list(dict.fromkeys(tensor.device for tensor in tensors))


def float_type(model: nn.Module) -> torch.dtype:
    """The floating type in which the model computes: that of its first floating parameter."""
    types = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(types, torch.get_default_dtype())


@contextmanager
def evaluating(model: nn.Module, device: torch.device | str | None = None) -> Iterator[torch.device]:
    """Evaluation mode, no gradients, on ``device``; yields the device that inputs belong on.

    Afterwards, also after an error, every submodule is in the mode it was in and the model is back on its
    device. ``device=None`` leaves the model where it is.

    Raises
    ------
    TypeError
        If ``model`` is not a torch module.
    ValueError
        If a device is asked for and the model is spread over several.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"the model is a {type(model).__name__}; give a torch.nn.Module")
    homes = devices_of(model) or [torch.device("cpu")]
    if device is not None and len(homes) > 1:
        raise ValueError(
            f"device={str(device)!r} was asked for and the model is spread over {', '.join(map(str, homes))}; "
            "leave device=None to run it where it is"
        )
    home, target = homes[0], torch.device(device if device is not None else homes[0])
    # Submodules can be in different modes (a frozen batch norm, say), so model.train() would not restore them.
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        if target != home:
            model.to(target)
        with torch.no_grad():
            yield target
    finally:
        for module, training in modes:
            module.training = training
        if target != home:
            model.to(home)
