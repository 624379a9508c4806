"""Experiments: resample some units of a base sample at random, and note what becomes of the output."""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.thresholds import thresholds
from ...progress import Progress, tick
from ...results import Experiment
from ...results.experiment import STATES
from ..memory import require_memory
from ..threads import check_one_place, in_order
from .device_draws import DeviceDraws, packed
from .rest import (
    FEWEST_DONORS,
    KEEP,
    Donors,
    Rest,
    States,
    as_rest,
    ask,
    check_repeatable,
    on_device,
    units_that_take_part,
)
from .tally import Streams

_DRAWS = 100_000
_MOST = 20_000_000  # draws that `until` may ask for
_NUMBERS = 2_000_000  # entries of the table of donors of one chunk
_OF_DONOR = 50  # bytes of each entry of that table, with the numbers that it is drawn by
_ACTIVITY = 1.5  # balanced draws keep the expected number of active units within this multiple of the recorded


def experiment(
    rest: Any,
    *,
    activations: ArrayLike | None = None,
    share: float | None = None,
    draws: int | None = None,
    until: float | None = None,
    states: str = "natural",
    units: Iterable[int] | None = None,
    base: int | Iterable[int] | None = None,
    threshold: str | float | ArrayLike | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    executor: Executor | None = None,
    device: str | None = None,
) -> Experiment:
    """Resample each unit of a base sample with probability ``share`` and record the change of the output.

    Parameters
    ----------
    rest : SubNetwork, or callable
        The rest of a network with one output, or any function of activations ``(k, n)`` -> ``(k,)``.
    activations : array, shape (m, n), optional
        Recorded activations, where ``rest`` is a function.
    share : float, optional
        Default 0.5: pairs of units are in play in a quarter of the draws. About 1 / degree suits larger subsets.
        Balanced draws take less where that would make more than 1.5 times as many units active as in the recording.
    draws : int, optional
        Default 100,000. Several experiments with other seeds can be put together: :meth:`Experiment.concatenate`.
    until : float, optional
        Draw until the 95 % interval of the average joint effect of a pair of units is at most so long, in units of the
        output per unit of the two standardised states.
    states : {"natural", "balanced"}
        Where new values come from: any recorded sample; or the state, on or off, is drawn first with equal chance, then
        a recorded sample in that state. Balanced draws see rare units often, in contexts that the data do not have.
    units : iterable of int, optional
        Units that may be in play.
    base : int or iterable of int, optional
        The recorded samples to start from; one sample, or those of a class, give local answers. Default: all.
    threshold : str, number, or array of shape (n,), optional
        A unit is on above it. Default 0 where the layer looks like the output of a ReLU (never negative, and 0 in some
        sample of each unit); elsewhere it must be given.
    seed : int
    progress : callable, optional
        Gets ``(draws done, draws expected)``; may raise :class:`actspec_widgets.Cancelled`.
    executor : concurrent.futures.Executor, optional
        Evaluates chunks of draws; the answer is the same, bit for bit.
    device : str, optional
        A torch device such as "cuda": the model and its samples stay there for as long as this takes, draws are made
        there, and states packed; only bits and answers come back. The draws are the same, bit for bit, and so are a
        network's answers on torch's "cpu"; another device rounds sums in its own way. A function gets a tensor there,
        and may answer with one. Draws among samples with different numbers of positions are made here.

    Returns
    -------
    Experiment

    Raises
    ------
    ValueError
        If the function answers badly, or differently when asked twice; if there are several outputs, too few samples
        show both states of any unit, or a setting is out of range; if there is no such device, or an executor too.
    TypeError
        If ``rest`` is neither of the two.
    MemoryError
        If the draws do not fit; nothing has been allocated then.

    Notes
    -----
    Units with fewer than 30 recorded samples in one of their states take no part.

    Examples
    --------
    >>> A = np.random.default_rng(0).choice([-1.0, 1.0], (1000, 3))
    >>> experiment(lambda a: a.prod(axis=1), activations=A, threshold=0, draws=1000)
    Experiment(1,000 draws, 3 of 3 units resampled with probability 0.5, natural states)
    """
    rest = as_rest(rest, activations)
    check_one_place(executor, device)
    if states not in STATES:
        raise ValueError(f"states={states!r} is not known; use 'natural' or 'balanced'")
    if share is not None and not 0 < share <= 1:
        raise ValueError(f"share={share}; give the probability that a unit is resampled, above 0 and at most 1")
    if draws is not None and until is not None:
        raise ValueError(f"draws={draws} and until={until} both say when to stop; give one of them")
    if until is not None and not until > 0:
        raise ValueError(f"until={until}; give the length of an interval, more than 0")
    count = _DRAWS if draws is None else as_count(draws, "draws", 2)
    _require_room(count if until is None else min(count, 10_000), rest.activations.shape[1])
    cuts = _thresholds(rest.activations, threshold)
    on = rest.activations > cuts
    free, _ = units_that_take_part(rest, units)
    rarer = np.minimum(on[:, free].sum(axis=0), (~on[:, free]).sum(axis=0))
    left_out, free = free[rarer < FEWEST_DONORS], free[rarer >= FEWEST_DONORS]
    if not len(free):
        raise ValueError(
            f"none of {len(left_out)} units shows both states in {FEWEST_DONORS} samples each, in {len(on)} recorded; "
            "record more samples, or choose another threshold"
        )
    if share is None:
        share = 0.5 if states == "natural" else min(0.5, _largest_share(on[:, free]))
    donors = Donors(np.arange(len(on)), rest.lengths)
    by_state = States(on, rest.lengths)
    bases = by_state.bases(donors.bases if base is None else _samples(base, len(on)), free)
    means = np.zeros(len(cuts)) if states == "balanced" else 2 * on.mean(axis=0) - 1
    with on_device(rest, device) as there:
        streams = Streams(seed)
        _check_one_output(check_repeatable(there, streams.rng(0)))
        before = _outputs_of(there, bases)
        balanced = states == "balanced"
        job = _Job(there, on, free, bases, donors, by_state if balanced else None, share, streams)
        if device is not None and not np.ptp(rest.lengths):
            job = replace(job, held=DeviceDraws(on, free, share, balanced, device))
        made = _drawn(job, before, count, until, progress, executor)
    base_of = np.concatenate([chunk.base for chunk in made])
    was = before[base_of]
    return Experiment(
        in_play=Patterns.concatenate([chunk.in_play for chunk in made]),
        new=Patterns.concatenate([chunk.new for chunk in made]),
        old=Patterns.from_signs(on).take(base_of),
        change=np.concatenate([chunk.change for chunk in made]) - was,
        before=was,
        base=base_of,
        share=float(share),
        states=states,
        means=means,
        thresholds=cuts,
        units=tuple(int(i) for i in free),
        left_out=tuple(int(i) for i in left_out),
        unit_names=getattr(rest, "unit_names", None),
        rest=rest,
    )


