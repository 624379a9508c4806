"""The rest of a network, from one layer to one output, as a function of on/off patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ..patterns.cube import as_signs
from ..patterns.thresholds import thresholds
from ..progress import Progress
from .batches import Batch, Batches
from .evaluation import evaluating, float_type
from .layers import find_layer, hooked, read_logit, to_numpy_type
from .layout import Layout, Pool
from .recording import record


class SubNetwork:
    """Query access to the rest of a network: ``query(points)`` for any pattern of a layer's units.

    A pattern becomes activations: each unit gets one value where it is active (+1) and another where it is
    inactive (-1). They take the place of the layer's output in a forward pass of one fixed input, the *base*, so
    whatever bypasses the layer (a residual connection, the other inputs) sees the base.

    Where a unit has several positions (channels of a convolution, features at every token) each position gets
    its own two values, the means over the samples in which the *pooled* unit is active and inactive.

    Parameters
    ----------
    model : nn.Module
        Used, not copied: a change of its weights changes the answers.
    layer : str
        As in :func:`record`; "input" replaces the model's first input.
    inputs
        As in :func:`record`; here they tell what active and inactive mean.
    output : int or callable
        As in :func:`record`; a callable gives one number for each sample.
    threshold : str, number, or array of shape (n_units,)
        A unit is active above it: the rules of ``Patterns.from_activations``. Use the same there and here.
    active, inactive : "mean", "zero", number, or array of shape (n_units,)
        The value of an active and of an inactive unit; "mean" is its mean activation over the inputs in which
        it is. The default pair is "mean", "mean"; ``inactive="zero"`` is ablation. A unit that is never
        active has no mean when active: it gets its inactive value in both states (and the other way round), so
        the function does not depend on it, as the data cannot say how it would. Such units are listed in
        ``constant_units``.
    base : int
        The sample of ``inputs`` that supplies the rest of the forward pass.
    batch_size, device, pool, unit_axis, batch_axis
        As in :func:`record`. ``pool`` also decides what a unit is.
    progress : callable, optional
        Of the recording made at the start; see :func:`record`.

    Attributes
    ----------
    n_units : int
    queries : int
        Points evaluated so far.
    thresholds : ndarray, shape (n_units,)
    active_values, inactive_values : ndarray, shape (positions, n_units)
        What a unit is set to; one position for fully connected layers.
    constant_units : tuple of int
        Units that never changed over the inputs.

    Raises
    ------
    ValueError
        As :func:`record`, or if a value, the base or the threshold does not fit.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False))
    >>> model[0].weight = nn.Parameter(torch.tensor([[1.0, 10.0]]))
    >>> query = SubNetwork(model, "input", torch.tensor([[1.0, -1.0], [-1.0, 1.0]]), 0)
    >>> query([[1, 1], [-1, 1]])
    array([11.,  9.])
    >>> query.queries
    2
    """

    def __init__(
        self,
        model: nn.Module,
        layer: str,
        inputs: Any,
        output: int | Callable[[Any], Tensor],
        *,
        threshold: str | float | ArrayLike = "zero",
        active: str | float | ArrayLike = "mean",
        inactive: str | float | ArrayLike = "mean",
        base: int = 0,
        batch_size: int = 1024,
        device: torch.device | str | None = None,
        pool: Pool = None,
        unit_axis: int | None = None,
        batch_axis: int | None = None,
        progress: Progress | None = None,
    ):
        if not isinstance(inputs, (Tensor, np.ndarray, tuple, Mapping)) and isinstance(inputs, Iterable):
            inputs = list(inputs)  # walked twice, and a shuffling loader would change its order
        axes: dict[str, Any] = {"pool": pool, "unit_axis": unit_axis, "batch_axis": batch_axis}
        activations, target = record(
            model, layer, inputs, output=output, batch_size=batch_size, device=device, progress=progress, **axes
        )
        if target.ndim != 1:
            raise ValueError(f"output gives {target.shape[1]} numbers for each sample; a SubNetwork needs one")
        self.model, self.layer, self.output = model, layer, output
        self.queries = 0
        self.n_units = activations.shape[1]
        self.thresholds = thresholds(activations, threshold, target)
        self._batch_size, self._device = batch_size, device
        self._module = find_layer(model, layer)
        on = activations > self.thresholds
        self._inputs = Batches(inputs, model, batch_size)
        self._base = self._inputs.sample(base)
        self._layout, high, low = self._means(self._inputs, on, axes)
        n_on = on.sum(0)
        self.constant_units = tuple(int(i) for i in np.flatnonzero((n_on == 0) | (n_on == len(on))))
        self.active_values = _levels(active, high, "active")
        self.inactive_values = _levels(inactive, low, "inactive")
        # Where the data show one state only, its value serves for both.
        self.active_values = np.where(np.isnan(self.active_values), self.inactive_values, self.active_values)
        self.inactive_values = np.where(np.isnan(self.inactive_values), self.active_values, self.inactive_values)

    def query(self, points: ArrayLike) -> NDArray[np.float64]:
        """The output at given patterns.

        Parameters
        ----------
        points : array of int8, shape (k, n_units)
            +1 = active, -1 = inactive.

        Returns
        -------
        ndarray of float64, shape (k,)
            In the units of the output.

        Raises
        ------
        ValueError
            If the shape or a value does not fit, or the network answers NaN or infinity.
        """
        signs = as_signs(points)
        if signs.shape[1] != self.n_units:
            raise ValueError(
                f"points have shape {signs.shape}, layer {self.layer!r} has {self.n_units} units; "
                f"give (k, {self.n_units})"
            )
        values = np.empty(len(signs))
        with evaluating(self.model, self._device) as there:
            kind = float_type(self.model)
            high = torch.from_numpy(self.active_values).to(kind).to(there)
            low = torch.from_numpy(self.inactive_values).to(kind).to(there)
            base = self._base.to(there)
            for start in range(0, len(signs), self._batch_size):
                part = slice(start, start + self._batch_size)
                on = torch.from_numpy(signs[part] > 0).to(there)
                answer = self._answer(base, torch.where(on[:, None, :], high, low))
                values[part] = to_numpy_type(answer).numpy()
        self.queries += len(signs)
        if not np.isfinite(values).all():
            first = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(f"the network answers {values[first]} at point {first}; look for overflow in its weights")
        return values

    __call__ = query

    def rebase(self, base: int) -> None:
        """Let another sample of ``inputs`` supply the rest of the forward pass.

        Raises
        ------
        ValueError
            If there is no such sample.
        """
        self._base = self._inputs.sample(base)

    def __repr__(self) -> str:
        name = type(self.model).__name__
        return f"SubNetwork({name}, layer={self.layer!r}, {self.n_units} units, {self.queries} queries)"

    def _answer(self, base: Batch, values: Tensor) -> Tensor:
        """The output, shape (k,), with the layer's output set to ``values`` (k, positions, units)."""
        size = len(values)
        batch = base.map(lambda tensor: tensor.repeat(size, *(1,) * (tensor.ndim - 1)))

        def inject(out: Tensor) -> Tensor:
            folded = self._layout.fold(out, size)
            if folded.shape != values.shape:
                raise ValueError(
                    f"layer {self.layer!r} now gives {tuple(folded.shape[1:])} positions and units, on the inputs it "
                    f"gave {tuple(values.shape[1:])}; build the SubNetwork again"
                )
            return self._layout.unfold(values, out)

        if self._module is None:
            batch = batch.with_first(inject(batch.tensors()[0]))
        with hooked(self._module, self.layer, inject) as watch:
            result = batch(self.model)
            if self._module is not None:
                watch.expect_one()
        answer = read_logit(result, self.output, size)
        if answer.ndim != 1:
            raise ValueError(f"output gives {answer.shape[1]} numbers for each sample; a SubNetwork needs one")
        return answer

    def _means(self, batches: Batches, on: NDArray[np.bool_], axes: dict[str, Any]):
        """The layout, and position-wise means when active and when inactive: float64 (positions, units)."""
        layout: Layout | None = None
        sums: list[Tensor] = []
        seen = size = 0

        def see(out: Tensor) -> None:
            nonlocal layout
            layout = layout or Layout.of(self.layer, self._module, out, **axes)
            values = layout.fold(out, size).to("cpu", torch.float64)
            mask = torch.from_numpy(on[seen : seen + size])[:, None, :]
            both = [values.where(mask, 0.0).sum(0), values.where(~mask, 0.0).sum(0)]
            if sums and sums[0].shape != both[0].shape:
                raise ValueError(
                    f"layer {self.layer!r} has {sums[0].shape[0]} positions in one batch and {both[0].shape[0]} in "
                    "another; pad the inputs to one length"
                )
            sums[:] = [old + new for old, new in zip(sums, both, strict=True)] if sums else both

        with evaluating(self.model, self._device) as there, hooked(self._module, self.layer, see) as watch:
            for raw in batches:
                batch = raw.to(there)
                size = batch.size
                if self._module is None:
                    see(batch.tensors()[0])
                else:
                    batch(self.model)
                    watch.expect_one()
                seen += size
        assert layout is not None  # record() has refused inputs without a sample
        counts = on.sum(0), (~on).sum(0)
        means = [
            np.where(count > 0, total.numpy() / np.maximum(count, 1), np.nan)
            for total, count in zip(sums, counts, strict=True)
        ]
        return layout, *means


def _levels(spec, means, state):
    """What ``active=`` or ``inactive=`` asks for, shape (positions, n_units); NaN where a mean is not known."""
    if isinstance(spec, str):
        if spec == "mean":
            return means
        if spec == "zero":
            return np.zeros_like(means)
        raise ValueError(f'{state}={spec!r} is not a rule; use "mean", "zero", a number, or one per unit')
    values = np.asarray(spec, dtype=np.float64)
    if values.shape not in ((), (means.shape[1],)):
        raise ValueError(
            f"{state} has shape {values.shape} for {means.shape[1]} units; give one number or {means.shape[1]}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{state} holds NaN or infinity; give finite numbers")
    return np.broadcast_to(values, means.shape).copy()
