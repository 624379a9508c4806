"""One sample of which some tokens or patches are covered, as a function of which."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from .batches import Batches, Masks
from .evaluation import evaluating
from .layers import to_numpy_type
from .layout import Layout, unit_axes_seen
from .passes import Reader, answer_of
from .points import as_shown, check_finite
from .sites import Site, hooked
from .targets import Output, read_output


class CoveredInput:
    """The output for one sample when some of its tokens, patches or positions are covered by a value of your choice.

    A unit is a real token (of ids, or at an embedding layer), or a patch of an image; +1 shows it, -1 covers it.

    Parameters
    ----------
    model : nn.Module
    inputs, output, mask, batch_size, device, unit_axis
        As in :func:`record`.
    value : int, float or array
        What covers: of token ids the id of a mask or padding token; of an image or a layer one number, or one for each
        channel or feature, the embedding of the mask token for example.
    base : int
        The sample.
    layer : str
        Where to cover: "input", or a layer with positions such as the embedding of tokens.
    patch : (int, int), optional
        Height and width of the patches of an image; the last ones may be smaller. None: each position is a unit.

    Attributes
    ----------
    n_units, queries : int
    places : tuple of ndarray
        For each unit its positions, counted row after row.

    Raises
    ------
    ValueError
        If the value or the patch does not fit.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(3, 1, bias=False))
    >>> model[1].weight = nn.Parameter(torch.tensor([[1.0, 10.0, 100.0]]))
    >>> covered = CoveredInput(model, torch.ones(1, 1, 1, 3), 0, value=0.0, unit_axis=1)
    >>> covered.query([[1, 1, 1], [1, -1, 1]])
    array([111., 101.])
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Any,
        output: Output,
        *,
        value: ArrayLike,
        base: int = 0,
        layer: str = "input",
        patch: tuple[int, int] | None = None,
        mask: Any = None,
        unit_axis: int | None = None,
        batch_size: int = 1024,
        device: torch.device | str | None = None,
    ):
        self.model, self.layer, self.output = model, layer, output
        self.queries = 0
        self._batch_size, self._device = batch_size, device
        with evaluating(model, device) as there:
            samples = Batches(inputs, model, batch_size).kept()
            if isinstance(base, bool) or not isinstance(base, int) or not 0 <= base < samples.n_samples:
                raise ValueError(f"base={base!r} is not a sample of the inputs; they hold 0..{samples.n_samples - 1}")
            self._batch = samples.take(np.array([base]))
            self._mask = Masks(mask).of(self._batch, np.array([base]))
            self._site = Site.find(model, layer)
            out = self._first(there)
            shape = tuple(out.shape)
            if self._ids:
                self._layout = Layout(str(self._site), (*shape, 1), 0, 2, "mean")
                out = out[:, :, None]
            else:
                reader = Reader(self._site, {"pool": "mean", "unit_axis": unit_axis})
                reader.wait(out)
                reader.settle(self._evidence)
                assert reader.layout is not None
                self._layout = reader.layout
            own = self._layout.fold(out, 1)
            real = self._layout.real(own, self._mask)
        labels = np.arange(own.shape[1]) if patch is None else _patches(self._layout, patch)
        if real is not None:
            labels = np.where(real[0].cpu().numpy(), labels, -1)
        kept, labels = np.unique(labels[labels >= 0]), labels
        self._labels = np.where(labels >= 0, np.searchsorted(kept, labels), -1)
        self.places = tuple(np.flatnonzero(self._labels == unit) for unit in range(len(kept)))
        self.n_units = len(kept)
        self._value = _as_value(value, own)

    def query(self, points: ArrayLike) -> NDArray[np.float64]:
        """The output where units are shown (+1) or covered (-1).

        Parameters
        ----------
        points : array of int8, shape (k, n_units)

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs
        """
        of_units = as_shown(points, self.n_units)
        shown = np.ones((len(of_units), len(self._labels)), bool)
        shown[:, self._labels >= 0] = of_units[:, self._labels[self._labels >= 0]]
        answers = []
        with evaluating(self.model, self._device) as there:
            for start in range(0, len(shown), self._batch_size):
                part = torch.from_numpy(shown[start : start + self._batch_size]).to(there)
                answers.append(to_numpy_type(self._answer(part, there)).numpy())
        self.queries += len(shown)
        values = np.concatenate(answers).astype(np.float64)
        check_finite(values)
        return values

    __call__ = query

    def __repr__(self) -> str:
        name = type(self.model).__name__
        return f"CoveredInput({name}, layer={self.layer!r}, {self.n_units} units, {self.queries} queries)"

    def _answer(self, shown: Tensor, there: torch.device) -> Tensor:
        size = len(shown)
        batch = self._batch.to(there).map(lambda tensor: tensor.repeat(size, *(1,) * (tensor.ndim - 1)))

        def inject(out: Tensor) -> Tensor:
            wide = out[:, :, None] if self._ids else out
            own = self._layout.fold(wide, size)
            new = self._layout.unfold(torch.where(shown[:, :, None], own, self._value.to(own)), wide)
            return new[:, :, 0] if self._ids else new

        if self._site.module is None:
            batch = batch.with_first(inject(batch.tensors()[0]))
        with hooked(self._site, inject):
            result = batch(self.model)
        mask = None if self._mask is None else self._mask.to(there).expand(size, -1)
        return read_output(result, self.output, size, mask)

    @property
    def _ids(self) -> bool:
        first = self._batch.tensors()[0]
        return self._site.module is None and not first.is_floating_point() and first.ndim == 2

    def _first(self, there: torch.device) -> Tensor:
        """What the site gives for the sample itself."""
        seen: list[Tensor] = []
        batch = self._batch.to(there)
        with hooked(self._site, lambda out: seen.append(out.clone())) as watch, unit_axes_seen(self.model) as evidence:
            answer_of(self.model, batch)
        self._evidence = evidence
        if self._site.module is None:
            return batch.tensors()[0]
        watch.expect_one()
        return seen[0]


def _patches(layout: Layout, patch: tuple[int, int]) -> NDArray[np.int64]:
    """Which patch each position of an image lies in."""
    sides = [side for axis, side in enumerate(layout.shape) if axis not in (layout.batch_axis, layout.unit_axis)]
    if len(sides) != 2 or len(patch) != 2 or any(not isinstance(p, int) or p < 1 for p in patch):
        raise ValueError(f"patch={patch} of positions {tuple(sides)}; give (height, width) for an image of two sides")
    rows, columns = (np.arange(side) // step for side, step in zip(sides, patch, strict=True))
    return (rows[:, None] * (columns[-1] + 1) + columns[None, :]).reshape(-1)


def _as_value(value: ArrayLike, own: Tensor) -> Tensor:
    values = value.detach().cpu() if isinstance(value, Tensor) else torch.as_tensor(np.asarray(value))
    if values.ndim > 1 or (values.ndim == 1 and len(values) not in (1, own.shape[2])):
        raise ValueError(
            f"value has shape {tuple(values.shape)}; give one number, or one for each of {own.shape[2]} channels"
        )
    if values.is_floating_point() and not own.is_floating_point():
        raise ValueError(f"value={value!r} covers whole numbers; give a whole number such as a token id")
    if not bool(torch.isfinite(values).all()):
        raise ValueError("value holds NaN or infinity; give finite numbers")
    return values
