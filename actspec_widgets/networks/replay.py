"""The rest of a network at the price of the rest: modules that are over before a layer answer from memory.

A module whose call ends before the layer is called cannot depend on the layer. Where the same inputs are run again with
another output of the layer, such a module gives what it gave before, and the layer itself is not run at all. Modules
that change tensors in place, or give what is neither tensor nor constant, run again. Every kind of batch is
checked once against the whole run, bit for bit; where they differ, or anything goes wrong, the whole model runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

from .batches import Batch, blank
from .layers import first_tensor
from .sites import Site, forwards_replaced, hooked, replace_first

_CONSTANTS = (type(None), bool, int, float, str, torch.dtype, torch.device)


@dataclass
class _Call:
    """One call of a module in a traced pass."""

    module: nn.Module
    parent: int | None
    start: int
    end: int | None = None
    out: Any = None
    ours: bool = False  # whether it leaves its arguments alone and gives tensors and constants only
    silent: bool = False  # whether it is not run when memory answers
    versions: list[tuple[Tensor, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What answers from memory for one kind of batch.

    Attributes
    ----------
    calls : dict of module to list of bool
        For each call from the first on: whether anything but other memories reads what it gives.
    reads : bool
        Whether the answer reads what replaces the site's tensor.
    inputs : tuple of bool
        For each tensor of the batch: whether anything but what answers from memory reads it.
    row_bytes : int
        What is made for one sample where memory answers.
    """

    calls: dict[nn.Module, list[bool]]
    reads: bool
    inputs: tuple[bool, ...]
    row_bytes: int


@dataclass(frozen=True)
class Memory:
    """What modules gave for one batch, call by call, and what the site gave."""

    calls: dict[nn.Module, list[Any]]
    site: Any
    read: dict[nn.Module, list[bool]]

    def leaves(self) -> list[Tensor]:
        """Every tensor, always in the same order."""
        return [leaf for leaf in tree_flatten(self._tree())[0] if isinstance(leaf, Tensor)]

    def with_leaves(self, leaves: list[Tensor]) -> Memory:
        """The same with other tensors, in the order of :meth:`leaves`."""
        new = iter(leaves)
        calls, site = tree_map(lambda leaf: next(new) if isinstance(leaf, Tensor) else leaf, self._tree())
        return Memory(dict(zip(self.calls, calls, strict=True)), site, self.read)

    def blanks(self, fresh: bool = False) -> list[bool]:
        """Whether each tensor of :meth:`leaves` has a shape only, as nothing reads it.

        ``fresh``: what replaces the site's tensor is made without reading it.
        """
        replaced = first_tensor(self.site, "the site") if fresh else None
        return [
            not read or leaf is replaced
            for read, out in (*self._calls(), (True, self.site))
            for leaf in tree_flatten(out)[0]
            if isinstance(leaf, Tensor)
        ]

    def _calls(self):
        for module, outs in self.calls.items():
            yield from zip(self.read[module], outs, strict=True)

    def _tree(self):
        return list(self.calls.values()), self.site


class _Arrived(Exception):
    """The site is reached; what comes later is of no interest."""


