"""Shapley values and interactions: shapiq (Muschalik et al. 2024), exact and estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from inspect import isabstract, signature
from itertools import combinations
from typing import Any, ClassVar

from ...patterns.cube import Subset, count_subsets
from .base import Found, Method, Problem
from .shared import Game, largest

_MOST_EXACT_UNITS = 12  # 2^n values; more take minutes and more queries than there are samples


@dataclass(frozen=True)
class _Index(Method):
    """An interaction index of the function as a game.

    ``index``: "SV" (Shapley values, single units), "SII" (Shapley interactions up to the true size, which named twice
    as many true subsets as the library's default "k-SII") or "FBII" (Faith-Banzhaf, whose Fourier coefficients are
    read off: the kindest index to this task).
    """

    library: ClassVar[str] = "shapiq"
    index: str = "FBII"

    @property
    def coefficients(self) -> bool:
        return self.index == "FBII"

    def search(self, problem: Problem) -> Found:
        game = Game(problem)
        values = self.values(problem, game).dict_values
        scores: dict[Subset, float] = {tuple(sorted(map(int, s))): float(v) for s, v in values.items()}
        if self.index == "FBII":
            scores = fourier_of_faithful(scores)
        elif self.index == "SV":
            scores = {subset: value for subset, value in scores.items() if len(subset) == 1}
        found = largest(scores, problem.n_subsets, game.queries)
        if self.index != "SV":
            return found
        units = range(problem.patterns.n_units)
        return replace(found, importances=tuple(scores.get((unit,), 0.0) for unit in units))

    def values(self, problem: Problem, game: Game) -> Any:
        """The library's ``InteractionValues``: by default an estimate with as many queries as there are samples."""
        return self.estimator(problem).approximate(problem.patterns.n_samples, game)

    def estimator(self, problem: Problem) -> Any:
        """What estimates the index."""
        raise NotImplementedError


@dataclass(frozen=True)
class Exact(_Index):
    """An index computed from all ``2^n`` values."""

    def refuses(self, problem: Problem) -> str | None:
        n = problem.patterns.n_units
        if n > _MOST_EXACT_UNITS:
            return f"{self.name} asks for all 2^{n} values; it is run up to 2^{_MOST_EXACT_UNITS}"
        return super().refuses(problem)

    def values(self, problem: Problem, game: Game) -> Any:
        import shapiq

        index: Any = self.index
        order = 1 if index == "SV" else problem.max_degree
        return shapiq.ExactComputer(n_players=problem.patterns.n_units, game=game)(index, order)


@dataclass(frozen=True)
class Estimated(_Index):
    """An estimate by one of the library's estimators, called ``by``.

    The order is the largest, up to the true size and ``most_order``, whose number of subsets is at most a quarter of
    the queries: with more terms than values the regressions found nothing. SVARM-IQ stays at pairs, since triples of
    20 units took it 156 s, and permutations too, since with triples they were less right. PolySHAP (Fumagalli et al.
    2026) fits a polynomial of that order and gives the Shapley values of it; OddSHAP (of the same year) fits odd
    Fourier terms and gives Shapley values too.
    """

    by: str = ""
    most_order: int = 5

    def estimator(self, problem: Problem) -> Any:
        import shapiq

        if not hasattr(shapiq, self.by):
            raise ImportError(
                f"shapiq {shapiq.__version__} has no {self.by}; shapiq 1.8 has, for Python 3.12 and newer"
            )
        n, budget = problem.patterns.n_units, problem.patterns.n_samples
        given: dict[str, Any] = {"n": n, "random_state": problem.seed}
        if self.index != "SV" or self.by == "PolySHAP":
            given["max_order"] = order_within(n, min(problem.max_degree, self.most_order), budget / 4)
        if self.index == "SII":
            given["index"] = self.index
        return getattr(shapiq, self.by)(**given)


@dataclass(frozen=True)
class Spex(_Index):
    """SPEX (Kang et al. 2025): a coded sparse Fourier transform.

    The hard decoder was as right as the soft one and five times as fast; the code is built for the true size. Though it
    is given a random state, its coefficients differ a little from run to run, and under noise its subsets do.
    """

    def estimator(self, problem: Problem) -> Any:
        import shapiq

        if isabstract(shapiq.SPEX):  # what shapiq puts in its place without the libraries it needs
            raise ImportError("SPEX needs more of shapiq; pip install 'shapiq[sparse]'")
        degree = problem.max_degree
        return shapiq.SPEX(
            n=problem.patterns.n_units,
            index="FBII",
            max_order=degree,
            random_state=problem.seed,
            decoder_type="hard",
            degree_parameter=max(2, degree),
        )


