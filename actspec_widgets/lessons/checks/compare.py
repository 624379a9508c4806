"""A guess beside the measurement, a function beside its definition."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SMALL = 16  # entries of an array that is shown whole


def compare_prediction(guess: Any, value: float, error: float = 0.0, *, within: float | None = None) -> None:
    """Print a learner's guess beside the measured number.

    Parameters
    ----------
    guess : number or ``...``
        ``...`` means that no guess was made.
    value, error : float
        What was measured, and its standard error.
    within : float, optional
        How near counts as right; default two standard errors or 5 % of the value, whichever is larger.

    Examples
    --------
    >>> compare_prediction(0.5, 0.52, error=0.02)
    ✓ you said 0.5, measured: 0.52 ± 0.02.
    >>> compare_prediction(..., 0.52)
    no guess yet. Measured: 0.52. Next time, guess before you run the cell.
    """
    measured = f"{value:.4g}" + (f" ± {error:.2g}" if error else "")
    if guess is ...:
        print(f"no guess yet. Measured: {measured}. Next time, guess before you run the cell.")
        return
    try:
        gap = float(guess) - float(value)
    except (TypeError, ValueError):
        print(f"your guess {guess!r} is not a number. Measured: {measured}.")
        return
    if abs(gap) <= (max(2 * error, 0.05 * abs(value)) if within is None else within):
        print(f"✓ you said {float(guess):.4g}, measured: {measured}.")
    else:
        print(f"you said {float(guess):.4g}, measured: {measured}. What did you not think of?")


def compare_function(
    attempt: Callable[..., Any],
    definition: Callable[..., Any],
    cases: Sequence[tuple[Any, ...]],
    *,
    hint: str = "",
) -> None:
    """Run a learner's function beside the definition on a few cases and print how it went.

    Parameters
    ----------
    attempt, definition : callable
        The learner's function, and the right one.
    cases : sequence of tuples
        Arguments to try both with.
    hint : str
        Said with a wrong answer; not before anything was tried, and not after an error, which is about something else.

    Examples
    --------
    >>> compare_function(lambda x: x + 1.0, lambda x: 2.0 * x, [(1.0,), (3.0,)])
    case 1: shape right; yours 4.000, definition gives 6.000
    called with x=3.0
    """
    for number, case in enumerate(cases):
        expected = np.asarray(definition(*case), dtype=float)
        called = f"\ncalled with {_arguments(definition, case)}"
        try:
            answer = attempt(*case)
        except Exception as problem:  # a learner's own code may raise anything
            print(f"case {number}: your function raised {type(problem).__name__}: {problem}{called}")
            return
        if answer is ...:
            print("not attempted yet: replace the ... by your own line")
            return
        if said := _difference(answer, expected):
            print(f"case {number}: {said}{called}" + (f"\nhint: {hint}" if hint else ""))
            return
    print(f"✓ agrees with the definition on {len(cases)} cases")


def _arguments(definition: Callable[..., Any], case: tuple[Any, ...]) -> str:
    """What a case hands over, under the definition's names for it."""
    names = inspect.signature(definition).parameters
    return ", ".join(f"{name}={_shown(value)}" for name, value in zip(names, case, strict=True))


def _shown(value: Any) -> str:
    """A small argument whole, of a large array its shape."""
    if callable(value):
        return "a function"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > _SMALL:
        return f"array of shape {value.shape}"
    return np.array2string(value, separator=", ", precision=3, max_line_width=1000).replace("\n", "")


def _difference(answer: Any, expected: NDArray[np.float64]) -> str:
    """How an answer differs from the one expected; empty where it does not."""
    if answer is None:
        return "your function returned nothing; does it end with return?"
    try:
        got = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return f"your function returned {type(answer).__name__}; a number or an array is expected"
    if got.shape != expected.shape:
        return f"yours has shape {got.shape}, expected {expected.shape}"
    wrong = np.argwhere(~np.isclose(got, expected, rtol=1e-6, atol=1e-9))
    if not len(wrong):  # its size is 0 for a number too
        return ""
    place = tuple(int(i) for i in wrong[0])
    at = "" if not place else f"coordinate {place[0] if len(place) == 1 else place}: "
    yours, truth = f"{got[place]:.3f}", f"{expected[place]:.3f}"
    if yours == truth:
        yours, truth = f"{got[place]:.9g}", f"{expected[place]:.9g}"
    return f"shape right; {at}yours {yours}, definition gives {truth}"
