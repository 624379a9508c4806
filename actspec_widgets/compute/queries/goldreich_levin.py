"""Goldreich-Levin with query access: every large Fourier coefficient, with a stated probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_count
from ...patterns.cube import Subset, chi, count_subsets, order_key, subset_of
from ...progress import Progress
from ...results import Coverage, Estimates, Spectrum
from ..effects.rest import Rest
from .answer import Answers, Row, share_by_folds, units_of
from .bucket_tree import Level, TreePlan, final_queries, plan_tree, power_limit
from .full_table import repeat_noise, table_queries, table_spectrum
from .hashing import HashGroup, group_queries
from .peeling import Peeler
from .queries import MeteredQuery, Query, QueryStopped, default_batch, degree_limit, uniform_points
from .remainder import Remainder, half_width
from .sparse_transform import codes, group_plan
from .spliced import search_spliced
from .subset_code import field_bits

_PILOT = 1024
_TABLE_UNITS = 24
_SMALL_TABLE = 12  # up to here the table costs about as much as finding out what the tree would
_SURE_TABLE = 14  # and up to here little more than hashing, and is exact
_REPEATS = 16
_FEWEST_GROUPS, _MOST_GROUPS = 2, 12
_MOST_HASHED = 1024  # coefficients that hashing makes room for


def goldreich_levin(
    query: Query,
    n_units: int | None = None,
    *,
    tau: float,
    delta: float = 0.05,
    patterns: Patterns | None = None,
    max_degree: int | None = None,
    max_queries: int | None = None,
    seed: int = 0,
    bound: float | None = None,
    batch_size: int | None = None,
    unit_names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Spectrum | Estimates:
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
    patterns : Patterns, optional
        With a :class:`SubNetwork`, those of its recorded activations: recorded samples are spliced in the place of
        random patterns, and the answer is of means over the recorded samples.
    max_degree : int, optional
        Larger subsets are pruned.
    max_queries : int, optional
        Refused, with a number that would do, where the promise takes more; that may be known only after some of them.
    seed : int
        Of the points asked; the same seed gives the same bits.
    bound : float, optional
        ``abs(f) <= bound``, noise included; the promise rests on it and queries grow with its square. Default:
        the largest among 1,024 pilot values of what is searched, the function less its mean or less what hashing found;
        larger ones are then cut off, and ``coverage`` says by how much that can move a coefficient.
    batch_size : int, optional
        Most points handed over in one call. Default: 65,536, fewer where that exceeds 64 MiB.
    unit_names : sequence of n str, optional
    progress : callable, optional
        Gets ``(queries answered, queries planned)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum
        Largest first, measured on uniform points of their own, with ``queries`` spent; its ``evidence`` is "uniform".
        Where the function fails half-way, what stood out until then, with ``error``.
    Estimates
        With ``patterns``: ``E_data[(y - mean y) chi_S]``, as :func:`scan` gives them, of ``tau`` or more.

    Raises
    ------
    ValueError
        If an argument does not fit, a value exceeds ``bound``, the first answer is malformed, or the budget is
        too small.

    Notes
    -----
    Hashing first proposes a list, as in :func:`sparse_transform`. On fresh points the rest ``g = f - sum c(S) chi_S``
    then shows how much can be missing: by Parseval no coefficient of g exceeds the root of ``E[g^2]``, for which the
    fresh points give an upper limit (Hoeffding's theorem 1, for what is seldom large; where the function's own noise
    hides it, two answers at each point and the empirical Bernstein inequality). Where that is below ``tau`` the list
    holds every subset of ``tau`` or more, whatever else it holds, and no tree is grown.

    Otherwise the bucket tree of Kushilevitz and Mansour is grown, over g where that takes fewer queries: buckets of
    subsets that agree on the first units, kept while their weight may reach ``tau^2``. A level decides up to 14 units
    at once (one short transform splits a bucket into all its children), and one set of queries serves all buckets of
    a level. Each draw of the undecided units is asked with several draws of the others, and every pair of them is
    used. See :func:`bucket_tree.plan_tree` for the bound. Where all ``2^n`` points are fewer, they are asked and
    transformed exactly.

    Coefficients are ``c(S)`` and the mean of ``g chi_S`` over the fresh points, of which as many are asked as put
    each within ``tau / 4`` by the empirical Bernstein inequality; those of ``3 tau / 4`` or more are listed. The
    chances to fail are ``delta / 4`` each of the rest's limits (all looks together), of the powers that trees are
    planned by, of the tree, and of the coefficients; they add up to ``delta``.

    What is cut off of g beyond the largest of 1,024 pilot values counts as possible in full where ``bound`` is given:
    ``E|g - cut g|``, which fresh points limit too, is added to what a coefficient may be.

    With ``patterns`` the weight of a bucket, J the units decided so far and S inside J, is
    ``E[y1 chi_S(x1) y2 chi_S(x2)]``, x1 and x2 two recorded samples on J that share a third one on the rest, with their
    real activations, y the output less its mean. One set of draws serves a level, and grows until every weight is
    within ``tau^2 / 4`` (empirical Bernstein, all looks and levels together ``delta / 2``). If units are independent no
    bucket of a subset of ``tau`` or more is lost; where they depend on each other one can be, and ``coverage`` says
    so. :func:`published_procedure` is this search as published, with its tests of redundancy.

    References
    ----------
    Goldreich & Levin, STOC (1989); Kushilevitz & Mansour, SIAM J. Comput. 22 (1993);
    O'Donnell, *Analysis of Boolean Functions* (2014), section 3.5;
    Boucheron, Lugosi, Massart, *Concentration Inequalities* (2013), theorem 2.10 (Bernstein); Hoeffding, J. Amer. Stat.
    Assoc. 58 (1963); Maurer and Pontil, COLT (2009), theorem 4 (empirical Bernstein).

    Examples
    --------
    >>> found = goldreich_levin(lambda x: 0.75 * x[:, 3] * x[:, 17] - 0.25 * x[:, 0], 30, tau=0.5, bound=1, seed=0)
    >>> found.subsets, found.coverage.complete
    (((3, 17),), True)
    """
    if patterns is not None:
        return _of_recorded(query, n_units, patterns, tau, delta, bound, max_degree, max_queries, seed, progress)
    n_units = units_of(query, n_units)
    metered = MeteredQuery(query, n_units, max_queries=max_queries, batch_size=batch_size, progress=progress)
    n_units = metered.n_units
    field_bits(n_units)  # refuses too many units, before any points of them are made
    max_degree = degree_limit(max_degree, n_units)
    tau, delta, bound = _checked(tau, delta, bound)
    metered.bound = bound
    settings = {"tau": tau, "delta": delta, "max_degree": max_degree, "bound": bound, "seed": seed}
    answers = Answers(metered, unit_names, settings)
    allowed = math.inf if metered.max_queries is None else metered.max_queries
    search = _Search(answers, tau, delta, bound, max_degree, np.random.default_rng(seed))
    try:
        table = table_queries(n_units) if n_units <= _TABLE_UNITS else math.inf
        if table <= allowed and (n_units <= _SMALL_TABLE or allowed < _PILOT):
            return search.table()
        if allowed < _PILOT:
            raise ValueError(search.too_little(min(table, search.surely_enough())))
        search.ask_pilot()
        if n_units <= _SURE_TABLE and table <= min(search.plan.queries, allowed - metered.used):
            return search.table()
        if not search.hashing_explains():
            cost = search.choose_tree()
            if table <= min(cost, allowed - metered.used):
                return search.table()
            if cost > allowed - metered.used:
                raise ValueError(search.too_little(_PILOT + min(search.plan.queries, table)))
            search.grow()
        search.measure()
    except QueryStopped as stopped:
        search.error = stopped.cause
    return search.result()


