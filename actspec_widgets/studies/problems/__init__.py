"""Problems whose answer is known: what a search for subsets should find, and in what circumstances."""

from __future__ import annotations

import numpy as np

from ...datasets.synthetic import Planted
from ...patterns import Patterns
from ...patterns.cube import Subset, chi
from ..methods import Problem
from .drawing import draw_signs, flip
from .functions import KINDS, THRESHOLD, Function

__all__ = ["KINDS", "THRESHOLD", "Function", "Truth", "as_problem", "make_problem"]

Truth = dict[Subset, float]


def make_problem(
    kind: str,
    *,
    n: int = 16,
    samples: int = 1000,
    degree: int = 3,
    terms: int = 4,
    noise: float = 0.0,
    flips: float = 0.0,
    bias: float = 0.0,
    correlation: float = 0.0,
    constants: int = 0,
    duplicates: int = 0,
    copies: int = 0,
    copy_flips: float = 0.05,
    noise_units: int = 0,
    seed: int = 0,
) -> tuple[Problem, Truth]:
    """One problem and its truth.

    Parameters
    ----------
    kind : str
        "parity": ``terms`` random parities of ``degree`` units each; "mixed": their sizes go round from 1 to
        ``degree``; both with coefficients uniform on plus or minus [0.5, 1]. Of ``degree`` units: "and", "or",
        "majority" (made odd), "junta" (random signs). "tree": depth ``degree`` among twice as many units.
        "address": ``degree - 1`` address units. XOR of ``degree`` features of a ReLU network: "onehot",
        "distributed", "superposed", "copies" (see :func:`.encodings.xor_network`).
    n : int
        Units before any are added; the function's own are random ones among them.
    samples, degree, terms : int
    noise : float
        Standard deviation of Gaussian noise on the target, and on each answer to a query.
    flips : float
        Probability that a sign is recorded wrongly, the target being that of the right ones.
    bias, correlation : float
        Mean of each unit, and correlation of each pair; see :func:`.drawing.draw_signs`.
    constants, duplicates, copies, noise_units : int
        Units added: always active; equal to one of the ``n``; equal to one of them but for a share ``copy_flips`` of
        samples; independent and balanced. They stand in random places among the others.
    seed : int
        Function, patterns, noise and additions have streams of their own: added units change nothing else.

    Returns
    -------
    problem : Problem
        ``query`` is left out for "copies", whose units no input can set apart. Its noise continues from call to call.
    truth : dict
        Non-empty subset -> coefficient.

    Raises
    ------
    ValueError
        If the kind is not known, the function needs more than ``n`` units, or a number is out of range.

    Notes
    -----
    What is true: planted parities as planted, and of a function with a whole spectrum the coefficients of at least
    ``THRESHOLD`` times the largest one, the constant aside, under the uniform measure. They stay the truth for skewed
    and correlated patterns: the polynomial ``sum f_hat(S) chi_S`` equals the function at every point, so that its
    coefficients are those of a joint fit under any measure that tells the subsets apart; single character means are
    not. Misread signs shrink what can be measured to ``(1 - 2 flips)^|S|`` of it, for independent balanced units; the
    truth stays that of the function.

    Examples
    --------
    >>> problem, truth = make_problem("and", n=8, degree=2, samples=100, seed=0)
    >>> [(len(subset), value) for subset, value in sorted(truth.items())]
    [(1, 0.5), (2, 0.5), (1, 0.5)]
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not known; use one of {', '.join(KINDS)}")
    counts = (n, samples, degree, terms)
    if min(counts) < 1 or min(constants, duplicates, copies, noise_units) < 0 or noise < 0:
        raise ValueError(
            f"n, samples, degree, terms = {counts}, constants, duplicates, copies, noise_units = "
            f"{(constants, duplicates, copies, noise_units)}, noise={noise:g}; the first four are 1 or more, no other "
            "is negative"
        )
    function = _function(kind, n, degree, terms, _stream(seed, 0))
    place = np.sort(_stream(seed, 1).permutation(n)[: function.width])
    signs = draw_signs(samples, n, bias, correlation, _stream(seed, 2))
    target = function.evaluate(signs[:, place]) + noise * _stream(seed, 3).normal(size=samples)
    recorded = flip(signs, flips, _stream(seed, 4))
    columns = [recorded]
    columns += [recorded[:, place]] * function.copies
    columns.append(np.ones((samples, constants), np.int8))
    columns.append(recorded[:, _stream(seed, 5).integers(0, n, duplicates)])
    copied = _stream(seed, 6)
    columns.append(flip(recorded[:, copied.integers(0, n, copies)], copy_flips, copied))
    columns.append(draw_signs(samples, noise_units, 0.0, 0.0, _stream(seed, 7)))
    table = np.concatenate(columns, axis=1)
    order = _stream(seed, 8).permutation(table.shape[1])
    where = np.argsort(order)[place]  # the function's units among all of them

    asked = _stream(seed, 9)

    def query(points):
        points = np.asarray(points)
        return function.evaluate(points[:, where]) + noise * asked.normal(size=len(points))

    truth = {tuple(sorted(int(where[i]) for i in subset)): value for subset, value in function.spectrum.items()}
    problem = Problem(
        patterns=Patterns.from_signs(table[:, order]),
        target=target,
        query=None if function.copies else query,
        n_subsets=len(truth),
        max_degree=max(len(subset) for subset in truth),
        seed=seed,
    )
    return problem, truth


def as_problem(truth: Planted, *, noise: float = 0.0, max_degree: int, seed: int = 0) -> Problem:
    """A problem of :func:`actspec_widgets.synthetic.planted` in the form that every method takes.

    Parameters
    ----------
    truth : Planted
    noise : float
        Standard deviation of the noise on each answer to a query, in units of the target.
    max_degree : int
        Largest size of a subset that is looked for.
    seed : int
        Of the method and of the noise on queries.

    Examples
    --------
    >>> from actspec_widgets.datasets.synthetic import planted
    >>> problem = as_problem(planted(3, [(0, 2)], [2.0], samples=50, constants=1, seed=0), max_degree=2)
    >>> problem.query(np.array([[1, 1, -1, 1], [1, -1, 1, 1]], np.int8)).tolist()
    [-2.0, 2.0]
    """
    asked = _stream(seed, 9)
    pairs = [(s, float(w)) for s, w in zip(truth.subsets, truth.coefficients, strict=True)]

    def query(points):
        points = np.asarray(points)
        values = noise * asked.normal(size=len(points))
        for subset, weight in pairs:
            values += weight * chi(subset, points)
        return values

    return Problem(
        patterns=truth.patterns,
        target=truth.target,
        query=query,
        n_subsets=sum(1 for subset, _ in pairs if subset),
        max_degree=max_degree,
        seed=seed,
    )


def _function(kind: str, n: int, degree: int, terms: int, rng: np.random.Generator) -> Function:
    if kind in ("parity", "mixed"):
        from math import comb

        if degree > n or terms > (comb(n, degree) if kind == "parity" else n):
            raise ValueError(f"there are not {terms} different parities of degree {degree} in {n} units; take more")
    function = KINDS[kind](n, degree, terms, rng)
    if function.width > n:
        raise ValueError(f"{kind} of degree {degree} needs {function.width} units, here are n={n}; give more")
    return function


def _stream(seed: int, part: int) -> np.random.Generator:
    return np.random.default_rng([seed, part])
