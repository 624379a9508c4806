"""How distributed is a layer: mean degree, joint share, influences and effective units, without a search."""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns.arrays import as_count
from ...progress import Progress, tick
from ...results import Measure
from ...results.distributedness import Distributedness
from .rest import KEEP, Donors, FunctionOfActivations, as_rest, ask, check_repeatable, units_that_take_part
from .tally import BLOCKS, Job, Streams, Tally, draw_into, require_room

_ONE_BY_ONE = 200  # units; with more, random groups of units are exchanged
_GROUPS = 32
_LEADING = 50  # units measured one by one after groups were, and as many of the rest
_ENOUGH = 100  # effective number of terms behind each mean
_FIRST = 256  # draws before the first look
_MOST_RUNS = 1 << 25  # more is not begun: what is so rare is said to be
_FOLDS = 10
_ON_DATA = 4096  # recorded samples that give the variance on the data


def distributedness(
    rest: Any,
    *,
    activations: ArrayLike | None = None,
    tolerance: float = 0.02,
    draws: int | None = None,
    share: float = 1.0,
    units: Iterable[int] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Distributedness:
    """Measure how many units an output rests on, and how far these act jointly.

    Every unit in play takes its value from a recorded sample of its own; all else, also what bypasses the layer, comes
    from one base sample. Nothing is binarised and nothing is searched for.

    Parameters
    ----------
    rest : SubNetwork, or callable
        The rest of a network, or any function of activations ``(k, n)`` -> ``(k,)`` or ``(k, t)`` for t outputs.
    activations : array, shape (m, n), optional
        Recorded activations, where ``rest`` is a function.
    tolerance : float
        Standard error of mean degree and joint share at which drawing stops.
    draws : int, optional
        Draw so many instead. One draw of u units takes at most ``2 u + 2`` evaluations; above 200 units, 66. Draws for
        the errors come on top and, above 200 units, those of single units: a quarter as many, 128 or more, of 202.
    share : float
        Probability that a unit is in play; the others keep the values of the base sample. Below 1 the question is
        asked nearer to the data, of products cut to the units in play: see :meth:`Distributedness.ceiling`.
    units : iterable of int, optional
        Units in play; the others keep the values of the base sample.
    seed : int
    progress : callable, optional
        Gets ``(draws done, draws expected)``; may raise :class:`actspec_widgets.Cancelled`.
    executor : concurrent.futures.Executor, optional
        Evaluates chunks of draws; the answer is the same, bit for bit.

    Returns
    -------
    Distributedness

    Raises
    ------
    ValueError
        If the function answers badly, answers differently when asked twice, or does not depend on the units; if no
        unit ever changes or a setting is out of range.
    TypeError
        If ``rest`` is neither of the two.

    Notes
    -----
    Before a linear last layer units add up for logits, their differences and margins. A log-probability and a class are
    not linear in the logits, and for them the same units act jointly.

    The estimators are those of :mod:`actspec_widgets.compute.effects.draws`. Above 200 units the exchange is of random
    groups of units: a subset of k units falls into one group with probability ``G^(1 - k)`` and hits
    ``G (1 - (1 - 1/G)^k)`` groups on average, G = 32. The two group readings are turned back as if the joint part had
    one degree k, the one that fits both: exact for pairs and for a single degree, and the joint share is off by at
    most 1 part in 32 of itself in any case.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9. Owen (2003), *The dimension distribution and quadrature test
    functions*. Jansen (1999), Computer Physics Communications 117. Saltelli et al. (2010), ibid. 181.

    Examples
    --------
    >>> A = np.random.default_rng(0).choice([-1.0, 1.0], (1000, 3))
    >>> parity = distributedness(lambda a: a.prod(axis=1), activations=A)
    >>> round(parity.mean_degree.value, 1), round(parity.joint_share.value, 1)
    (3.0, 1.0)
    >>> total = distributedness(lambda a: a.sum(axis=1), activations=A)
    >>> total.mean_degree.value, total.mean_degree.standard_error, round(total.effective_units.value, 1)
    (1.0, 0.0, 3.0)
    """
    rest = as_rest(rest, activations)
    _check(tolerance, draws, share)
    free, constant = units_that_take_part(rest, units)
    streams = Streams(seed)
    outputs = check_repeatable(rest, streams.rng(0)).shape[1]
    groups = None if len(free) <= _ONE_BY_ONE else _GROUPS
    job = Job(rest, Donors(np.arange(len(rest.activations)), rest.lengths), free, groups, share, 1, streams)
    clock = _Clock(progress)
    tally = _until(job, outputs, tolerance, draws, clock, executor)
    off_data, varies = _off_data(rest, tally, streams.rng(1))
    if not tally.spread().any() and not (varies and isinstance(rest, FunctionOfActivations)):
        raise ValueError(
            f"the function gave one answer in all of {tally.draws} draws; it does not depend on these "
            f"{len(free)} units, or the layer that was replaced is not what the output reads"
        )
    if groups is None:
        close, effective = tally, _effective_units(tally)
    else:
        close, effective = _leading(job, tally, _FIRST if draws is None else BLOCKS, clock, executor)
    folds, fold_runs = _recording_errors(job, tally, clock)
    degree_and_share, errors = _read(tally)
    scalars = (*zip(degree_and_share, errors, strict=True), effective)
    runs = fold_runs + tally.runs + (0 if close is tally else close.runs)
    return _result(tally, close, scalars, off_data, folds, tolerance, constant, runs)


def _check(tolerance, draws, share):
    if not tolerance > 0:
        raise ValueError(f"tolerance={tolerance}; give a standard error above 0, such as 0.02")
    if not 0 < share <= 1:
        raise ValueError(f"share={share}; give the probability that a unit is resampled, above 0 and at most 1")
    if draws is not None:
        as_count(draws, "draws", 2)


class _Clock:
    """Draws done and expected, those for the leading units and the folds included."""

    def __init__(self, progress: Progress | None):
        self.progress, self.done, self.expected = progress, 0, 0

    def expect(self, draws: int, grouped: bool) -> None:
        self.expected = draws + draws // 2 + (draws // 4 if grouped else 0)

    def tell(self, done: int) -> None:
        self.done = done
        tick(self.progress, self.done, max(self.expected, self.done))


def _result(tally, close, scalars, off_data, folds, tolerance, constant, runs) -> Distributedness:
    """Everything in one; single numbers where there is one output."""
    rest, outputs = tally.job.rest, tally.outputs
    too_rare = _effective(tally) < _ENOUGH
    measured = close.job.units if close.job.exchanged is None else close.job.exchanged

    def plain(x):
        return x[..., 0].item() if outputs == 1 else x

    def said(value, error):
        return Measure(plain(np.where(too_rare, np.nan, value)), plain(np.where(too_rare, np.nan, error)))

    def by_unit(values):
        out = np.full((rest.activations.shape[1], outputs), np.nan)
        out[constant], out[measured] = 0.0, values
        return out[:, 0] if outputs == 1 else out

    degree, joint, effective = scalars
    return Distributedness(
        mean_degree=said(*degree),
        joint_share=said(*joint),
        effective_units=said(*effective),
        influences=Measure(*(by_unit(x) for x in close.units("influence"))),
        first_order=Measure(*(by_unit(x) for x in close.units("first_order"))),
        variance=Measure(plain(tally.spread()), plain(tally.spread_error())),
        off_data=Measure(*(plain(x) for x in off_data)),
        recording_errors=tuple(plain(np.where(too_rare, np.nan, x)) for x in folds),
        share=tally.job.share,
        draws=tally.draws,
        runs=runs,
        draws_needed=_needed(tally, tolerance),
        too_rare=bool(too_rare[0]) if outputs == 1 else too_rare,
        tolerance=tolerance,
        measured=tuple(int(i) for i in measured),
        n_units=rest.activations.shape[1],
        constant_units=tuple(int(i) for i in constant),
        bases_left_out=tally.job.donors.left_out,
        rounding=plain(tally.rounding_share()),
        unit_names=getattr(rest, "unit_names", None),
        output_names=getattr(rest, "output_names", None),
    )


def _until(job, outputs, tolerance, draws, clock, executor) -> Tally:
    """Draw until the errors are small and rest on enough terms, or it is plain that this takes too long."""
    most = draws or _up(max(_FIRST, _MOST_RUNS // (2 * job.parts + 2)), job.chunk)
    goal = draws or min(most, _up(_FIRST, job.chunk))
    require_room(job, outputs, goal)
    tally = Tally(job, outputs)
    while True:
        clock.expect(goal, job.groups is not None)
        for _ in draw_into(tally, job, tally.draws, goal, executor):
            clock.tell(tally.draws)
        if goal == most:
            return tally
        needed = _needed(tally, tolerance)
        if needed <= tally.draws or (needed > most and tally.draws >= 16 * _FIRST):
            return tally
        goal = min(_up(min(needed * 1.1, 4 * tally.draws), job.chunk), most)


def _up(count: float, chunk: int) -> int:
    return math.ceil(count / chunk) * chunk


def _effective(tally) -> NDArray[np.float64]:
    """Effective number of terms behind influence, first-order variance and variance, the smallest, for each output.

    First-order terms are counted as well: of an AND of two rare units they are much rarer than the others, and with a
    hundred of the others alone the errors were seen to cover 90 in place of 95 %. Where there is none yet, one is
    counted: what changes the output at all changes it in two contexts at once now and then, so that more draws bring
    some, and until then the share of one unit alone is not known to be zero.
    """
    table = np.abs(tally.per_draw())

    def count(terms, none):
        squares = (terms**2).sum(axis=0)
        return np.divide(terms.sum(axis=0) ** 2, squares, out=np.full_like(squares, none), where=squares > 0)

    first, joint, _, spread = table.transpose(1, 0, 2)
    return np.minimum.reduce([count(first + joint, 0.0), count(first, 1.0), count(spread, 0.0)])


def _needed(tally, tolerance) -> int:
    """Draws that would do, as far as these tell."""
    _, errors = _read(tally)
    varying = tally.spread() > 0
    if not varying.any():
        return _MOST_RUNS
    factor = float(np.max((errors / tolerance) ** 2, where=varying, initial=0.0))
    few = float(np.max(_ENOUGH / np.maximum(_effective(tally), 1e-9), where=varying, initial=0.0))
    return math.ceil(min(tally.draws * max(factor, few), 1e15))


def _read(tally) -> tuple[NDArray, NDArray]:
    """Mean degree and joint share, (2, t), and their standard errors over draws by the delta method."""
    table = tally.per_draw()
    values, errors = np.empty((2, 2, tally.outputs))
    for t in range(tally.outputs):
        first, joint, curved, spread = table[:, :, t].T
        exact = first + curved + joint / 2  # its mean is the variance too, and it has no noise where units add up
        degree, degree_terms = _ratio_of(first + joint, exact, spread)
        alone, alone_terms = _ratio_of(first, exact, spread)
        pair, terms = np.array([degree, 1 - alone]), np.stack([degree_terms, -alone_terms])
        if tally.job.groups is not None:
            pair, slopes = _ungrouped(pair, tally.job.groups)
            terms = slopes @ terms
        values[:, t] = pair
        errors[:, t] = terms.std(axis=1, ddof=1) / math.sqrt(len(table))
    return values, errors


def _ratio_of(above, below, other):
    """A ratio of means and its linear terms; ``below`` and ``other`` have one mean, and are mixed for least error."""
    mixed, difference = below, below - other
    for _ in range(3):  # the best mixture depends on the ratio a little
        mean = mixed.mean() if mixed.mean() > 0 else other.mean()
        if not mean > 0:
            return np.nan, np.full(len(above), np.nan)
        ratio = above.mean() / mean
        size = ratio * difference.var()
        weight = ((above - ratio * other) * (difference - difference.mean())).mean() / size if size > 0 else 1.0
        mixed = other + np.clip(weight, 0, 1) * difference
    mean = mixed.mean()
    ratio = above.mean() / mean
    return ratio, (above - ratio * mixed) / mean


def _ungrouped(pair, groups):
    """Both readings for units when groups of them were exchanged, and the derivatives by those for groups.

    See the notes of :func:`distributedness`.
    """

    def read(pair):
        degree, share = pair
        of = _joint_degree((degree - 1) / share if share > 0 else 1.0, groups)
        share = share / (1 - groups ** (1 - of))
        return np.array([1 + (of - 1) * share, share])

    step = 1e-6 * np.eye(2)
    return read(pair), np.stack([(read(pair + e) - read(pair - e)) / 2e-6 for e in step], axis=1)


def _joint_degree(ratio, groups):
    """The degree k whose products read this ratio of (groups hit - 1) to (not all in one group); 2 at least."""
    low, high = 2.0, 1e6
    for _ in range(60):
        k = math.sqrt(low * high)
        hit = -groups * math.expm1(k * math.log1p(-1 / groups))
        low, high = (k, high) if (hit - 1) / (1 - groups ** (1 - k)) < ratio else (low, k)
    return low


def _jackknife(reading, blocks) -> tuple[NDArray, NDArray]:
    """A reading of all blocks but those left out, and its error over them."""
    left = np.array([reading(b) for b in range(blocks)])
    return reading(None), np.sqrt((blocks - 1) / blocks * ((left - left.mean(axis=0)) ** 2).sum(axis=0))


def _squared_influences(tally, weight=1.0):
    """``sum_i w_i Inf_i^2`` with one block left out, from products of different blocks, which noise does not bias."""
    sums, counts = tally.blocks, tally.block_draws
    own = (sums**2 * weight).sum(axis=1)

    def reading(left_out):
        kept = np.arange(len(sums)) != (-1 if left_out is None else left_out)
        total, n, n2 = sums[kept].sum(axis=0), counts[kept].sum(), (counts[kept] ** 2).sum()
        return ((total**2 * weight).sum(axis=0) - own[kept].sum(axis=0)) / (n**2 - n2)

    return reading


def _effective_units(tally) -> tuple[NDArray, NDArray]:
    """``(sum Inf)^2 / sum Inf^2`` and its error, where every unit was exchanged."""
    squares = _squared_influences(tally)

    def reading(left_out):
        kept = np.arange(len(tally.blocks)) != (-1 if left_out is None else left_out)
        total = tally.blocks[kept].sum(axis=(0, 1)) / tally.block_draws[kept].sum()
        return _ratio(total**2, squares(left_out))

    return _jackknife(reading, len(tally.blocks))


def _ratio(above, below):
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _leading(job, tally, fewest, clock, executor) -> tuple[Tally, tuple[NDArray, NDArray]]:
    """Fresh draws of the leading units and a random sample of the rest, and the effective units that they give."""
    share_of_score = tally.scores / np.maximum(tally.scores.sum(axis=0), 1e-300)
    order = np.argsort(-share_of_score.max(axis=1), kind="stable")
    others = order[_LEADING:]
    sample = job.streams.rng(3).choice(others, min(_LEADING, len(others)), replace=False)
    chosen = np.sort(np.concatenate([order[:_LEADING], sample]))
    again = replace(job, groups=None, purpose=2, exchanged=job.units[chosen])
    close = Tally(again, tally.outputs)
    for _ in draw_into(close, again, 0, _up(max(fewest, tally.draws // 4), again.chunk), executor):
        clock.tell(tally.draws + close.draws)
    # The total comes from the groups, as the mean degree does; a unit of the sample stands for many of the rest.
    sampled = np.isin(chosen, sample)
    weight = np.where(sampled, len(others) / len(sample), 1.0)[:, None]
    squares, squares_error = _jackknife(_squared_influences(close, weight), len(close.blocks))
    by_sample = len(others) * np.sqrt((close.units("influence")[0][sampled] ** 2).var(axis=0, ddof=1) / len(sample))
    table = tally.per_draw()
    variance = (table[:, 0] + table[:, 2] + table[:, 1] / 2).mean(axis=0)
    total = _read(tally)[0][0] * variance
    total_error = (table[:, 0] + table[:, 1]).std(axis=0, ddof=1) / math.sqrt(tally.draws)
    effective = _ratio(total**2, squares)
    relative = np.hypot(2 * _ratio(total_error, total), _ratio(np.hypot(squares_error, by_sample), squares))
    return close, (effective, effective * relative)


def _recording_errors(job, tally, clock) -> tuple[tuple[NDArray, NDArray], int]:
    """What another recording would change: the spread of both readings over folds of samples, less that of draws."""
    m = len(job.rest.activations)
    if m < 10 * _FOLDS:
        return (np.full(tally.outputs, np.nan), np.full(tally.outputs, np.nan)), 0
    order = job.streams.rng(4).permutation(m)
    values, errors, runs, done = [], [], 0, clock.done
    for fold in range(_FOLDS):
        part = replace(job, donors=Donors(np.sort(order[fold::_FOLDS]), job.rest.lengths), purpose=10 + fold)
        own = Tally(part, tally.outputs)
        for _ in draw_into(own, part, 0, max(tally.draws // (2 * _FOLDS), 32), None):
            clock.tell(done + own.draws)
        done += own.draws
        value, error = _read(own)
        values.append(value)
        errors.append(error)
        runs += own.runs
    between = np.var(values, axis=0, ddof=1) - np.mean(np.square(errors), axis=0)
    degree, share = np.sqrt(np.maximum(between, 0) / _FOLDS)
    return (degree, share), runs


def _off_data(rest, tally, rng):
    """V(product) / V(data) with its error, and whether the output changes on the data at all."""
    m, n = rest.activations.shape
    rows = np.arange(m) if m <= _ON_DATA else rng.choice(m, _ON_DATA, replace=False)
    values = ask(rest, rows, np.full((len(rows), n), KEEP, dtype=np.intp))
    centred = (values - values.mean(axis=0)) ** 2
    data = centred.mean(axis=0)
    product, error = tally.spread(), tally.spread_error()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = product / data
        relative = np.hypot(error / product, centred.std(axis=0) / data / math.sqrt(len(rows)))
        return (ratio, ratio * relative), bool(data.any())
