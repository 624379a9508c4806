"""Boosted additive models with detection of pairs: interpret (Nori et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...patterns.cube import Subset
from .base import Found, Method, Problem
from .shared import distinct, in_problem, largest


@dataclass(frozen=True)
class Fast(Method):
    """FAST (Lou et al. 2013) on the residual of single units, as many pairs as there are true subsets.

    Without a linear model of the single units before it, pairs that hold a strong unit fill the list. Units and pairs
    are then ranked by one least squares fit. It finds no subset of three or more.
    """

    library: ClassVar[str] = "interpret"
    access: ClassVar[str] = "samples"

    def search(self, problem: Problem) -> Found:
        from interpret.utils import measure_interactions

        signs, units = distinct(problem)
        x, y = signs.astype(float), np.asarray(problem.target, float)
        ones = np.ones((len(x), 1))
        mains, *_ = np.linalg.lstsq(np.hstack([ones, x]), y, rcond=None)
        left = np.hstack([ones, x]) @ mains
        subsets: list[Subset] = [(i,) for i in range(x.shape[1])]
        if problem.max_degree > 1 and x.shape[1] > 1:
            ranked = measure_interactions(x, y, interactions=problem.n_subsets, init_score=left, objective="rmse")
            subsets += [tuple(sorted(int(i) for i in pair)) for pair, _ in ranked]
        columns = np.column_stack([ones, *(x[:, s].prod(axis=1) for s in map(list, subsets))])
        weights, *_ = np.linalg.lstsq(columns, y, rcond=None)
        found = largest({s: float(v) for s, v in zip(subsets, weights[1:], strict=True)}, problem.n_subsets)
        return in_problem(found, units)


@dataclass(frozen=True)
class BoostingMachine(Method):
    """An explainable boosting machine with as many pairs as there are true subsets; four outer bags.

    Its tables are read as Fourier coefficients of one and two units. It finds no subset of three or more.
    """

    library: ClassVar[str] = "interpret"
    access: ClassVar[str] = "samples"

    def search(self, problem: Problem) -> Found:
        from interpret.glassbox import ExplainableBoostingRegressor

        signs, units = distinct(problem)
        x, y = signs.astype(float), np.asarray(problem.target, float)
        pairs = problem.n_subsets if problem.max_degree > 1 and x.shape[1] > 1 else 0
        model = ExplainableBoostingRegressor(interactions=pairs, outer_bags=4, n_jobs=1, random_state=problem.seed)
        model.fit(x, y)
        values: dict[Subset, float] = {}
        for features, scores in zip(model.term_features_, model.term_scores_, strict=True):
            inner = np.asarray(scores)[(slice(1, -1),) * len(features)]  # the ends are for missing and unknown values
            sign = np.array([-0.5, 0.5])
            for _ in features:
                inner = np.tensordot(inner, sign, axes=(0, 0))
            values[tuple(sorted(int(i) for i in features))] = float(inner)
        return in_problem(largest(values, problem.n_subsets), units)


INTERPRET: tuple[Method, ...] = (
    Fast("fast", "FAST pairs (interpret)"),
    BoostingMachine("boosting_machine", "Explainable boosting machine (interpret)"),
)
