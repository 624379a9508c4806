"""What half-samples agree on: families of subsets, and how often they return on other samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .coverage import Coverage
from .estimates import frozen_array
from .family import Family
from .measures import Measure

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class Families:
    """The consensus of many half-samples.

    Attributes
    ----------
    families : tuple of Family
        Those that at least a share ``least`` of the half-samples agree on, the most frequent first.
    subsets : tuple of tuples of int
        Those of the spectrum that was asked about, in its order.
    returned : ndarray, shape (k,)
        Share of the half-samples that report each of ``subsets``, or one that says nearly the same.
    halves : int
        Number of half-samples: pairs of halves that have no sample in common.
    level : float
        Two subsets say nearly the same where they correlate by this or more, in size.
    least : float
    on_disjoint_halves : Measure
        The whole consensus is made twice, from two halves that have no sample in common: the share of either's best
        members for which the other has one that says nearly the same. NaN where neither half reports anything.
    explained_variance : Measure
        Share of the target's variance that the best members of one of these halves explain in the other.
    by_chance : Measure
        The same share for random subsets of the same sizes in the place of one half's.
    other_target : Measure or None
        The same share for families of another target in the place of one half's; None where none was given.
    coverage : Coverage
        What the half-samples were searched for.
    """

    families: tuple[Family, ...]
    subsets: tuple[Subset, ...]
    returned: NDArray[np.float64]
    halves: int
    level: float
    least: float
    on_disjoint_halves: Measure
    explained_variance: Measure
    by_chance: Measure
    other_target: Measure | None
    coverage: Coverage

    def __post_init__(self) -> None:
        object.__setattr__(self, "returned", frozen_array(self.returned))
        if self.returned.shape != (len(self.subsets),):
            raise ValueError(f"returned has shape {self.returned.shape} for {len(self.subsets)} subsets")

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Of ``returned``, over the choice of halves: binomial, after Agresti and Coull (1998), and so never zero."""
        return return_errors(self.returned, self.halves)

    def __len__(self) -> int:
        return len(self.families)

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per family."""
        import pandas

        shares = np.array([family.returned for family in self.families])
        columns = {
            "best": [family.best for family in self.families],
            "returned": shares,
            "standard_error": return_errors(shares, self.halves),
            "members": [family.members for family in self.families],
        }
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        rows = [
            f"  {_braces(family.best)}  returned in {family.returned:.0%} of {self.halves} half-samples"
            + (f", {len(family.members)} others say nearly the same" if family.members else "")
            for family in self.families
        ]
        found = float(self.on_disjoint_halves.value)
        again = (
            "no family on disjoint halves"
            if np.isnan(found)
            else f"{found:.0%} return on disjoint halves (random subsets: {float(self.by_chance.value):.0%})"
        )
        return "\n".join([f"Families: {len(self)}, {again}", *rows])


def return_errors(shares: NDArray[np.float64], halves: int) -> NDArray[np.float64]:
    """Standard errors of shares of ``halves`` half-samples."""
    trials = halves + 4
    share = (shares * halves + 2) / trials
    return np.sqrt(share * (1 - share) / trials)


def _braces(subset):
    return "{" + ", ".join(map(str, subset)) + "}"
