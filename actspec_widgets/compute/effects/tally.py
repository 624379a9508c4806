"""Draws by the chunk, each with a seed of its own, and the sums over them that every reading is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..memory import require_memory
from ..threads import in_order
from .draws import Terms, draw, draws_in_chunk, random_groups
from .rest import Donors, Rest

BLOCKS = 128  # of draws, for errors of what is no mean


class Streams:
    """Random generators by purpose and chunk, so that the answer depends on neither threads nor workers."""

    def __init__(self, seed: int):
        self.seed = seed

    def rng(self, *key: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


@dataclass(frozen=True)
class Job:
    """Draws of one kind, by chunks."""

    rest: Rest
    donors: Donors
    units: NDArray[np.intp]
    groups: int | None  # None: exchange the units one by one
    share: float
    purpose: int
    streams: Streams
    exchanged: NDArray[np.intp] | None = None  # of the units, those to exchange; None is all

    @property
    def parts(self) -> int:
        if self.exchanged is not None:
            return len(self.exchanged)
        return len(self.units) if self.groups is None else self.groups

    @property
    def chunk(self) -> int:
        return draws_in_chunk(self.rest.activations.shape[1], self.parts)

    def run(self, chunk: tuple[int, int]) -> tuple[Terms, NDArray[np.intp]]:
        """The terms of a chunk, given as its number and how many draws, and the labels of the units in it."""
        number, count = chunk
        rng = self.streams.rng(2, self.purpose, number)
        if self.exchanged is not None:
            row = np.full(len(self.units), -1)
            row[np.searchsorted(self.units, self.exchanged)] = np.arange(len(self.exchanged))
            labels = np.broadcast_to(row, (count, len(row)))
        elif self.groups is None:
            labels = np.broadcast_to(np.arange(len(self.units)), (count, len(self.units)))
        else:
            labels = random_groups(self.units, self.groups, count, rng)
        return draw(self.rest, self.donors, self.units, labels, self.parts, self.share, rng), labels


def require_room(job: Job, outputs: int, draws: int) -> None:
    """Refuse a job whose sums, or one chunk of whose draws, do not fit.

    Raises
    ------
    MemoryError
    """
    n, parts = job.rest.activations.shape[1], job.parts
    sums = 4 * BLOCKS * parts + 2 * 4 * draws  # both are copied in the end
    chunk = job.chunk * (6 * parts * outputs + 2 * (2 * parts + 2) * (n + outputs))
    require_memory(
        8 * (sums * outputs + chunk), f"{draws:,} draws of {n:,} units and {outputs:,} outputs",
        "make fewer draws, or choose fewer outputs",
    )  # fmt: skip


@dataclass
class Tally:
    """Sums over the draws of a job; per draw what enters a ratio, per block of draws what enters a square."""

    job: Job
    outputs: int
    scalars: list[NDArray] = field(default_factory=list)  # of (d, 4, t): first, joint, curved, spread
    draws: int = 0
    runs: int = 0

    def __post_init__(self) -> None:
        shape = (self.job.parts, self.outputs)
        self.sums = {name: np.zeros(shape) for name in ("influence", "first_order")}
        self.squares = {name: np.zeros(shape) for name in ("influence", "first_order")}
        self.blocks = np.zeros((BLOCKS, *shape))
        self.block_draws = np.zeros(BLOCKS)
        self.rounding = np.zeros(self.outputs)  # of one answer
        self.scores = np.zeros((len(self.job.units), self.outputs))  # of units, by the groups they were in

    def add(self, terms: Terms, labels: NDArray[np.intp]) -> None:
        d = len(terms.spread)
        self.scalars.append(np.stack([terms.first, terms.joint, terms.curved, terms.spread], axis=1))
        for name in self.sums:
            values = getattr(terms, name)
            self.sums[name] += values.sum(axis=0)
            self.squares[name] += (values**2).sum(axis=0)
        # Draws go to blocks in turn, so that blocks stay of one size however many there will be.
        block = (self.draws + np.arange(d)) % BLOCKS
        np.add.at(self.blocks, block, terms.influence)
        np.add.at(self.block_draws, block, 1)
        if self.job.groups is not None:
            for row, influence in zip(labels, terms.influence, strict=True):
                self.scores += influence[row]
        self.rounding = np.maximum(self.rounding, terms.rounding)
        self.draws += d
        self.runs += terms.runs

    def per_draw(self) -> NDArray[np.float64]:
        return np.concatenate(self.scalars)

    def spread(self) -> NDArray[np.float64]:
        return self.per_draw()[:, 3].mean(axis=0)

    def spread_error(self) -> NDArray[np.float64]:
        return self.per_draw()[:, 3].std(axis=0, ddof=1) / math.sqrt(self.draws)

    def rounding_share(self) -> NDArray[np.float64]:
        """How much of the joint share the rounding of answers may make: each unit's term takes four of them."""
        return np.minimum(_divided(self.job.parts * self.rounding**2, self.spread()), 1.0)

    def units(self, name: str) -> tuple[NDArray, NDArray]:
        mean = self.sums[name] / self.draws
        variance = np.maximum(self.squares[name] / self.draws - mean**2, 0) * self.draws / (self.draws - 1)
        return mean, np.sqrt(variance / self.draws)


def _divided(above, below):
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def draw_into(tally: Tally, job: Job, start: int, stop: int, executor: Executor | None) -> Iterator[int]:
    """Add draws number ``start`` to ``stop``, chunk by chunk; ``start`` is a multiple of the chunk."""
    starts = range(start, stop, job.chunk)
    chunks = ((at // job.chunk, min(job.chunk, stop - at)) for at in starts)
    for terms, labels in in_order(job.run, chunks, len(starts), 1, executor=executor):
        tally.add(terms, labels)
        yield tally.draws