@dataclass(frozen=True)
class ProxySpex(_Index):
    """ProxySPEX (Butler et al. 2025): Fourier coefficients of boosted trees fitted to queries.

    Below 100 units the trees are the largest of its own grid (depth 5, 1,000 trees, rate 0.1): with 30 units they
    recalled 0.88 of the subsets where smaller ones recalled 0.5 to 0.75, in 35 to 59 s against 1 to 3 s. More units
    make them too slow for a minute. With 100 units (sizes up to three, 5,000 queries, noise 0.5, three problems) 300
    trees of depth 5 had F1 1.00 in 4 to 12 s; 100 of them 0.83, 300 of depth 3 0.86, 600 of depth 5 1.00 in up to 28 s.
    With 300 units (sizes up to four) 100 trees of depth 5 were not done in 5 minutes; 300 of depth 3 had 0.50 in 1 to
    4 s, as had 600 and 1,000 of them and 100 of depth 4, in up to 17, 90 and 7 s, and 50 of depth 5 had 0.46. They are
    fixed, since its search over eight such models would take eight times five fits.
    """

    def estimator(self, problem: Problem) -> Any:
        import shapiq

        n = problem.patterns.n_units
        trees = {"max_depth": 5 if n < 300 else 3, "n_estimators": 1000 if n < 100 else 300, "learning_rate": 0.1}
        given: dict[str, Any] = {"n": n, "index": "FBII", "max_order": problem.max_degree, "random_state": problem.seed}
        if "proxy_model" in signature(shapiq.ProxySPEX).parameters:
            from lightgbm import LGBMRegressor

            model = LGBMRegressor(**trees, random_state=problem.seed, n_jobs=1, verbose=-1)
            return shapiq.ProxySPEX(**given, proxy_model=model)
        made: Any = shapiq.ProxySPEX(**given)  # shapiq before 1.8, for Python 3.11
        made.decoder_args = {name: [value] for name, value in trees.items()}
        return made


def fourier_of_faithful(values: Mapping[Subset, float]) -> dict[Subset, float]:
    """Fourier coefficients of the polynomial ``sum a_T prod_{i in T} z_i`` with ``z_i = (1 + x_i) / 2``.

    A Faith-Banzhaf index is such a polynomial, the best of its degree under the uniform measure (Tsai, Yeh, Ravikumar
    2023): its Fourier coefficients are then those of the function up to that degree.

    Examples
    --------
    >>> fourier_of_faithful({(0, 1): 4.0})
    {(): 1.0, (0,): 1.0, (1,): 1.0, (0, 1): 1.0}
    """
    out: dict[Subset, float] = {}
    for subset, value in values.items():
        share = value / 2 ** len(subset)
        for size in range(len(subset) + 1):
            for part in combinations(subset, size):
                out[part] = out.get(part, 0.0) + share
    return out


def order_within(n: int, degree: int, most: float) -> int:
    """The largest order, 1 at least and ``degree`` at most, with at most ``most`` subsets."""
    return max([1, *(k for k in range(1, min(degree, n) + 1) if count_subsets(n, k) <= most)])


SHAPIQ: tuple[Method, ...] = (
    Exact("shapley_exact", "Shapley values, exact (shapiq)", "SV"),
    Exact("shapley_interactions_exact", "Shapley interactions, exact (shapiq)", "SII"),
    Exact("banzhaf_interactions_exact", "Faith-Banzhaf interactions, exact (shapiq)", "FBII"),
    Estimated("kernel_shap", "Kernel SHAP (shapiq)", "SV", by="KernelSHAP"),
    Estimated("permutation_shapley", "Shapley values by permutations (shapiq)", "SV", by="PermutationSamplingSV"),
    Estimated("poly_shap", "PolySHAP (shapiq)", "SV", by="PolySHAP"),
    Estimated("odd_shap", "OddSHAP (shapiq)", "SV", by="OddSHAP"),
    Estimated("kernel_shap_iq", "KernelSHAP-IQ (shapiq)", "SII", by="KernelSHAPIQ", most_order=3),
    Estimated(
        "permutation_interactions", "Shapley interactions by permutations (shapiq)", "SII",
        by="PermutationSamplingSII", most_order=2,
    ),
    Estimated("svarm_iq", "SVARM-IQ (shapiq)", "SII", by="SVARMIQ", most_order=2),
    Estimated("banzhaf_regression", "Faith-Banzhaf by regression (shapiq)", "FBII", by="RegressionFBII"),
    Spex("spex", "SPEX (shapiq)"),
    ProxySpex("proxy_spex", "ProxySPEX (shapiq)"),
)  # fmt: skip
