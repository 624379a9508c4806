"""The rest of a network, from one layer to one output, as a function of on/off patterns or of activations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ..compute.device import require_device_memory
from ..progress import Progress
from .answers import Answers, Change
from .batches import Batches, Masks
from .evaluation import evaluating, float_type
from .layout import Pool
from .levels import Levels, as_levels, at_positions
from .passes import Dictionary, Reader, find_sites
from .points import as_shown, check_finite
from .recorded_layer import RecordedLayer
from .recording import Recording
from .targets import Output

_FIDELITY_SAMPLES = 1000
_PROBES = 32  # patterns tried where it cannot be traced what the output reads


class NotRead(ValueError):
    """No output depends on what replaces a layer's output."""


class SubNetwork:
    """The rest of a network as a function: of on/off patterns of a layer's units, or of activations of other samples.

    Whatever is asked for takes the place of the layer's output in a forward pass of a *base* sample, so whatever
    bypasses the layer (a residual connection, the other inputs) sees the base.

    ``query(points)``: a pattern becomes activations, each unit gets one value where it is active (+1) and another
    where it is inactive (-1). Where a unit has several positions (channels of a convolution, features at every
    token) each position gets its own two values, the means over the samples in which the *pooled* unit is active and
    inactive. ``fidelity`` says how much of the output is left when activations are replaced by two levels, and
    ``fidelity_sentence`` says it in words.

    ``resample(base, donors)``: each unit has the activations that it had in another recorded sample.

    Modules whose calls are over before the layer is called answer from memory, with the same bits as the whole run;
    where that cannot be shown the whole model runs, and ``runs`` says why.

    Parameters
    ----------
    model : nn.Module
        Used, not copied: a change of its weights changes the answers.
    layer : str
        As in :func:`record`; "input" replaces the model's first input.
    inputs
        As in :func:`record`; here they supply bases and donors, and tell what active and inactive mean.
    output : int, Target, callable, or sequence of these
        As in :func:`record`.
    threshold : str, number, or array of shape (n_units,)
        A unit is active above it: the rules of ``Patterns.from_activations``. Use the same there and here.
    active, inactive : "mean", "zero", number, or array of shape (n_units,)
        The value of an active and of an inactive unit; "mean" is its mean activation over the inputs in which
        it is. The default pair is "mean", "mean"; ``inactive="zero"`` is ablation. A unit that is never
        active has no mean when active: it gets its inactive value in both states (and the other way round), so
        the function does not depend on it, as the data cannot say how it would. Such units are listed in
        ``constant_units``.
    base : int
        The sample of ``inputs`` that supplies the rest of the forward pass of queries.
    recording : Recording, optional
        What :func:`record` gave for the same model, layer, inputs and output, to save a pass over the data.
    mask, pool, site, call, dictionary, batch_size, device, unit_axis, batch_axis
        As in :func:`record`. ``pool`` also decides what a unit is. Padding is never replaced; of replaced latents the
        layer gets what their decoding changes, so that the reconstruction error stays.
        Of given activations more than ``batch_size`` share a batch where nothing before the layer is read and little
        memory is taken; of many rows some are run twice, so that batches are of few sizes.
    progress : callable, optional
        Of the recording made at the start; see :func:`record`.

    Attributes
    ----------
    n_units : int
    activations : ndarray, shape (m, n_units)
        Pooled, as :func:`record` gives them.
    target : ndarray, shape (m,) or (m, t)
    lengths : ndarray of int64, shape (m,)
        Positions of each sample that are real; a donor has to have as many as the base. 1 for layers without positions.
    queries : int
        Rows evaluated so far.
    thresholds : ndarray, shape (n_units,)
    active_values, inactive_values : ndarray, shape (positions, n_units)
        What a unit is set to; one position for fully connected layers.
    constant_units : tuple of int
        Units that never changed over the inputs.

    Raises
    ------
    ValueError
        As :func:`record`, if a value, the base or the threshold does not fit, or if the output does not read what
        replaces the layer's output.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False))
    >>> model[0].weight = nn.Parameter(torch.tensor([[1.0, 10.0]]))
    >>> rest = SubNetwork(model, "input", torch.tensor([[1.0, -1.0], [-1.0, 1.0]]), 0)
    >>> rest.query([[1, 1], [-1, 1]])
    array([11.,  9.])
    >>> rest.resample([0, 0], [[-1, -1], [1, -1]])
    array([ -9., -11.])
    >>> rest.queries
    4
    """

    def __init__(
        self,
        model: nn.Module,
        layer: str,
        inputs: Any,
        output: Output,
        *,
        threshold: str | float | ArrayLike = "zero",
        active: str | float | ArrayLike = "mean",
        inactive: str | float | ArrayLike = "mean",
        base: int = 0,
        recording: Recording | None = None,
        mask: Any = None,
        pool: Pool = None,
        site: str = "output",
        call: int | None = None,
        dictionary: Any = None,
        batch_size: int = 1024,
        device: torch.device | str | None = None,
        unit_axis: int | None = None,
        batch_axis: int | None = None,
        progress: Progress | None = None,
    ):
        if call is not None and not isinstance(call, int):
            raise ValueError(f"call={call!r}; one call of the layer is replaced, so say which with call=0, 1, ...")
        self.model, self.layer, self.output = model, layer, output
        self.queries = 0
        masks, self._dictionary = Masks(mask), Dictionary.of(dictionary)
        with evaluating(model, device) as there:
            samples = Batches(inputs, model, batch_size).kept()
            read, put = find_sites(model, layer, site, call, self._dictionary)
            axes = {"pool": pool, "unit_axis": unit_axis, "batch_axis": batch_axis}
            self._recorded = RecordedLayer(
                model, Reader(read, axes, self._dictionary), samples, masks, output, there,
                recording=recording, batch_size=batch_size, progress=progress,
            )  # fmt: skip
            self._answers = Answers(
                model, put, output, samples, masks, self._recorded, dictionary=self._dictionary,
                elsewhere=read is not put, batch_size=batch_size, device=device, there=there,
            )  # fmt: skip
        self.activations, self.target = self._recorded.activations, self._recorded.target
        self.lengths, self.n_units = self._recorded.lengths, self.activations.shape[1]
        self._levels = Levels(self._recorded, threshold, active, inactive, float_type(model))
        self.thresholds, self.constant_units = self._levels.thresholds, self._levels.constant_units
        self.active_values, self.inactive_values = self._levels.active, self._levels.inactive
        self.rebase(base)
        self._check_that_it_reads()

    @property
    def runs(self) -> str:
        """What is run for an answer, in words."""
        why = self._answers.rest.whole
        return "from the layer on" if why is None else f"the whole model, as {why}"

    @property
    def takes_activations(self) -> bool:
        """Whether activations ``(k, n_units)`` say all of the layer: units have one position each."""
        return not self._recorded.layout.has_positions

    def query(self, points: ArrayLike) -> NDArray[np.float64]:
        """The output at given patterns.

        Parameters
        ----------
        points : array of int8, shape (k, n_units)
            +1 = active, -1 = inactive.

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs
            In the units of the output.

        Raises
        ------
        ValueError
            If the shape or a value does not fit, or the network answers NaN or infinity.
        """
        on = self._as_points(points)
        return self._levelled(np.full(len(on), self._base), on, "point")

    def resample(self, base: ArrayLike, donors: ArrayLike) -> NDArray[np.float64]:
        """The output for base samples whose units have the activations of other samples.

        Parameters
        ----------
        base : array of int, shape (k,)
            Samples that supply whatever bypasses the layer.
        donors : array of int, shape (k, n_units)
            The sample that supplies each unit, at all its positions; -1 keeps the base's own activations. The j-th real
            position of the base gets that of the donor, which must have as many (``lengths``).

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs
            In the units of the output.

        Raises
        ------
        ValueError
            If a shape, a sample or a donor's length does not fit, or the network answers NaN or infinity.
        """
        bases = self._as_samples(base, "base", 0, 1)
        if isinstance(donors, Tensor):  # drawn on the device
            return self._resampled(bases, donors)
        donors = self._as_samples(donors, "donors", -1, 2)
        if donors.shape != (len(bases), self.n_units):
            raise ValueError(
                f"donors have shape {donors.shape} for {len(bases)} base samples and {self.n_units} units; "
                f"give ({len(bases)}, {self.n_units})"
            )
        if self._recorded.ragged:
            short = (donors >= 0) & (self.lengths[donors] < self.lengths[bases][:, None])
            if short.any():
                row, unit = (int(i) for i in np.argwhere(short)[0])
                donor = int(donors[row, unit])
                raise ValueError(
                    f"sample {donor} has {self.lengths[donor]} positions and cannot give unit {unit} of row {row} to "
                    f"sample {bases[row]}, which has {self.lengths[bases[row]]}; take donors with lengths[donor] >= "
                    "lengths[base]"
                )
        return self._resampled(bases, torch.from_numpy(np.ascontiguousarray(donors)))

    def _resampled(self, bases: NDArray[np.int64], donors: Tensor) -> NDArray[np.float64]:
        table = self._answers.table()

        def changed(rows, own, real):
            return table.exchanged(own, real, donors[torch.from_numpy(rows)].to(own.device))

        return self._ask(bases, changed, "row")

    @contextmanager
    def on(self, device: torch.device | str) -> Iterator[SubNetwork]:
        """The same function with its model, samples and activations on a device, for as long as the block lasts.

        Answers to many questions then move nothing but the questions. Meanwhile other threads wait for the model.

        Raises
        ------
        ValueError
            If the device is not there, or the model is spread over several.
        MemoryError
            If samples and activations do not fit there.
        """
        tensors = self._answers.tensors()
        with evaluating(self.model, device) as there:
            require_device_memory(
                str(there), sum(tensor.nbytes for tensor in tensors if tensor.device != there),
                f"what {self._recorded.name} has on all samples, and these, on {there}",
                "leave device out, or give fewer inputs",
            )  # fmt: skip
            twin = copy(self)
            twin._answers = self._answers.to(there)
            try:
                yield twin
            finally:
                self.queries = twin.queries

    def present(
        self, points: ArrayLike, base: int | None = None, *, absent: str | float | ArrayLike = "mean"
    ) -> NDArray[np.float64]:
        """The output for one sample of which some units are absent.

        Parameters
        ----------
        points : array of int8, shape (k, n_units)
            +1 leaves a unit as it is in the base sample; -1 gives it its absent value, at every position.
        base : int, optional
            Default: the base of queries.
        absent : "mean", "zero", number, or array of shape (n_units,)
            "mean" is the mean over the recorded samples, position by position.

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs

        Raises
        ------
        ValueError
            As :meth:`query`, or if the base or the absent value does not fit.
        """
        kept = self._as_points(points)
        bases = self._as_samples(np.full(len(kept), self._base if base is None else base), "base", 0, 1)
        levels = torch.from_numpy(as_levels(absent, self._mean_values, "absent")).to(float_type(self.model))

        def changed(rows: NDArray[np.int64], own: Tensor, real: Tensor | None) -> Tensor:
            stays = torch.from_numpy(kept[rows]).to(own.device)[:, None, :]
            if real is not None:
                stays = stays | ~real[:, :, None]
            return torch.where(stays, own, at_positions(levels.to(own.device, own.dtype), own, real))

        return self._ask(bases, changed, "point")

    def __call__(self, values: ArrayLike, base: ArrayLike | None = None) -> NDArray[np.float64]:
        """Whole numbers are patterns, as in :meth:`query`; floats are activations, for layers without positions.

        Parameters
        ----------
        values : array, shape (k, n_units)
            Patterns of -1 and +1 in an integer type or bool; or activations in a floating type.
        base : int or array of int, shape (k,), optional
            For activations: samples that supply whatever bypasses the layer. Default: the base of queries.

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs

        Raises
        ------
        ValueError
            As :meth:`query`, or if activations are given for a layer with positions.
        """
        values = np.asarray(values)
        if values.dtype.kind != "f" and base is None:
            return self.query(values)
        if values.ndim != 2 or values.shape[1] != self.n_units or len(values) == 0:
            raise ValueError(f"activations have shape {values.shape}; give (k, {self.n_units}), k at least 1")
        if not self.takes_activations:
            raise ValueError(
                f"layer {self.layer!r} has several positions for each unit, so (k, {self.n_units}) activations do not "
                "say what they are at each; use resample(base, donors)"
            )
        if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
            raise ValueError("activations hold something else than finite numbers; give floats")
        bases = np.full(len(values), self._base) if base is None else base
        bases = np.broadcast_to(np.asarray(bases), len(values)) if np.ndim(bases) == 0 else bases
        bases = self._as_samples(bases, "base", 0, 1)
        if len(bases) != len(values):
            raise ValueError(f"base has {len(bases)} samples for {len(values)} rows of activations; give one a row")
        return self.of_activations(np.array(values), bases)

    def of_activations(self, values: NDArray[Any], base: NDArray[np.int64]) -> NDArray[np.float64]:
        """The output for base samples whose units have given activations; for layers without positions.

        Parameters
        ----------
        values : array, shape (k, n_units)
            Finite numbers, into which the model may write; a call of the object itself makes a copy and checks them.
        base : array of int, shape (k,)

        Returns
        -------
        ndarray of float64, shape (k,), or (k, t) for t outputs
        """
        given = torch.from_numpy(np.ascontiguousarray(values))

        def changed(rows, own, real):
            first, end = int(rows[0]), int(rows[0]) + len(rows)
            in_order = np.array_equal(rows, np.arange(first, end))
            part = given[first:end] if in_order else given[torch.from_numpy(rows)]
            return part[:, None, :].to(own.device, own.dtype)

        # A dictionary's layer keeps the error of its reconstruction.
        plain = self._dictionary is None and len(self._recorded.layout.shape) == 2
        return self._ask(base, changed, "row", fresh=plain)

    @cached_property
    def fidelity(self) -> NDArray[np.float64] | float:
        """Share of the output's variance over samples that is left when activations are replaced by two levels.

        The square of the correlation between the output of up to 1,000 samples and their output with every unit at
        its active or inactive value, each sample its own base; one number for each output. 1: patterns say all that
        the activations do. NaN where an output is constant.
        """
        chosen = np.unique(np.linspace(0, len(self.target) - 1, _FIDELITY_SAMPLES).astype(np.int64))
        spent = self.queries
        levelled = self._levelled(chosen, self._levels.on[chosen], "sample")
        self.queries = spent
        shares = _squared_correlation(self.target[chosen].astype(float), levelled)
        return shares if self.target.ndim > 1 else float(shares)

    @property
    def fidelity_sentence(self) -> str:
        """What :attr:`fidelity` says of answers to patterns, in a sentence for people."""
        left = np.atleast_1d(self.fidelity)
        if np.isnan(left).all():
            return "The output is the same in all recorded samples."
        low, high = np.nanmin(left), np.nanmax(left)
        share = f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"
        return (
            f"With every unit of the layer at its mean when on or off, {share} of the output's variance over the "
            "recorded samples is left; what the network answers to on/off patterns holds for that part."
        )

    def rebase(self, base: int) -> None:
        """Let another sample of ``inputs`` supply the rest of the forward pass of queries.

        Raises
        ------
        ValueError
            If there is no such sample.
        """
        m = len(self.target)
        if isinstance(base, bool) or not isinstance(base, (int, np.integer)) or not 0 <= base < m:
            raise ValueError(f"base={base!r} is not a sample of the inputs; they hold samples 0..{m - 1}")
        self._base = int(base)

    def __repr__(self) -> str:
        name = type(self.model).__name__
        whole = "" if self._answers.rest.whole is None else ", runs the whole model"
        return f"SubNetwork({name}, layer={self.layer!r}, {self.n_units} units, {self.queries} queries{whole})"

    def _check_that_it_reads(self) -> None:
        """Refuse a layer whose replaced output no output depends on."""
        if self._answers.rest.reads:
            return
        signs = np.random.default_rng(0).integers(0, 2, (_PROBES, self.n_units)) > 0
        answers = self._levelled(np.full(_PROBES, self._base), signs, "point")
        self.queries = 0
        if (answers == answers[0]).all():
            raise NotRead(
                f"the output does not read what replaces the output of layer {self.layer!r}: the model takes "
                "something else that the layer gives (the last state of a recurrent layer) or a copy made before; take "
                'a layer behind it, or the input of the next one with site="input"'
            )

    def _levelled(self, bases: NDArray[np.int64], on: NDArray[np.bool_], what: str) -> NDArray[np.float64]:
        """The output for base samples with every unit at its active or inactive value, ``on`` (k, n_units)."""

        def changed(rows: NDArray[np.int64], own: Tensor, real: Tensor | None) -> Tensor:
            return self._levels.put(own, real, on[rows])

        return self._ask(bases, changed, what)

    def _ask(self, bases: NDArray[np.int64], changed: Change, what: str, fresh: bool = False) -> NDArray[np.float64]:
        """The output for base samples, counted; what :class:`Answers` gives, without NaN and infinity."""
        values = self._answers(bases, changed, fresh)
        self.queries += len(bases)
        check_finite(values, what)
        return values

    @cached_property
    def _mean_values(self) -> NDArray[np.float64]:
        """Mean activation over all samples, position by position, (positions, n_units)."""
        return self._recorded.means(np.ones_like(self._levels.on))[0]

    def _as_points(self, points: ArrayLike) -> NDArray[np.bool_]:
        return as_shown(points, self.n_units, f"units of layer {self.layer!r}")

    def _as_samples(self, values: ArrayLike, name: str, least: int, ndim: int) -> NDArray[np.int64]:
        values = np.asarray(values)
        m = len(self.target)
        if values.dtype.kind not in "iu" or values.ndim != ndim or len(values) == 0:
            shape = "(k,)" if ndim == 1 else f"(k, {self.n_units})"
            raise ValueError(
                f"{name} is an array of {values.dtype} of shape {values.shape}; give whole numbers of shape {shape}"
            )
        if values.min() < least or values.max() >= m:
            wrong = values[(values < least) | (values >= m)].flat[0]
            keeps = ", or -1 to keep the base's own" if least < 0 else ""
            raise ValueError(f"{name} holds {wrong}; the inputs hold samples 0..{m - 1}{keeps}")
        return values.astype(np.int64, copy=False)


def _squared_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b = a - a.mean(0), b - b.mean(0)
    scale = (a * a).sum(0) * (b * b).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, (a * b).sum(0) ** 2 / scale, np.nan)
