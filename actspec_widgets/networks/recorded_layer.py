"""What one layer did on all samples at hand, at every position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.memory import available_bytes
from ..progress import Progress
from .batches import Masks, Samples
from .evaluation import evaluating
from .layers import to_numpy_type
from .layout import Layout
from .passes import Reader, Rows, run
from .positions import PositionTable, padded, split
from .recording import Recording
from .targets import Output

_FEW = 5  # samples that are run without the others of their batch
_ROUGH = 0.15  # of the spread: more than 8 bits may differ


class RecordedLayer:
    """A layer's activations on samples, and the output that went with them.

    Parameters
    ----------
    model : nn.Module
        Being evaluated, on the device ``there``.
    reader : Reader
    samples : Samples
    masks : Masks
    output : Output
    there : torch.device
    recording : Recording, optional
        To be used in the place of a pass over the samples, after some of it was found again; where a unit has several
        positions a pass is made all the same.
    batch_size : int
        Samples in which a recording may have to be found again.
    progress : callable, optional

    Attributes
    ----------
    activations : ndarray, shape (m, n_units)
        Pooled over positions.
    target : ndarray, shape (m,) or (m, t)
    lengths : ndarray of int64, shape (m,)
        Real positions of each sample.
    layout : Layout

    Raises
    ------
    ValueError
        If the recording is of something else.
    """

    activations: NDArray[np.floating]
    target: NDArray[np.floating]
    lengths: NDArray[np.int64]
    layout: Layout
    _positions: PositionTable | None

    def __init__(
        self,
        model: nn.Module,
        reader: Reader,
        samples: Samples,
        masks: Masks,
        output: Output,
        there: torch.device,
        *,
        recording: Recording | None = None,
        batch_size: int = 1024,
        progress: Progress | None = None,
    ):
        self._model, self._reader, self._samples, self._masks, self._output = model, reader, samples, masks, output
        self._there, self._positions = there, None
        alone = recording is not None and self._take_over(recording, batch_size)
        if recording is None or self.layout.has_positions:
            self._read(there, progress)
        if not alone:
            self._check_alone()

    @property
    def name(self) -> str:
        """The layer as sentences call it."""
        return str(self._reader.site)

    @property
    def ragged(self) -> bool:
        """Whether samples have different numbers of positions."""
        return bool((self.lengths != self.lengths[0]).any())

    def table(self) -> PositionTable:
        """Activations at every position of every sample.

        Raises
        ------
        MemoryError
            If they do not fit.
        """
        if self._positions is not None:
            return self._positions
        if self.layout.has_positions:
            raise MemoryError(
                f"the activations of {self.name} at every position do not fit in memory; give fewer inputs"
            )
        return PositionTable(torch.from_numpy(np.asarray(self.activations)), self.lengths)

    def means(self, on: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means at each position over the samples where ``on`` (m, n_units), and over the others.

        Both of shape (positions, n_units); NaN where there is no sample.
        """
        sums = np.zeros((2, int(self.lengths.max()), on.shape[1]))
        counts = np.zeros(sums.shape, np.int64)
        start = 0
        for values, there in self._blocks():
            states = torch.from_numpy(on[start : start + len(values)])[:, None, :]
            values, there = values.to(torch.float64), there[:, :, None]
            for row, mask in enumerate((states & there, ~states & there)):
                sums[row, : values.shape[1]] += values.where(mask, 0.0).sum(0).numpy()
                counts[row, : values.shape[1]] += mask.sum(0).numpy()
            start += len(values)
        with np.errstate(invalid="ignore"):
            high, low = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        return high, low

    def _read(self, there: torch.device, progress: Progress | None) -> None:
        """A pass over all samples; what a unit does at each position is kept as far as it fits."""
        rows = Rows(self._samples.n_samples)
        lengths: list[NDArray[np.int64]] = []
        parts: list[Tensor] = []
        room = (available_bytes() or 1 << 40) / 3
        held = 0

        def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None) -> None:
            nonlocal held
            rows.add(to_numpy_type(reader.units(folded, real)), str(reader.site), "unit")
            flat, counts = split(folded, real)
            lengths.append(counts)
            held += flat.nbytes
            parts.append(flat.to("cpu", copy=True))
            if held > room:
                parts.clear()

        layouts, self.target = run(
            self._model, [self._reader], self._samples, there, keep, self._output, self._masks, progress
        )
        self.layout, self.lengths, self.activations = layouts[0], np.concatenate(lengths), rows.joined()
        if held <= room and self.layout.has_positions:
            self._positions = PositionTable(torch.cat(parts), self.lengths)

    def _check_alone(self) -> None:
        """Refuse a model that gives a sample something else beside other samples: donors would change the base's rest.

        Numbers of 8 bits whose scale is the batch's may differ by their rounding.
        """
        batch = self._samples.batches[0]
        if batch.size < 2 * _FEW:
            return
        try:
            now = self._first(_FEW)
        except Exception:
            return  # a model that takes no smaller batch
        for known, few in zip((np.asarray(self.activations), self.target), now, strict=True):
            spread, gap = float(known.std()), float(np.abs(known[:_FEW] - few).max(initial=0.0))
            if gap > _ROUGH * spread and len(np.unique(known[: batch.size])) > 2:
                raise ValueError(
                    f"what the model gives for a sample depends on the other samples of its batch or is random (by up "
                    f"to {gap:.3g} at {self.name} or the output), so that no sample has activations of its own; switch "
                    "that off, e.g. give normalisation layers running statistics"
                )

    def _first(self, size: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Activations and target of the first samples, in a batch of their own."""
        rows = Rows(None)

        def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None) -> None:
            rows.add(to_numpy_type(reader.units(folded, real)), str(reader.site), "unit")

        first, masks = self._samples.first(size), self._masks.first(size)
        _, target = run(self._model, [self._reader], first, self._there, keep, self._output, masks)
        return rows.joined(), target

    def _take_over(self, recording: Recording, batch_size: int) -> bool:
        """Use a recording, after two samples of it have been found again (True), or the first batch (False).

        What a network of 8 bits gives for a sample depends on the others in its batch.
        """
        m = self._samples.n_samples
        other = self._differs(recording, 2)
        alone = not other
        if other and (other := self._differs(recording, batch_size)):
            raise ValueError(
                f"the recording's {other} are not those of {self.name} on these {m} inputs; record the layer on "
                "them with the same settings, leave recording=None, or switch off what is random in the model"
            )
        assert self._reader.layout is not None
        self.layout, self.lengths = self._reader.layout, np.ones(m, np.int64)
        self.activations, self.target = recording.activations, recording.target
        return alone

    def _differs(self, recording: Recording, size: int) -> str:
        """What of a recording is other than the first samples give now; empty where nothing is."""
        activations, target = self._first(size)
        for what, known, now in (
            ("activations", np.asarray(recording.activations), activations),
            ("target", np.asarray(recording.target), target),
        ):
            same = known.shape == (self._samples.n_samples, *now.shape[1:])
            if not same or not np.allclose(known[: len(now)], now, rtol=1e-3, atol=1e-5):
                return f"{what} of shape {known.shape}"
        return ""

    def _blocks(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Activations of each batch (samples, positions, units), and where there are any."""
        if self._positions is not None or not self.layout.has_positions:
            yield from self.table().blocks([batch.size for batch in self._samples.batches])
            return
        seen = 0
        for batch in self._samples.batches:  # too many to be held: run once more
            found: list[tuple[Tensor, Tensor]] = []

            def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None, found=found) -> None:
                rows, lengths = split(folded, real)
                found.append(padded(rows.to("cpu"), lengths))

            def nothing(result: Any, size: int = batch.size) -> Tensor:
                return torch.zeros(size)

            with evaluating(self._model, self._there) as there:
                mask = self._masks.of(batch, np.arange(seen, seen + batch.size))
                masks = Masks(False if mask is None else mask)
                run(self._model, [self._reader], Samples([batch]), there, keep, nothing, masks)
            seen += batch.size
            yield found[0]
