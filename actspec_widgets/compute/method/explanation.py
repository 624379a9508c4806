"""One input, explained: the spectrum of a function of which of its parts are there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_signs, as_units, order_key, points_from_index, subset_of
from ...progress import Progress
from ...results import Coverage, Spectrum
from ...results.coverage import EVERY_ANSWER
from ..effects.rest import rounding
from ..queries.queries import MeteredQuery, Query, QueryStopped, uniform_points
from ..queries.sparse_transform import sparse_transform
from ..ranking import list_length
from ..transform.wht import walsh_hadamard

_MOST_EXACT = 22  # units: 4 million answers
_QUERIES = 10_000
_LISTED = 32  # subsets, where not all answers are asked
_REPEATS = 16  # answers asked twice: a function that is not deterministic is refused
_SAME = 1e-4  # of the spread of answers: rounding that depends on the batch stays below
_TABLE = 1024  # subsets for which a table of zeros is kept as their covariance


@runtime_checkable
class Layer(Protocol):
    """What explains units of a layer in one sample; :class:`actspec_widgets.SubNetwork` is one."""

    n_units: int

    def present(self, points: ArrayLike, base: int, *, absent: Any) -> NDArray[np.float64]:
        """The output for one sample with some units absent."""
        ...


def explain(
    rest: Any,
    base: int | ArrayLike | None = None,
    *,
    units: Iterable[int] | None = None,
    exact_up_to: int = 16,
    max_queries: int = _QUERIES,
    max_degree: int = 3,
    top: int | None = None,
    absent: str | float | ArrayLike = "mean",
    unit_names: Iterable[str] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Spectrum:
    """The spectrum of one input: which of its words, patches or units matter, alone and jointly, in this input.

    A part of the input is present (+1) or absent (-1), and all ``2^n`` combinations count alike. A coefficient is the
    textbook Fourier coefficient ``E[f chi_S]`` over them: for one part half of what its presence changes, on average
    over the presence of all others; for several, ``2^-|S|`` times their alternating sum, averaged likewise. Up to 16
    parts are exact: one transform of all ``2^n`` answers. Beyond, :func:`sparse_transform` finds the largest
    coefficients, with errors.

    Parameters
    ----------
    rest : SubNetwork, SentenceWords, CoveredInput, or callable
        What absent means is up to it. :class:`actspec_widgets.networks.SentenceWords`: the word is dropped, or another
        text stands there. :class:`actspec_widgets.networks.CoveredInput`: the token or patch is covered.
        :class:`SubNetwork`: the unit has its ``absent`` value in the place of its own in the sample ``base``. Any other
        function takes int8 points ``(k, n)`` in {-1,+1} and returns ``k`` numbers.
    base : int, or array of -1 and +1 of shape (n,), optional
        For a SubNetwork the sample. Otherwise the states of units that are not among ``units``: default all present,
        which takes a function that has ``n_units``.
    units : iterable of int, optional
        Units that may be absent; default all.
    exact_up_to : int
        Up to so many units, 22 at most, all answers are asked: ``2^n`` of them.
    max_queries : int
        With more units: most answers that :func:`sparse_transform` may ask for, besides 32 that check the function.
    max_degree : int
        With more units: largest subset looked for.
    top : int, optional
        Most subsets reported, the largest coefficients. Default: all that are not 0; with more units 32, which is the
        ``sparsity`` of :func:`sparse_transform`. Of 15 units and more, interactions and ``to_shapiq`` take a list that
        is shortened so.
    absent : "mean", "zero", number, or array of shape (n,)
        Of a SubNetwork: what an absent unit is set to. "mean" is its mean over the recorded samples.
    unit_names : iterable of str, optional
        Default: those of ``rest``.
    seed : int
        Of the combinations that :func:`sparse_transform` asks.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Spectrum
        ``evidence`` is "uniform". Where all answers were asked (:attr:`Spectrum.exact`) errors are 0, there are no
        p-values, and ``1 - singles_explain`` is the joint share. Coefficients within the rounding of answers count as
        0. With more units it is the answer of :func:`sparse_transform` to the same function, with its ``queries``.

    Raises
    ------
    ValueError
        If the function answers badly, differently when asked twice, or always the same, or an argument does not fit.
    TypeError
        If ``rest`` is no function.

    See Also
    --------
    sparse_transform : what asks where there are more than ``exact_up_to`` units.
    experiment : with ``base=``, units of a layer resampled from other samples instead of set to one value.

    References
    ----------
    O'Donnell, *Analysis of Boolean Functions* (2014), chapter 1. Words of a sentence as units: Kang et al. (2025),
    *SPEX: scaling feature interaction explanations for LLMs*, arXiv:2502.13870.

    Examples
    --------
    >>> def f(present):
    ...     no, good = (present > 0).T
    ...     return 2.0 * good - 3.0 * (no & good)
    >>> found = explain(f, [1, 1], unit_names=["not", "good"])
    >>> for subset, value in zip(found.subsets, found.coefficients):
    ...     print(found.label(subset), value)
    {not} -0.75
    {not, good} -0.75
    {good} 0.25
    """
    game = _Game.of(rest, base, units, absent, unit_names)
    as_count(exact_up_to, "exact_up_to", 0, _MOST_EXACT)
    as_count(max_queries, "max_queries")
    settings: dict[str, Any] = {"base": base if base is None or np.ndim(base) == 0 else np.asarray(base).tolist()}
    if len(game.units) <= exact_up_to:
        values = game.answers(progress)
        return _exact(game, values, None if top is None else list_length(top, len(values) - 1), settings)
    game.check_repeatable()
    found = sparse_transform(
        game, len(game.units), sparsity=_LISTED if top is None else as_count(top, "top"), max_degree=max_degree,
        max_queries=max_queries, seed=seed, progress=progress,
    )  # fmt: skip
    if found.error is not None:
        raise found.error
    game.check_varies(found.queries or 0)
    return replace(
        found,
        subsets=tuple(tuple(game.units[i] for i in subset) for subset in found.subsets),
        n_units=len(game.states),
        unit_names=game.names,
        settings=settings
        | {"units": list(game.units), "top": top, "max_degree": max_degree, "max_queries": max_queries, "seed": seed},
    )


class _Game:
    """A function of which of some units are present; the other units stay as they are.

    Attributes
    ----------
    low, high : float
        Of all its answers so far.
    """

    def __init__(self, query: Query, states: NDArray[np.int8], units: Subset, names: tuple[str, ...] | None):
        self.query, self.states, self.units, self.names = query, states, units, names
        self.low, self.high = math.inf, -math.inf

    @classmethod
    def of(cls, rest, base, units, absent, unit_names) -> _Game:
        query, n_units = rest, getattr(rest, "n_units", None)
        if isinstance(rest, Layer):
            sample = as_count(base, "base", 0)

            def query(points):
                return rest.present(points, sample, absent=absent)

            base = None
        if not callable(query):
            raise TypeError(
                f"rest is {type(rest).__name__}; give a SubNetwork, the words of a sentence (SentenceWords), a "
                "CoveredInput, or a function of int8 points (k, n) that returns k numbers"
            )
        if base is None:
            if n_units is None:
                raise ValueError("nothing says how many units there are; give base=, one -1 or +1 for each unit")
            states = np.ones(n_units, dtype=np.int8)
        else:
            if np.ndim(base) != 1 or (n_units is not None and len(base) != n_units):
                many = "" if n_units is None else f" {n_units}"
                raise ValueError(
                    f"base={base!r} for a function of on/off patterns; give its{many} units' states, -1 or +1 each"
                )
            states = as_signs(np.asarray(base)[None])[0]
        names = getattr(rest, "unit_names", None) if unit_names is None else unit_names
        names = None if names is None else tuple(str(name) for name in names)
        if names is not None and len(names) != len(states):
            raise ValueError(f"{len(names)} unit_names came for {len(states)} units; give one for each")
        return cls(query, states, as_units(units, len(states)), names)

    def __call__(self, points: NDArray[np.int8]) -> Any:
        """Answers at points of the units that may be absent."""
        whole = np.repeat(self.states[None], len(points), axis=0)
        whole[:, self.units] = points
        answers = self.query(whole)
        values = np.asarray(answers)
        if values.size and values.dtype.kind in "fiub":  # others are refused
            self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        return values

    def answers(self, progress: Progress | None) -> NDArray[np.float64]:
        """The answer at every point; some are asked twice."""
        count = 1 << len(self.units)
        meter = MeteredQuery(self, len(self.units), progress=progress)
        meter.planned = count + _REPEATS
        again = np.random.default_rng(0).integers(0, count, _REPEATS)
        try:
            values = meter.evaluate_many(count, lambda a, b: points_from_index(np.arange(a, b), len(self.units)))
            second = meter.at(points_from_index(again, len(self.units)))
        except QueryStopped as stopped:
            raise stopped.cause from None
        self._check_same(values[again], second)
        self.check_varies(count)
        return values

    def check_repeatable(self) -> None:
        """Refuse a function that answers some random points differently when they are asked twice."""
        meter = MeteredQuery(self, len(self.units))
        points = uniform_points(_REPEATS, len(self.units), np.random.default_rng(0))
        try:
            self._check_same(meter.at(points), meter.at(points))
        except QueryStopped as stopped:
            raise stopped.cause from None

    def _check_same(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> None:
        gap = float(np.abs(first - second).max())
        if gap > _SAME * (self.high - self.low) + float(rounding(first)):
            raise ValueError(
                f"the function answers the same {_REPEATS} points differently, by up to {gap:.3g}; switch off what is "
                "random in it (dropout, sampling), or fix its seed"
            )

    def check_varies(self, asked: int) -> None:
        """Refuse a function that has given one answer only."""
        ends = np.array([self.low, self.high], np.float64)
        if self.high - self.low <= float(rounding(ends)):
            raise ValueError(
                f"the function gives {self.low:.6g} at all of {asked:,} combinations; it does not depend on these "
                f"{len(self.units)} units"
            )


def _exact(game: _Game, values: NDArray[np.float64], top: int | None, settings: dict[str, Any]) -> Spectrum:
    """All coefficients from all answers."""
    f_hat = np.asarray(walsh_hadamard(values), dtype=np.float64)
    size, variance = np.abs(f_hat), float(np.square(f_hat[1:]).sum())
    masks: list[int] = [mask for mask in np.flatnonzero(size > float(rounding(values))).tolist() if mask]
    masks.sort(key=lambda mask: (-size[mask], order_key(subset_of(mask))))
    kept, left = (masks, []) if top is None else (masks[:top], masks[top:])
    subsets = tuple(tuple(game.units[i] for i in subset_of(mask)) for mask in kept)
    coefficients, zeros = f_hat[kept], np.zeros(len(kept))
    gains = coefficients**2 / variance
    several = np.array([len(subset) > 1 for subset in subsets], bool)
    singles = float(np.square(f_hat[1 << np.arange(len(game.units))]).sum()) / variance
    note = f"All {len(values):,} combinations of {len(game.units)} present and absent units were asked."
    bound = float(size[left[0]]) if left else float(rounding(values))
    return Spectrum(
        subsets=subsets,
        coefficients=coefficients,
        standard_errors=zeros,
        character_means=coefficients,
        p_values=np.full(len(kept), np.nan),
        gains=gains,
        equivalents=((),) * len(kept),
        explained_variance=float(gains.sum()),
        explained_variance_error=0.0,
        intercept=float(f_hat[0]),
        gram=np.eye(len(kept)) if len(kept) <= _TABLE else None,
        covariance=np.zeros((len(kept), len(kept))) if len(kept) <= _TABLE else None,
        coverage=Coverage(EVERY_ANSWER, len(game.units), None, len(values) - 1, True, bound, (note,)),
        n_units=len(game.states),
        n_search=len(values),
        n_estimate=0,
        unit_names=game.names,
        settings=settings | {"units": list(game.units), "top": top},
        redundancy_error=0.0,
        joint_parts=np.where(several, coefficients, np.nan),
        joint_errors=np.where(several, 0.0, np.nan),
        singles_explain=singles,
        evidence="uniform",
    )
