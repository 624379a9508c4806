"""Functions of a few units, with their exact Fourier spectra: parities, gates, trees, juntas, small networks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...compute import walsh_hadamard
from ...patterns.cube import Subset, chi, points_from_index
from . import encodings

THRESHOLD = 0.1  # a true coefficient is at least this share of the largest one
_MOST_UNITS = 16  # a whole spectrum is computed from all 2^units values

Evaluate = Callable[[NDArray[np.int8]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Function:
    """A function of ``width`` units, in ``{-1,+1}`` or real.

    Attributes
    ----------
    width : int
    evaluate : callable
        int8 points of shape (k, width) -> float64 values, shape (k,).
    spectrum : dict
        Non-empty subset -> coefficient under the uniform measure: planted parities as planted; of all others those
        at or above ``THRESHOLD`` times the largest.
    copies : int
        How many further units of the layer repeat each of these.
    """

    width: int
    evaluate: Evaluate
    spectrum: dict[Subset, float]
    copies: int = 0


def whole_spectrum(evaluate: Evaluate, width: int, threshold: float = THRESHOLD) -> dict[Subset, float]:
    """Non-empty coefficients of a function, those at or above ``threshold`` times the largest of them.

    Raises
    ------
    ValueError
        If the function has too many units, or no coefficient but the constant one.

    Examples
    --------
    >>> whole_spectrum(lambda x: 1.0 * (x[:, 0] * x[:, 1] > 0), 2)
    {(0, 1): 0.5}
    """
    if not 1 <= width <= _MOST_UNITS:
        raise ValueError(f"the function has {width} units; 1 to {_MOST_UNITS} can be tabulated here")
    points = points_from_index(np.arange(1 << width), width)
    f_hat = np.asarray(walsh_hadamard(np.asarray(evaluate(points), float)))
    f_hat[0] = 0.0
    largest = float(np.abs(f_hat).max())
    if largest < 1e-12:
        raise ValueError("the function is constant, so it has no subset to find")
    kept = np.flatnonzero(np.abs(f_hat) >= max(threshold * largest, 1e-12))
    return {tuple(i for i in range(width) if mask >> i & 1): float(f_hat[mask]) for mask in kept.tolist()}


def _tabulated(width: int, evaluate: Evaluate, copies: int = 0) -> Function:
    return Function(width, evaluate, whole_spectrum(evaluate, width), copies)


def parities(n: int, sizes: list[int], rng: np.random.Generator) -> Function:
    """A sum of distinct random parities of the given sizes, coefficients uniform on plus or minus [0.5, 1]."""
    subsets: list[Subset] = []
    for size in sizes:
        while True:
            subset = tuple(sorted(int(i) for i in rng.choice(n, size, replace=False)))
            if subset not in subsets:
                break
        subsets.append(subset)
    weights = rng.choice([-1.0, 1.0], len(sizes)) * rng.uniform(0.5, 1.0, len(sizes))

    def evaluate(points):
        return np.sum([w * chi(s, points) for s, w in zip(subsets, weights, strict=True)], axis=0)

    return Function(n, evaluate, {s: float(w) for s, w in zip(subsets, weights, strict=True)})


def _signs(truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(truth, 1.0, -1.0)


def conjunction(width: int) -> Function:
    """AND: +1 where every unit is active, else -1; every subset has the size ``2^(1 - width)``."""
    return _tabulated(width, lambda x: _signs((x == 1).all(axis=1)))


def disjunction(width: int) -> Function:
    """OR: +1 where some unit is active, else -1."""
    return _tabulated(width, lambda x: _signs((x == 1).any(axis=1)))


def majority(width: int) -> Function:
    """+1 where most units are active; one unit more is taken where the number is even."""
    return _tabulated(width | 1, lambda x: _signs(x.sum(axis=1, dtype=int) > 0))


def address(bits: int) -> Function:
    """Multiplexer: the value of the data unit whose number the first ``bits`` units spell, inactive units being ones.

    Degree ``bits + 1``; ``bits + 2^bits`` units.
    """

    def evaluate(points):
        number = (points[:, :bits] < 0) @ (1 << np.arange(bits))
        return points[np.arange(len(points)), bits + number].astype(float)

    return _tabulated(bits + (1 << bits), evaluate)


def decision_tree(depth: int, width: int, rng: np.random.Generator) -> Function:
    """A full binary tree: each node tests a random unit that no node above it tests; sibling leaves differ in sign."""
    asked: dict[tuple[int, ...], int] = {}
    above: dict[tuple[int, ...], tuple[int, ...]] = {(): ()}
    for level in range(depth):
        for path in itertools.product((0, 1), repeat=level):
            free = [unit for unit in range(width) if unit not in above[path]]
            asked[path] = int(rng.choice(free))
            for step in (0, 1):
                above[(*path, step)] = (*above[path], asked[path])
    sign = {path: float(rng.choice([-1, 1])) for path in itertools.product((0, 1), repeat=depth - 1)}

    def say(point):
        path = ()
        while len(path) < depth:
            path = (*path, int(point[asked[path]] < 0))
        return sign[path[:-1]] * (1 - 2 * path[-1])

    table = np.array([say(p) for p in points_from_index(np.arange(1 << width), width)])
    return _tabulated(width, _lookup(table))


def junta(width: int, rng: np.random.Generator) -> Function:
    """A table of random signs that depends on each of its units."""
    while True:
        table = rng.choice([-1.0, 1.0], 1 << width)
        index = np.arange(1 << width)
        if all((table != table[index ^ (1 << unit)]).any() for unit in range(width)):
            return _tabulated(width, _lookup(table))


def _lookup(table: NDArray[np.float64]) -> Evaluate:
    width = table.size.bit_length() - 1

    def evaluate(points):
        return table[(points < 0) @ (1 << np.arange(width))]

    return evaluate


def encoded_xor(features: int, encoding: str) -> Function:
    """XOR of hidden features of a ReLU network, as a function of the units that encode them."""
    network, copies = encodings.xor_network(features, encoding)
    return _tabulated(network.n_inputs, network.logit, copies)


# Each of them from (units, size, number of terms, generator).
KINDS: dict[str, Callable[[int, int, int, np.random.Generator], Function]] = {
    "parity": lambda n, degree, terms, rng: parities(n, [degree] * terms, rng),
    "mixed": lambda n, degree, terms, rng: parities(n, [1 + i % degree for i in range(terms)], rng),
    "and": lambda n, degree, terms, rng: conjunction(degree),
    "or": lambda n, degree, terms, rng: disjunction(degree),
    "majority": lambda n, degree, terms, rng: majority(degree),
    "address": lambda n, degree, terms, rng: address(degree - 1),
    "tree": lambda n, degree, terms, rng: decision_tree(degree, 2 * degree, rng),
    "junta": lambda n, degree, terms, rng: junta(degree, rng),
    "onehot": lambda n, degree, terms, rng: encoded_xor(degree, "onehot"),
    "distributed": lambda n, degree, terms, rng: encoded_xor(degree, "distributed"),
    "superposed": lambda n, degree, terms, rng: encoded_xor(degree, "superposed"),
    "copies": lambda n, degree, terms, rng: encoded_xor(degree, "copies"),
}
