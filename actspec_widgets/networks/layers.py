"""Finding a layer by its name, and the chosen output in what a model returns."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

INPUT = "input"
_SHOWN = 12  # layer names in an error sentence


def find_layer(model: nn.Module, name: str) -> nn.Module | None:
    """The submodule called ``name``, or None for "input", the model's own first input.

    A submodule that is itself called "input" goes before.

    Raises
    ------
    ValueError
        If there is none; the sentence names those that exist, the closest first.
    """
    modules = {known: module for known, module in model.named_modules(remove_duplicate=False) if known}
    if name in modules:
        return modules[name]
    if name == INPUT:
        return None
    known = [INPUT, *modules]
    close = difflib.get_close_matches(str(name), known, n=_SHOWN, cutoff=0.5)
    # What was typed is often one end of a dotted name.
    close += [k for k in known if k not in close and str(name) and str(name).lower() in k.lower()]
    others = [k for k in known if k not in close]
    shown = (close + others)[:_SHOWN]
    more = len(known) - len(shown)
    names = ", ".join(map(repr, shown)) + (f" and {more} more, see model.named_modules()" if more else "")
    raise ValueError(f"layer={name!r} does not exist in this {type(model).__name__}; it has {names}")


def layer_names(model: nn.Module) -> tuple[str, ...]:
    """What can be asked of a model: "input", then its submodules in its own order.

    Lists and dicts of modules are left out, as they are never called, and dropout, which does nothing outside training.

    Examples
    --------
    >>> layer_names(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(), nn.Linear(3, 1)))
    ('input', '0', '1', '3')
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"the model is a {type(model).__name__}; give a torch.nn.Module")
    left_out = (nn.ModuleList, nn.ModuleDict, nn.modules.dropout._DropoutNd)
    names = [name for name, module in model.named_modules() if name and not isinstance(module, left_out)]
    return tuple(dict.fromkeys([INPUT, *names]))


def last_hidden_layer(model: nn.Module) -> str:
    """The last activation function (ReLU, GELU, ...), else the last layer but one.

    Examples
    --------
    >>> last_hidden_layer(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)))
    '1'
    """
    names = layer_names(model)
    modules = dict(model.named_modules())
    kinds = [name for name in names if type(modules.get(name)).__module__ == "torch.nn.modules.activation"]
    return kinds[-1] if kinds else names[max(len(names) - 2, 0)]


def first_tensor(output: Any, what: str) -> Tensor:
    """``output`` itself, or the first tensor directly inside it."""
    if isinstance(output, Tensor):
        return output
    values: Iterable[Any] = ()
    if isinstance(output, Mapping):
        values = output.values()
    elif isinstance(output, (tuple, list)) and not isinstance(output, nn.utils.rnn.PackedSequence):
        values = output  # the first tensor of a PackedSequence has no axis of samples
    for value in values:
        if isinstance(value, Tensor):
            return value
    raise ValueError(f"{what} gives a {type(output).__name__} and not a tensor; choose a layer that gives one")


def read_logit(result: Any, output: int | Callable[[Any], Tensor], size: int) -> Tensor:
    """The chosen output of one batch, shape (batch,) or (batch, k).

    Parameters
    ----------
    result
        What the model returned.
    output : int or callable
        A class index into a (batch, classes) tensor (the model's output, its ``logits``, or its first
        tensor), or a callable on ``result``.
    size : int
        Samples in the batch.
    """
    if callable(output):
        chosen = output(result)
        if not isinstance(chosen, Tensor) or chosen.ndim not in (1, 2) or len(chosen) != size:
            came = f"shape {tuple(chosen.shape)}" if isinstance(chosen, Tensor) else type(chosen).__name__
            raise ValueError(f"output(...) gave {came} for a batch of {size}; return a tensor ({size},) or ({size}, k)")
        return chosen
    logits = all_logits(result, size)
    if isinstance(output, bool) or not isinstance(output, int) or not 0 <= output < logits.shape[1]:
        raise ValueError(
            f"output={output!r} is not one of this model's {logits.shape[1]} outputs; use 0..{logits.shape[1] - 1}, "
            "or a callable on the model's output"
        )
    return logits[:, output]


def all_logits(result: Any, size: int | None = None) -> Tensor:
    """The (batch, classes) tensor in what a model returned: its ``logits``, or its first tensor.

    ``size`` is the number of samples in the batch; None where the caller checks it.
    """
    logits = getattr(result, "logits", None)
    if logits is None and isinstance(result, Mapping):
        logits = result.get("logits")
    if not isinstance(logits, Tensor):
        logits = first_tensor(result, "the model")
    if logits.ndim == 1:
        logits = logits[:, None]
    if logits.ndim != 2 or len(logits) != (len(logits) if size is None else size):
        of = "" if size is None else f" of {size}"
        raise ValueError(
            f"the model gives shape {tuple(logits.shape)} for a batch{of}; a class index needs (batch, classes), "
            "for anything else give output=a callable on the model's output"
        )
    return logits


def to_numpy_type(values: Tensor) -> Tensor:
    """The same numbers on the CPU in a type that numpy knows and that computes without rounding them."""
    wide = torch.float64 if values.dtype == torch.float64 else torch.float32
    return values.detach().to("cpu", wide, copy=True)
