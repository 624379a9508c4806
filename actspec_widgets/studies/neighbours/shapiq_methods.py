"""Shapley values and interactions: shapiq (Muschalik et al. 2024), exact and estimated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import isabstract, signature
from typing import Any, ClassVar

from ...patterns.cube import Subset
from ..methods import Found, Problem
from .common import Game, Neighbour, fourier_of_faithful, largest, order_within

_MOST_EXACT_UNITS = 12  # 2^n values; more take minutes and more queries than there are samples


@dataclass(frozen=True)
class Exact(Neighbour):
    """An index computed from all ``2^n`` values.

    ``index``: "SV" (Shapley values, single units), "SII" (Shapley interactions up to the true size, which named twice
    as many true subsets as the library's default "k-SII") or "FBII" (Faith-Banzhaf, whose Fourier coefficients are
    read off: the kindest index to this task).
    """

    library: ClassVar[str] = "shapiq"
    index: str = "SII"

    def refuses(self, problem: Problem) -> str | None:
        n = problem.patterns.n_units
        if n > _MOST_EXACT_UNITS:
            return f"{self.name} asks for all 2^{n} values; it is run up to 2^{_MOST_EXACT_UNITS}"
        return super().refuses(problem)

    def search(self, problem: Problem) -> Found:
        import shapiq

        n, game = problem.patterns.n_units, Game(problem.query)
        order = 1 if self.index == "SV" else problem.max_degree
        index: Any = self.index
        values = shapiq.ExactComputer(n_players=n, game=game)(index, order)
        return _found(values, problem, game, self.index)


@dataclass(frozen=True)
class Estimated(Neighbour):
    """An estimate of an index with as many queries as there are samples.

    The order is the largest, up to the true size and ``most_order``, whose number of subsets is at most
    ``terms_per_query`` times the queries: with more terms than values the regressions found nothing. SVARM-IQ stays at
    pairs, since triples of 20 units took it 156 s, and permutations too, since with triples they were less right.
    """

    library: ClassVar[str] = "shapiq"
    estimator: str = "KernelSHAPIQ"
    index: str = "SII"
    most_order: int = 5
    terms_per_query: float = 0.25

    def search(self, problem: Problem) -> Found:
        import shapiq

        n, game, budget = problem.patterns.n_units, Game(problem.query), problem.patterns.n_samples
        order = order_within(n, min(problem.max_degree, self.most_order), budget * self.terms_per_query)
        given: dict[str, Any] = {"n": n, "random_state": problem.seed}
        if self.index != "SV":
            given["max_order"] = order
        if self.index in ("SII", "k-SII"):
            given["index"] = self.index
        values = getattr(shapiq, self.estimator)(**given).approximate(budget, game)
        return _found(values, problem, game, self.index)


@dataclass(frozen=True)
class Spex(Neighbour):
    """SPEX (Kang et al. 2025): a coded sparse Fourier transform.

    The hard decoder was as right as the soft one and five times as fast; the code is built for the true size. Though it
    is given a random state, its coefficients differ a little from run to run; the subsets did not.
    """

    library: ClassVar[str] = "shapiq"

    def search(self, problem: Problem) -> Found:
        import shapiq

        if isabstract(shapiq.SPEX):  # what shapiq puts in its place without the libraries it needs
            raise ImportError("SPEX needs more of shapiq; pip install 'shapiq[sparse]'")
        degree = problem.max_degree
        return _sparse(
            lambda n: shapiq.SPEX(
                n=n,
                index="FBII",
                max_order=degree,
                random_state=problem.seed,
                decoder_type="hard",
                degree_parameter=max(2, degree),
            ),
            problem,
        )


@dataclass(frozen=True)
class ProxySpex(Neighbour):
    """ProxySPEX (Butler et al. 2025): Fourier coefficients of boosted trees fitted to queries.

    Below 100 units the trees are the largest of its own grid (depth 5, 1,000 trees, rate 0.1): with 30 units they
    recalled 0.88 of the subsets where smaller ones recalled 0.5 to 0.75, in 35 to 59 s against 1 to 3 s. More units
    make them too slow for a minute. With 100 units (sizes up to three, 5,000 queries, noise 0.5, three problems) 300
    trees of depth 5 had F1 1.00 in 4 to 12 s; 100 of them 0.83, 300 of depth 3 0.86, 600 of depth 5 1.00 in up to 28 s.
    With 300 units (sizes up to four) 100 trees of depth 5 were not done in 5 minutes; 300 of depth 3 had 0.50 in 1 to
    4 s, as had 600 and 1,000 of them and 100 of depth 4, in up to 17, 90 and 7 s, and 50 of depth 5 had 0.46. They are
    fixed, since its search over eight such models would take eight times five fits.
    """

    library: ClassVar[str] = "shapiq"

    def search(self, problem: Problem) -> Found:
        import shapiq

        trees = proxy_trees(problem.patterns.n_units)

        def make(n):
            given: dict[str, Any] = {"n": n, "index": "FBII", "max_order": problem.max_degree}
            if "proxy_model" in signature(shapiq.ProxySPEX).parameters:
                from lightgbm import LGBMRegressor

                model = LGBMRegressor(**trees, random_state=problem.seed, n_jobs=1, verbose=-1)
                return shapiq.ProxySPEX(**given, random_state=problem.seed, proxy_model=model)
            made: Any = shapiq.ProxySPEX(**given, random_state=problem.seed)  # shapiq before 1.8, for Python 3.11
            made.decoder_args = {name: [value] for name, value in trees.items()}
            return made

        return _sparse(make, problem)


def proxy_trees(n: int) -> dict[str, Any]:
    """Settings of ProxySPEX's trees for ``n`` units; the class has what was measured."""
    depth = 5 if n < 300 else 3
    return {"max_depth": depth, "n_estimators": 1000 if n < 100 else 300, "learning_rate": 0.1}


