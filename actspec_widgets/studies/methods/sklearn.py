"""Sparse regression on monomials: scikit-learn (Pedregosa et al. 2011)."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset, count_subsets
from .base import Found, Method, Problem
from .shared import distinct, in_problem, largest

_MOST_ENTRIES = 500_000_000  # of the design, in single precision: 2 GB, and as much once or twice more inside OMP
_FEWEST_ROWS = 2000
_MOST_STEPS = 50  # of a pursuit that is not told how many
_FOLDS = 5


@dataclass(frozen=True)
class _Sparse(Method):
    """All parities up to the true size as columns.

    Where they do not fit into 2 GB, samples are left out down to 2,000, then the largest sizes. What is chosen is
    fitted again by least squares, to undo the shrinking.
    """

    library: ClassVar[str] = "sklearn"
    access: ClassVar[str] = "samples"

    def search(self, problem: Problem) -> Found:
        signs, units = distinct(problem)
        columns, y, subsets = design(signs, problem)
        chosen = self.choose(columns, y, problem)
        if chosen.size == 0:
            return Found((), ())
        refit, *_ = np.linalg.lstsq(columns[:, chosen].astype(float), y, rcond=None)
        values = {subsets[j]: float(v) for j, v in zip(chosen.tolist(), refit, strict=True)}
        return in_problem(largest(values, problem.n_subsets if self.told else len(values)), units)

    @abstractmethod
    def choose(self, columns: NDArray[np.float32], y: NDArray[np.float64], problem: Problem) -> NDArray[np.intp]:
        """Numbers of the columns that are kept."""


class Lasso(_Sparse):
    """Lasso (Tibshirani 1996) with half of the universal penalty, ``0.5 sd(y) sqrt(2 log p / m)``."""

    def choose(self, columns: NDArray[np.float32], y: NDArray[np.float64], problem: Problem) -> NDArray[np.intp]:
        from sklearn.linear_model import Lasso as Fit

        m, p = columns.shape
        penalty = 0.5 * float(y.std()) * math.sqrt(2 * math.log(p + 1) / m)
        fit = Fit(alpha=penalty, fit_intercept=False, copy_X=False, max_iter=500, tol=1e-3)
        weights = fit.fit(columns, y.astype(np.float32)).coef_
        order = np.argsort(-np.abs(weights), kind="stable")
        return order[: min(np.count_nonzero(weights), m // 4)]


class LassoByFolds(_Sparse):
    """Lasso with the penalty of least error in five folds; all that it keeps is reported."""

    told: ClassVar[bool] = False

    def choose(self, columns: NDArray[np.float32], y: NDArray[np.float64], problem: Problem) -> NDArray[np.intp]:
        from sklearn.linear_model import LassoCV

        fit = LassoCV(cv=_FOLDS, fit_intercept=False, precompute=False, max_iter=500, tol=1e-3, n_jobs=1)
        return np.flatnonzero(fit.fit(columns, y.astype(np.float32)).coef_)


class PursuitByFolds(_Sparse):
    """Orthogonal matching pursuit with the number of steps, up to fifty, of least error in five folds."""

    told: ClassVar[bool] = False

    def choose(self, columns: NDArray[np.float32], y: NDArray[np.float64], problem: Problem) -> NDArray[np.intp]:
        steps = min(_MOST_STEPS, columns.shape[1], len(y) // 2)
        error = np.zeros(steps + 1)
        for fold in np.array_split(np.arange(len(y)), _FOLDS):
            kept, path = pursuit_path(np.delete(columns, fold, axis=0), np.delete(y, fold), steps)
            error += ((y[fold, None] - columns[np.ix_(fold, kept)] @ path) ** 2).sum(0)
        kept, path = pursuit_path(columns, y, steps)
        return kept[path[:, int(error.argmin())] != 0]


class PursuitByBic(_Sparse):
    """Orthogonal matching pursuit with as many steps, up to fifty, as the extended BIC (Chen and Chen 2008) allows.

    The extended one pays for the search: ``m log(RSS / m) + k log m + 2 log C(p, k)``. The plain one is made for few
    columns, and with thousands of them takes in dozens that are not true.
    """

    told: ClassVar[bool] = False

    def choose(self, columns: NDArray[np.float32], y: NDArray[np.float64], problem: Problem) -> NDArray[np.intp]:
        from scipy.special import gammaln

        m, p = columns.shape
        kept, path = pursuit_path(columns, y, min(_MOST_STEPS, p, m // 2))
        count = np.count_nonzero(path, axis=0)
        rss = ((y[:, None] - columns[:, kept] @ path) ** 2).sum(0)
        choices = gammaln(p + 1) - gammaln(count + 1) - gammaln(p - count + 1)
        bic = m * np.log(np.maximum(rss, np.finfo(float).tiny) / m) + count * np.log(m) + 2 * choices
        return kept[path[:, int(bic.argmin())] != 0]


def pursuit_path(
    columns: NDArray[np.float32], y: NDArray[np.float64], steps: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The columns that matching pursuit takes in so many steps, and their weights after 0, 1, ..., ``steps`` of them.

    The path is that of the columns taken, which scikit-learn gives without a table of all columns squared. Where
    nothing is left to explain after fewer steps, the last weights stay.
    """
    from sklearn.linear_model import orthogonal_mp

    last = orthogonal_mp(columns.copy(order="F"), y.astype(np.float32), n_nonzero_coefs=steps, copy_X=False)
    kept = np.flatnonzero(last)
    if kept.size == 0:
        return kept, np.zeros((0, steps + 1))
    path = orthogonal_mp(np.asfortranarray(columns[:, kept], float), y, n_nonzero_coefs=len(kept), return_path=True)
    whole = np.concatenate([np.zeros((len(kept), 1)), np.reshape(path, (len(kept), -1))], axis=1)
    return kept, np.pad(whole, ((0, 0), (0, steps + 1 - whole.shape[1])), mode="edge")


