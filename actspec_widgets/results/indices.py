"""The same coefficients as a game of present and absent units: Shapley, Banzhaf and Moebius views.

The game of a function f is ``v(T) = f(x)`` with ``x_i = +1`` (active) for the units i in T and ``x_i = -1``
(inactive) for all others: absent means inactive. With ``z_i = 1`` for a present unit and 0 for an absent one,
``x_i = 2 z_i - 1``, so that each character is a polynomial in z,

    ``chi_S = product over S of (2 z_i - 1) = sum over R inside S of 2^|R| (-1)^(|S| - |R|) product over R of z_i``,

and an index of T is a sum over the subsets S that hold T of a number that depends on the sizes alone, times the
coefficient of S. Nothing here runs over the ``2^n`` sets of present units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb, fsum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..patterns.cube import Subset, as_subsets, order_key
from .estimates import Estimates

_MOST_PARTS = 1 << 20  # parts of subsets, counted with repetition: where all differ, some ten seconds and 500 MB

# What one unit of the Moebius coefficient of R gives to a part T of R, from |T|, |R| - |T| and the order.
_Share = Callable[[int, int, int], Fraction]


def shapley_values(subsets: Iterable[Iterable[int]], coefficients: ArrayLike, n_units: int) -> NDArray[np.float64]:
    """Shapley values of the game, shape (n_units,): ``2 c_S / |S|`` summed over the S of odd size that hold the unit.

    They add up to ``v(all) - v(none)``. A subset of even size adds nothing: to see a pair, ask for
    :func:`interactions`.

    Parameters
    ----------
    subsets : iterable of subsets, k of them
        Repeated subsets add up.
    coefficients : array_like, shape (k,)
        Fourier coefficients; the values have their units.
    n_units : int

    References
    ----------
    Shapley (1953), "A value for n-person games"; in Fourier coefficients, the case of one unit of
    :func:`interactions`.

    Examples
    --------
    The majority of three is fair:

    >>> shapley_values([(0,), (1,), (2,), (0, 1, 2)], [0.5, 0.5, 0.5, -0.5], 3).round(3).tolist()
    [0.667, 0.667, 0.667]
    """
    return _of_single_units(interactions(subsets, coefficients, n_units, "SII", order=1), n_units)


def banzhaf_values(subsets: Iterable[Iterable[int]], coefficients: ArrayLike, n_units: int) -> NDArray[np.float64]:
    """Banzhaf values of the game, shape (n_units,): twice the coefficient of each single unit.

    Parameters are those of :func:`shapley_values`.

    References
    ----------
    Banzhaf (1965), "Weighted voting doesn't work"; O'Donnell, *Analysis of Boolean Functions* (2014), section 2.2:
    the coefficient of a single unit is the mean of its derivative.

    Examples
    --------
    >>> banzhaf_values([(0,), (0, 1)], [0.5, 2.0], 3).tolist()
    [1.0, 0.0, 0.0]
    """
    return _of_single_units(interactions(subsets, coefficients, n_units, "BII", order=1), n_units)


def moebius(
    subsets: Iterable[Iterable[int]], coefficients: ArrayLike, n_units: int, *, covariance: ArrayLike | None = None
) -> Estimates:
    """Moebius coefficients m: ``v(T)`` is the sum of ``m(R)`` over all R inside T, the empty one included.

    ``m(T)`` is ``2^|T|`` times the sum of ``(-1)^(|S| - |T|) c_S`` over the S that hold T. Parameters, returns and
    errors are those of :func:`interactions`, without an order.

    References
    ----------
    Grabisch & Roubens (1999), *International Journal of Game Theory* 28, 547-565 (there "dividends").

    Examples
    --------
    A parity of two units is ``1 - 2 z_0 - 2 z_1 + 4 z_0 z_1``:

    >>> found = moebius([(0, 1)], [1.0], 2)
    >>> dict(zip(found.subsets, found.values.tolist()))
    {(): 1.0, (0,): -2.0, (1,): -2.0, (0, 1): 4.0}
    """
    return _expand(subsets, coefficients, n_units, "Moebius", 0, n_units, covariance)


def interactions(
    subsets: Iterable[Iterable[int]],
    coefficients: ArrayLike,
    n_units: int,
    index: str = "SII",
    order: int = 2,
    *,
    covariance: ArrayLike | None = None,
) -> Estimates:
    """Interactions of up to ``order`` units, in closed form from Fourier coefficients.

    Parameters
    ----------
    subsets : iterable of subsets, k of them
        Repeated subsets add up. The empty one is a constant, which no interaction sees.
    coefficients : array_like, shape (k,)
    n_units : int
    index : str
        - "SII", Shapley interactions: ``2^|T| c_S / (|S| - |T| + 1)`` summed over the S that hold T and have an
          even number of other units.
        - "k-SII", those shared out so that all orders add up; k is the order.
        - "STII", Shapley-Taylor interactions.
        - "FSII", Faith-Shapley interactions: the polynomial of that order nearest to the game in Shapley's weights.
        - "BII", Banzhaf interactions: ``2^|T| c_T``.
        - "Moebius", as :func:`moebius`, up to the order.
    order : int
        Largest number of units in an interaction. "SII", "BII" and "Moebius" are the same at every order that
        lists them; the other three depend on it, and their values add up to ``v(all) - v(none)``.
    covariance : array_like, shape (k, k), optional
        Of the coefficients. Without it they count as exact and all errors are zero.

    Returns
    -------
    Estimates
        Non-empty subsets, simplest first, in units of the coefficients; one that is not listed has the value zero.

    Raises
    ------
    ValueError
        If the index is not known, the order is not positive, a shape does not match, a coefficient is not finite,
        or the subsets have more parts than can be written out.

    Notes
    -----
    The cost grows with the number of subsets and, for each, with the number of its parts of up to ``order`` units
    (``2^|S|`` at most), not with ``2^n``. The numbers that depend on sizes are computed as exact fractions.

    References
    ----------
    SII and BII: Grabisch & Roubens (1999), *International Journal of Game Theory* 28, 547-565. k-SII: Bordt & von
    Luxburg (2023), AISTATS. STII: Sundararajan, Dhamdhere & Agarwal (2020), ICML. FSII: Tsai, Yeh & Ravikumar
    (2023), *Journal of Machine Learning Research* 24 (94). Derivatives of characters: O'Donnell, *Analysis of
    Boolean Functions* (2014), section 2.2.

    Examples
    --------
    The table of a function, all its coefficients, and its interactions (bit i of a mask stands for unit i):

    >>> from actspec_widgets import walsh_hadamard
    >>> f_hat = walsh_hadamard([3.0, 1.0, 1.0, 1.0])  # 3 where both units are active, 1 elsewhere
    >>> subsets = [[i for i in range(2) if mask >> i & 1] for mask in range(4)]
    >>> found = interactions(subsets, f_hat, 2, "SII", order=2)
    >>> dict(zip(found.subsets, found.values.tolist()))
    {(0,): 1.0, (1,): 1.0, (0, 1): 2.0}
    """
    if index not in _SHARES:
        raise ValueError(f"index={index!r} is not known; use one of {', '.join(map(repr, _SHARES))}")
    if order < 1:
        raise ValueError(f"order={order} leaves no interaction; 1 is single units, 2 adds pairs")
    return _expand(subsets, coefficients, n_units, index, 1, order, covariance)


def _of_single_units(found: Estimates, n_units: int) -> NDArray[np.float64]:
    result = np.zeros(n_units)
    for (unit,), value in zip(found.subsets, found.values, strict=True):
        result[unit] = value
    return result


def _expand(subsets, coefficients, n_units, index, lowest, order, covariance) -> Estimates:
    subsets = as_subsets(subsets, n_units)
    k = len(subsets)
    coefficients = np.asarray(coefficients, dtype=np.float64)
    if coefficients.shape != (k,):
        raise ValueError(f"the coefficients have shape {coefficients.shape} for {k} subsets; give one for each")
    if not np.isfinite(coefficients).all():
        raise ValueError("a coefficient is NaN or infinite; leave its subset out")
    if covariance is not None and np.shape(covariance) != (k, k):
        raise ValueError(f"the covariance has shape {np.shape(covariance)} for {k} subsets; give shape ({k}, {k})")
    _refuse_too_many_parts(subsets, index, lowest, order)
    rows: dict[Subset, tuple[list[int], list[float]]] = {}
    for position, subset in enumerate(subsets):
        for size in range(lowest, min(order, len(subset)) + 1):
            weight = _weight(index, order, size, len(subset) - size)
            if weight:
                for part in combinations(subset, size):
                    positions, weights = rows.setdefault(part, ([], []))
                    positions.append(position)
                    weights.append(weight)
    parts = tuple(sorted(rows, key=order_key))
    numbers = coefficients.tolist()
    values = [fsum(numbers[at] * weight for at, weight in zip(*rows[part], strict=True)) for part in parts]
    return Estimates(parts, np.array(values), _errors([rows[part] for part in parts], covariance))


def _errors(rows, covariance):
    if covariance is None:
        return np.zeros(len(rows))
    covariance = np.asarray(covariance, dtype=np.float64)
    variances = [np.asarray(weights) @ covariance[np.ix_(at, at)] @ np.asarray(weights) for at, weights in rows]
    return np.sqrt(np.maximum(variances, 0.0))  # rounding can leave a zero variance just below zero


def _refuse_too_many_parts(subsets, index, lowest, order):
    total = 0
    for subset in subsets:
        for size in range(lowest, min(order, len(subset)) + 1):
            if _weight(index, order, size, len(subset) - size):
                total += comb(len(subset), size)
            if total > _MOST_PARTS:
                largest = max(map(len, subsets))
                raise ValueError(
                    f"{index} would spread these subsets, of up to {largest} units, over more than {_MOST_PARTS:,} "
                    "parts; ask for a lower order, or leave the largest subsets out"
                )


@cache
def _weight(index: str, order: int, size: int, rest: int) -> float:
    """What the character of a subset of ``size + rest`` units gives to one of its parts of ``size`` units."""
    # By way of the Moebius coefficients of the character: 2^|R| (-1)^(|S| - |R|) at every R inside S. The sum
    # cancels nearly all of its digits for large subsets, hence fractions.
    share = _SHARES[index]
    terms = ((-1) ** (rest - more) * 2**more * comb(rest, more) * share(size, more, order) for more in range(rest + 1))
    return float(2**size * sum(terms, Fraction()))


def _shapley(size, more, order):
    return Fraction(1, more + 1)


def _banzhaf(size, more, order):
    return Fraction(1, 2**more)


def _moebius(size, more, order):
    return Fraction(more == 0)


def _shapley_taylor(size, more, order):
    return Fraction(1, comb(size + more, size)) if size == order else Fraction(more == 0)


def _k_shapley(size, more, order):
    """SII of every set from T to T with ``order - |T|`` more units, weighted by Bernoulli's numbers."""
    added = range(min(order - size, more) + 1)
    return sum((_bernoulli(j) * comb(more, j) * _shapley(size + j, more - j, order) for j in added), Fraction())


def _faith_shapley(size, more, order):
    if size + more <= order:
        return Fraction(more == 0)
    sign = (-1) ** (order - size)
    above = Fraction(comb(size + more - 1, order), comb(size + more + order - 1, order + size))
    return sign * Fraction(size, order + size) * comb(order, size) * above


@cache
def _bernoulli(j: int) -> Fraction:
    """B_j, with B_1 = -1/2."""
    return Fraction(1) if j == 0 else -sum((comb(j + 1, i) * _bernoulli(i) for i in range(j)), Fraction()) / (j + 1)


_SHARES: dict[str, _Share] = {
    "SII": _shapley,
    "k-SII": _k_shapley,
    "STII": _shapley_taylor,
    "FSII": _faith_shapley,
    "BII": _banzhaf,
    "Moebius": _moebius,
}
