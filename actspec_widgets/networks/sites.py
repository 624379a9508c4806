"""Where a tensor of a network is read and replaced: the output or the input of a layer, in one of its calls."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from .known_names import place_of
from .layers import find_layer, first_tensor

SIDES = ("output", "input")


@dataclass(frozen=True)
class Site:
    """One place in a network.

    Attributes
    ----------
    name : str
        The layer as the caller wrote it.
    module : nn.Module or None
        None for "input", the model's own first input.
    side : {"output", "input"}
        What the layer gives, or what it is given.
    call : int, "all" or None
        Which of the layer's calls in a forward pass, counted from 0; None where it is called once.
    """

    name: str
    module: nn.Module | None
    side: str = "output"
    call: int | str | None = None

    @classmethod
    def find(cls, model: nn.Module, layer: str, side: str = "output", call: int | str | None = None) -> Site:
        """The site that a caller's words mean.

        Raises
        ------
        ValueError
            If there is no such layer, side or call.
        """
        check_name(model, layer)
        if side not in SIDES:
            raise ValueError(f'site={side!r} is not a side of a layer; use "output" or "input"')
        if call not in (None, "all") and (isinstance(call, bool) or not isinstance(call, int) or call < 0):
            raise ValueError(f'call={call!r}; count the calls in a forward pass from 0, or use "all" or None')
        try:
            return cls(layer, find_layer(model, layer), side, call)
        except ValueError:
            known = place_of(model, layer)
            if known is None or side == "input":
                raise
            return cls(layer, known[0], known[1], call)

    def means(self, number: int) -> bool:
        """Whether the layer's call of this number, from 0, is meant."""
        return self.call in (None, "all", number)

    def __str__(self) -> str:
        where = f"layer {self.name!r}" if self.side == "output" else f"the input of layer {self.name!r}"
        return where if self.call is None else f"{where} (call {self.call})"


def check_name(model: nn.Module, layer: Any) -> None:
    """Refuse what is no name of a layer; a module itself is told its own.

    Raises
    ------
    TypeError
        If it is no string.
    """
    if isinstance(layer, str):
        return
    modules = model.named_modules() if isinstance(model, nn.Module) else ()
    known = next((name for name, module in modules if module is layer), None)
    what = "a name from model.named_modules()" if known is None else repr(known)
    raise TypeError(f"layer is a {type(layer).__name__}; give its name, {what}")


class Watch:
    """Counts one layer's calls in a forward pass; ``expect_one`` says what is wrong with their number."""

    def __init__(self, site: Site):
        self.site = site
        self.calls = 0

    def expect_one(self) -> None:
        calls, self.calls = self.calls, 0
        if calls == 0:
            raise ValueError(
                f"layer {self.site.name!r} is not called in a forward pass of this model (its weights may be used "
                "directly); choose a layer that is"
            )
        if isinstance(self.site.call, int) and calls <= self.site.call:
            raise ValueError(
                f"layer {self.site.name!r} is called {calls} times in a forward pass; use call=0..{calls - 1}"
            )

    def meets(self) -> bool:
        """Count a call; True where it is the one that is meant."""
        self.calls += 1
        if self.site.call is None and self.calls > 1:
            raise ValueError(
                f"layer {self.site.name!r} is called more than once in a forward pass of this model; say which call "
                'with call=0, 1, ..., record call="all", or choose the layer around it'
            )
        return self.site.means(self.calls - 1)


@contextmanager
def hooked(site: Site, see: Callable[[Tensor], Tensor | None]) -> Iterator[Watch]:
    """Let ``see`` have the site's tensor while the context lasts; what it returns replaces it.

    Of an output that is a tuple, list or mapping, and of several inputs, ``see`` gets and replaces the first
    tensor. The hook is taken off at the end, also after an error. "input", the model's own, gets no hook.
    """
    watch = Watch(site)
    if site.module is None:
        yield watch
        return

    def after(module, args, output):
        if not watch.meets():
            return None
        new = see(first_tensor(output, f"layer {site.name!r}"))
        return None if new is None else replace_first(output, new)

    def before(module, args, kwargs):
        if not watch.meets():
            return None
        inputs = [*args, *kwargs.values()]
        new = see(first_tensor(inputs, f"the input of layer {site.name!r}"))
        if new is None:
            return None
        changed = replace_first(inputs, new)
        return tuple(changed[: len(args)]), dict(zip(kwargs, changed[len(args) :], strict=True))

    if site.side == "output":
        handle = site.module.register_forward_hook(after)
    else:
        handle = site.module.register_forward_pre_hook(before, with_kwargs=True)
    try:
        yield watch
    finally:
        handle.remove()


@contextmanager
def forwards_replaced(changes: Mapping[nn.Module, Callable[[Callable], Callable]]) -> Iterator[None]:
    """While the context lasts each module's ``forward`` is ``change(forward)``.

    Unlike a hook this leaves PyTorch's fused paths as they are, which change the last digits.
    """
    before = {module: vars(module).get("forward") for module in changes}
    try:
        for module, change in changes.items():
            vars(module)["forward"] = change(module.forward)  # past what a module does when attributes are set
        yield
    finally:
        for module, old in before.items():
            if old is None:
                vars(module).pop("forward", None)
            else:
                vars(module)["forward"] = old


def replace_first(output: Any, new: Tensor) -> Any:
    """``output`` with its first tensor replaced; tuples, named tuples, lists and mappings keep their type."""
    if isinstance(output, Tensor):
        return new
    old = first_tensor(output, "the layer")
    if isinstance(output, Mapping):
        changed: Any = copy.copy(output)
        changed[next(name for name, value in output.items() if value is old)] = new
        return changed
    values = [new if value is old else value for value in output]
    return type(output)(*values) if hasattr(output, "_fields") else type(output)(values)
