"""What is read off one layer: how redundant its units are, and the collection of subsets for a target."""

from __future__ import annotations

import time
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ...compute import activation_spectroscopy, stability
from ...compute.means import signed_totals
from ...patterns import Patterns
from ...results import Spectrum
from ...results.weights import explained_by_first
from ..study import Row

LEVELS = (0.5, 0.7, 0.8)  # shares of the target's variance for which subsets are counted
OWN_SHARE = 0.8  # of what a collection explains


class Layer:
    """Patterns of one layer on digits that the network was not trained on."""

    def __init__(self, patterns: Patterns, seed: int):
        self.patterns, self.seed = patterns, seed

    def collection(self, y: NDArray[np.float64], search: str, max_degree: int, top: int) -> Row:
        """One run of the method, and the numbers read off it."""
        start = time.perf_counter()
        spectrum = activation_spectroscopy(
            self.patterns, y, max_degree=max_degree, top=top, search=search, halves=0, seed=self.seed
        )
        return {
            "search": search,
            "max_degree": max_degree,
            "target_variance": float(np.var(y)),
            **numbers(spectrum, max_degree),
            "time_s": time.perf_counter() - start,
        }

    def stability(self, y: NDArray[np.float64], max_degree: int, top: int, resamples: int) -> Row:
        """Mean share of half-samples in which a subset, or one that says nearly the same, returns."""
        if not resamples:
            return {}
        spectrum = activation_spectroscopy(
            self.patterns, y, max_degree=max_degree, top=top, search="exhaustive", halves=0, seed=self.seed
        )
        returned = stability(self.patterns, y, spectrum, pairs=max(resamples // 2, 1), seed=self.seed).returned
        return {"stability": float(returned.mean()) if len(returned) else None}

    def units(self) -> Row:
        """How many units there are, and how strongly any two of them are correlated."""
        upper = np.triu_indices(len(self._varying), 1)
        means, products = self._moments
        spread = np.sqrt(1 - means**2)
        correlation = (products - np.outer(means, means)) / np.outer(spread, spread)
        return {
            "units": self.patterns.n_units,
            "constant_units": self.patterns.n_units - len(self._varying),
            "unit_correlation": float(np.abs(correlation[upper]).mean()),
            "unit_rho": float(np.abs(products[upper]).mean()),
        }

    @cached_property
    def _varying(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.abs(_sums(self.patterns, [(i,) for i in range(self.patterns.n_units)])) < 1)

    @cached_property
    def _moments(self):
        """Means of the varying units, and of their products."""
        varying = self.patterns.select(self._varying)
        n = varying.n_units
        products = np.eye(n)
        products[np.triu_indices(n, 1)] = _sums(varying, list(combinations(range(n), 2)))
        return _sums(varying, [(i,) for i in range(n)]), products + products.T - np.eye(n)


def _sums(patterns: Patterns, subsets) -> NDArray[np.float64]:
    return signed_totals(patterns, subsets, np.ones(patterns.n_samples))[:, 0] / patterns.n_samples


def numbers(spectrum: Spectrum, max_degree: int) -> Row:
    """A collection as one row; None where it is empty or does not reach a level.

    Parameters
    ----------
    spectrum : Spectrum
    max_degree : int
        Weights are given for degrees 1 to this.

    Returns
    -------
    dict
        ``subsets_for_50`` and so on: how many subsets, in the order in which they were chosen, explain that share
        (in %) of the target's variance on the estimate part; ``size_for_50``: their mean size. ``..._own``: for
        80 % of what the whole collection explains. ``weight_k``: squared coefficients of degree k, squared units of
        the target.
    """
    sizes = np.array([len(s) for s in spectrum.subsets], dtype=np.float64)
    explained = explained_by_first(spectrum.gains, spectrum.n_samples)
    row: Row = {
        "subsets": len(spectrum),
        "explained_variance": spectrum.explained_variance,
        "explained_variance_error": spectrum.explained_variance_error,
        "examined": spectrum.coverage.examined,
    }
    goals = {f"{level:.0%}".rstrip("%"): level for level in LEVELS}
    goals["own"] = OWN_SHARE * float(explained[-1]) if len(sizes) else np.inf
    for name, goal in goals.items():
        reached = np.flatnonzero(explained >= goal)
        count = int(reached[0]) + 1 if reached.size else None
        row[f"subsets_for_{name}"] = count
        row[f"size_for_{name}"] = float(sizes[:count].mean()) if count else None
    weights = spectrum.degree_weights(max_degree)
    read = spectrum.summary_numbers()
    row |= {f"weight_{degree}": float(weights[degree]) for degree in range(1, max_degree + 1)}
    return row | {
        "mean_size": float(sizes.mean()) if len(sizes) else None,
        "effective_degree": float(read["effective_degree"].value),
        "effective_number": float(read["effective_number"].value),
        "subset_redundancy": float(read["redundancy"].value),
        "equivalents_per_subset": float(np.mean([len(e) for e in spectrum.equivalents])) if len(sizes) else None,
    }
