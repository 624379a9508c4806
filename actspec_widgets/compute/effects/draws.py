"""One draw: two independent patterns, and each with one unit at a time taken from the other.

For patterns a and b (every unit in play takes its value from its own random sample; all else is one base sample) let
``D_i = f(b with unit i of a) - f(b)`` and ``D'_i = f(a) - f(a with unit i of b)``: the same change of unit i in two
independent contexts. Then, with f = sum of f_S the Efron-Stein decomposition and W(S) = Var f_S,

    E[D_i D'_i] / 2             = W({i}),
    E[(D_i - D'_i)^2] / 4       = sum of W(S) over S with i and at least one other unit,
    E[d (d - sum_i (D_i + D'_i) / 2)] / 2 = sum_S (1 - |S| / 2) W(S),   d = f(a) - f(b).

The second is 0 in every draw if f is additive, the third if no three units act jointly (the trapezoid rule is exact
there), so that "units add up" is seen without any noise, and pairs with little. Where many units act jointly the third
is noisy, and ``d^2 / 2`` takes its place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .mixing import parts_that_differ, put
from .rest import KEEP, Donors, Rest, ask_table, rounding, table_of, takes_activations

_NUMBERS = 4_000_000  # entries of a table of donors: some tens of MB
_MOST_DRAWS = 64  # in one chunk
_BITS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64, 16: np.complex128}  # of numbers that are only moved


class Terms(NamedTuple):
    """What a chunk of draws says; t outputs, d draws, u units or groups of units."""

    first: NDArray[np.float64]  # (d, t) sum over units of D D' / 2
    joint: NDArray[np.float64]  # (d, t) sum over units of (D - D')^2 / 4
    curved: NDArray[np.float64]  # (d, t) the third line above
    spread: NDArray[np.float64]  # (d, t) d^2 / 2, whose mean is the variance
    influence: NDArray[np.float64]  # (d, u, t) (D^2 + D'^2) / 4
    first_order: NDArray[np.float64]  # (d, u, t) D D' / 2
    runs: int
    rounding: NDArray[np.float64]  # (t,) of one answer, as large as it may be


def draws_in_chunk(n_units: int, parts: int) -> int:
    """Draws asked for at once: few enough that the table of donors stays small."""
    return int(np.clip(_NUMBERS // ((2 * parts + 2) * n_units), 1, _MOST_DRAWS))


def random_groups(units: NDArray[np.intp], groups: int, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Labels 0..groups-1 for each unit in each of ``count`` draws, drawn independently."""
    return rng.integers(0, groups, (count, len(units)))


def draw(
    rest: Rest,
    donors_of: Donors,
    units: NDArray[np.intp],
    labels: NDArray[np.intp],
    parts: int,
    share: float,
    rng: np.random.Generator,
) -> Terms:
    """Ask the function for some draws.

    Parameters
    ----------
    rest : Rest
    donors_of : Donors
        Where bases and donors come from.
    units : ndarray of int, shape (u,)
        Units that may be in play; the others keep the base's values.
    labels : ndarray of int, shape (d, u)
        Which part each unit belongs to in each draw; -1 is in play but in no part: never exchanged by itself.
    parts : int
        Exchanged one at a time.
    share : float
        Probability that a unit is in play.
    """
    d, u = labels.shape
    base = rng.choice(donors_of.bases, d)
    a, b = (donors_of.draw(base, (u,), rng) for _ in range(2))
    if share < 1:
        kept = rng.random((d, u)) >= share
        a[kept] = b[kept] = KEEP
    from_a, from_b = table_of(rest, base, units, a), table_of(rest, base, units, b)
    if takes_activations(rest):  # a donor with the same value changes nothing
        differs = from_a[:, units] != from_b[:, units]
    else:
        differs = a != b
        if rest.lengths.max() == 1:
            own = base[:, None]
            of_a, of_b = (rest.activations[np.where(x == KEEP, own, x), units] for x in (a, b))
            differs &= of_a != of_b
    labels = np.ascontiguousarray(labels)
    draw_of, part_of = np.nonzero(parts_that_differ(differs, labels, parts))
    rows = _rows(from_a, from_b, units, labels, draw_of, part_of, parts)
    answers = ask_table(rest, np.concatenate([base, base, base[draw_of], base[draw_of]]), rows)
    t = answers.shape[1]
    f_a, f_b = answers[:d], answers[d : 2 * d]
    up, down = np.zeros((d, parts, t)), np.zeros((d, parts, t))
    moved = len(draw_of)
    up[draw_of, part_of] = answers[2 * d : 2 * d + moved] - f_b[draw_of]
    down[draw_of, part_of] = f_a[draw_of] - answers[2 * d + moved :]
    gap = f_a - f_b
    first_order, influence = up * down / 2, (up**2 + down**2) / 4
    return Terms(
        first=first_order.sum(axis=1),
        joint=((up - down) ** 2).sum(axis=1) / 4,
        curved=gap * (gap - (up + down).sum(axis=1) / 2) / 2,
        spread=gap**2 / 2,
        influence=influence,
        first_order=first_order,
        runs=len(answers),
        rounding=rounding(answers),
    )


def _rows(from_a, from_b, units, labels, draw_of, part_of, parts):
    """a and b of every draw (d, n), then for each part that is needed b with a's part, and a with b's part.

    Rows are copied whole, and what differs is put into them: d u numbers, however many rows there are.
    """
    d, moved = len(from_a), len(draw_of)
    row_of = np.full((d, parts), -1)
    row_of[draw_of, part_of] = np.arange(moved)
    as_bits = _BITS[from_a.itemsize]
    rows = np.empty((2 * (d + moved), from_a.shape[1]), from_a.dtype)
    rows[:d], rows[d : 2 * d] = from_a, from_b
    for half, kept, other in zip(np.split(rows[2 * d :], 2), (from_b, from_a), (from_a, from_b), strict=True):
        np.take(kept, draw_of, axis=0, out=half, mode="clip")  # other modes make a copy first
        put(half.view(as_bits), other.view(as_bits), row_of, labels, units)
    return rows
