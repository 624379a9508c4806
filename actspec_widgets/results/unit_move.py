"""What a function does when one unit is switched on, beside what was predicted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UnitMove:
    """The average change when a unit goes from off to on, all else left as it is.

    Attributes
    ----------
    unit : int
    measured, standard_error : float
        In the network, in units of the target; NaN where the unit shows one of its states in too few samples.
    predicted : float
        By the spectrum.
    """

    unit: int
    measured: float
    standard_error: float
    predicted: float
