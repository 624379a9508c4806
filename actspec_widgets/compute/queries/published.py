"""The procedure as its authors published it: Goldreich-Levin over spliced recorded samples."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_units, count_subsets, order_key
from ...patterns.thresholds import thresholds
from ...progress import Progress, tick
from ...results import Coverage, Estimates
from ..effects.rest import KEEP, Donors, Rest, as_rest, ask


def published_procedure(
    rest: Any,
    *,
    activations: ArrayLike | None = None,
    threshold: str | float | ArrayLike | None = None,
    units: Iterable[int] | None = None,
    tau: float = 0.2,
    draws: int | None = 1000,
    failure: float = 0.05,
    branches: int = 128,
    gamma: float = 0.2,
    delta: float = 0.2,
    seed: int = 0,
    progress: Progress | None = None,
) -> Estimates:
    """The subsets that the published procedure returns, each with the weight of its bucket.

    For comparison with the published results; its faults are below. :func:`experiment` and
    :func:`activation_spectroscopy` answer the same question with errors and corrected p-values.

    Parameters
    ----------
    rest : SubNetwork, or function of activations ``(k, n)`` -> ``(k,)``
        Answers +1 or -1: with ``output=targets.is_class(k)``, whether the class is k.
    activations : array, shape (m, n), optional
        With a function: the recorded activations that are spliced.
    threshold : str, number, or array of shape (n,), optional
        A unit is active above it. Default: that of the SubNetwork, 0 for a function.
    units : collection of int, optional
        To search among; default all. The others are spliced along with their neighbours.
    tau : float
        A bucket is kept above the weight ``tau^2 / 2``.
    draws : int or None
        For each bucket, as published 1,000. None: as many as the theorem takes to have every weight within
        ``tau^2 / 4``, but for a chance of ``failure``.
    failure : float
    branches : int
        Most buckets kept in a level, those of the largest weight.
    gamma : float
        A unit is left out where its squared mean exceeds this, and where its squared mean product with a unit that was
        kept does.
    delta : float
        A subset is dropped where its last unit is predictable from its others by more than this.
    seed : int
    progress : callable, optional
        Gets (units decided, units); may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Estimates
        ``values`` are the weights of the last buckets, in which all units are decided: squares of the character means
        ``E[y chi_S]``, but for their errors. Largest first. ``coverage.notes`` count what was left out.

    Raises
    ------
    ValueError, TypeError
        If an answer is not -1 or +1, an argument does not fit, or no unit is left.

    Notes
    -----
    Units come in the order of their numbers. With J those decided so far and S inside J, the weight of a bucket is
    ``E[y1 chi_S(x1) y2 chi_S(x2)]``, where x1 and x2 are two recorded samples on J that share a third one on the
    rest, with their real activations, and y1 and y2 what the network answers. If units were independent it would be
    the sum of squared coefficients over the subsets that agree with S on J. The draws of a level serve all of its
    buckets: each weight has the distribution that the procedure gives it, at a price that does not grow with the
    buckets.

    Faults, some of which show in what it returns:

    - At 1,000 draws a weight has a standard error of up to 0.03, and the threshold is 0.02 at tau = 0.2: a bucket of
      nothing passes a level in about one of four cases. Who would rely on the list takes ``draws=None``.
    - Recorded units are not independent, so that weights of different buckets do not add up, and what is kept depends
      on the order of units.
    - The largest 128 are kept whatever the weights of the others; a list of that length may be cut.
    - Weights have no errors and the list no level: nothing corrects for the buckets that were looked at.

    In the public code (at 1f2f15b) the test of redundancy is drawn again in every level, spliced patterns that no
    sample shows end the run, the last unit never joins a subset, and the function that should replace hidden
    activations assigns them to a local name, so that for hidden layers it compares answers to whole samples. Here a
    subset is tested once, such patterns are passed over, all units take part, and activations are replaced.

    References
    ----------
    Reing, Ver Steeg and Galstyan (2025), arXiv:2501.15435, and github.com/kylereing/ActSpec. The bound on draws:
    O'Donnell, *Analysis of Boolean Functions* (2014), section 3.5; Hoeffding (1963), J. Amer. Stat. Assoc. 58.

    Examples
    --------
    >>> X = np.random.default_rng(0).choice([-1.0, 1.0], (500, 6))
    >>> found = published_procedure(lambda a: np.sign(a[:, 1] * a[:, 4]), activations=X, draws=None)
    >>> found.subsets, found.values.round(2).tolist()
    (((1, 4),), [1.0])
    """
    tau, gamma, delta, failure = (
        _share(*pair) for pair in (("tau", tau), ("gamma", gamma), ("delta", delta), ("failure", failure))
    )
    branches = as_count(branches, "branches")
    checked = as_rest(rest, activations)
    signs = _signs(checked, threshold)
    m, n = signs.shape
    kept, constant, repeated = screen(signs, as_units(units, n), gamma)
    if not kept:
        raise ValueError(f"every unit's squared mean exceeds gamma={gamma:g}; raise it or set other thresholds")
    count = draws_of_theorem(tau, failure, len(kept)) if draws is None else as_count(draws, "draws", 2)
    rng = np.random.default_rng(seed)
    donors = Donors(np.arange(m), checked.lengths)
    rows: list[tuple[Subset, float, float]] = [((), math.inf, 0.0)]
    dropped, cut = 0, 0
    for level, unit in enumerate(kept):
        tick(progress, level, len(kept))
        last = kept[level + 1] if level + 1 < len(kept) else n
        x1, x2, product = splice(checked, donors, last, count, rng)
        products = signs[x1, :last] * signs[x2, :last]
        children = [(*subset, *more) for subset, _, _ in rows for more in ((), (unit,))]
        rows = []
        for subset in children:
            weight, error = _mean(product * products[:, list(subset)].prod(axis=1, dtype=np.int8))
            if weight <= tau**2 / 2:
                continue
            if len(subset) > 1 and subset[-1] == unit and max(predictability(signs, subset, count, rng)) > delta:
                dropped += 1
                continue
            rows.append((subset, weight, error))
        rows.sort(key=lambda row: (-row[1], order_key(row[0])))
        cut += max(0, len(rows) - branches)
        rows = rows[:branches]
    tick(progress, len(kept), len(kept))
    note = (
        f"{len(kept)} of {n} units took part: {constant} were too seldom in one of their states, {repeated} went with "
        f"an earlier one. {count:,} draws a bucket, so that a weight has an error of up to {count**-0.5:.2g} beside a "
        f"threshold of {tau**2 / 2:.2g}. {dropped} subsets were dropped as predictable, {cut} beyond {branches} "
        "branches."
    )
    return Estimates(
        tuple(subset for subset, _, _ in rows),
        np.array([weight for _, weight, _ in rows]),
        np.array([error for _, _, error in rows]),
        n_samples=m,
        coverage=Coverage("spliced tree", len(kept), None, count_subsets(len(kept), least=0), False, notes=(note,)),
    )


def screen(signs: NDArray[np.int8], units: Iterable[int], gamma: float) -> tuple[list[int], int, int]:
    """Units left by the first two tests of redundancy, and how many each test left out.

    A unit goes where ``E[x_i]^2 > gamma``, or ``E[x_i x_j]^2 > gamma`` for a unit j that was kept before it.
    """
    kept: list[int] = []
    constant = repeated = 0
    for unit in units:
        column = signs[:, unit].astype(np.float64)
        if column.mean() ** 2 > gamma:
            constant += 1
        elif kept and (np.square(column @ signs[:, kept] / len(signs)) > gamma).any():
            repeated += 1
        else:
            kept.append(unit)
    return kept, constant, repeated


def splice(
    rest: Rest, donors: Donors, decided: int, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Pairs of samples that supply the first ``decided`` units of a third one, and the products of both answers."""
    base = rng.choice(donors.bases, count)
    pair = donors.draw(base, (2,), rng)
    answers = []
    for one in (pair[:, 0], pair[:, 1]):
        sources = np.full((count, rest.activations.shape[1]), KEEP, dtype=np.intp)
        sources[:, :decided] = one[:, None]
        values = ask(rest, base, sources)
        if values.shape[1] != 1 or not (np.abs(values) == 1.0).all():
            raise ValueError(
                "the published procedure asks whether the class is k, as -1 or +1, and the function answers "
                f"{values.ravel()[0]:g}; use output=targets.is_class(k)"
            )
        answers.append(values[:, 0])
    return pair[:, 0], pair[:, 1], answers[0] * answers[1]