@dataclass(frozen=True)
class _Chunk:
    in_play: Patterns
    new: Patterns
    base: NDArray[np.intp]
    change: NDArray[np.float64]  # the output itself, until that of the base is taken off


@dataclass(frozen=True)
class _Job:
    rest: Rest
    on: NDArray[np.bool_]
    units: NDArray[np.intp]
    bases: NDArray[np.intp]
    donors: Donors
    by_state: States | None
    share: float
    streams: Streams
    held: DeviceDraws | None = None  # draws on a device

    @property
    def size(self) -> int:
        return _rows_in_chunk(self.on.shape[1])

    def run(self, chunk: tuple[int, int]) -> _Chunk:
        number, count = chunk
        rng = self.streams.rng(1, number)
        base = rng.choice(self.bases, count)
        if self.held is not None:  # only bits and answers leave the device
            drawn = self.held.donors(rng, count)
            answers = ask(self.rest, base, drawn)[:, 0]
            return _Chunk(packed(drawn == KEEP), packed(~self.held.states(drawn, base)), base, answers)
        donors = np.full((count, self.on.shape[1]), KEEP, dtype=np.intp)
        chosen = rng.random((count, len(self.units))) < self.share
        if self.by_state is None:
            new = self.donors.draw(base, (len(self.units),), rng)
        else:
            states = rng.random((count, len(self.units))) < 0.5
            drawn = [self.by_state.draw(base, int(i), states[:, at], rng) for at, i in enumerate(self.units)]
            new = np.stack(drawn, axis=1)
        donors[:, self.units] = np.where(chosen, new, KEEP)
        answers = ask(self.rest, base, donors)[:, 0]
        own = donors == KEEP
        state = self.on[np.where(own, base[:, None], donors), np.arange(donors.shape[1])]
        return _Chunk(Patterns.from_signs(~own), Patterns.from_signs(state), base, answers)