def _of_recorded(query, n_units, patterns, tau, delta, bound, max_degree, max_queries, seed, progress) -> Estimates:
    """Over spliced recorded samples."""
    if not isinstance(query, Rest) or not isinstance(patterns, Patterns):
        raise TypeError(
            f"query is {type(query).__name__} and patterns are {type(patterns).__name__}; give a SubNetwork, whose "
            "recorded samples are spliced, and the Patterns of its activations"
        )
    tau, delta, bound = _checked(tau, delta, bound)
    if n_units not in (None, patterns.n_units):
        raise ValueError(f"n_units={n_units} came with patterns of {patterns.n_units} units; leave n_units out")
    limit = degree_limit(max_degree, patterns.n_units)
    most = None if max_queries is None else as_count(max_queries, "max_queries")
    return search_spliced(
        query, patterns, tau=tau, delta=delta, bound=bound, max_degree=limit, max_queries=most, seed=seed,
        progress=progress,
    )  # fmt: skip


def _checked(tau, delta, bound) -> tuple[float, float, float | None]:
    tau, delta = _positive("tau", tau), _positive("delta", delta)
    if delta >= 1:
        raise ValueError(f"delta={delta} is no probability to fail with; give a number between 0 and 1, e.g. 0.05")
    return tau, delta, None if bound is None else _positive("bound", bound)


