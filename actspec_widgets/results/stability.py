"""How often the subsets of a spectrum return when the method is run again on resampled data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..patterns.cube import Subset
from .estimates import frozen_array

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class Stability:
    """Returns of the subsets of one spectrum.

    Attributes
    ----------
    subsets : tuple of tuples of int
        Those of the spectrum, in its order.
    returned : ndarray, shape (k,)
        Share of the reruns that report the subset or one that carries the same information.
    returned_exactly : ndarray, shape (k,)
        Share of the reruns that report the very subset.
    standard_errors : ndarray, shape (k,)
        Of ``returned``, over the choice of samples: the binomial error, after Agresti and Coull (1998), which stays
        above zero when every rerun agrees.
    newcomers : tuple of (subset, share)
        What reruns report that is in no way in the spectrum, most frequent first.
    resamples : int
        Number of reruns.
    """

    subsets: tuple[Subset, ...]
    returned: NDArray[np.float64]
    returned_exactly: NDArray[np.float64]
    newcomers: tuple[tuple[Subset, float], ...]
    resamples: int

    def __post_init__(self) -> None:
        for name in ("returned", "returned_exactly"):
            object.__setattr__(self, name, frozen_array(getattr(self, name)))
            if getattr(self, name).shape != (len(self.subsets),):
                raise ValueError(f"{name} has shape {getattr(self, name).shape} for {len(self.subsets)} subsets")

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        trials = self.resamples + 4
        share = (self.returned * self.resamples + 2) / trials
        return np.sqrt(share * (1 - share) / trials)

    def __len__(self) -> int:
        return len(self.subsets)

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per subset."""
        import pandas

        columns = {
            "subset": self.subsets,
            "returned": self.returned,
            "standard_error": self.standard_errors,
            "returned_exactly": self.returned_exactly,
        }
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        rows = [
            "  {" + ", ".join(map(str, subset)) + "}" + f"  returned in {share:.0%} ± {error:.0%}"
            for subset, share, error in zip(self.subsets, self.returned, self.standard_errors, strict=True)
        ]
        return "\n".join([f"Stability: {len(self)} subsets, {self.resamples} reruns", *rows])
