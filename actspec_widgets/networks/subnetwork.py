"""The rest of a network, from one layer to one output, as a function of on/off patterns or of activations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ..compute.memory import available_bytes
from ..patterns.cube import as_signs
from ..patterns.thresholds import thresholds
from ..progress import Progress
from .batches import Batches, Masks, Samples
from .evaluation import evaluating, float_type
from .layers import to_numpy_type
from .layout import Layout, Pool
from .passes import Dictionary, Reader, Rows, run
from .positions import PositionTable, padded, split
from .recording import Recording
from .rest import Rest
from .sites import Site
from .targets import Output

_FIDELITY_SAMPLES = 1000
_PROBES = 32  # patterns tried where it cannot be traced what the output reads


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

    activations: NDArray[np.floating]
    target: NDArray[np.floating]
    lengths: NDArray[np.int64]
    _layout: Layout

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
        self._batch_size, self._device = batch_size, device
        self._masks, self._dictionary = Masks(mask), Dictionary.of(dictionary)
        self._positions: PositionTable | None = None
        with evaluating(model, device) as there:
            self._samples = Batches(inputs, model, batch_size).kept()
            self._site = Site.find(model, layer, site, call)
            axes = {"pool": pool, "unit_axis": unit_axis, "batch_axis": batch_axis}
            reader = Reader(self._site, axes, self._dictionary)
            self._read_data(reader, there, recording, progress)
            self._rest = Rest(model, self._site, output, self._samples, self._masks, there)
        self.n_units = self.activations.shape[1]
        self.thresholds = thresholds(self.activations, threshold, self.target)
        on = self.activations > self.thresholds
        n_on = on.sum(0)
        self.constant_units = tuple(int(i) for i in np.flatnonzero((n_on == 0) | (n_on == len(on))))
        self._on = on
        high, low = self._means(on)
        self.active_values = _levels(active, high, "active")
        self.inactive_values = _levels(inactive, low, "inactive")
        # Where the data show one state only, its value serves for both.
        self.active_values = np.where(np.isnan(self.active_values), self.inactive_values, self.active_values)
        self.inactive_values = np.where(np.isnan(self.inactive_values), self.active_values, self.inactive_values)
        self.rebase(base)
        self._check_that_it_reads()

    @property
    def runs(self) -> str:
        """What is run for an answer, in words."""
        return "from the layer on" if self._rest.whole is None else f"the whole model, as {self._rest.whole}"

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
        donors = self._as_samples(donors, "donors", -1, 2)
        if donors.shape != (len(bases), self.n_units):
            raise ValueError(
                f"donors have shape {donors.shape} for {len(bases)} base samples and {self.n_units} units; "
                f"give ({len(bases)}, {self.n_units})"
            )
        table = self._table()
        if self._ragged:
            short = (donors >= 0) & (self.lengths[donors] < self.lengths[bases][:, None])
            if short.any():
                row, unit = (int(i) for i in np.argwhere(short)[0])
                donor = int(donors[row, unit])
                raise ValueError(
                    f"sample {donor} has {self.lengths[donor]} positions and cannot give unit {unit} of row {row} to "
                    f"sample {bases[row]}, which has {self.lengths[bases[row]]}; take donors with lengths[donor] >= "
                    "lengths[base]"
                )

        def changed(rows, own, real):
            return table.exchanged(own, real, donors[rows])

        return self._answers(bases, changed, "row")

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
        levels = torch.from_numpy(_levels(absent, self._mean_values, "absent")).to(float_type(self.model))

        def changed(rows: NDArray[np.int64], own: Tensor, real: Tensor | None) -> Tensor:
            states = torch.from_numpy(kept[rows]).to(own.device)[:, None, :]
            there = levels.to(own.device, own.dtype)
            if real is None:
                return torch.where(states, own, there[: own.shape[1]])
            rank = (real.cumsum(1) - 1).clamp(min=0)
            return torch.where(states | ~real[:, :, None], own, there[rank])

        return self._answers(bases, changed, "point")

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
        if self._layout.has_positions:
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
        given = torch.from_numpy(np.ascontiguousarray(values))

        def changed(rows, own, real):
            return given[torch.from_numpy(rows)][:, None, :].to(own.device, own.dtype)

        return self._answers(bases, changed, "row")

    @cached_property
    def fidelity(self) -> NDArray[np.float64] | float:
        """Share of the output's variance over samples that is left when activations are replaced by two levels.

        The square of the correlation between the output of up to 1,000 samples and their output with every unit at
        its active or inactive value, each sample its own base; one number for each output. 1: patterns say all that
        the activations do. NaN where an output is constant.
        """
        chosen = np.unique(np.linspace(0, len(self.target) - 1, _FIDELITY_SAMPLES).astype(np.int64))
        spent = self.queries
        levelled = self._levelled(chosen, self._on[chosen], "sample")
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
        whole = "" if self._rest.whole is None else ", runs the whole model"
        return f"SubNetwork({name}, layer={self.layer!r}, {self.n_units} units, {self.queries} queries{whole})"

    def _read_data(self, reader: Reader, there: torch.device, recording: Recording | None, progress: Any) -> None:
        """Activations and target, and where a unit has several positions its activations at each, if they fit."""
        if recording is not None:
            self._take_over(recording, reader, there)
            if not self._layout.has_positions:
                return
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

        layouts, target = run(self.model, [reader], self._samples, there, keep, self.output, self._masks, progress)
        self._layout, self.lengths = layouts[0], np.concatenate(lengths)
        self.activations, self.target = rows.joined(), target
        if held <= room and self._layout.has_positions:
            self._positions = PositionTable(torch.cat(parts), self.lengths)

    def _take_over(self, recording: Recording, reader: Reader, there: torch.device) -> None:
        """Use a recording, after two samples of it have been found again, or the first batch.

        What a network of 8 bits gives for a sample depends on the others in its batch.
        """
        m = self._samples.n_samples
        other = self._differs(recording, reader, 2, there) and self._differs(recording, reader, self._batch_size, there)
        if other:
            raise ValueError(
                f"the recording's {other} are not those of layer {self.layer!r} on these {m} inputs; record(model, "
                f"{self.layer!r}, inputs, output=...) with the same settings, or leave recording=None"
            )
        assert reader.layout is not None
        self._layout, self.lengths = reader.layout, np.ones(m, np.int64)
        self.activations, self.target = recording.activations, recording.target

    def _differs(self, recording: Recording, reader: Reader, size: int, there: torch.device) -> str:
        """What of a recording is other than the first samples give now; empty where nothing is."""
        rows = Rows(None)

        def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None) -> None:
            rows.add(to_numpy_type(reader.units(folded, real)), str(reader.site), "unit")

        first = self._samples.first(size)
        _, target = run(self.model, [reader], first, there, keep, self.output, self._masks.first(size))
        for what, known, now in (
            ("activations", np.asarray(recording.activations), rows.joined()),
            ("target", np.asarray(recording.target), target),
        ):
            same = known.shape == (self._samples.n_samples, *now.shape[1:])
            if not same or not np.allclose(known[: len(now)], now, rtol=1e-3, atol=1e-5):
                return f"{what} of shape {known.shape}"
        return ""

    def _check_that_it_reads(self) -> None:
        """Refuse a layer whose replaced output no output depends on."""
        if self._rest.reads:
            return
        signs = np.random.default_rng(0).integers(0, 2, (_PROBES, self.n_units)) > 0
        answers = self._levelled(np.full(_PROBES, self._base), signs, "point")
        self.queries = 0
        if (answers == answers[0]).all():
            raise ValueError(
                f"the output does not read what replaces the output of layer {self.layer!r}: the model takes "
                "something else that the layer gives (the last state of a recurrent layer) or a copy made before; take "
                'a layer behind it, or the input of the next one with site="input"'
            )

    def _table(self) -> PositionTable:
        if self._positions is not None:
            return self._positions
        if self._layout.has_positions:
            raise MemoryError(
                f"the activations of layer {self.layer!r} at every position do not fit in memory; give fewer inputs"
            )
        return PositionTable(torch.from_numpy(np.asarray(self.activations)), self.lengths)

    def _levelled(self, bases: NDArray[np.int64], on: NDArray[np.bool_], what: str) -> NDArray[np.float64]:
        """The output for base samples with every unit at its active or inactive value, ``on`` (k, n_units)."""
        kind = float_type(self.model)
        high, low = (torch.from_numpy(v).to(kind) for v in (self.active_values, self.inactive_values))

        def changed(rows: NDArray[np.int64], own: Tensor, real: Tensor | None) -> Tensor:
            positions = own.shape[1]
            if real is None and (positions > len(high) or (not self._ragged and positions != len(high))):
                raise ValueError(
                    f"layer {self.layer!r} now gives {tuple(own.shape[1:])} positions and units, on the inputs it "
                    f"gave {tuple(high.shape)}; build the SubNetwork again"
                )
            states = torch.from_numpy(on[rows]).to(own.device)[:, None, :]
            if real is None:
                return torch.where(states, high[:positions].to(own.device), low[:positions].to(own.device))
            rank = (real.cumsum(1) - 1).clamp(min=0)
            levels = torch.where(states, high.to(own.device)[rank], low.to(own.device)[rank])
            return torch.where(real[:, :, None], levels.to(own.dtype), own)

        return self._answers(bases, changed, what)

    def _answers(self, bases: NDArray[np.int64], changed: _Change, what: str) -> NDArray[np.float64]:
        """The output for base samples; ``changed(rows, own, real)`` gives what replaces their (k, positions, units)."""
        values: NDArray[np.float64] | None = None
        kinds = self._samples.kind[bases]
        with evaluating(self.model, self._device) as there:
            for kind in np.unique(kinds):
                of_kind = np.flatnonzero(kinds == kind)
                for start in range(0, len(of_kind), self._batch_size):
                    rows = of_kind[start : start + self._batch_size]
                    answer = to_numpy_type(self._answer(rows, bases[rows], there, changed)).numpy()
                    if values is None:
                        values = np.empty((len(bases), *answer.shape[1:]))
                    values[rows] = answer
        assert values is not None
        self.queries += len(bases)
        wrong = ~np.isfinite(values).reshape(len(values), -1).all(1)
        if wrong.any():
            first = int(wrong.argmax())
            raise ValueError(f"the network answers {values[first]} at {what} {first}; look for overflow in its weights")
        return values

    def _answer(self, rows: NDArray[np.int64], bases: NDArray[np.int64], there: torch.device, changed: _Change):
        batch = self._samples.take(bases).to(there)
        mask = self._masks.of(batch, bases)

        def inject(out: Tensor) -> Tensor:
            own = self._layout.fold(out, len(rows))
            real = self._layout.real(own, mask)
            if self._dictionary is None:
                return self._layout.unfold(changed(rows, own, real), out)
            latents = self._dictionary.latents(own, str(self._site))
            new = self._dictionary.replaced(own, latents, changed(rows, latents, real))
            return self._layout.unfold(new, out)

        return self._rest.answer(bases, batch, inject)

    def _means(self, on: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Position-wise means when active and when inactive, (positions, n_units); NaN where there is no sample."""
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

    def _blocks(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Activations of each batch (samples, positions, units), and where there are any."""
        sizes = [batch.size for batch in self._samples.batches]
        if self._positions is not None or not self._layout.has_positions:
            yield from self._table().blocks(sizes)
            return
        seen = 0
        for batch in self._samples.batches:  # too many to be held: run once more
            found: list[tuple[Tensor, Tensor]] = []

            def keep(number: int, reader: Reader, folded: Tensor, real: Tensor | None, found=found) -> None:
                rows, lengths = split(folded, real)
                found.append(padded(rows.to("cpu"), lengths))

            reader = Reader(self._site, {}, self._dictionary, self._layout)
            with evaluating(self.model, self._device) as there:
                mask = self._masks.of(batch, np.arange(seen, seen + batch.size))

                def nothing(result: Any, size: int = batch.size) -> Tensor:
                    return torch.zeros(size)

                run(
                    self.model, [reader], Samples([batch]), there, keep, nothing, Masks(False if mask is None else mask)
                )
            seen += batch.size
            yield found[0]

    @property
    def _ragged(self) -> bool:
        return bool((self.lengths != self.lengths[0]).any())

    @cached_property
    def _mean_values(self) -> NDArray[np.float64]:
        """Mean activation over all samples, position by position, (positions, n_units)."""
        return self._means(np.ones_like(self._on))[0]

    def _as_points(self, points: ArrayLike) -> NDArray[np.bool_]:
        signs = as_signs(points)
        if signs.shape[1] != self.n_units:
            raise ValueError(
                f"points have shape {signs.shape}, layer {self.layer!r} has {self.n_units} units; "
                f"give (k, {self.n_units})"
            )
        return signs > 0

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
        return values.astype(np.int64)


_Change = Callable[[NDArray[np.int64], Tensor, Tensor | None], Tensor]


def _squared_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b = a - a.mean(0), b - b.mean(0)
    scale = (a * a).sum(0) * (b * b).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, (a * b).sum(0) ** 2 / scale, np.nan)


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
