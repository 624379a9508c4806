"""Attributions to single units: captum (Kokhlikyan et al. 2020), on the function as a torch module."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from .base import Found, Method, Problem
from .shared import Game, largest


@dataclass(frozen=True)
class _Attribution(Method):
    """Mean size of a unit's attribution over recorded samples, all units inactive being the baseline.

    As many samples are attributed as the queries allow. It can name single units only.
    """

    library: ClassVar[str] = "captum"
    steps: ClassVar[int] = 1

    @property
    def coefficients(self) -> bool:
        return False

    def load(self) -> None:
        super().load()
        importlib.import_module("captum.attr")

    def search(self, problem: Problem) -> Found:
        game = Game(problem)
        n, budget = problem.patterns.n_units, problem.patterns.n_samples
        cost = (n + 1) * self.steps
        rng = np.random.default_rng(problem.seed)
        count = max(1, min(problem.patterns.n_samples, budget // cost))
        rows = np.sort(rng.choice(problem.patterns.n_samples, count, replace=False))
        points = problem.patterns.signs()[rows]
        scores = np.abs(self.attribute(game, points, rng)).mean(axis=0)
        found = largest({(unit,): float(value) for unit, value in enumerate(scores)}, problem.n_subsets, game.queries)
        return replace(found, importances=tuple(scores.tolist()))

    @abstractmethod
    def attribute(self, game: Game, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One number for each point and unit, shape (k, n)."""


class IntegratedGradients(_Attribution):
    """Integrated gradients (Sundararajan, Taly, Yan 2017) of the multilinear extension of the function."""

    steps = 5  # of each path: the queries are better spent on more samples, each step being an unbiased estimate

    def attribute(self, game: Game, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        from ...networks.attribution import integrated_gradients

        return integrated_gradients(lambda x: game(x > 0), points, steps=self.steps, rng=rng)


class FeatureAblation(_Attribution):
    """Change of the value when a unit is made inactive."""

    def attribute(self, game: Game, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        from ...networks.attribution import feature_ablation

        return feature_ablation(lambda x: game(x > 0), points)


CAPTUM: tuple[Method, ...] = (
    IntegratedGradients("integrated_gradients", "Integrated gradients (captum)"),
    FeatureAblation("feature_ablation", "Feature ablation (captum)"),
)
