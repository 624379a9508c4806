"""Sparse Walsh-Hadamard transform: few coefficients among 2^n, from few queries."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ...patterns.arrays import as_count
from ...patterns.cube import Subset, chi, count_subsets, order_key, subset_of
from ...progress import Progress
from ...results import Coverage, Spectrum
from .answer import Answers, share_explained, units_of
from .full_table import repeat_noise, table_queries, table_spectrum
from .hashing import HashGroup, group_queries
from .peeling import Peeler
from .queries import MeteredQuery, Query, QueryStopped, degree_limit, uniform_points
from .subset_code import SubsetCode, field_bits, subset_code

_ALPHA = 0.01  # chance that anything false is returned
_SPARE = 64  # uniform points that take no part in the search and check its answer
_REPEATS = 16  # of them, asked twice: the function's own noise
_LOW_DEGREE = 5  # tried first where no limit is set, since its code is so much shorter
_FIRST_GROUPS = 3
_GROWTH = 8  # without a budget, stop at this many times the smallest plan
_FREE_QUERIES = 50_000  # but not below this many
_MAX_BITS = 20


def sparse_transform(
    query: Query,
    n_units: int | None = None,
    *,
    sparsity: int,
    max_degree: int | None = None,
    noise: float = 0.0,
    max_queries: int | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    unit_names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    """Up to ``sparsity`` nonzero Fourier coefficients of a function that may be queried, by hashing and peeling.

    Parameters
    ----------
    query : callable
        int8 points of shape ``(k, n_units)`` in {-1,+1} -> ``k`` real numbers; a :class:`SubNetwork` is one.
    n_units : int, optional
        Default: what the query says of itself, as a :class:`SubNetwork` does.
    sparsity : int
        Most coefficients to return; sets the number of buckets.
    max_degree : int, optional
        No larger subset is looked for: far fewer queries where ``max_degree * log2(n_units)`` is below ``n_units``.
    noise : float
        Standard deviation of one evaluation's noise, in units of f. 0: not known, measured from the buckets.
    max_queries : int, optional
        Groups of queries are added within it until the rest looks like noise. Default: eight times the smallest
        plan, at least 50,000.
    seed : int
        Of the points asked; the same seed gives the same bits.
    batch_size : int, optional
        Most points handed over in one call. Default: 65,536, fewer where that exceeds 64 MiB.
    unit_names : sequence of n str, optional
    progress : callable, optional
        Gets ``(queries answered, queries planned)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum
        Largest first, with ``queries`` spent; its ``evidence`` is "uniform", and its explained variance is measured on
        the spare points. ``coverage.complete`` tells whether everything but noise was explained; where it was not,
        ``coverage.notes`` gives the share that stays unresolved. Where the function fails half-way, what had been
        confirmed until then, with ``error``.

    Raises
    ------
    ValueError
        If an argument does not fit, the budget is below the smallest plan, or the first answer is malformed.

    Notes
    -----
    Every reported subset was seen by hash groups other than the one it was read from (all false finds together have
    probability 0.01 under Gaussian noise) and agrees with 64 spare uniform points. Finding them all is likely, not
    certain. Values are the joint least squares over all hashed queries. Small cubes are asked in full, exactly.

    References
    ----------
    Li, Bradley, Pawar, Ramchandran, ISIT (2015); Scheibler, Haghighatshoar, Vetterli (2015); Amrollahi et al.,
    NeurIPS (2019); Kang et al. (2025), arXiv:2502.13870.

    Examples
    --------
    >>> found = sparse_transform(lambda x: 2.0 * x[:, 3] - x[:, 0] * x[:, 39], 40, sparsity=2, seed=0)
    >>> found.subsets, found.values.round(9).tolist()
    (((3,), (0, 39)), [2.0, -1.0])
    """
    n_units = units_of(query, n_units)
    metered = MeteredQuery(query, n_units, max_queries=max_queries, batch_size=batch_size, progress=progress)
    n_units = metered.n_units
    sparsity = as_count(sparsity, "sparsity")
    max_degree = degree_limit(max_degree, n_units)
    if not (isinstance(noise, (int, float)) and math.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise={noise!r} does not fit; give a standard deviation of 0 or more")
    settings = {
        "sparsity": sparsity,
        "max_degree": max_degree,
        "noise": noise,
        "max_queries": max_queries,
        "seed": seed,
    }
    answers = Answers(metered, unit_names, settings)
    rng = np.random.default_rng(seed)
    bits = min(_MAX_BITS, max(1, (sparsity - 1).bit_length()))
    code_list = codes(n_units, max_degree)
    needed = _SPARE + _REPEATS + _FIRST_GROUPS * group_queries(code_list[0], bits)
    allowed = math.inf if metered.max_queries is None else metered.max_queries
    if n_units <= _MAX_BITS and table_queries(n_units) <= min(needed, allowed):
        return _from_table(answers, sparsity, max_degree, noise, rng)
    if allowed < needed:
        raise ValueError(
            f"max_queries={max_queries} is too small: {sparsity} coefficients over {n_units} units take at "
            f"least {needed:,} queries; allow that many, or ask for fewer coefficients or a lower max_degree"
        )
    if metered.max_queries is None:
        metered.max_queries = max(_GROWTH * _FIRST_GROUPS * group_queries(code_list[-1], bits), _FREE_QUERIES)
    metered.planned = needed
    search = _Search(metered, n_units, sparsity, noise, rng)
    try:
        if search.run(code_list, bits) == "table":
            return _from_table(answers, sparsity, max_degree, noise, rng)
        search.finish()
    except QueryStopped as stopped:
        search.error = stopped.cause
    return search.result(answers, max_degree)


def codes(n_units: int, max_degree: int | None) -> list[SubsetCode]:
    """Codes to hash by, the shortest first; the last covers every subset that may be there."""
    if max_degree is None and 2 * _LOW_DEGREE * field_bits(n_units) <= n_units:
        return [subset_code(n_units, _LOW_DEGREE), subset_code(n_units, None)]
    return [subset_code(n_units, max_degree)]


def group_plan(codes: list[SubsetCode], bits: int) -> Iterator[tuple[SubsetCode, int]]:
    """Which hash group to ask next, for as long as something is left to explain."""
    for code in codes[:-1]:
        for extra in (0,) * _FIRST_GROUPS + (1, 1):
            yield code, bits + extra
    yield from [(codes[-1], bits)] * _FIRST_GROUPS
    while True:
        bits = min(bits + 1, _MAX_BITS)
        yield from [(codes[-1], bits)] * 2


class _Search:
    def __init__(self, metered: MeteredQuery, n_units: int, sparsity: int, noise: float, rng: np.random.Generator):
        self.metered, self.n_units, self.sparsity, self.rng = metered, n_units, sparsity, rng
        self.peeler = Peeler(n_units, noise or None)
        self.spare_points = np.zeros((0, n_units), dtype=np.int8)
        self.spare_values = np.zeros(0)
        self.own_noise = math.nan
        self.resolved = False
        self.error: Exception | None = None

    def run(self, codes: list[SubsetCode], bits: int) -> str:
        """Ask and peel until the rest looks like noise, the budget ends, or the full table is cheaper than going on."""
        for code, size in group_plan(codes, bits):
            left = self.metered.left
            assert left is not None
            reserve = 0 if len(self.spare_values) else _SPARE + _REPEATS
            while size > 1 and group_queries(code, size) > left - reserve:
                size -= 1
            cost = group_queries(code, size)
            if self.n_units <= _MAX_BITS and table_queries(self.n_units) <= min(cost, left):
                return "table"
            if cost > left - reserve:
                return "budget"
            self.metered.planned = max(self.metered.planned, self.metered.used + cost + reserve)
            group = HashGroup(code, size, self.rng)
            group.ask(self.metered)
            self.peeler.add(group, self.metered.rounding)
            if len(self.peeler.groups) > 1:
                self.peeler.peel()
                if self._explained():
                    self._ask_spare()
                    self.resolved = self._passes()
                    if self.resolved:
                        return "resolved"
        raise AssertionError("the plan never ends")

    def finish(self) -> None:
        if not self.resolved:
            self._ask_spare()
            self._drop_contradicted()

    def _explained(self) -> bool:
        peeler = self.peeler
        if not peeler.even:
            return False
        if peeler.noise <= peeler.floor:
            return True
        # A coefficient that stays hidden must at least be well below the typical size for this sparsity.
        return len(peeler.subsets) >= self.sparsity or peeler.visible <= math.sqrt(peeler.variance) / (
            2.0 * math.sqrt(self.sparsity)
        )

    def _ask_spare(self) -> None:
        if not len(self.spare_values):
            points = uniform_points(_SPARE, self.n_units, self.rng)
            values = self.metered.at(points)
            again = self.metered.at(points[:_REPEATS])
            self.spare_points, self.spare_values = points, values
            self.own_noise = repeat_noise(values[:_REPEATS], again)

    def _subsets(self) -> list[Subset]:
        return [tuple(np.flatnonzero(bits).tolist()) for bits in self.peeler.subsets]

    def _spare_rest(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Characters of the found subsets at the spare points, (k, points), and what they leave unexplained there."""
        signs = np.array([chi(s, self.spare_points) for s in self._subsets()], dtype=np.float64)
        signs = signs.reshape(-1, len(self.spare_values))
        return signs, self.spare_values - self.peeler.coefficients @ signs

    def _passes(self) -> bool:
        """Whether the found part predicts the spare points as well as it explains the hashed ones."""
        _, rest = self._spare_rest()
        return bool(np.square(rest).mean() <= max(self.peeler.floor, 2.0 * self.peeler.noise) ** 2)

    def _drop_contradicted(self) -> None:
        """Drop what the spare points contradict: a subset beyond the degree limit may share another's syndrome."""
        signs, rest = self._spare_rest()
        error = math.sqrt(float(np.square(rest).mean()) / len(rest))
        here = self.peeler.coefficients + (signs * rest).mean(axis=1)
        kept = np.abs(here - self.peeler.coefficients) <= 4.0 * error + self.peeler.floor
        if not kept.all():
            self.peeler.keep(kept)

    def result(self, answers: Answers, max_degree: int | None) -> Spectrum:
        peeler = self.peeler
        peeler.prune(_ALPHA)
        subsets = self._subsets()
        order = sorted(range(len(subsets)), key=lambda i: (-abs(peeler.coefficients[i]), order_key(subsets[i])))
        shown = order[: self.sparsity]
        left, of_singles = self.spare_values.copy(), self.spare_values.copy()
        for i in shown:
            part = peeler.coefficients[i] * chi(subsets[i], self.spare_points)
            left -= part
            if len(subsets[i]) < 2:
                of_singles -= part
        return answers.spectrum(
            [(subsets[i], float(peeler.coefficients[i]), float(peeler.standard_errors[i])) for i in shown],
            self._coverage(max_degree, len(order) - len(shown)),
            mean=float(left.mean()) if len(left) else 0.0,
            share=share_explained(self.spare_values, left),
            singles=share_explained(self.spare_values, of_singles)[1],
            fresh=len(left),
            tested=len(peeler.tried),
            error=self.error,
        )

    def _coverage(self, max_degree: int | None, left_out: int) -> Coverage:
        peeler = self.peeler
        # A rest that repeated questions do not explain is the function's own, however evenly it is spread.
        tail = self.own_noise < 0.3 * peeler.noise and peeler.noise > peeler.floor
        notes = [f"{len(peeler.groups)} hash groups, {self.metered.used:,} queries."]
        if peeler.groups:
            share = min(1.0, peeler.noise**2 / peeler.variance) if peeler.variance > 0 else 0.0
            rest = f"{peeler.noise:.3g} for one evaluation ({share:.2%} of the variance)"
            if self.resolved and peeler.noise <= peeler.floor:
                notes.append(f"What remains is no more than rounding: {peeler.noise:.2g} for one evaluation.")
            elif self.resolved:
                notes.append(
                    f"What remains has a standard deviation of {rest} and is spread as evenly as noise; one more "
                    f"coefficient above about {peeler.visible:.2g} would have stood out."
                )
            else:
                notes.append(
                    f"Unresolved: the remaining standard deviation is {rest}, and it is not shown to be noise; "
                    "raise max_queries, or ask for more coefficients, to look further."
                )
            if tail:
                notes.append(
                    f"The same point asked twice differs by only {self.own_noise:.2g}: most of what remains belongs to "
                    "the function, in coefficients too small or too many to read."
                )
        if left_out:
            notes.append(
                f"{left_out} more were confirmed than sparsity={self.sparsity} asked for; raise it to see them."
            )
        if self.error is not None:
            notes.append(f"The query function failed ({type(self.error).__name__}); this is what was confirmed before.")
        examined = count_subsets(self.n_units, max_degree, least=0)
        return Coverage("hashing", self.n_units, max_degree, examined, self.resolved and not tail, notes=tuple(notes))


