"""Goldreich-Levin with query access: every large Fourier coefficient, with a stated probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, chi, count_subsets, order_key, subset_of
from ...progress import Progress
from ...results import Coverage, Spectrum
from .answer import Answers, Row, share_by_folds, units_of
from .bucket_tree import Level, TreePlan, final_queries, plan_tree, power_limit
from .full_table import table_queries, table_spectrum
from .queries import MeteredQuery, Query, QueryStopped, default_batch, degree_limit, uniform_points

_PILOT = 1024
_TABLE_UNITS = 24
_SMALL_TABLE = 12  # up to here the table costs about as much as finding out what the tree would


def goldreich_levin(
    query: Query,
    n_units: int | None = None,
    *,
    tau: float,
    delta: float = 0.05,
    max_degree: int | None = None,
    max_queries: int | None = None,
    seed: int = 0,
    bound: float | None = None,
    batch_size: int | None = None,
    unit_names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    """All subsets with ``abs(f_hat) >= tau``, with probability at least ``1 - delta``; none below ``tau / 2``.

    Parameters
    ----------
    query : callable
        int8 points of shape ``(k, n_units)`` in {-1,+1} -> ``k`` real numbers; a :class:`SubNetwork` is
        one. Noise with mean zero does no harm.
    n_units : int, optional
        Default: what the query says of itself, as a :class:`SubNetwork` does.
    tau : float
        In units of f.
    delta : float
        Chance, over the queries drawn, that the answer breaks the promise.
    max_degree : int, optional
        Larger subsets are pruned.
    max_queries : int, optional
        Refused, with the number that would do, where the promise takes more.
    seed : int
        Of the points asked; the same seed gives the same bits.
    bound : float, optional
        ``abs(f) <= bound``, noise included; the promise rests on it and queries grow with its square. Default:
        the largest deviation from the mean among 1,024 pilot values; larger ones are then cut off in the search,
        and ``coverage`` says by how much that can move a coefficient.
    batch_size : int, optional
        Most points handed over in one call. Default: 65,536, fewer where that exceeds 64 MiB.
    unit_names : sequence of n str, optional
    progress : callable, optional
        Gets ``(queries answered, queries planned)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum
        Largest first, measured on uniform points of their own, with ``queries`` spent; its ``evidence`` is "uniform".
        Where the function fails
        half-way, what stood out until then, with ``error``.

    Raises
    ------
    ValueError
        If an argument does not fit, a value exceeds ``bound``, the first answer is malformed, or the budget is
        too small.

    Notes
    -----
    The bucket tree of Kushilevitz and Mansour: buckets of subsets that agree on the first units, kept while their
    weight may reach ``tau^2``. A level decides up to 14 units at once (one short transform splits a bucket
    into all its children), and one set of queries serves all buckets of a level. Each draw of the undecided units
    is asked with several draws of the others, and every pair of them is used. See :func:`bucket_tree.plan_tree`
    for the bound. Where all ``2^n`` points are fewer, they are asked and transformed exactly.

    References
    ----------
    Goldreich & Levin, STOC (1989); Kushilevitz & Mansour, SIAM J. Comput. 22 (1993);
    O'Donnell, *Analysis of Boolean Functions* (2014), section 3.5;
    Boucheron, Lugosi, Massart, *Concentration Inequalities* (2013), theorem 2.10 (Bernstein).

    Examples
    --------
    >>> found = goldreich_levin(lambda x: 0.75 * x[:, 3] * x[:, 17] - 0.25 * x[:, 0], 30, tau=0.5, bound=1, seed=0)
    >>> found.subsets, found.coverage.complete
    (((3, 17),), True)
    """
    n_units = units_of(query, n_units)
    metered = MeteredQuery(query, n_units, max_queries=max_queries, batch_size=batch_size, progress=progress)
    n_units = metered.n_units
    max_degree = degree_limit(max_degree, n_units)
    tau, delta = _positive("tau", tau), _positive("delta", delta)
    if delta >= 1:
        raise ValueError(f"delta={delta} is no probability to fail with; give a number between 0 and 1, e.g. 0.05")
    if bound is not None:
        bound = _positive("bound", bound)
    allowed = math.inf if metered.max_queries is None else metered.max_queries
    settings = {"tau": tau, "delta": delta, "max_degree": max_degree, "bound": bound, "seed": seed}
    answers = Answers(metered, unit_names, settings)
    search = _Search(answers, tau, delta, bound, max_degree, np.random.default_rng(seed))
    try:
        table = table_queries(n_units) if n_units <= _TABLE_UNITS else math.inf
        if table <= allowed and (n_units <= _SMALL_TABLE or allowed < _PILOT):
            return search.table()
        if allowed < _PILOT:
            raise ValueError(search.too_little(min(table, search.surely_enough())))
        plan = search.ask_pilot()
        if table <= min(plan.queries, allowed - metered.used):
            return search.table()
        needed = metered.used + min(plan.queries, table)
        if needed > allowed:
            raise ValueError(search.too_little(needed))
        search.grow(plan)
        search.measure()
    except QueryStopped as stopped:
        search.error = stopped.cause
    return search.result()


class _Search:
    def __init__(self, answers, tau, delta, bound, max_degree, rng) -> None:
        self.answers: Answers = answers
        self.metered: MeteredQuery = answers.metered
        self.tau: float = tau
        self.delta: float = delta
        self.told_bound: float | None = bound
        self.max_degree: int | None = max_degree
        self.rng: np.random.Generator = rng
        n = self.metered.n_units
        self.points: NDArray[np.int8] = np.zeros((0, n), dtype=np.int8)
        self.values = np.zeros(0)
        self.centre = self.power = 0.0
        self.bound: float = bound or 0.0
        self.buckets: list[Subset] = [()]
        self.decided = 0
        self.cut_off = 0.0
        self.widest = 1
        self.plan: TreePlan | None = None
        self.measured = False
        self.error: Exception | None = None

    def surely_enough(self) -> float:
        """Queries that do whatever the pilot may say; infinite where no bound is given."""
        if self.told_bound is None:
            return math.inf
        n, power = self.metered.n_units, self.told_bound**2
        return _PILOT + plan_tree(n, self.tau, self.delta / 2.0, self.told_bound, power).queries

    def too_little(self, needed: float) -> str:
        start = f"max_queries={self.metered.max_queries} is too small: "
        if needed == math.inf:
            return (
                start
                + f"allow at least the {_PILOT:,} of the pilot, which tells what tau={self.tau:g} takes, or give bound"
            )
        return start + (
            f"tau={self.tau:g} with probability {1 - self.delta:g} over {self.metered.n_units} units takes "
            f"{needed:,} queries; allow that many, or raise tau"
        )

    def ask_pilot(self) -> TreePlan:
        self._ask_uniform(_PILOT)
        if self.told_bound is None:
            self.centre = float(self.values.mean())
            self.bound = max(float(np.abs(self.values - self.centre).max()), self.tau / 2.0)
        else:
            self._check_bound(self.values)
        self.power = power_limit(self.values - self.centre, self.bound, self.delta / 4.0)
        self.plan = plan_tree(self.metered.n_units, self.tau, self.delta / 2.0, self.bound, self.power)
        return self.plan

    def grow(self, plan: TreePlan) -> None:
        """Split the buckets level by level until every unit is decided."""
        self.metered.planned = self.metered.used + plan.queries
        n = self.metered.n_units
        while self.decided < n and self.buckets:
            level = Level(self.buckets, self.decided, min(plan.units, n - self.decided), n)
            level.ask(self.metered, plan.clusters, plan.cluster, self.rng, self.centre, self.bound)
            self.cut_off += level.cut_off
            if self.told_bound is not None and level.cut_off > 1e-9 * self.bound * plan.clusters:
                raise ValueError(_beyond(self.told_bound))
            self.buckets = level.survivors(plan.cluster, plan.threshold, self.max_degree)
            self.decided += level.units
            self.widest = max(self.widest, len(self.buckets))

    def measure(self) -> None:
        wanted = final_queries(self.tau, self.delta, self.bound, self.power, len(self.buckets) + 1)
        if self.buckets:
            self._ask_uniform(wanted - len(self.values))
            if self.told_bound is not None:
                self._check_bound(self.values)
        self.measured = True

    def _ask_uniform(self, count: int) -> None:
        """Uniform points and their values, kept for the coefficients in the end."""
        done, most = 0, default_batch(self.metered.n_units)
        while done < count:
            step = min(most, count - done)
            points = uniform_points(step, self.metered.n_units, self.rng)
            self.values = np.concatenate([self.values, self.metered.at(points)])
            self.points = np.concatenate([self.points, points])
            done += step

    def _check_bound(self, values: NDArray[np.float64]) -> None:
        if np.abs(values).max() > self.bound * (1 + 1e-9):
            raise ValueError(_beyond(self.bound))

    def result(self) -> Spectrum:
        candidates = sorted({(), *self.buckets}, key=order_key)  # the mean was taken out before the search
        m = len(self.values)
        rows: list[Row] = []
        for subset in candidates if m > 1 else []:
            signed = (self.values - (self.centre if subset else 0.0)) * chi(subset, self.points)
            value, error = float(signed.mean()), float(signed.std(ddof=1)) / math.sqrt(m)
            least = 0.75 * self.tau if self.measured else max(0.75 * self.tau, 5.0 * error)
            if abs(value) >= least:
                rows.append((subset, value, error))
        centred = self.values - self.centre
        return self.answers.spectrum(
            rows,
            self._coverage(),
            mean=float(self.values.mean()) if m else 0.0,
            share=share_by_folds(self.values, centred, (chi(subset, self.points) for subset, _, _ in rows if subset)),
            fresh=m,
            tested=len(candidates),
            error=self.error,
        )

    def _coverage(self) -> Coverage:
        n = self.metered.n_units
        examined = count_subsets(n, self.max_degree, least=0)
        if self.error is not None:
            note = (
                f"The query function failed ({type(self.error).__name__}) with {self.decided} of {n} units decided and "
                f"{len(self.buckets)} buckets open; what stands out so far is returned, nothing is promised."
            )
            return Coverage("bucket tree", n, self.max_degree, examined, False, notes=(note,))
        assert self.plan is not None
        notes = [
            f"With probability at least {1 - self.delta:g} nothing of {self.tau:g} or more is missing and nothing "
            f"below {self.tau / 2:g} is listed; {self.plan.levels} levels, {self.widest} buckets at the widest, "
            f"{self.metered.used:,} queries."
        ]
        if self.told_bound is not None:
            notes.append(f"This holds given that no value exceeds {self.told_bound:g}.")
        else:
            moved = self.cut_off / max(1, self.metered.used - len(self.values))
            notes.append(
                f"This holds for the function cut off at {self.bound:.3g} from its mean, the largest of the pilot "
                f"values; the cut moves a coefficient by at most about {moved:.1g}. Give bound to be without it."
            )
        return Coverage("bucket tree", n, self.max_degree, examined, True, missed_bound=self.tau, notes=tuple(notes))

    def table(self) -> Spectrum:
        """Every point asked once: exact."""
        n = self.metered.n_units
        self.metered.planned = self.metered.used + table_queries(n)
        f_hat, error = table_spectrum(self.metered, self.rng)
        least = max(0.75 * self.tau, self.tau * (1 - 1e-12) - 4.0 * error)
        masks = np.flatnonzero(np.abs(f_hat) >= least).tolist()
        rows = [(subset_of(mask), float(f_hat[mask]), error) for mask in masks]
        rows = [row for row in rows if self.max_degree is None or len(row[0]) <= self.max_degree]
        note = "All points were asked and transformed exactly, which takes no more queries than the tree."
        return self.answers.of_table(rows, f_hat, error, self.max_degree, (note,), self.tau)


def _positive(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 < value < math.inf:
        raise ValueError(f"{name}={value!r} does not fit; give a positive number")
    return float(value)


def _beyond(bound):
    return (
        f"query returned a value beyond bound={bound:g}, on which the promise rests; "
        "give a larger bound, or none to have it measured"
    )
