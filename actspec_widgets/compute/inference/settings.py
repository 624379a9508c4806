"""The settings of one answer: checked once, then handed from step to step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from ...patterns.arrays import as_count
from ...patterns.cube import Subset, as_subsets, as_units
from ...results.evidence import FEWEST
from ..method.independence import Span
from ..threads import Workers

RATES = {"fwer": 0.05, "fdr": 0.10}  # what is kept to, and at which level unless asked otherwise


@dataclass(frozen=True)
class Settings:
    """What is asked of an answer; :func:`activation_spectroscopy` says what each means.

    ``units``: those to search among, None for all. The groups of the samples are data and no setting.
    """

    max_degree: int = 3
    top: int = 20
    units: Subset | None = None
    rho_max: float = 0.9
    alpha: float = 0.05
    error_rate: str = "fwer"
    basis: str = "signs"
    threshold: Any = None
    search: str = "auto"
    budget: float = 4.0
    min_share: float = 0.0
    must_include: tuple[Subset, ...] = ()
    independent: bool = False
    split: float = 0.8
    halves: int = 10
    seed: int = 0
    threads: Workers = None

    def __post_init__(self) -> None:
        as_count(self.max_degree, "max_degree")
        as_count(self.top, "top")
        if not 0 < self.rho_max <= 1:
            raise ValueError(f"rho_max={self.rho_max}; give a number above 0 and at most 1")
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha={self.alpha}; give a probability between 0 and 1, such as 0.05")
        if self.error_rate not in RATES:
            raise ValueError(f"error_rate={self.error_rate!r} is not known; use 'fwer' or 'fdr'")
        if not self.budget > 0:
            raise ValueError(f"budget={self.budget}; give the seconds that a scan may take, more than 0")
        if not 0 <= self.min_share < 0.5:
            raise ValueError(
                f"min_share={self.min_share}; give the share of samples on the rarer side, from 0 to below 0.5"
            )
        if not 0 < self.split < 1:
            raise ValueError(f"split={self.split}; give the share of samples to search on, between 0 and 1")
        if as_count(self.halves, "halves", least=0) % 2:
            raise ValueError(f"halves={self.halves}; halves come in pairs, so give an even number, or 0 for none")

    def min_side(self, n_samples: int) -> int:
        """Samples that a character must rest on, at least: for signs, those on its rarer side."""
        return max(FEWEST, int(-(-(self.min_share * n_samples - 1e-9) // 1)))

    def notes(self, n_units: int) -> tuple[str, ...]:
        """What the search leaves out, in words."""
        left_out = 0 if self.units is None else n_units - len(self.units)
        units = (f"{left_out:,} units were left out, as asked.",) if left_out else ()
        sums = ("Symmetric differences of subsets chosen before were left out, as asked.",) if self.independent else ()
        return units + sums

    def saved(self) -> dict[str, Any]:
        """As a file keeps them, in numbers, text and lists: the arguments that reproduce the answer."""
        plain = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "threads"}
        plain["units"] = None if self.units is None else list(self.units)
        plain["must_include"] = [list(subset) for subset in self.must_include]
        return plain


def subsets_to_include(
    must_include: Iterable[Iterable[int]], n_units: int, top: int, independent: bool
) -> tuple[Subset, ...]:
    """Check the subsets that are to be in the answer.

    Raises
    ------
    ValueError, TypeError
        If a unit is repeated or out of range, a subset is empty or there twice, there are more than may be reported, or
        they depend on each other where they may not.
    """
    included = as_subsets(must_include, n_units)
    if () in included or len(set(included)) < len(included):
        raise ValueError(f"must_include={list(included)} holds the empty subset or a subset twice; name each once")
    if len(included) > as_count(top, "top"):
        raise ValueError(f"must_include has {len(included)} subsets and top={top}; raise top")
    span = Span()
    for subset in included if independent else ():
        if subset in span:
            parts = " and ".join(map(str, span.made_of(subset)))
            raise ValueError(
                f"must_include has {subset}, the symmetric difference of {parts}; independent=True takes subsets of "
                "which none is made of others, so leave one out"
            )
        span.add(subset)
    return included


def units_to_search(units: Iterable[int] | None, n_units: int) -> Subset | None:
    """Check the units to search among; None where these are all of them."""
    named = as_units(units, n_units)
    return None if len(named) == n_units else named