def plan(model: nn.Module, site: Site, batch: Batch, read: Callable[[Any], Any]) -> Plan:
    """Trace one pass; ``read`` makes the answer from what the model returns."""
    trace = _Trace(site)
    modules = [m for m in model.modules() if m is not model and not isinstance(m, torch.jit.ScriptModule)]
    with trace, forwards_replaced({module: trace.watched(module) for module in modules}):
        if site.module is None:
            batch = batch.with_first(trace.arrive(batch.tensors()[0]))
        with hooked(site, trace.arrive):
            answer = read(batch(model))
    reads = trace.reads(answer)
    calls = {} if site.module is None else trace.finished()
    inputs, made = trace.outside(batch.tensors())
    return Plan(calls, reads, inputs, made // batch.size)


class _Trace(TorchDispatchMode):
    """Calls of modules in their order, which operations read which tensors, and what depends on the site's tensor."""

    def __init__(self, site: Site):
        super().__init__()
        self._site = site
        self._clock = 0
        self._calls: list[_Call] = []
        self._stack: list[int] = []
        self._reads: list[tuple[int | None, set[int], int]] = []  # where, storages read, bytes made
        self._arrived: int | None = None
        self._depends: dict[int, Tensor] = {}
        self._escapes = False
        self._seen_calls = 0

    def watched(self, module: nn.Module) -> Callable[[Callable], Callable]:
        def change(forward):
            def run(*args, **kwargs):
                if module is self._site.module:
                    if self._site.means(self._seen_calls):
                        self._arrived = self._clock
                    self._seen_calls += 1
                self._clock += 1
                call = _Call(module, self._stack[-1] if self._stack else None, self._clock)
                given = [(t, t._version) for t in tree_flatten((args, kwargs))[0] if isinstance(t, Tensor)]
                self._stack.append(len(self._calls))
                self._calls.append(call)
                try:
                    out = forward(*args, **kwargs)
                finally:
                    self._stack.pop()
                self._clock += 1
                leaves = tree_flatten(out)[0]
                call.end, call.out = self._clock, out
                call.ours = all(t._version == version for t, version in given) and all(
                    isinstance(leaf, (Tensor, *_CONSTANTS)) for leaf in leaves
                )
                call.versions = [(t, t._version) for t in leaves if isinstance(t, Tensor)]
                return out

            return run

        return change

    def arrive(self, tensor: Tensor) -> Tensor:
        new = tensor.clone()
        if self._site.side == "output":
            self._reads[-1] = None, set(), new.nbytes  # what it was is in memory, and not made again
        self._depends[_storage(new)] = new
        return new

    def reads(self, answer: Any) -> bool:
        return self._escapes or any(_storage(t) in self._depends for t in tree_flatten(answer)[0] if _is_plain(t))

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        given = [t for t in tree_flatten((args, kwargs))[0] if _is_plain(t)]
        storages = {_storage(t) for t in given}
        new = sum(t.nbytes for t in tree_flatten(out)[0] if _is_plain(t) and _storage(t) not in storages)
        self._reads.append((self._stack[-1] if self._stack else None, storages, new))
        if storages & self._depends.keys():
            made = [t for t in tree_flatten(out)[0] if _is_plain(t)]
            self._depends.update((_storage(t), t) for t in made)
            self._escapes = self._escapes or not made  # a number read out of a tensor: what it does is not seen
        return out

    def finished(self) -> dict[nn.Module, list[bool]]:
        """For each module the calls that are over before the site, outermost ones only; what changes later is out."""
        assert self._arrived is not None
        answers: list[_Call] = []
        broken = {self._site.module}  # calls are told apart by their order: after one that runs, all run
        for call in self._calls:
            if call.parent is not None and self._calls[call.parent].silent:
                call.silent = True
            elif (
                call.ours
                and call.end is not None
                and call.end <= self._arrived
                and call.module not in broken
                and all(tensor._version == version for tensor, version in call.versions)
            ):
                call.silent = True
                answers.append(call)
            else:
                broken.add(call.module)
        outside = [storages for storages, _ in self._outside()]
        result: dict[nn.Module, list[bool]] = {}
        for call in answers:
            mine = {_storage(tensor) for tensor, _ in call.versions if _is_plain(tensor)}
            result.setdefault(call.module, []).append(any(mine & storages for storages in outside))
        return result

    def outside(self, tensors: list[Tensor]) -> tuple[tuple[bool, ...], int]:
        """Which tensors operations read that are run when memory answers, and how many bytes these make."""
        there = self._outside()
        read = set().union(*(storages for storages, _ in there))
        return tuple(not _is_plain(t) or _storage(t) in read for t in tensors), sum(made for _, made in there)

    def _outside(self) -> list[tuple[set[int], int]]:
        return [(read, made) for where, read, made in self._reads if where is None or not self._within(where)]

    def _within(self, where: int) -> bool:
        """Whether an operation of this call is not run when memory answers."""
        while True:
            call = self._calls[where]
            if call.silent or (call.module is self._site.module and self._site.side == "output"):
                return True
            if call.parent is None:
                return False
            where = call.parent


def remember(model: nn.Module, site: Site, plan: Plan, batch: Batch) -> Memory:
    """Run a batch as far as the site, and keep what the plan's modules give on the way."""
    kept: dict[nn.Module, list[Any]] = {module: [] for module in plan.calls}
    found: list[Any] = []
    inside = [False]

    def keeping(module):
        needed = plan.calls[module]

        def change(forward):
            def run(*args, **kwargs):
                at = len(kept[module])
                if inside[0] or at == len(needed):
                    return forward(*args, **kwargs)
                inside[0] = True
                try:
                    out = forward(*args, **kwargs)
                finally:
                    inside[0] = False
                kept[module].append(out if needed[at] else tree_map(_blank, out))
                return out

            return run

        return change

    def arrive(out):
        found.append(out)
        raise _Arrived

    try:
        with forwards_replaced({module: keeping(module) for module in plan.calls}), _whole_output(site, arrive):
            batch(model)
    except _Arrived:
        pass
    return Memory(kept, found[0], plan.calls)


def replayed(model: nn.Module, site: Site, memory: Memory, batch: Batch, inject: Callable[[Tensor], Tensor]) -> Any:
    """What the model returns for a remembered batch when ``inject`` replaces the site's tensor."""

    def answering(module):
        answers = iter(memory.calls[module])

        def change(forward):
            def run(*args, **kwargs):
                try:
                    return next(answers)
                except StopIteration:
                    return forward(*args, **kwargs)

            return run

        return change

    changes = {module: answering(module) for module in memory.calls}
    if site.side == "output" and site.module is not None:
        changes[site.module] = _giving(site, memory, inject)
        with forwards_replaced(changes), _unfused(site.module):
            return batch(model)
    with forwards_replaced(changes), hooked(site, inject):
        return batch(model)


def _giving(site, memory, inject):
    """The site's module in place of itself: the call that is meant gives the new output, without being run."""

    def change(forward):
        calls = [0]

        def run(*args, **kwargs):
            calls[0] += 1
            if not site.means(calls[0] - 1):
                return forward(*args, **kwargs)
            return replace_first(memory.site, inject(first_tensor(memory.site, f"layer {site.name!r}")))

        return run

    return change


def _unfused(module):
    """A hook that does nothing: PyTorch runs the modules around a hooked one one by one, as in the whole run."""
    return _Handle(module.register_forward_hook(lambda module, args, output: None))


class _Handle:
    def __init__(self, handle):
        self._handle = handle

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._handle.remove()


def _whole_output(site, arrive):
    """A hook at the site that hands over all that it gives (or the tensor that it is given)."""
    calls = [0]

    def meant():
        calls[0] += 1
        return site.means(calls[0] - 1)

    if site.side == "output":
        return _Handle(site.module.register_forward_hook(lambda m, args, out: arrive(out) if meant() else None))
    return _Handle(
        site.module.register_forward_pre_hook(
            lambda m, args, kwargs: arrive(first_tensor([*args, *kwargs.values()], "")) if meant() else None,
            with_kwargs=True,
        )
    )


def _blank(leaf):
    return blank(leaf, leaf.shape) if isinstance(leaf, Tensor) else leaf


def _is_plain(value):
    return isinstance(value, Tensor) and value.layout == torch.strided


def _storage(tensor):
    return tensor.untyped_storage()._cdata