def predictability(
    signs: NDArray[np.int8], subset: Subset, count: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Weights of a subset's last unit as a function of its others, by splicing recorded patterns.

    Of the buckets with and without the first unit. Samples agree with a splice where they show its pattern, and draws
    whose splice no sample shows are passed over; with none left both are 0.
    """
    first, others, last = signs[:, subset[0]], signs[:, list(subset[1:-1])], signs[:, subset[-1]]
    _, code = np.unique(others, axis=0, return_inverse=True) if others.shape[1] else (None, np.zeros(len(signs), int))
    keys = 2 * code.reshape(-1) + (first > 0)
    order = np.argsort(keys, kind="stable")
    third, one, two = rng.integers(0, len(signs), (3, count))
    outcomes, shown = [], np.ones(count, bool)
    for source in (one, two):
        wanted = 2 * code.reshape(-1)[third] + (first[source] > 0)
        start, stop = (np.searchsorted(keys[order], wanted, side) for side in ("left", "right"))
        shown &= stop > start
        place = np.minimum(start + (rng.random(count) * (stop - start)).astype(np.intp), len(signs) - 1)
        outcomes.append(last[order[place]].astype(np.float64))
    product = (outcomes[0] * outcomes[1])[shown]
    if not len(product):
        return 0.0, 0.0
    return float(product.mean()), float((product * first[one][shown] * first[two][shown]).mean())


def draws_of_theorem(tau: float, failure: float, levels: int) -> int:
    """Draws that put all weights within ``tau^2 / 4``, but for a chance of ``failure`` (Hoeffding).

    At most ``4 / tau^2`` buckets of a level then survive, as many as can have a weight of ``tau^2 / 4``, and each has
    two children.
    """
    buckets = levels * 2 * math.ceil(4.0 / tau**2)
    return math.ceil(2.0 * math.log(2.0 * buckets / failure) / (tau**2 / 4.0) ** 2)


def _signs(rest: Rest, threshold) -> NDArray[np.int8]:
    table = np.asarray(rest.activations)
    if threshold is None:
        cuts = getattr(rest, "thresholds", np.zeros(table.shape[1]))
    else:
        cuts = thresholds(table, threshold)
    return np.where(table > cuts, 1, -1).astype(np.int8)


def _mean(values):
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))


def _share(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 < value < 1:
        raise ValueError(f"{name}={value!r} does not fit; give a number between 0 and 1")
    return float(value)
