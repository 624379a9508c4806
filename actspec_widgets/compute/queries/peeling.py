"""Peeling: read subsets off buckets, let other groups confirm them, subtract them, and read again."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..dense import inverse, times
from .hashing import HashGroup
from .subset_code import Bits

_ACCEPT = 4.0  # standard errors at which a subset enters; the final list is tested again, corrected for all tries
_ROUNDS = 100
_RIDGE = 1e-12  # two subsets that every shift shows alike share one coefficient instead of dividing by zero
_EVEN = 1e-3  # chance that pure noise passes for a bucket with something left in it


class Peeler:
    """The subsets found so far and what each group's buckets still hold.

    Attributes
    ----------
    subsets : ndarray of uint8, shape (k, n)
    coefficients, standard_errors : ndarray, shape (k,)
    noise : float
        Standard deviation of one evaluation around the found part.
    even : bool
        Whether what is left looks like noise: spread evenly over all buckets.
    variance : float
        Of the evaluations so far.
    visible : float
        A coefficient of this size, alone in its buckets, would make the rest uneven.
    """

    def __init__(self, n_units: int, noise: float | None) -> None:
        self.groups: list[HashGroup] = []
        self.residuals: list[NDArray[np.float64]] = []
        self.subsets: Bits = np.zeros((0, n_units), dtype=np.uint8)
        self.sources = np.zeros(0, dtype=np.intp)
        self.coefficients = np.zeros(0)
        self.standard_errors = np.zeros(0)
        self.told_noise = noise
        self.tried: set[bytes] = set()
        self.noise, self.even, self.visible, self.floor, self.variance = math.nan, False, math.inf, 0.0, 0.0

    @property
    def evaluations(self) -> int:
        return sum(group.queries for group in self.groups)

    def add(self, group: HashGroup, rounding: float) -> None:
        """One more group; residuals below ``rounding``, a share of the values, are no noise."""
        self.groups.append(group)
        power = sum(float(np.square(g.values).sum()) * g.buckets for g in self.groups) / self.evaluations
        mean = sum(float(g.values[:, 0].sum()) * g.buckets for g in self.groups) / self.evaluations
        self.floor = rounding * math.sqrt(power)
        self.variance = max(0.0, power - mean**2)
        self._fit()

    def peel(self) -> None:
        """Read, confirm and subtract until nothing new is confirmed."""
        dropped: set[bytes] = set()
        for _ in range(_ROUNDS):
            fresh, sources = self._propose(dropped)
            confirmed = self._confirmed(fresh, sources, _ACCEPT)
            if not confirmed.any():
                return
            self.subsets = np.concatenate([self.subsets, fresh[confirmed]])
            self.sources = np.concatenate([self.sources, sources[confirmed]])
            self._fit()
            kept = np.abs(self.coefficients) > 2.0 * self.standard_errors
            if not kept.all():
                dropped.update(bits.tobytes() for bits in np.packbits(self.subsets[~kept], axis=1))
                self.keep(kept)

    def prune(self, alpha: float) -> None:
        """Drop what the other groups do not confirm at level ``alpha``, corrected for all subsets tried."""
        while len(self.subsets):
            threshold = NormalDist().inv_cdf(1.0 - alpha / (2.0 * max(1, len(self.tried))))
            kept = self._confirmed(self.subsets, self.sources, threshold, own=True)
            kept &= np.abs(self.coefficients) > threshold * self.standard_errors
            if kept.all():
                return
            self.keep(kept)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the other subsets."""
        self.subsets, self.sources = self.subsets[kept], self.sources[kept]
        self._fit()

    def _propose(self, dropped):
        known = dropped | {bits.tobytes() for bits in np.packbits(self.subsets, axis=1)}
        fresh, sources = [], []
        for g, (group, residual) in enumerate(zip(self.groups, self.residuals, strict=True)):
            energy = np.square(residual).mean(axis=0) * group.buckets
            for bits in group.read(residual, np.flatnonzero(energy > self.floor**2)):
                key = np.packbits(bits).tobytes()
                if key not in known:
                    known.add(key)
                    self.tried.add(key)
                    fresh.append(bits)
                    sources.append(g)
        n = self.subsets.shape[1]
        return np.array(fresh, dtype=np.uint8).reshape(-1, n), np.array(sources, dtype=np.intp)

    def _confirmed(self, subsets, sources, threshold, own=False):
        """Whether the groups that did not propose a subset confirm it."""
        total, weight = np.zeros(len(subsets)), np.zeros(len(subsets))
        for g, (group, residual) in enumerate(zip(self.groups, self.residuals, strict=True)):
            bucket, signs = group.locate(subsets)
            seen = residual[:, bucket].T
            if own:
                seen = seen + self.coefficients[:, None] * signs
            mean = (seen * signs).mean(axis=1)
            spread = (np.square(seen).mean(axis=1) - np.square(mean)).clip(min=self.floor**2 / group.buckets)
            precision = np.where(sources == g, 0.0, (seen.shape[1] - 1) / spread)
            total += precision * mean
            weight += precision
        return np.abs(total) > threshold * np.sqrt(weight)

    def _fit(self):
        """Weighted least squares of all found subsets on all buckets, and the noise that remains."""
        k = len(self.subsets)
        places = [group.locate(self.subsets) for group in self.groups]
        if k == 0:
            self.coefficients = self.standard_errors = np.zeros(0)
            self._settle(places)
            return
        variances = [np.full(group.buckets, 1.0 / group.buckets) for group in self.groups]
        for _ in range(3):  # buckets that still hold something unexplained count for less each time
            gram, moment = np.zeros((k, k)), np.zeros(k)
            for group, (bucket, signs), variance in zip(self.groups, places, variances, strict=True):
                weight = 1.0 / variance[bucket]
                together = bucket[:, None] == bucket
                gram += (signs @ signs.T) * together * weight
                moment += (signs * group.values[:, bucket].T).sum(axis=1) * weight
            # Clean buckets can weigh 10^18 times what shared ones do: scaled, no subset is lost to rounding.
            scale = np.sqrt(np.outer(gram.diagonal(), gram.diagonal()))
            covariance = inverse(gram / scale + _RIDGE * np.eye(k)) / scale
            self.coefficients = times(covariance, moment)
            rest = moment - times(gram, self.coefficients)
            self.coefficients += times(covariance, rest)  # undoes the ridge
            variances = self._settle(places)
        self.standard_errors = np.sqrt(covariance.diagonal().clip(min=0.0))

    def _settle(self, places):
        """Residuals of every group; the noise level; the variance of each bucket's entries."""
        self.residuals = []
        energies, sizes = [], []
        for group, (bucket, signs) in zip(self.groups, places, strict=True):
            explained = np.zeros((group.buckets, len(group.shifts)))
            np.add.at(explained, bucket, self.coefficients[:, None] * signs)
            residual = group.values - explained.T
            self.residuals.append(residual)
            energies.append(np.square(residual).mean(axis=0) * group.buckets)
            sizes.append(np.full(group.buckets, len(group.shifts)))
        energy, size = np.concatenate(energies), np.concatenate(sizes)
        left = self.evaluations - len(self.coefficients)
        pooled = (energy * size).sum() / max(1, left)
        quiet = np.median(energy / _chi_square_share(0.5, size))
        level = max(min(pooled, quiet), self.floor**2)
        if self.told_noise is not None:
            level = max(self.told_noise**2, self.floor**2)
        limit = _chi_square_share(1.0 - _EVEN / len(energy), size)
        loud = energy > level * limit
        self.even = not loud.any()
        self.noise = math.sqrt(pooled)
        self.visible = math.sqrt(level * min((limit.min() - 1.0) / group.buckets for group in self.groups))
        return [
            np.where(e > level * _chi_square_share(0.99, np.array([len(g.shifts)])), e, level) / g.buckets
            for e, g in zip(energies, self.groups, strict=True)
        ]


def _chi_square_share(probability: float, size: NDArray) -> NDArray[np.float64]:
    """Quantile of chi-square over its degrees of freedom (Wilson & Hilferty, PNAS 17, 1931)."""
    z = NormalDist().inv_cdf(probability)
    spread = 2.0 / (9.0 * size)
    return (1.0 - spread + z * np.sqrt(spread)) ** 3
