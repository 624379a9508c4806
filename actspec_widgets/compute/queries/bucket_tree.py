"""One level of the Goldreich-Levin tree: how many queries it needs, and the weights of all its buckets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import subset_of
from ..kernels import kernel
from ..transform.wht import walsh_hadamard
from .queries import MeteredQuery, default_batch, random_bits, signs_of
from .remainder import Remainder, mean_limit

_MOST_UNITS = 14  # decided in one level: a table of 2^14 weights for each bucket stays in cache
_TABLE_ENTRIES = 1 << 26  # of all buckets of a level together
_QUIET = 6.0  # standard errors from an empty bucket to the threshold: keeps the tree narrow, not for the promise


@dataclass(frozen=True)
class TreePlan:
    """Queries that the promise takes.

    Attributes
    ----------
    levels, units : int
        Levels of the tree, units decided in each.
    clusters, cluster : int
        In each level, ``clusters`` draws of the undecided units, each asked with ``cluster`` draws of the others.
    threshold : float
        A bucket survives at this estimated weight, in squared units of f.
    final : int
        Uniform points that measure the coefficients in the end.
    """

    levels: int
    units: int
    clusters: int
    cluster: int
    threshold: float
    final: int

    @property
    def queries(self) -> int:
        return self.levels * self.clusters * self.cluster + self.final


def plan_tree(n_units: int, tau: float, delta: float, bound: float, power: float) -> TreePlan:
    """The cheapest plan that keeps every bucket with a coefficient of ``tau``, except with probability ``delta``.

    Parameters
    ----------
    bound, power : float
        ``|f| <= bound`` and ``E[f^2] <= power``.

    Notes
    -----
    For one draw z of the undecided units, k draws y of the others give the unbiased estimate
    ``T = ((sum_i g_i)^2 - sum_i g_i^2) / (k (k - 1))`` of the squared inner mean, ``g_i = f(y_i, z) chi_S(y_i)``:
    the mean over all k (k - 1) / 2 pairs. With ``W = E T`` its variance is at most
    ``bound^2 (W (1 + 4 (k - 2) / (k (k - 1))) + 2 power / (k (k - 1)))``, and ``T >= -bound^2 / (k - 1)``.
    Bernstein's inequality then bounds the chance that the mean of ``clusters`` draws falls from ``W >= tau^2`` below
    the threshold, and the bound is largest at ``W = tau^2``. By Parseval at most ``power / tau^2`` coefficients are
    that large, each in one bucket of a level.
    """
    large = max(1.0, power / tau**2)
    best: TreePlan | None = None
    for share in (0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        threshold, gap = share * tau**2, (1.0 - share) * tau**2
        widest = math.ceil(2.0 * power / threshold)
        units = min(n_units, _MOST_UNITS, max(1, (_TABLE_ENTRIES // widest).bit_length() - 1))
        levels = math.ceil(n_units / units)
        units = math.ceil(n_units / levels)
        odds = math.log(max(2.0, 2.0 * levels * large / delta))
        for k in range(2, 65):
            pairs = k * (k - 1)
            variance = bound**2 * (tau**2 * (1.0 + 4.0 * (k - 2) / pairs) + 2.0 * power / pairs)
            fall = tau**2 + bound**2 / (k - 1)
            kept = 2.0 * odds * (variance / gap**2 + fall / (3.0 * gap))
            quiet = 2.0 * (power * _QUIET / threshold) ** 2 / pairs
            clusters = math.ceil(max(kept, quiet, 2.0))
            if best is None or levels * clusters * k < best.queries - best.final:
                best = TreePlan(levels, units, clusters, k, threshold, final_queries(tau, delta, bound, power, widest))
    assert best is not None
    return best


def final_queries(tau: float, delta: float, bound: float, power: float, candidates: int) -> int:
    """Uniform points that put every candidate within ``tau / 4``, but for a chance of ``delta / 8`` (Bernstein)."""
    odds = math.log(16.0 * max(1, candidates) / delta)
    step = tau / 4.0
    return math.ceil(2.0 * odds * (power + 2.0 * bound * step / 3.0) / step**2)


def power_limit(values: NDArray[np.float64], bound: float, delta: float) -> float:
    """An upper limit of ``E[f^2]``, ``|f| <= bound``, that holds except with probability ``delta``."""
    return mean_limit(np.square(values).clip(max=bound**2), bound**2, delta)


class Level:
    """Buckets that agree on the first ``decided`` units, split by every subset of the next ``units``."""

    def __init__(self, buckets: list[tuple[int, ...]], decided: int, units: int, n_units: int) -> None:
        entries = len(buckets) << units
        if entries > 2 * _TABLE_ENTRIES:
            raise MemoryError(
                f"{len(buckets):,} buckets of 2^{units} weights would take "
                f"{entries * 8 / 2**30:.1f} GiB; raise tau, which leaves fewer"
            )
        self.buckets, self.decided, self.units, self.n_units = buckets, decided, units, n_units
        self.pairs = np.zeros((len(buckets), 1 << units))
        self.named = sorted({i for subset in buckets for i in subset})
        self.clusters = 0
        self.cut_off = 0.0

    def ask(
        self,
        query: MeteredQuery,
        clusters: int,
        cluster: int,
        rng: np.random.Generator,
        remainder: Remainder,
    ) -> None:
        """Draw ``clusters`` clusters of what is left; the same values serve every bucket."""
        step = max(1, default_batch(self.n_units) // cluster)  # whatever batch_size: the same draws for a seed
        redrawn = self.decided + self.units
        for start in range(0, clusters, step):
            count = min(step, clusters - start)
            bits = random_bits((count, cluster, self.n_units), rng)
            bits[:, :, redrawn:] = bits[:, :1, redrawn:]
            rows = bits.reshape(count * cluster, self.n_units)

            def points(a: int, b: int, rows=rows) -> NDArray[np.int8]:
                return signs_of(rows[a:b])

            values = remainder.of(signs_of(rows), query.evaluate_many(len(rows), points))
            clipped = values.clip(-remainder.cut, remainder.cut)
            self.cut_off += float(np.abs(values - clipped).sum())
            self._fold(rows, clipped, cluster)
            self.clusters += count

    def _fold(self, rows, values, cluster):
        code = rows[:, self.decided : self.decided + self.units].astype(np.int64) @ (1 << np.arange(self.units))
        code = code.reshape(-1, cluster)
        planes = dict(zip(self.named, np.packbits(rows[:, self.named].T, axis=1), strict=True))
        for subset, sums in zip(self.buckets, self.pairs, strict=True):
            signed = values
            if subset:
                parity = np.bitwise_xor.reduce([planes[i] for i in subset], axis=0)
                signed = np.where(np.unpackbits(parity, count=len(values)).view(bool), -values, values)
            _add_pairs(signed.reshape(-1, cluster), code, sums)

    def survivors(self, cluster: int, threshold: float, max_degree: int | None) -> list[tuple[int, ...]]:
        """The children whose estimated weight reaches ``threshold``."""
        scale = self.pairs.shape[1] / (self.clusters * cluster * (cluster - 1) / 2.0)
        children = []
        for subset, sums in zip(self.buckets, self.pairs, strict=True):
            weights = walsh_hadamard(sums) * scale
            for mask in np.flatnonzero(weights >= threshold).tolist():
                child = subset + tuple(self.decided + i for i in subset_of(mask))
                if max_degree is None or len(child) <= max_degree:
                    children.append(child)
        return children


@kernel
def _add_pairs(values, code, sums):
    """Add each pair's product of values to the entry of ``sums`` that holds the exclusive or of its codes."""
    clusters, cluster = values.shape
    for z in range(clusters):
        for i in range(1, cluster):
            for j in range(i):
                sums[code[z, i] ^ code[z, j]] += values[z, i] * values[z, j]
