"""One family: subsets that say nearly the same."""

from __future__ import annotations

from dataclasses import dataclass

from ..patterns.cube import Subset


@dataclass(frozen=True)
class Family:
    """Subsets that say nearly the same on the recorded samples.

    Attributes
    ----------
    best : tuple of int
        The subset that the most half-samples agree with.
    members : tuple of tuples of int
        The other subsets that half-samples reported in its place, most frequent first.
    returned : float
        Share of the half-samples that report the best member or one that says nearly the same.
    halves : int
        Number of half-samples.
    """

    best: Subset
    members: tuple[Subset, ...]
    returned: float
    halves: int
