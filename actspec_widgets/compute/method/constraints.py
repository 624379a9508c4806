"""Constraints on the subsets: which units, how balanced, and which are included from the start."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...patterns import Patterns
from ...patterns.cube import Subset, as_subsets, as_units
from ...results.evidence import FEWEST
from .characters import Characters
from .independence import Span
from .inference import usable
from .relations import UnitClasses


@dataclass(frozen=True)
class Constraints:
    """Checked constraints on the subsets of ``n_units`` units; any of them combine."""

    n_units: int
    units: Subset
    min_share: float
    must_include: tuple[Subset, ...]
    independent: bool = False

    def notes(self) -> tuple[str, ...]:
        """What the search leaves out, in words."""
        left_out = self.n_units - len(self.units)
        units = (f"{left_out:,} units were left out, as asked.",) if left_out else ()
        sums = ("Symmetric differences of subsets chosen before were left out, as asked.",) if self.independent else ()
        return units + sums

    def settings(self) -> dict[str, Any]:
        """As they were given, in lists, which a file keeps as they are."""
        return {
            "units": None if len(self.units) == self.n_units else list(self.units),
            "min_share": self.min_share,
            "must_include": [list(subset) for subset in self.must_include],
            "independent": self.independent,
        }

    def min_side(self, n_samples: int) -> int:
        """Samples that a character must rest on, at least: for signs, those on its rarer side."""
        return max(FEWEST, math.ceil(self.min_share * n_samples - 1e-9))

    def among(self, classes: UnitClasses) -> UnitClasses:
        """The classes with only those units in them that may be used; the first of these stands for each."""
        units = set(self.units)
        members = (tuple(unit for unit in group if unit in units) for group in classes.members)
        left = tuple(sorted(group for group in members if group))
        return UnitClasses(tuple(group[0] for group in left), left, classes.constants)

    def check_estimable(self, data: Patterns | Characters, part: str) -> None:
        """Refuse subsets to include whose coefficients this part of the samples cannot tell."""
        found = usable(data, self.must_include, self.min_side(data.n_samples))
        for subset in self.must_include:
            if subset not in found:
                raise ValueError(
                    f"must_include has {subset}, whose product changes too rarely among the samples to {part} "
                    "on, or is settled by the subsets before it; leave it out or record more samples"
                )


def check_constraints(
    n_units: int,
    top: int,
    units: Iterable[int] | None,
    min_share: float,
    must_include: Iterable[Iterable[int]],
    independent: bool = False,
) -> Constraints:
    """Check what was asked.

    Raises
    ------
    ValueError, TypeError
        If a unit is repeated or out of range, no unit is named, the share leaves no subset, more subsets must be
        included than may be reported, or they depend on each other where they may not.
    """
    within = as_units(units, n_units)
    included = as_subsets(must_include, n_units)
    if not 0 <= min_share < 0.5:
        raise ValueError(f"min_share={min_share}; give the share of samples on the rarer side, from 0 to below 0.5")
    if () in included or len(set(included)) < len(included):
        raise ValueError(f"must_include={list(included)} holds the empty subset or a subset twice; name each once")
    if len(included) > top:
        raise ValueError(f"must_include has {len(included)} subsets and top={top}; raise top")
    if independent:
        _check_independent(included)
    return Constraints(n_units, within, float(min_share), included, bool(independent))


def _check_independent(included):
    span = Span()
    for subset in included:
        if subset in span:
            parts = " and ".join(map(str, span.made_of(subset)))
            raise ValueError(
                f"must_include has {subset}, the symmetric difference of {parts}; independent=True takes subsets of "
                "which none is made of others, so leave one out"
            )
        span.add(subset)
