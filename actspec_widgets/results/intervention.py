"""Units set by hand: the measured change of a function beside the change that a spectrum predicts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .estimates import frozen_array
from .measures import Measure


@dataclass(frozen=True, eq=False)
class Intervention:
    """Measured against predicted changes of a function: what acting on the units changes, and what they do jointly.

    Both the slope and R2 belong to a line through the origin: what predicts no change should see none. The slope
    is 1 where the spectrum is right about cause and size, near 0 where the units only accompany the cause.

    Attributes
    ----------
    subset : tuple of int
    units : tuple of int
        What was acted on, in each sample all of it or (``in_turn``) one unit.
    in_turn : bool
    kind : {"flip", "freeze", "swap"}
    state : {"active", "inactive"} or None
        What "freeze" sets the units to.
    slope, slope_error : float
        ``sum(p m) / sum(p^2)`` for predicted changes p and measured ones m, and its HC3 standard error;
        infinite where a single sample makes the line.
    r_squared, r_squared_error : float
        ``sum(p m)^2 / (sum(p^2) sum(m^2))``, the share of the measured changes' mean square that the line explains,
        0 where nothing changed at all; its standard error is the delta method's, which is too small next to 0 or 1.
    predicted, measured : ndarray, shape (k,)
        The total effect: one change for each sample, in units of the target.
    joint_predicted, joint_measured : ndarray, shape (k,)
        The joint effect of ``subset`` in each sample, in units of the target: the alternating sum over the on/off
        settings of its units, over ``2^|S|``, all else left as it is. Of one unit, half of what switching it changes.
    rounding : float
        How much of a joint effect can be the rounding of answers.
    samples : ndarray of int, shape (k,)
        Which samples they were.
    """

    subset: Subset
    units: tuple[int, ...]
    in_turn: bool
    kind: str
    state: str | None
    slope: float
    slope_error: float
    r_squared: float
    r_squared_error: float
    predicted: NDArray[np.float64]
    measured: NDArray[np.float64]
    joint_predicted: NDArray[np.float64]
    joint_measured: NDArray[np.float64]
    rounding: float
    samples: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name in ("predicted", "measured", "joint_predicted", "joint_measured"):
            object.__setattr__(self, name, frozen_array(getattr(self, name)))
        samples = np.array(self.samples, dtype=np.int64)
        samples.setflags(write=False)
        object.__setattr__(self, "samples", samples)

    @property
    def joint(self) -> Measure:
        """The average joint effect over samples, and its standard error, rounding included."""
        spread = float(self.joint_measured.std(ddof=1)) / math.sqrt(self.joint_measured.size)
        return Measure(float(self.joint_measured.mean()), math.hypot(spread, self.rounding))

    def __repr__(self) -> str:
        done = self.kind if self.state is None else f"{self.kind} {self.state}"
        units = ", ".join(map(str, self.units)) + (" in turn" if self.in_turn else "")
        return (
            f"Intervention: {done} of units {units} in {self.measured.size:,} samples, "
            f"slope {self.slope:.3f} ± {self.slope_error:.3f}, R2 {self.r_squared:.3f} ± {self.r_squared_error:.3f}\n"
            f"  joint effect of {', '.join(map(str, self.subset))}: {self.joint.value:+.4f} ± "
            f"{self.joint.standard_error:.4f}, predicted {self.joint_predicted.mean():+.4f}"
        )


@dataclass(frozen=True)
class Flip:
    """Units turned over in one recorded sample: the function before and after, and the predicted change.

    Attributes
    ----------
    subset, units : tuple of int
        The subset looked at, and which units were turned over.
    sample : int
    before, after : float
        The function at the sample, and with the units turned over: the mean over recorded samples that show a unit in
        its other state and give it their activation.
    predicted : float
        The change that the spectrum predicts, in units of the target.
    predicted_error : float
        Its standard error, from the covariance of the coefficients; NaN where the spectrum does not carry that.
    after_error : float
        Standard error of ``after`` over those samples.
    """

    subset: Subset
    units: tuple[int, ...]
    sample: int
    before: float
    after: float
    predicted: float
    predicted_error: float = math.nan
    after_error: float = 0.0

    @property
    def measured(self) -> float:
        """The change of the function."""
        return self.after - self.before