class MatchingPursuit(_Sparse):
    """Orthogonal matching pursuit (Pati, Rezaiifar, Krishnaprasad 1993), as many steps as there are true subsets."""

    def choose(self, columns: NDArray[np.float32], y: NDArray[np.float64], problem: Problem) -> NDArray[np.intp]:
        return pursuit_path(columns, y, min(problem.n_subsets, columns.shape[1]))[0]


def design(signs: NDArray[np.int8], problem: Problem) -> tuple[NDArray[np.float32], NDArray[np.float64], list[Subset]]:
    """Centred columns, shape (samples kept, subsets), centred target, and the subsets.

    Products that never change are left out.
    """
    m, n = signs.shape
    degree = min(problem.max_degree, n)
    while degree > 1 and count_subsets(n, degree) * min(m, _FEWEST_ROWS) > _MOST_ENTRIES:
        degree -= 1
    rows = min(m, max(1, _MOST_ENTRIES // count_subsets(n, degree)))
    signs = np.asfortranarray(signs[:rows], np.float32)
    subsets = [subset for size in range(1, degree + 1) for subset in combinations(range(n), size)]
    columns = np.empty((rows, len(subsets)), np.float32, order="F")
    place = {subset: j for j, subset in enumerate(subsets)}
    for j, subset in enumerate(subsets):  # a parity is a smaller one times one unit
        if len(subset) == 1:
            columns[:, j] = signs[:, subset[0]]
        else:
            np.multiply(columns[:, place[subset[:-1]]], signs[:, subset[-1]], out=columns[:, j])
    kept = []
    for j in range(len(subsets)):
        mean = float(columns[:, j].mean())
        if abs(mean) < 1.0:
            columns[:, j] -= mean
            kept.append(j)
    if len(kept) < len(subsets):
        columns, subsets = columns[:, kept], [subsets[j] for j in kept]
    y = np.asarray(problem.target[:rows], float)
    return columns, y - y.mean(), subsets


SKLEARN: tuple[Method, ...] = (
    Lasso("lasso", "Lasso on products (scikit-learn)"),
    MatchingPursuit("omp", "Orthogonal matching pursuit (scikit-learn)"),
    LassoByFolds("lasso_cv", "Lasso, not told how many: five folds (scikit-learn)"),
    PursuitByFolds("omp_cv", "Matching pursuit, not told how many: five folds (scikit-learn)"),
    PursuitByBic("omp_bic", "Matching pursuit, not told how many: extended BIC (scikit-learn)"),
)