def _from_table(answers, sparsity, max_degree, noise, rng):
    metered = answers.metered
    metered.planned = metered.used + table_queries(metered.n_units)
    notes = ["All points were asked and transformed exactly, which takes no more queries than hashing."]
    try:
        f_hat, error = table_spectrum(metered, rng)
    except QueryStopped as stopped:
        return answers.of_table_that_failed(stopped.cause, max_degree)
    if noise:
        error = noise / math.sqrt(len(f_hat))
    within = np.array([True]) if max_degree is None else np.bitwise_count(np.arange(len(f_hat))) <= max_degree
    threshold = NormalDist().inv_cdf(1.0 - _ALPHA / (2.0 * len(f_hat))) * error
    # Rounding of each value is spread over all coefficients, and never larger than that of a value.
    threshold = max(threshold, 1e-3 * metered.rounding * math.sqrt(float(np.square(f_hat).sum())))
    found = [
        (subset_of(mask), f_hat[mask], error) for mask in np.flatnonzero(within & (np.abs(f_hat) > threshold)).tolist()
    ]
    found.sort(key=lambda row: (-abs(row[1]), order_key(row[0])))
    if len(found) > sparsity:
        share = sum(v * v for _, v, _ in found[sparsity:]) / sum(v * v for _, v, _ in found)
        notes.append(
            f"{len(found) - sparsity} further nonzero coefficients, {share:.2%} of the squared weight, are left out."
        )
    return answers.of_table(found[:sparsity], f_hat, error, max_degree, notes)