class _Search:
    """The steps of :func:`goldreich_levin`, and what they have found so far."""

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
        self.noise = 0.0
        self.rest = self.whole = Remainder((), np.zeros(0), bound or 0.0, 0.0)  # with and without what hashing found
        self.plan = TreePlan(0, 0, 0, 0, 0.0, 0)  # of the tree over the whole function
        self.tree: tuple[Remainder, TreePlan] | None = None  # the one that is grown
        self.buckets: list[Subset] = [()]
        self.decided = 0
        self.widest = 1
        self.limit = math.inf  # no coefficient beside those found by hashing is larger
        self.groups = self.looks = 0
        self.cut_off = 0.0
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

    def ask_pilot(self) -> None:
        """What the function is like, for plans: the values serve no estimate but to settle where g is cut off."""
        self._ask_uniform(_PILOT)
        self.pilot = slice(0, len(self.values))
        centre = 0.0 if self.told_bound else float(self.values.mean())
        bound = self.told_bound or max(float(np.abs(self.values - centre).max()), self.tau / 2.0)
        self.whole = self.rest = Remainder(((),), np.array([centre]), bound, 0.0)
        self.power = power_limit(self.values - centre, bound, self.delta / 8.0)
        self.plan = plan_tree(self.metered.n_units, self.tau, self.delta / 2.0, bound, self.power)

    def hashing_explains(self) -> bool:
        """Whether what hashing finds leaves too little of the function for another coefficient of ``tau``."""
        tree, left = self.plan.queries, math.inf if self.metered.left is None else self.metered.left
        spare = left if left < tree else min(tree / 4.0, left - tree)  # where the tree is out of reach, all
        peeler = self._hashed(min(spare / 2.0, spare - _PILOT))
        if peeler is None:
            return False
        subsets = [tuple(np.flatnonzero(bits).tolist()) for bits in peeler.subsets]
        found = {s: c for s, c in zip(subsets, peeler.coefficients.tolist(), strict=True)}
        found.setdefault((), 0.0)
        proposal = Remainder(tuple(found), np.array(list(found.values())), math.inf, 0.0)
        pilot = proposal.of(self.points[self.pilot], self.values[self.pilot])
        cut = max(float(np.abs(pilot).max()), 1e-3 * self.tau)
        beyond = 0.0
        if self.told_bound is not None:
            beyond = max(self.told_bound + float(np.abs(proposal.coefficients).sum()) - cut, 0.0)
        self.rest = Remainder(proposal.subsets, proposal.coefficients, cut, beyond)
        return self._little_is_left(self.metered.used + spare / 2.0)

    def _hashed(self, most: float) -> Peeler | None:
        """Groups of queries until what they leave, noise aside, is small; None where none is affordable."""
        n, start = self.metered.n_units, self.metered.used
        number = min(max(1, math.ceil(self.power / self.tau**2)), _MOST_HASHED)
        bits = max(1, (number - 1).bit_length())
        code_list = codes(n, self.max_degree)
        if _FEWEST_GROUPS * group_queries(code_list[0], bits) + _REPEATS > most:
            return None
        again = self.metered.at(self.points[:_REPEATS])
        self.noise = repeat_noise(self.values[:_REPEATS], again)
        peeler = Peeler(n, None)
        for code, size in group_plan(code_list, bits):
            if self.metered.used - start + group_queries(code, size) > most or self.groups >= _MOST_GROUPS:
                break
            group = HashGroup(code, size, self.rng)
            group.ask(self.metered)
            peeler.add(group, self.metered.rounding)
            self.groups += 1
            if self.groups >= _FEWEST_GROUPS:
                peeler.peel()
                if peeler.noise**2 - self.noise**2 <= (self.tau / 2.0) ** 2:
                    break
        return peeler if self.groups >= _FEWEST_GROUPS else None

    def _little_is_left(self, most: float) -> bool:
        """Look at fresh points, twice as many each time, until the rest is below ``tau`` or plainly is not."""
        while True:
            fresh = len(self.values) - _PILOT
            count = max(_PILOT, fresh)
            if self.metered.used + count > most:
                return False
            self._ask_uniform(count)
            self.looks += 1
            share = self.delta / 4.0 / (self.looks * (self.looks + 1)) / 2.0
            points, left = self._fresh()
            self.limit = min(self.limit, self.rest.largest(left, share))
            kept = np.square(left.clip(-self.rest.cut, self.rest.cut))
            if self.limit >= self.tau and self.noise > 0 and self.metered.used + len(left) <= most:
                again = self.rest.of(points, self.metered.at(points))
                self.limit = min(self.limit, self.rest.largest_of_pairs(left, again, share))
            if self.limit < self.tau:
                return True
            spread = float(kept.std()) / math.sqrt(len(kept))
            if float(kept.mean()) - 4.0 * spread - self.noise**2 > self.tau**2:
                return False

    def _fresh(self) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        """Uniform points that the proposals do not know, and what is left at them."""
        points, values = self.points[_PILOT:], self.values[_PILOT:]
        return points, self.rest.of(points, values)

    def choose_tree(self) -> float:
        """The cheaper of the trees over the whole function and over what hashing left; what it costs."""
        self.tree = self.whole, self.plan
        _, left = self._fresh()
        if self.rest is not self.whole and len(left):
            tail = self.rest.tail(left, self.delta / 16.0)
            if tail < self.tau / 4.0:
                kept = left.clip(-self.rest.cut, self.rest.cut)
                power = power_limit(kept, self.rest.cut, self.delta / 16.0)
                n = self.metered.n_units
                plan = plan_tree(n, self.tau - tail, self.delta / 2.0, self.rest.cut, power)
                if plan.queries < self.plan.queries:
                    self.tree = self.rest, plan
        if self.tree[0] is self.whole:
            self.rest = self.whole
        return self.tree[1].queries

    def grow(self) -> None:
        """Split the buckets level by level until every unit is decided."""
        assert self.tree is not None
        remainder, plan = self.tree
        self.metered.planned = self.metered.used + plan.queries
        n = self.metered.n_units
        while self.decided < n and self.buckets:
            level = Level(self.buckets, self.decided, min(plan.units, n - self.decided), n)
            level.ask(self.metered, plan.clusters, plan.cluster, self.rng, remainder)
            self.cut_off += level.cut_off
            self.buckets = level.survivors(plan.cluster, plan.threshold, self.max_degree)
            self.decided += level.units
            self.widest = max(self.widest, len(self.buckets))

    def measure(self) -> None:
        """Ask as many fresh points as put every candidate within ``tau / 4``."""
        count, enough = len(self._candidates()), math.inf
        if self.rest is self.whole:  # Bernstein's own number, which is known beforehand
            enough = final_queries(self.tau, self.delta, self.rest.cut, self.power, count)
        look = 0
        while True:
            _, left = self._fresh()
            look += 1
            chance = self.delta / 16.0 / (look * (look + 1))
            if len(left) >= enough or (len(left) > 1 and self._within(left, chance / count) <= self.tau / 4.0):
                break
            wanted = int(min(max(2 * len(left), _PILOT // 4), enough)) - len(left)
            if self.metered.left is not None and wanted > self.metered.left:
                raise ValueError(self.too_little(_PILOT + self.plan.queries))
            self._ask_uniform(wanted)
        self.measured = True

    def _within(self, left, chance) -> float:
        """How far the mean of ``g chi_S`` may be off, for any S; what is cut off counts twice, as in the values."""
        kept = left.clip(-self.rest.cut, self.rest.cut)
        reach = half_width(float(np.square(kept).mean()), 2.0 * self.rest.cut, len(left), chance / 2.0)
        return reach + 2.0 * self.rest.tail(left, chance)

    def _candidates(self) -> list[Subset]:
        opened = self.buckets if self.tree is not None else []
        known = [s for s in self.rest.subsets if self.max_degree is None or len(s) <= self.max_degree]
        return sorted({(), *known, *opened}, key=order_key)

    def _ask_uniform(self, count: int) -> None:
        """Uniform points and their values, kept for the coefficients in the end."""
        done, most = 0, default_batch(self.metered.n_units)
        self.metered.planned = max(self.metered.planned, self.metered.used + count)
        while done < count:
            step = min(most, count - done)
            points = uniform_points(step, self.metered.n_units, self.rng)
            self.values = np.concatenate([self.values, self.metered.at(points)])
            self.points = np.concatenate([self.points, points])
            done += step

    def result(self) -> Spectrum:
        points, left = self._fresh()
        if not self.measured and len(left) < 2:  # the pilot's values are fresh as well to what hashing found
            points, left = self.points, self.rest.of(self.points, self.values)
        m = len(left)
        self.cut_off += float(np.maximum(np.abs(left) - self.rest.cut, 0.0).sum())
        known = dict(zip(self.rest.subsets, self.rest.coefficients.tolist(), strict=True))
        candidates = self._candidates()
        rows: list[Row] = []
        for subset in candidates if m > 1 else []:
            signed = left * chi(subset, points)
            value = known.get(subset, 0.0) + float(signed.mean())
            error = float(signed.std(ddof=1)) / math.sqrt(m)
            least = 0.75 * self.tau if self.measured else max(0.75 * self.tau, 5.0 * error)
            if abs(value) >= least:
                rows.append((subset, value, error))
        listed = {subset for subset, _, _ in rows}
        values = self.values[len(self.values) - m :]
        unlisted = left.copy()
        for subset, coefficient in known.items():
            if subset not in listed:
                unlisted += coefficient * chi(subset, points)
        signs = (chi(subset, points) for subset in sorted(listed, key=order_key) if subset)
        return self.answers.spectrum(
            rows,
            self._coverage(len(left)),
            mean=float(unlisted.mean()) if m else 0.0,
            share=share_by_folds(values, unlisted, signs),
            fresh=m,
            tested=len(candidates),
            error=self.error,
        )

    def _coverage(self, fresh: int) -> Coverage:
        n = self.metered.n_units
        examined = count_subsets(n, self.max_degree, least=0)
        method = "hashing" if self.tree is None and self.groups else "bucket tree"
        if self.error is not None:
            note = (
                f"The query function failed ({type(self.error).__name__}) with {self.decided} of {n} units decided and "
                f"{len(self.buckets)} buckets open; what stands out so far is returned, nothing is promised."
            )
            return Coverage(method, n, self.max_degree, examined, False, notes=(note,))
        promise = (
            f"With probability at least {1 - self.delta:g} nothing of {self.tau:g} or more is missing and nothing "
            f"below {self.tau / 2:g} is listed"
        )
        if self.tree is None:
            how = (
                f"{self.groups} hash groups, and on {fresh:,} fresh points too little is left for another coefficient "
                f"of more than {self.limit:.2g}"
            )
        else:
            how = f"{self.tree[1].levels} levels, {self.widest} buckets at the widest"
            if self.tree[0] is not self.whole:
                how += f", over what {self.groups} hash groups left"
        notes = [f"{promise}; {how}; {self.metered.used:,} queries."]
        if self.told_bound is not None:
            notes.append(f"This holds given that no value exceeds {self.told_bound:g}.")
        else:
            moved = self.cut_off / max(1, self.metered.used - _PILOT)
            what = "the mean" if self.rest is self.whole else "what was found by hashing"
            notes.append(
                f"This holds for the function cut off at {self.rest.cut:.3g} from {what}, the largest of the pilot "
                f"values; the cut moves a coefficient by at most about {moved:.1g}. Give bound to be without it."
            )
        return Coverage(method, n, self.max_degree, examined, True, missed_bound=self.tau, notes=tuple(notes))

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
