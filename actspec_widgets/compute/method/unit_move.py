"""One unit switched on in the network, on average over recorded samples, beside what a spectrum predicts."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from ...patterns import Patterns
from ...patterns.cube import as_subset, chi
from ...progress import Progress
from ...results import Spectrum
from ...results.unit_move import UnitMove
from ..effects.measured import joint_effects
from .recorded import Recorded


def unit_move(
    rest: Any,
    spectrum: Spectrum,
    unit: int,
    *,
    activations: ArrayLike | None = None,
    patterns: Patterns | None = None,
    contexts: int = 300,
    seed: int = 0,
    progress: Progress | None = None,
) -> UnitMove:
    """Switch a unit from off to on in recorded samples, each its own base, all else left as it is.

    Parameters
    ----------
    rest, spectrum, activations, patterns
        As for :func:`actspec_widgets.intervene`.
    unit : int
    contexts : int
        Recorded samples in which the network is asked.
    seed : int
    progress : callable, optional

    Returns
    -------
    UnitMove
        The prediction is the mean over all recorded samples of what the spectrum says of them with the unit on, less
        what it says with the unit off. Of a spectrum by experiment it is twice the unit's own coefficient.

    Raises
    ------
    ValueError, TypeError
        As :func:`actspec_widgets.intervene`.

    Examples
    --------
    >>> import numpy as np
    >>> from actspec_widgets import Patterns, activation_spectroscopy
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> patterns = Patterns.from_signs(X)
    >>> found = activation_spectroscopy(patterns, 1.5 * X[:, 2])
    >>> move = unit_move(lambda points: 1.5 * points[:, 2], found, 2, patterns=patterns)
    >>> move.measured, round(move.predicted, 6)
    (3.0, 3.0)
    """
    (unit,) = as_subset((unit,), spectrum.n_units)
    recorded = Recorded.of(rest, spectrum, activations, patterns)
    ((half, error),) = joint_effects(
        recorded.rest, recorded.on, [(unit,)], contexts=contexts, seed=seed, progress=progress
    ).tolist()
    return UnitMove(unit, 2 * half, 2 * error, _predicted(spectrum, recorded.patterns, unit))


def _predicted(spectrum, patterns, unit):
    total = 0.0
    for subset, coefficient in zip(spectrum.subsets, spectrum.coefficients.tolist(), strict=True):
        if unit not in subset:
            continue
        others = [other for other in subset if other != unit]
        if others and spectrum.evidence == "resampled":
            continue
        mean = chi(range(len(others)), patterns.select(others).signs()).mean() if others else 1.0
        total += 2 * coefficient * float(mean)
    return total
