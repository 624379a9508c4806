"""Finding a layer by its name, and the tensors in what it gives."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

INPUT = "input"
_SHOWN = 12  # layer names in an error sentence


def find_layer(model: nn.Module, name: str) -> nn.Module | None:
    """The submodule called ``name``, or None for "input", the model's own first input.

    A submodule that is itself called "input" goes before. Names that wrappers put in front (``module.``,
    ``_orig_mod.``) may be there or not, ``layers[3]`` is ``layers.3``, and the front of a dotted name may be left
    out where only one layer ends in the rest.

    Raises
    ------
    ValueError
        If there is none, the sentence names those that exist, the closest first; or if it lies inside a ScriptModule,
        which runs where nothing can look.
    """
    modules = {known: module for known, module in model.named_modules(remove_duplicate=False) if known}
    full = name if name in modules else None if name == INPUT else _only_match(str(name), modules)
    if full is not None:
        _check_no_script_around({"": model, **modules}, full)
        return modules[full]
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


def _only_match(name: str, modules: Mapping[str, nn.Module]) -> str | None:
    """The one known name that is the same without wrappers, or that ends in this dotted name."""
    wanted = _bare(name)
    if not wanted:
        return None
    bare = {known: _bare(known) for known in modules}
    same = [known for known, parts in bare.items() if parts == wanted]
    if not same and len(wanted) > 1:
        same = [known for known, parts in bare.items() if parts[-len(wanted) :] == wanted]
        if len({id(modules[known]) for known in same}) > 1:
            shown = ", ".join(map(repr, same[:_SHOWN]))
            raise ValueError(f"layer={name!r} may be any of {shown}; write one of them in full")
    # A wrapper and what it wraps have the same bare name: the wrapped one is meant.
    return same[-1] if same else None


def _bare(name: str) -> list[str]:
    parts = name.replace("[", ".").replace("]", "").split(".")
    return [part for part in parts if part and part not in ("module", "_orig_mod")]


def _check_no_script_around(modules: Mapping[str, nn.Module], name: str) -> None:
    around = [name]
    while around[-1]:
        around.append(around[-1].rpartition(".")[0])
    for outer in around:
        if isinstance(modules[outer], torch.jit.ScriptModule):
            what = f"layer {outer!r}" if outer else "the model"
            raise ValueError(
                f"{what} is a ScriptModule (scripted, traced or loaded by torch.jit), which runs where nothing can "
                f"look, so layer {name!r} cannot be read; use the Python model that it was made from"
            )


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


def first_tensor(output: Any, what: str, instead: str = "choose a layer that gives one") -> Tensor:
    """``output`` itself, or the first tensor directly inside it, where no container of tensors stands before it."""
    if isinstance(output, Tensor):
        return output
    values: Iterable[Any] = ()
    if isinstance(output, Mapping):
        values = output.values()
    elif isinstance(output, (tuple, list)):
        values = output
    packed = nn.utils.rnn.PackedSequence  # a tuple as well, whose first tensor has no axis of samples
    if isinstance(output, packed) or any(isinstance(value, packed) for value in values):
        raise ValueError(
            f"{what} gives a packed sequence, whose rows are no samples; let the model read padded sequences, or "
            "choose another layer"
        )
    for value in values:
        if isinstance(value, Tensor):
            return value
        if isinstance(value, (tuple, list, Mapping)) and _holds_tensors(value):
            break  # which of them is meant cannot be told
    raise ValueError(f"{what} gives {_in_words(output)} and not a tensor; {instead}")


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = list(value.values())
    return isinstance(value, Tensor) or (isinstance(value, (tuple, list)) and any(map(_holds_tensors, value)))


def _in_words(output: Any) -> str:
    kind = type(output).__name__
    return f"{'an' if kind[:1] in 'AEIOUaeiou' else 'a'} {kind}"


def raw_logits(result: Any) -> Tensor:
    """The ``logits`` in what a model returned, or its first tensor, whatever its shape."""
    logits = getattr(result, "logits", None)
    if logits is None and isinstance(result, Mapping):
        logits = result.get("logits")
    if isinstance(logits, Tensor):
        return logits
    return first_tensor(result, "the model", "give output=a callable on what the model returns")


def all_logits(result: Any, size: int | None = None) -> Tensor:
    """The (batch, classes) tensor in what a model returned: its ``logits``, or its first tensor.

    ``size`` is the number of samples in the batch; None where the caller checks it.
    """
    logits = raw_logits(result)
    if logits.ndim == 1:
        logits = logits[:, None]
    if logits.ndim != 2 or len(logits) != (len(logits) if size is None else size):
        of = "" if size is None else f" of {size}"
        raise ValueError(
            f"the model gives shape {tuple(logits.shape)} for a batch{of}; a class index needs (batch, classes); "
            'of a language model choose a position, output=targets.logit(k, position="last"), for anything else '
            "give output=a callable on the model's output"
        )
    return logits


def to_numpy_type(values: Tensor, copy: bool = True) -> Tensor:
    """The same numbers on the CPU in a type that numpy knows and that computes without rounding them."""
    wide = torch.float64 if values.dtype == torch.float64 else torch.float32
    return values.detach().to("cpu", wide, copy=copy)
