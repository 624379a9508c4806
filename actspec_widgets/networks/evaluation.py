"""Running a model in evaluation mode on a device, and leaving it as it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from ..compute.device import usable_device


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

    Another thread that borrows the model, or one that shares a layer with it, waits until this one is done.
    Afterwards, also after an error, every submodule is in the mode it was in and the model is back on its
    device. ``device=None`` leaves the model where it is.

    Raises
    ------
    TypeError
        If ``model`` is not a torch module.
    ValueError
        If a device is asked for that this machine lacks, or while the model is spread over several; or the model has
        no values.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"the model is a {type(model).__name__}; give a torch.nn.Module")
    homes = devices_of(model) or [torch.device("cpu")]
    if device is not None and len(homes) > 1:
        raise ValueError(
            f"device={str(device)!r} was asked for and the model is spread over {', '.join(map(str, homes))}; "
            "leave device=None to run it where it is"
        )
    if any(home.type == "meta" for home in homes):
        raise ValueError(
            "the model's weights are on the meta device, where they have shapes and no values; load its weights "
            "first, e.g. model.to_empty(device='cpu') and model.load_state_dict(...)"
        )
    home = homes[0]
    target = home if device is None else usable_device(device)
    with _alone(model):
        # Submodules can be in different modes (a frozen batch norm, say), so model.train() would not restore them.
        modes = [(module, module.training) for module in model.modules()]
        try:
            model.eval()
            if target != home:
                model.to(target)
            # Tensors that are made in inference mode do not say when they are changed.
            with torch.inference_mode(False), torch.no_grad():
                yield target
        finally:
            for module, training in modes:
                module.training = training
            if target != home:
                model.to(home)


_turn = threading.Condition()
_borrowed: dict[int, tuple[int, int]] = {}  # id of a module -> the thread that borrows it, and how many times


@contextmanager
def _alone(model: nn.Module) -> Iterator[None]:
    """One thread at a time has any module of a model; the same thread may borrow it again."""
    me = threading.get_ident()
    modules = {id(module) for module in model.modules()}
    with _turn:
        _turn.wait_for(lambda: all(_borrowed.get(module, (me, 0))[0] == me for module in modules))
        for module in modules:
            _borrowed[module] = (me, _borrowed.get(module, (me, 0))[1] + 1)
    try:
        yield
    finally:
        with _turn:
            for module in modules:
                times = _borrowed[module][1] - 1
                if times:
                    _borrowed[module] = (me, times)
                else:
                    del _borrowed[module]
            _turn.notify_all()
