"""Answers of the rest of a network for chosen samples, from memory where that gives the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .batches import Batch, Masks, Samples, blank
from .replay import Memory, Plan, plan, remember, replayed
from .sites import Site, hooked
from .targets import Output, read_output

_MOST_BYTES = 1 << 31  # of what is remembered of all samples
_AT_ONCE = 1 << 25  # bytes made of one batch, where more rows than were asked for may share it
_FEW_ROWS = 256  # rows of a batch that always share it
_ROUNDING = 1e-3  # of the largest answer: what sums in another order may do, in half precision too

_Inject = Callable[[Tensor, Tensor | None], Tensor]


class Rest:
    """Runs a model from one site on.

    Parameters
    ----------
    model : nn.Module
    site : Site
    output : int, Target, callable or sequence
        As in :func:`record`.
    samples : Samples
    masks : Masks
    there : torch.device
        Where the model is while it is being evaluated.

    Attributes
    ----------
    whole : str or None
        Why the whole model runs for every answer; None where the modules before the site answer from memory.
    reads : bool
        Whether the output can depend on what replaces the site's tensor.
    """

    def __init__(
        self, model: nn.Module, site: Site, output: Output, samples: Samples, masks: Masks, there: torch.device
    ):
        self.model, self.site, self.output, self.samples = model, site, output, samples
        self._masks = masks
        self.whole: str | None = None
        self.reads = True
        self._plans: dict[int, Plan] = {}
        self._tables: dict[int, _Table | None] = {}
        self._checked: set[tuple[int, bool]] = set()
        self._latest: tuple[tuple[int, bool, bytes], Memory] | None = None
        self._remembered: dict[int, int] = {}
        self._weights_seen = 0
        self._weights = self._versions()
        self._steady = False  # whether the model is known to answer the same samples twice alike
        try:
            self.reads = self._plan(int(samples.kind[0]), there).reads
        except Exception as error:
            self.whole = f"it cannot be traced ({type(error).__name__}: {error})"
        if site.module is None:
            self.whole = "the layer is the model's input"

    def rows_at_once(self, base: int, size: int, there: torch.device, fresh: bool) -> int:
        """Rows of one batch where there are more than fit one of ``size``.

        More, where nothing is read of the site's tensor (``fresh``) nor of memory and they stay small; fewer, where
        they are large: what is remembered has to be tried for each size, and large batches make a CPU no faster.
        """
        plan = self._plans.get(int(self.samples.kind[base]))
        if plan is None or (self.whole is not None and self.site.module is not None):
            return size
        fits = _AT_ONCE // max(plan.row_bytes, 1)
        if fresh and not any(any(read) for read in plan.calls.values()):
            return max(size, fits)
        return min(size, max(fits, _FEW_ROWS)) if there.type == "cpu" else size

    def answer(
        self, bases: NDArray[np.int64], there: torch.device, inject: _Inject, *, fresh: bool = False, of: int = 0
    ) -> Tensor:
        """The output, shape (k,) or (k, t), for base samples of one kind.

        Parameters
        ----------
        inject : callable
            Makes what replaces the site's tensor from that tensor and the mask of real positions.
        fresh : bool
            It reads nothing of the site's tensor but its form.
        of : int
            Rows that are asked for together with these.
        """
        if self.whole is not None:
            return self._answer_whole(bases, there, inject, fresh)
        self._forget_if_changed()
        kind = int(self.samples.kind[bases[0]])
        read = self._plan(kind, there).inputs
        memory = self._memory(kind, bases, there, fresh, of)
        if (kind, fresh) in self._checked:
            return self._answer_from(memory, bases, there, inject, read)
        inject = _copied(inject)
        expected = self._run_whole(bases, there, inject)
        try:
            if not _same(self._answer_from(memory, bases, there, inject, read), expected):
                self.whole = "modules before the layer do not give the same when it is replaced"
        except Exception as error:
            self.whole = f"modules before the layer cannot answer from memory ({type(error).__name__}: {error})"
        if self.whole is not None and not self._steady:
            self._check_steady(expected, self._run_whole(bases, there, inject))
        self._steady = True
        self._checked.add((kind, fresh))
        return expected

    def _answer_whole(self, bases: NDArray[np.int64], there: torch.device, inject: _Inject, fresh: bool) -> Tensor:
        if self._steady:
            return self._run_whole(bases, there, inject, fresh)
        inject = _copied(inject)
        answer = self._run_whole(bases, there, inject, fresh)
        self._check_steady(answer, self._run_whole(bases, there, inject))
        return answer

    def _answer_from(
        self, memory: Memory, bases: NDArray[np.int64], there: torch.device, inject: _Inject, read: tuple[bool, ...]
    ) -> Tensor:
        batch = self._taken(bases, there, read)
        real = self._masks.of(batch, bases)
        result = replayed(self.model, self.site, memory, batch, lambda out: inject(out, real))
        return self._read(result, len(bases), real)

    def _taken(self, bases: NDArray[np.int64], there: torch.device, read: tuple[bool, ...] | None = None) -> Batch:
        """A batch of base samples that nobody else has: a model that works in place may write into it."""
        return self.samples.take(bases, read).map(lambda tensor: tensor.detach().to(there))

    def _check_steady(self, first: Tensor, second: Tensor) -> None:
        """Refuse a model whose second answer to the same question is another one."""
        gap = float((first - second).abs().max())
        if gap > _ROUNDING * float(first.abs().max()):
            raise ValueError(
                f"the model answers the same {len(first)} samples differently, by up to {gap:.3g}; switch off what is "
                "random in it (dropout that stays on, sampling, noise) or what it carries from call to call"
            )
        self._steady = True

    def _run_whole(self, bases: NDArray[np.int64], there: torch.device, inject: _Inject, fresh: bool = False) -> Tensor:
        read = None
        if fresh and self.site.module is None:  # the first input is replaced
            masks = self._masks.reads(self.samples.batches[0])
            read = (masks[0], *(True for _ in masks[1:]))
        batch = self._taken(bases, there, read)
        real = self._masks.of(batch, bases)
        if self.site.module is None:
            batch = batch.with_first(inject(batch.tensors()[0], real))
        with hooked(self.site, lambda out: inject(out, real)) as watch:
            result = batch(self.model)
        if self.site.module is not None:
            watch.expect_one()
        return self._read(result, batch.size, real)

    def _read(self, result: Any, size: int, real: Tensor | None) -> Tensor:
        return read_output(result, self.output, size, real)

    def _plan(self, kind: int, there: torch.device) -> Plan:
        if kind not in self._plans:
            batch = self._some(kind, 2).to(there)
            real = self._masks.of(batch, self._few(kind, 2))
            made = plan(self.model, self.site, batch, lambda result: self._read(result, 2, real))
            read = [a or b for a, b in zip(made.inputs, self._masks.reads(batch), strict=True)]
            self._plans[kind] = replace(made, inputs=tuple(read))
        return self._plans[kind]

    def _some(self, kind: int, size: int) -> Batch:
        return self.samples.take(self._few(kind, size))

    def _few(self, kind: int, size: int) -> NDArray[np.int64]:
        return np.resize(np.flatnonzero(self.samples.kind == kind), size)

    def _memory(self, kind: int, bases: NDArray[np.int64], there: torch.device, fresh: bool, of: int) -> Memory:
        key = kind, fresh, bases.tobytes()
        if self._latest is not None and self._latest[0] == key:
            return self._latest[1]
        self._latest = None  # so that two are never held at once
        several = bool((bases != bases[0]).any())
        table = self._table(kind, there, of) if several else self._tables.get(kind)
        if table is not None and table.fits(len(bases), fresh):
            memory = table.rows(bases, fresh)
        else:
            memory = remember(self.model, self.site, self._plan(kind, there), self._taken(bases, there))
            if several:
                self._remembered[kind] = self._remembered.get(kind, 0) + len(bases)
            if table is not None:
                table.check(bases, memory)
        self._latest = key, memory
        return memory

    def _table(self, kind: int, there: torch.device, of: int) -> _Table | None:
        """What is remembered of all samples of a kind, made once as many are asked for, or were, as there are."""
        here = self.samples.kind == kind
        if kind not in self._tables and self._remembered.get(kind, 0) + of >= here.sum():
            two, three = (
                remember(self.model, self.site, self._plan(kind, there), self._some(kind, size).to(there))
                for size in (2, 3)
            )
            self._tables[kind] = None
            axes = _batch_axes(two, three)
            if axes is not None and _owned_bytes(three) / 3 * here.sum() <= _MOST_BYTES:
                parts = [
                    remember(self.model, self.site, self._plan(kind, there), batch.to(there))
                    for batch in self.samples.batches
                    if batch.signature == self._some(kind, 1).signature
                ]
                self._tables[kind] = _Table(parts, axes, np.cumsum(here) - 1)
        return self._tables.get(kind)

    def _versions(self) -> tuple[tuple[int, int], ...]:
        tensors = [*self.model.parameters(), *self.model.buffers()]
        if any(tensor.is_inference() for tensor in tensors):
            self._weights_seen += 1  # such weights do not say when they are changed: nothing is taken to be as it was
        return (*((id(t), t._version) for t in tensors if not t.is_inference()), (0, self._weights_seen))

    def _forget_if_changed(self) -> None:
        weights = self._versions()
        if weights != self._weights:
            self._weights, self._latest = weights, None
            self._tables.clear()
            self._remembered.clear()


class _Table:
    """What is remembered of all samples of one kind.

    A row is used only in batches of a size for which rows have once been found to be, bit for bit, what the modules
    give for that very batch: matrix products may round differently for a few rows than for many.
    """

    def __init__(self, parts: list[Memory], axes: list[int | None], place: NDArray[np.int64]):
        self._form = parts[0]
        self._axes, self._place = axes, place
        self._blanks = [parts[0].blanks(fresh) for fresh in (False, True)]
        pieces = zip(*(part.leaves() for part in parts), strict=True)
        self._columns = [
            column[0] if axis is None or unread else torch.cat(column, axis)
            for axis, unread, column in zip(axes, self._blanks[False], pieces, strict=True)
        ]
        self._sizes: dict[int, bool] = {}

    def fits(self, size: int, fresh: bool) -> bool:
        return self._sizes.get(size, False) or all(self._blanks[fresh])

    def check(self, bases: NDArray[np.int64], memory: Memory) -> None:
        if len(bases) not in self._sizes:
            pairs = zip(self._blanks[False], self.rows(bases).leaves(), memory.leaves(), strict=True)
            self._sizes[len(bases)] = all(unread or _same(mine, theirs) for unread, mine, theirs in pairs)

    def rows(self, bases: NDArray[np.int64], fresh: bool = False) -> Memory:
        at = torch.from_numpy(self._place[bases])
        leaves = []
        for axis, unread, column in zip(self._axes, self._blanks[fresh], self._columns, strict=True):
            if axis is None:
                leaves.append(column)
            elif unread:
                leaves.append(blank(column, (*column.shape[:axis], len(bases), *column.shape[axis + 1 :])))
            else:
                leaves.append(column.index_select(axis, at.to(column.device)))
        return self._form.with_leaves(leaves)


def _batch_axes(two: Memory, three: Memory) -> list[int | None] | None:
    """The axis of samples of each tensor, None for one that is the same for all; None where one cannot be told."""
    axes: list[int | None] = []
    for a, b, unread in zip(two.leaves(), three.leaves(), two.blanks(), strict=True):
        differ = [axis for axis in range(a.ndim) if a.ndim == b.ndim and a.shape[axis] != b.shape[axis]]
        if len(differ) == 1:
            axes.append(differ[0])
        elif a.shape == b.shape and (unread or _same(a, b)):
            axes.append(None)
        else:
            return None
    return axes


def _copied(inject: _Inject) -> _Inject:
    """The same for several runs of a model that may write into what it is given."""
    return lambda out, real: inject(out, real).clone()


def _owned_bytes(memory: Memory) -> int:
    return sum(leaf.nbytes for leaf, unread in zip(memory.leaves(), memory.blanks(), strict=True) if not unread)


def _same(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same bits, any NaN counting as any other."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(torch.equal(a, b) or ((a == b) | ((a != a) & (b != b))).all())
