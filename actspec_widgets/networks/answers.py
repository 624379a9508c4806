"""Answers of the rest of a network for any number of base samples: batch by batch, on any device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .batches import Masks, Samples
from .evaluation import evaluating
from .layers import to_numpy_type
from .passes import Dictionary
from .positions import PositionTable
from .recorded_layer import RecordedLayer
from .rest import Rest
from .sites import Site
from .targets import Output

_STEP = 128  # many rows come in batches of multiples of it

Change = Callable[[NDArray[np.int64], Tensor, Tensor | None], Tensor]


class Answers:
    """The output for base samples in which something takes the place of a layer's output.

    Parameters
    ----------
    model : nn.Module
    site : Site
        Where it takes that place.
    output : int, Target, callable or sequence
        As in :func:`record`.
    samples : Samples
    masks : Masks
    recorded : RecordedLayer
    dictionary : Dictionary or None
        Whose latents are the units.
    elsewhere : bool
        Whether units are read at another place than ``site``.
    batch_size : int
    device : torch.device, str or None
        Where the model is taken for an answer.
    there : torch.device
        Where the model is now.
    """

    def __init__(
        self, model: nn.Module, site: Site, output: Output, samples: Samples, masks: Masks, recorded: RecordedLayer,
        *, dictionary: Dictionary | None, elsewhere: bool, batch_size: int, device: torch.device | str | None,
        there: torch.device,
    ):  # fmt: skip
        self.samples = samples
        self._model, self._site, self._output, self._masks = model, site, output, masks
        self._recorded, self._dictionary, self._elsewhere = recorded, dictionary, elsewhere
        self._batch_size, self._device = batch_size, device
        self._held: PositionTable | None = None  # activations on a device
        self.rest = Rest(model, site, output, samples, masks, there)

    def table(self) -> PositionTable:
        """The layer's activations on all samples, where the model is."""
        return self._recorded.table() if self._held is None else self._held

    def tensors(self) -> list[Tensor]:
        """All that moves to a device with :meth:`to`."""
        return [self.table().values, *(tensor for batch in self.samples.batches for tensor in batch.tensors())]

    def to(self, there: torch.device) -> Answers:
        """The same with samples and activations on a device, where the model is too."""
        twin = copy(self)
        twin._device, twin._held = there, self._recorded.table().to(there)
        twin.samples = Samples([batch.to(there) for batch in self.samples.batches])
        twin.rest = Rest(self._model, self._site, self._output, twin.samples, self._masks, there)
        return twin

    def __call__(self, bases: NDArray[np.int64], changed: Change, fresh: bool = False) -> NDArray[np.float64]:
        """The output, shape (k,) or (k, t), which may hold NaN.

        Parameters
        ----------
        bases : ndarray of int64, shape (k,)
        changed : callable
            ``changed(rows, own, real)`` gives what takes the place of ``own``, the units (rows, positions, units) of
            some of the k base samples; ``real`` are their positions that are no padding.
        fresh : bool
            It reads nothing of ``own`` but its form.
        """
        values: NDArray[np.float64] | None = None
        kinds = self.samples.kind[bases]
        with evaluating(self._model, self._device) as there:
            for kind in np.unique(kinds):
                of_kind = np.flatnonzero(kinds == kind)
                size = self.rest.rows_at_once(int(bases[of_kind[0]]), self._batch_size, there, fresh)
                for rows, run in _batches(of_kind, size, len(bases) > size):
                    found = self._of_batch(run, bases[run], there, changed, fresh, len(of_kind))
                    answer = to_numpy_type(found).numpy()[: len(rows)]
                    if values is None:
                        values = np.empty((len(bases), *answer.shape[1:]))
                    values[rows] = answer
        assert values is not None
        return values

    def _of_batch(
        self, rows: NDArray[np.int64], bases: NDArray[np.int64], there: torch.device, changed: Change, fresh: bool,
        of: int,
    ) -> Tensor:  # fmt: skip
        layout = self._recorded.layout

        def inject(out: Tensor, mask: Tensor | None) -> Tensor:
            own = layout.fold(out, len(rows))
            real = layout.real(own, mask)
            if self._dictionary is None:
                return layout.unfold(changed(rows, own, real), out)
            if self._elsewhere:
                latents = self.table().of(bases, own, real)
            else:
                latents = self._dictionary.latents(own, str(self._site))
            new = self._dictionary.replaced(own, latents, changed(rows, latents, real))
            return layout.unfold(new, out)

        return self.rest.answer(bases, there, inject, fresh=fresh, of=of)


def _batches(rows: NDArray[np.int64], size: int, many: bool) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows in batches, and what is run for them.

    Where there are ``many`` batches are of few sizes, as what is remembered has to be tried for each: some rows are
    run twice.
    """
    step = min(max(size // 2, 1), _STEP)
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        filled = many and 4 * len(part) > step
        yield part, np.resize(part, -(-len(part) // step) * step) if filled else part