def _sparse(make: Callable[[int], Any], problem: Problem) -> Found:
    game, budget = Game(problem.query), problem.patterns.n_samples
    values = make(problem.patterns.n_units).approximate(budget, game)
    return _found(values, problem, game, "FBII")


def _found(values: Any, problem: Problem, game: Game, index: str) -> Found:
    scores: dict[Subset, float] = {tuple(sorted(map(int, s))): float(v) for s, v in values.dict_values.items()}
    if index == "FBII":
        scores = fourier_of_faithful(scores)
    elif index == "SV":
        scores = {subset: value for subset, value in scores.items() if len(subset) == 1}
        units = range(problem.patterns.n_units)
        importances = tuple(scores.get((unit,), 0.0) for unit in units)
        return replace(largest(scores, problem, game.queries), importances=importances)
    return largest(scores, problem, game.queries)


@dataclass(frozen=True)
class ExactImportance(Exact):
    coefficients: ClassVar[bool] = False


@dataclass(frozen=True)
class EstimatedImportance(Estimated):
    coefficients: ClassVar[bool] = False


SHAPIQ: tuple[Neighbour, ...] = (
    ExactImportance("shapley_exact", index="SV"),
    ExactImportance("shapley_interactions_exact", index="SII"),
    Exact("banzhaf_interactions_exact", index="FBII"),
    EstimatedImportance("kernel_shap", estimator="KernelSHAP", index="SV"),
    EstimatedImportance("permutation_shapley", estimator="PermutationSamplingSV", index="SV"),
    EstimatedImportance("kernel_shap_iq", estimator="KernelSHAPIQ", index="SII", most_order=3),
    EstimatedImportance("permutation_interactions", estimator="PermutationSamplingSII", index="SII", most_order=2),
    EstimatedImportance("svarm_iq", estimator="SVARMIQ", index="SII", most_order=2),
    Estimated("banzhaf_regression", estimator="RegressionFBII", index="FBII", most_order=5),
    Spex("spex"),
    ProxySpex("proxy_spex"),
)
