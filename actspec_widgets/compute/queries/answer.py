"""What was read off queries, as a spectrum: all on/off patterns equally likely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from ...patterns.cube import Subset, count_subsets, order_key
from ...patterns.table import checked_names
from ...results import Coverage, Encoding, Spectrum
from ..effects.rest import Rest
from .queries import MeteredQuery, Query

Row = tuple[Subset, float, float]  # a subset, its coefficient, its standard error


class Answers:
    """Makes spectra of what was found by asking one function.

    Parameters
    ----------
    metered : MeteredQuery
    unit_names : sequence of str, or None
        Default: those that the function has, as the words of a sentence do.
    settings : dict
        The arguments that reproduce the answer.
    """

    def __init__(self, metered: MeteredQuery, unit_names: Sequence[str] | None, settings: dict[str, Any]) -> None:
        self.metered, self.settings = metered, settings
        names = getattr(metered.query, "unit_names", None) if unit_names is None else unit_names
        self.names = checked_names(names, metered.n_units)

    def spectrum(
        self,
        rows: Sequence[Row],
        coverage: Coverage,
        *,
        mean: float,
        share: tuple[float, float, float],
        fresh: int,
        singles: float = float("nan"),
        tested: int = 1,
        error: Exception | None = None,
    ) -> Spectrum:
        """The answer, largest first.

        Parameters
        ----------
        mean : float
            Of the function, for where the empty subset is not listed.
        share : (float, float, float)
            Variance of the answers, share of it that the subsets explain, and the error of that share.
        fresh : int
            Queries that the share was measured on.
        singles : float
            Share that the single units among the subsets explain; NaN where not looked at.
        tested : int
            Subsets that p-values are corrected for.
        """
        rows = sorted(rows, key=lambda row: (-abs(row[1]), order_key(row[0])))
        subsets = tuple(subset for subset, _, _ in rows)
        values = np.array([value for _, value, _ in rows])
        errors = np.array([error for _, _, error in rows])
        several = np.array([len(subset) > 1 for subset in subsets], bool)
        p_values = _p_values(values, errors, tested)
        variance, explained, explained_error = share
        query, queries = self.metered.query, self.metered.used
        asked = query if isinstance(query, Rest) else None  # a network knows what on and off are
        return Spectrum(
            subsets=subsets,
            coefficients=values,
            standard_errors=errors,
            character_means=values,
            p_values=p_values,
            gains=np.where([bool(s) for s in subsets], values**2 / variance, 0.0) if variance > 0 else 0.0 * values,
            equivalents=((),) * len(rows),
            explained_variance=explained,
            explained_variance_error=explained_error,
            intercept=0.0 if () in subsets else mean,
            gram=np.eye(len(rows)),
            coverage=coverage,
            n_units=self.metered.n_units,
            n_search=queries - min(fresh, queries),
            n_estimate=min(fresh, queries),
            unit_names=self.names,
            constant_units=tuple(getattr(asked, "constant_units", ())),
            settings=self.settings,
            covariance=np.diag(errors**2),
            redundancy_error=0.0,
            encoding=Encoding("signs", thresholds=getattr(asked, "thresholds", None)),
            singles_explain=singles,
            joint_parts=np.where(several, values, np.nan),
            joint_errors=np.where(several, errors, np.nan),
            joint_p_values=np.where(several, p_values, np.nan),
            evidence="uniform",
            queries=queries,
            error=error,
        )

    def of_table(
        self,
        rows: Sequence[Row],
        f_hat: NDArray[np.float64],
        noise: float,
        max_degree: int | None,
        notes: Sequence[str],
        missed_bound: float | None = None,
    ) -> Spectrum:
        """The answer where every point was asked: what is explained follows from all coefficients, by Parseval.

        ``noise`` is the standard error that the function's own noise gives each of them.
        """
        n = self.metered.n_units
        variance = float(np.square(f_hat[1:]).sum())
        explained = sum(value * value for subset, value, _ in rows if subset)
        singles = sum(value * value for subset, value, _ in rows if len(subset) == 1)
        share, error = (explained / variance, 2.0 * noise * explained**0.5 / variance) if variance > 0 else (0.0, 0.0)
        return self.spectrum(
            rows,
            Coverage(
                "exhaustive", n, max_degree, count_subsets(n, max_degree, least=0), True, missed_bound, tuple(notes)
            ),
            mean=float(f_hat[0]),
            share=(variance, share, error),
            singles=singles / variance if variance > 0 else 0.0,
            fresh=len(f_hat),
            tested=len(f_hat),
        )

    def of_table_that_failed(self, error: Exception, max_degree: int | None) -> Spectrum:
        """The empty answer of a function that failed before all its points were asked."""
        note = f"The query function failed ({type(error).__name__}) before all points were asked."
        coverage = Coverage("exhaustive", self.metered.n_units, max_degree, 0, False, notes=(note,))
        unknown = (0.0, float("nan"), float("nan"))
        return self.spectrum((), coverage, mean=0.0, share=unknown, fresh=0, error=error)


def units_of(query: Query, n_units: int | None) -> int:
    """``n_units``, or where it was left out what the queried object says of itself.

    Raises
    ------
    ValueError
        If neither does, or they differ.
    """
    known = getattr(query, "n_units", n_units)
    if known is None:
        raise ValueError("n_units is missing; say of how many units the function takes patterns")
    if n_units is not None and known != n_units:
        raise ValueError(f"n_units={n_units} came for a function of {known} units; leave n_units out")
    return known


def share_explained(values: NDArray, left: NDArray) -> tuple[float, float, float]:
    """Variance of ``values``, share of it that is explained where ``left`` remains, and the share's standard error.

    ``left`` is what predictions from *other* queries leave at these; the error is by the delta method.
    """
    if len(values) < 2:
        return 0.0, float("nan"), float("nan")
    total, rest = np.square(values - values.mean()), np.square(left - left.mean())
    variance = float(total.mean())
    if variance <= 1e-24 * float(np.square(values).mean()):  # rounding of a constant
        return 0.0, 0.0, 0.0
    share = 1.0 - float(rest.mean()) / variance
    influence = (1.0 - share) * total - rest
    return variance, share, float(influence.std(ddof=1)) / len(values) ** 0.5 / variance


def share_by_folds(
    values: NDArray[np.float64], left: NDArray[np.float64], signs: Iterable[NDArray], folds: int = 10
) -> tuple[float, float, float]:
    """:func:`share_explained`, each fold's characters with coefficients from the other folds.

    Parameters
    ----------
    left : ndarray, shape (m,)
        What a prediction that knows nothing of these values leaves of them.
    signs : iterable of ndarray, shape (m,)
        The characters whose coefficients in ``left`` the same values measure.
    """
    m = len(values)
    folds = min(folds, m)
    if folds < 2:
        return share_explained(values, left)
    starts = np.arange(folds) * m // folds
    sizes = np.diff(np.append(starts, m))
    rest = left.copy()
    for character in signs:
        sums = np.add.reduceat(left * character, starts)
        elsewhere = (sums.sum() - sums) / (m - sizes)
        rest -= np.repeat(elsewhere, sizes) * character
    return share_explained(values, rest)


def _p_values(values, errors, tested):
    """Two-sided, for coefficients of zero, corrected for the number tested; 0 where there is no error."""
    if not len(values):
        return np.zeros(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(errors > 0, np.abs(values) / errors, np.where(values != 0, np.inf, 0.0))
    return np.exp(np.minimum(log_ndtr(-z) + np.log(2.0 * max(tested, 1)), 0.0))