def _thresholds(activations, threshold):
    if threshold is not None:
        return thresholds(activations, threshold)
    lowest = activations.min(axis=0)
    if (lowest >= 0).all() and (activations == 0).any():
        return np.zeros(activations.shape[1])
    raise ValueError(
        f"the activations go down to {float(lowest.min()):.3g}, so that zero does not say which units are on; give "
        "threshold=, a number, one for each unit, or a rule such as 'median'"
    )


def _largest_share(on):
    """The share at which balanced draws make 1.5 times as many units active as in the recording."""
    rate = on.mean()
    return 1.0 if rate >= 0.5 / _ACTIVITY else float((_ACTIVITY - 1) * rate / (0.5 - rate))


def _samples(base, m):
    wanted = np.unique(np.atleast_1d(np.asarray(base)))
    if wanted.dtype.kind not in "iu" or not len(wanted) or wanted[0] < 0 or wanted[-1] >= m:
        raise ValueError(f"base={base!r} is no sample, or list of samples, of 0..{m - 1}")
    return wanted


def _outputs_of(rest, samples) -> NDArray[np.float64]:
    """The outputs of some samples, by their numbers."""
    m, n = rest.activations.shape
    outputs = np.full(m, np.nan)
    size = _rows_in_chunk(n)
    for at in range(0, len(samples), size):
        some = samples[at : at + size]
        outputs[some] = ask(rest, some, np.full((len(some), n), KEEP, dtype=np.intp))[:, 0]
    return outputs


def _rows_in_chunk(n):
    return max(64, _NUMBERS // n // 64 * 64)


def _require_room(draws, n):
    """Refuse draws whose bits, or donors of one chunk, do not fit."""
    held = 2 * draws * (3 * n // 8 + 5 * 8)  # what the chunks hold, and what is put together of them
    require_memory(
        held + _OF_DONOR * min(draws, _rows_in_chunk(n)) * n, f"an experiment of {draws:,} draws of {n:,} units",
        "make fewer draws, or record fewer units",
    )  # fmt: skip


def _check_one_output(answers):
    if answers.shape[1] != 1:
        raise ValueError(
            f"the function gives {answers.shape[1]} numbers for each point; an experiment takes one: choose an output"
        )


def _drawn(job, before, count, until, progress, executor) -> list[_Chunk]:
    """Chunks of ``count`` draws, or of as many as bring the interval of a pair to ``until``."""
    made: list[_Chunk] = []
    goal = count if until is None else min(count, 10_000)
    while True:
        _draw(job, made, goal, progress, executor)
        if until is None:
            return made
        changes = np.concatenate([chunk.change - before[chunk.base] for chunk in made])
        needed = math.ceil((2 * 1.96 * changes.std() / (job.share * until)) ** 2)
        if needed <= goal:
            return made
        if needed > _MOST:
            raise ValueError(f"until={until} would take {needed:,} draws, more than {_MOST:,}; give a longer interval")
        _require_room(needed, job.on.shape[1])
        goal = min(needed, 4 * goal)


def _draw(job, made, goal, progress, executor):
    done = sum(len(chunk.base) for chunk in made)
    starts = range(done, goal, job.size)
    chunks = ((number, min(job.size, goal - at)) for number, at in enumerate(starts, len(made)))
    for chunk in in_order(job.run, chunks, len(starts), 1, executor=executor):
        made.append(chunk)
        done += len(chunk.base)
        tick(progress, done, goal)
