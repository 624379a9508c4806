"""Goldreich-Levin over recorded samples: buckets weighed by splicing them, through the network."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset, count_subsets, order_key
from ...progress import Progress, tick
from ...results import Coverage, Estimates
from ..effects.rest import KEEP, Donors, Rest, ask
from ..means import character_means
from .remainder import half_width

_FIRST = 2048  # draws of a level before the first look
_MOST_BUCKETS = 256  # of a level; of more the largest
_CHUNK = 1 << 15  # answers asked for at once


def search_spliced(
    rest: Rest,
    patterns: Patterns,
    *,
    tau: float,
    delta: float,
    bound: float | None,
    max_degree: int | None,
    max_queries: int | None,
    seed: int,
    progress: Progress | None,
) -> Estimates:
    """The steps of ``goldreich_levin(rest, patterns=...)``, where they are described."""
    y = ask(rest, np.arange(len(rest.activations)), np.full(rest.activations.shape, KEEP, dtype=np.intp))
    _check(rest, patterns, y)
    y = y[:, 0]
    mean, n = float(y.mean()), patterns.n_units
    reach = float(np.abs(y - mean).max()) if bound is None else bound + abs(mean)
    left = math.inf if max_queries is None else max_queries - len(y)
    signs = patterns.signs()
    units = np.flatnonzero(signs.min(axis=0) != signs.max(axis=0)).tolist()
    donors = Donors(np.arange(len(y)), rest.lengths)
    rng = np.random.default_rng(seed)
    buckets: list[Subset] = [()]
    examined = dropped = spent = 0
    cut_off = 0.0
    for level, unit in enumerate(units):
        tick(progress, level, len(units))
        decided = units[level + 1] if level + 1 < len(units) else n
        children = [(*subset, *more) for subset in buckets for more in ((), (unit,))]
        children = [subset for subset in children if max_degree is None or len(subset) <= max_degree]
        chance = delta / 2.0 / len(units) / len(children)
        draws = _Draws(rest, donors, signs, decided, mean, reach, rng)
        count, look = _FIRST, 1
        while True:
            if 2 * count > left - spent:
                raise ValueError(
                    f"max_queries={max_queries} is too small: after {spent + len(y):,} queries {level} of {len(units)} "
                    f"units are decided, and the next takes {2 * count:,} or more; allow more, or raise tau"
                )
            draws.go_on(count)
            weights, widths = draws.weigh(children, chance / (look * (look + 1)))
            if widths.max() <= tau**2 / 4.0:
                break
            count, look = 2 * count, look + 1
        spent += 2 * count
        examined += len(children)
        cut_off = max(cut_off, draws.cut_off)
        kept = [(w, subset) for w, subset in zip(weights.tolist(), children, strict=True) if w >= tau**2 / 2.0]
        kept.sort(key=lambda pair: (-pair[0], order_key(pair[1])))
        dropped += max(0, len(kept) - _MOST_BUCKETS)
        buckets = [subset for _, subset in kept[:_MOST_BUCKETS]]
        if not buckets:
            break
    tick(progress, len(units), len(units))
    found = character_means(patterns, y - mean, [subset for subset in buckets if subset])
    rows = [i for i in np.argsort(-np.abs(found.values), kind="stable").tolist() if abs(found.values[i]) >= tau]
    notes = [
        f"{spent + len(y):,} queries; recorded samples were spliced: the first units of two, the rest of a third.",
        "Where recorded units depend on each other a subset's bucket can weigh less than the square of its mean, and "
        "the subset be missed.",
    ]
    if dropped:
        notes.append(f"{dropped:,} buckets beyond {_MOST_BUCKETS:,} were dropped.")
    if cut_off:
        notes.append(
            f"{cut_off:.2%} of the answers of a level were beyond {reach:.3g} off the mean, and cut off there."
        )
    if len(units) < n:
        notes.append(f"{n - len(units)} units never change and took no part.")
    return Estimates(
        tuple(found.subsets[i] for i in rows),
        found.values[rows],
        found.standard_errors[rows],
        n_samples=len(y),
        coverage=Coverage(
            "spliced tree", len(units), max_degree, min(examined, count_subsets(len(units))), False, notes=tuple(notes)
        ),
    )


class _Draws:
    """Pairs of samples on the first units, which share a third one on the rest, and both answers less the mean."""

    def __init__(self, rest, donors, signs, decided, mean, reach, rng) -> None:
        self._rest, self._donors, self._signs, self._decided = rest, donors, signs, decided
        self._mean, self._reach, self._rng = mean, reach, rng
        self._product, self._signed = np.zeros(0), np.zeros((0, decided), np.int8)
        self._beyond = 0

    @property
    def cut_off(self) -> float:
        return self._beyond / (2 * len(self._product))

    def go_on(self, count: int) -> None:
        """Draw until there are ``count``."""
        while (missing := count - len(self._product)) > 0:
            size = min(missing, max(64, _CHUNK))
            base = self._rng.choice(self._donors.bases, size)
            pair = self._donors.draw(base, (2,), self._rng)
            product = np.ones(size)
            for one in pair.T:
                sources = np.full((size, self._rest.activations.shape[1]), KEEP, dtype=np.intp)
                sources[:, : self._decided] = one[:, None]
                values = ask(self._rest, base, sources)[:, 0] - self._mean
                self._beyond += int((np.abs(values) > self._reach * (1 + 1e-9)).sum())
                product *= values.clip(-self._reach, self._reach)
            own = self._signs[pair[:, 0], : self._decided] * self._signs[pair[:, 1], : self._decided]
            self._product = np.concatenate([self._product, product])
            self._signed = np.concatenate([self._signed, own])

    def weigh(self, subsets: list[Subset], chance: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights of buckets, and how far each can be off, except with probability ``chance``."""
        out = np.empty((2, len(subsets)))
        for at, subset in enumerate(subsets):
            terms = self._product * self._signed[:, list(subset)].prod(axis=1, dtype=np.int8)
            out[0, at] = terms.mean()
            out[1, at] = half_width(float(terms.var()), 2.0 * self._reach**2, len(terms), chance)
        return out[0], out[1]


def _check(rest: Rest, patterns: Patterns, y: NDArray[np.float64]) -> None:
    m, n = rest.activations.shape
    if (patterns.n_samples, patterns.n_units) != (m, n):
        raise ValueError(
            f"patterns are of {patterns.n_samples} samples and {patterns.n_units} units, and the network recorded {m} "
            f"and {n}; give the patterns of its own activations"
        )
    if y.shape[1] != 1:
        raise ValueError(f"the function gives {y.shape[1]} numbers for each point; choose one output")
    if not np.ptp(y) > 0:
        raise ValueError(f"the output is {y[0, 0]:.6g} in all {m} recorded samples, so no subset can go with it")
