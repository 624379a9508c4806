"""Attributions to single units: captum (Kokhlikyan et al. 2020), on the function as a torch module."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..methods import Found, Problem
from .common import Game, Neighbour, largest

_STEPS = 5  # of each path: the queries are better spent on more samples, each step being an unbiased estimate


@dataclass(frozen=True)
class _Attribution(Neighbour):
    """Mean size of a unit's attribution over recorded samples, all units inactive being the baseline.

    As many samples are attributed as the queries allow. It can name single units only.
    """

    library: ClassVar[str] = "captum"
    coefficients: ClassVar[bool] = False

    def search(self, problem: Problem) -> Found:
        game = Game(problem.query)
        n, budget = problem.patterns.n_units, problem.patterns.n_samples
        cost = (n + 1) * (_STEPS if self.name == "integrated_gradients" else 1)
        rng = np.random.default_rng(problem.seed)
        count = max(1, min(problem.patterns.n_samples, budget // cost))
        rows = np.sort(rng.choice(problem.patterns.n_samples, count, replace=False))
        points = problem.patterns.signs()[rows]
        scores = np.abs(self.attribute(game, points, rng)).mean(axis=0)
        found = largest({(unit,): float(value) for unit, value in enumerate(scores)}, problem, game.queries)
        return replace(found, importances=tuple(scores.tolist()))

    def attribute(self, game: Game, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        raise NotImplementedError


class IntegratedGradients(_Attribution):
    """Integrated gradients (Sundararajan, Taly, Yan 2017) of the multilinear extension of the function."""

    def attribute(self, game: Game, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        from ...networks.attribution import integrated_gradients

        return integrated_gradients(lambda x: game(x > 0), points, steps=_STEPS, rng=rng)


class FeatureAblation(_Attribution):
    """Change of the value when a unit is made inactive."""

    def attribute(self, game: Game, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        from ...networks.attribution import feature_ablation

        return feature_ablation(lambda x: game(x > 0), points)


CAPTUM: tuple[Neighbour, ...] = (IntegratedGradients("integrated_gradients"), FeatureAblation("feature_ablation"))
