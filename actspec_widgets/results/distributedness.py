"""How many units carry an output, and how jointly: measured on a function, with errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .digits import decimals
from .measures import Measure

if TYPE_CHECKING:
    import pandas


_LITTLE, _NOTHING = 0.005, 0.0005  # joint shares below which units nearly add up, and add up


@dataclass(frozen=True, eq=False)
class Distributedness:
    """Two axes of a code, by resampling units: how many of them matter, and whether they add up.

    With t outputs the scalars below are arrays of shape (t,), and the arrays get a last axis t.

    Attributes
    ----------
    mean_degree : Measure
        Total influence over variance: 1 where units add up, k for a parity of k. NaN where ``too_rare``.
    joint_share : Measure
        Share of the variance that subsets with two or more units in play carry. NaN where ``too_rare``.
    effective_units : Measure
        ``(sum Inf)^2 / sum Inf^2``: n for n units of equal influence, 1 for a single one.
    influences, first_order : Measure, arrays of shape (n,)
        Of each unit, squared units of the output: all that it takes part in, and what it does alone. 0 for units that
        never change; NaN for units not measured one by one: above 200, ``measured`` lists those that are.
    variance : Measure
        Of the output under resampling, from one base sample at a time.
    off_data : Measure
        That variance over the one on the recorded samples: how far from the data the question was asked (1: not far).
    recording_errors : tuple of two floats or arrays
        Of mean degree and joint share: what another recording of this size would change, over ten folds of the recorded
        samples. It comes on top of the standard errors, which are over draws. NaN below 100 samples.
    share : float
        Probability with which a unit was resampled; values at different shares do not compare.
    draws, runs : int
        Draws, and evaluations of the function that they took.
    draws_needed : int
        How many would do for the tolerance; at most ``draws`` where it is reached.
    too_rare : bool or ndarray of bool
        Whether too few draws changed the output to trust the errors: the rule is ``(sum u)^2 / sum u^2 >= 100`` for the
        terms u of influence, first-order variance and variance.
    tolerance : float or None
    measured : tuple of int
        Units whose influence was measured one by one.
    n_units : int
    constant_units : tuple of int
        Units that never change over the recorded samples; they have no effect that could be measured.
    bases_left_out : int
        Samples that were no base, since fewer than 30 others have as many positions.
    rounding : float or ndarray
        How much of the joint share can be the rounding of the answers: much of it where they are large and change
        little. No joint part up to this is claimed.
    unit_names, output_names : tuple of str, or None
    """

    mean_degree: Measure
    joint_share: Measure
    effective_units: Measure
    influences: Measure
    first_order: Measure
    variance: Measure
    off_data: Measure
    recording_errors: tuple
    share: float
    draws: int
    runs: int
    draws_needed: int
    too_rare: bool | np.ndarray
    tolerance: float | None
    measured: tuple[int, ...]
    n_units: int
    constant_units: tuple[int, ...] = ()
    bases_left_out: int = 0
    rounding: float | np.ndarray = 0.0
    unit_names: tuple[str, ...] | None = None
    output_names: tuple[str, ...] | None = None

    def ceiling(self, degree: int) -> float:
        """The mean degree that a product of ``degree`` units reads at this share; ``degree`` itself at share 1."""
        p = self.share
        return degree * p / (1 - (1 - p) ** degree)

    def to_frame(self, output: int = 0) -> pandas.DataFrame:
        """A table of the units measured: S1 and ST (first-order and total index) with their errors.

        Both are shares of the variance, as other tools for variance-based sensitivity give them.
        """
        import pandas

        def column(array):
            return np.asarray(array if np.ndim(array) == 1 else array[:, output])

        variance = np.atleast_1d(self.variance.value)[output]
        rows = list(self.measured)
        names = self.unit_names or tuple(str(i) for i in range(self.n_units))
        return pandas.DataFrame(
            {
                "S1": column(self.first_order.value)[rows] / variance,
                "S1_error": column(self.first_order.standard_error)[rows] / variance,
                "ST": column(self.influences.value)[rows] / variance,
                "ST_error": column(self.influences.standard_error)[rows] / variance,
            },
            index=pandas.Index([names[i] for i in rows], name="unit"),
        )

    def summary(self) -> str:
        """A sentence or two for each output."""
        outputs = np.size(self.mean_degree.value)
        names = self.output_names or tuple(f"output {i}" for i in range(outputs))
        lines = [("" if outputs == 1 else f"{names[i]}: ") + self.sentence(i) for i in range(outputs)]
        return "\n".join([*lines, *self._notes()])

    def sentence(self, output: int = 0, unit: str = "unit") -> str:
        """What was measured of one output; ``unit`` is what to call a unit."""

        def at(measure):
            return np.atleast_1d(measure.value)[output], np.atleast_1d(measure.standard_error)[output]

        if np.atleast_1d(self.too_rare)[output]:
            return (
                f"too rare to say: too few of {self.draws:,} draws change the output; about {self.draws_needed:,} "
                "would do"
            )
        degree, degree_error = at(self.mean_degree)
        joint, joint_error = at(self.joint_share)
        spread, spread_error = at(self.effective_units)
        d = min(decimals(spread_error), 3)  # as the mean degree beside it
        acting = _acting(joint, joint_error, np.atleast_1d(self.rounding)[output])
        return (
            f"spread over {spread:.{d}f} ± {spread_error:.{d}f} of {self.n_units:,} {unit}s, which {acting}: "
            f"mean degree {degree:.3f} ± {degree_error:.3f}, "
            f"{100 * joint:z.1f} ± {100 * joint_error:.1f} % of the variance is joint. "
            f"With each {unit} drawn by itself the output varies {at(self.off_data)[0]:.2f} times as much as on the "
            "data (V(product) / V(data))."
        )

    def _notes(self):
        if (most := np.max(self.rounding)) > _LITTLE:
            yield (
                f"The answers are large and change little: their rounding can pass for {100 * most:.3g} % of the "
                "variance. Take a constant off, or compute in float64."
            )
        if self.share < 1:
            yield (
                f"Each unit was resampled with probability {self.share:g}: a product of two units reads "
                f"{self.ceiling(2):.2f} here, of three {self.ceiling(3):.2f}; values at other shares do not compare."
            )
        if self.tolerance is not None and self.draws_needed > self.draws and not np.all(self.too_rare):
            yield f"An error of {self.tolerance:g} takes about {self.draws_needed:,} draws; these are {self.draws:,}."
        if self.constant_units:
            yield f"{len(self.constant_units)} units never change in the recorded samples and were left as they are."
        if self.bases_left_out:
            yield f"{self.bases_left_out} samples were no base: fewer than 30 others have as many positions."

    def __repr__(self) -> str:
        return f"Distributedness: {self.summary()}"


def _acting(joint, error, rounding):
    """Whether units add up, in words; that they do is said only where error and rounding leave no room for more."""
    seen = joint > max(2 * error, rounding)
    most = max(joint + 2 * error, rounding)
    if seen and joint > _LITTLE:
        return "act jointly in part"
    if seen and joint > _NOTHING:
        return "nearly add up"
    if most <= _LITTLE:
        return "add up"
    return f"show no joint part, though up to {100 * most:.3g} % may be"
