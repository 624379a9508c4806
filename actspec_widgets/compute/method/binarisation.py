"""What binarising loses: the share of a target's variance that on/off patterns explain, against the activations."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns.cube import varying_target
from ...patterns.table import as_activations
from ...patterns.thresholds import RULES, thresholds
from ...progress import Progress, part_of, tick
from ...results import BinarisationCost

_PER_FOLD = 10  # samples, at least
_PENALTIES = np.logspace(-3, 5, 9)  # of the ridge regression; its own leave-one-out error chooses
_MOST_TREES = 300  # boosting stops earlier where a tenth of the training samples no longer gains


def binarisation_cost(
    activations: ArrayLike,
    y: ArrayLike,
    *,
    rules: Iterable[str | float] = RULES,
    folds: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> BinarisationCost:
    """Share of a target's variance that patterns by each threshold rule explain, against the activations themselves.

    Parameters
    ----------
    activations : array, shape (m, n)
    y : array, shape (m,)
        The target, e.g. a logit.
    rules : iterable of str or number
        Threshold rules to compare, see :func:`actspec_widgets.patterns.thresholds.thresholds`.
    folds : int
        Parts of the samples; each is predicted from the others. Thresholds, too, come from the others.
    seed : int
        Decides which samples are in which fold and what the regressor draws.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    BinarisationCost

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        If the data do not fit each other, are not finite or never change, a rule is unknown or named twice, or there
        are too few samples for the folds.

    Notes
    -----
    The share is ``1 - sum (y - prediction)^2 / sum (y - mean)^2`` over the samples, each predicted from the folds
    that it is not in. The regressor, the same for patterns and activations, is scikit-learn's ``RidgeCV`` on
    standardised units, and ``HistGradientBoostingRegressor`` on what that leaves. What it cannot learn from this many
    samples counts as not explained: a share is a lower bound of what the patterns hold, and a loss compares two such
    bounds. A loss below 0 says that the patterns were easier to learn from.

    Errors are those of a ratio of means over the samples (delta method), losses being paired sample by sample. They
    hold for the regressors as fitted; that folds share training samples is left out, which makes them somewhat too
    small (Bates, Hastie and Tibshirani 2023).

    References
    ----------
    Friedman (2001), *Greedy function approximation: a gradient boosting machine*, Annals of Statistics 29. Bates,
    Hastie and Tibshirani (2023), *Cross-validation: what does it estimate and how well does it do it?*, Journal of
    the American Statistical Association 119.

    Examples
    --------
    The sign of a normal number explains 2 / pi of its variance.

    >>> x = np.random.default_rng(0).normal(size=(400, 1))
    >>> cost = binarisation_cost(x, x[:, 0], rules=["zero"])
    >>> bool(abs(cost.losses[0] - (1 - 2 / np.pi)) < 3 * cost.loss_errors[0])
    True
    """
    A = as_activations(activations).astype(np.float64, copy=False)
    m, n = A.shape
    y = varying_target(y, m)
    asked = _checked_rules(rules)
    if folds < 2 or folds != int(folds) or m < _PER_FOLD * folds:
        raise ValueError(f"folds={folds} for {m} samples; give 2 folds or more, of at least {_PER_FOLD} samples each")
    _require_scikit_learn()
    fold = np.random.default_rng(seed).permutation(m) % folds
    squares = np.empty((len(asked) + 1, m))  # of what is left of each sample: by the activations, then by each rule
    fits = folds * len(squares)
    for at in range(folds):
        test = fold == at
        for row, rule in enumerate((None, *asked.values())):
            step = part_of(progress, at * len(squares) + row, fits)
            step(0, 1)
            X = A if rule is None else _signs(A, _cuts(A[~test], rule, y[~test], step))
            squares[row, test] = (y[test] - _predicted(X[~test], y[~test], X[test], seed)) ** 2
    part_of(progress, fits - 1, fits)(1, 1)
    return _cost(tuple(asked), squares, (y - y.mean()) ** 2, n, folds, seed)


def _cost(rules, squares, total, n_units, folds, seed):
    """Shares 1 - mean(squares) / mean(total), and their covariance from the influence values of such ratios."""
    left = squares.mean(axis=1) / total.mean()
    influence = (squares - left[:, None] * total) / total.mean()
    m = total.size
    covariance = np.einsum("am,bm->ab", influence, influence) / m**2
    return BinarisationCost(rules, float(1 - left[0]), 1 - left[1:], covariance, m, n_units, folds, seed)


def _checked_rules(rules):
    """Label -> rule."""
    asked = {}
    for rule in [rules] if isinstance(rules, str) else rules:
        if rule not in RULES if isinstance(rule, str) else not _is_number(rule):
            raise ValueError(f"{rule!r} is not a threshold rule; use any of {', '.join(RULES)}, or finite numbers")
        label = rule if isinstance(rule, str) else f"{rule:g}"
        if label in asked:
            raise ValueError(f"rules name {label!r} twice; name each once")
        asked[label] = rule
    if not asked:
        raise ValueError(f"no rule came; give one or more of {', '.join(RULES)}, or numbers")
    return asked


def _is_number(rule):
    return isinstance(rule, (int, float, np.integer, np.floating)) and math.isfinite(rule)


def _cuts(A, rule, y, progress):
    """Thresholds unit by unit, with progress in between: some rules take long."""
    cuts = np.empty(A.shape[1])
    for unit in range(cuts.size):
        tick(progress, unit, 2 * cuts.size)
        cuts[unit] = thresholds(A[:, unit : unit + 1], rule, y)[0]
    return cuts


def _signs(A, cuts) -> NDArray[np.float32]:
    return np.where(A > cuts, np.float32(1), np.float32(-1))


def _predicted(X, y, X_new, seed):
    """Fit on one part and predict another, on one thread: sums over several differ in their last bits."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import RidgeCV
    from threadpoolctl import threadpool_limits

    centre, spread = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    spread[spread == 0] = 1.0
    with threadpool_limits(1):
        scaled = (X - centre) / spread
        linear = RidgeCV(_PENALTIES).fit(scaled, y)
        boosted = HistGradientBoostingRegressor(
            max_iter=_MOST_TREES, early_stopping=True, random_state=seed % 2**32
        ).fit(X, y - linear.predict(scaled))
        return linear.predict((X_new - centre) / spread) + boosted.predict(X_new)


def _require_scikit_learn():
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "binarisation_cost fits with scikit-learn, which is not here; pip install 'actspec_widgets[studies]'"
        ) from error
