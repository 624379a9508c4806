"""What a page is about: a spectrum, what it was computed from and with, and what else is known of its subsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...results import Distributedness, Families, Spectrum
from ..kit.drawn import choose
from ..kit.evidence import Effects, effects_of, holds, objections
from ..kit.lab import Lab


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A spectrum with all that stands beside it.

    Attributes
    ----------
    spectrum : Spectrum
    settings : mapping
        What it was computed from and with.
    target, unit : str
        Name of the output; "unit" or "pixel".
    effects : Effects or None
        The other evidence.
    families : Families or None
        What half-samples agree on, where they were looked at.
    computed : explorer.computed.ComputedSpectrum or None
        The data, where they are at hand.
    image_shape : (int, int) or None
        Rows and columns, where units are pixels.
    measured : (Distributedness, int) or None
        How distributed the layer is in the network, and which of its outputs this is.
    """

    spectrum: Spectrum
    settings: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""
    unit: str = "unit"
    effects: Effects | None = None
    families: Families | None = None
    computed: Any = None
    image_shape: tuple[int, int] | None = None
    measured: tuple[Distributedness, int] | None = None

    @classmethod
    def of(cls, given: Any) -> Exhibit:
        """Of a spectrum, or of what a lab shows.

        Raises
        ------
        ValueError
            If a lab shows no spectrum yet.
        TypeError
            If it is something else.
        """
        if isinstance(given, Lab):
            spectrum = getattr(given, "spectrum", None)
            if spectrum is None:
                raise ValueError("the lab shows no spectrum yet; wait() for it, or choose one of what it found")
            return cls(spectrum, given.about(), **given.exhibits())._named()
        if not isinstance(given, Spectrum):
            raise TypeError(f"got a {type(given).__name__}; give a spectrum, or a lab that shows one")
        settings = dict(given.settings)
        if settings.get("threshold", "") is None:  # patterns came on and off already, or None stands for "zero"
            settings.pop("threshold")
            if given.encoding.thresholds is not None:
                settings["threshold"] = "zero"
        return cls(given, settings, effects=effects_of(given))

    def _named(self) -> Exhibit:
        """The same with pixels called by their rows and columns, where they have no names."""
        if self.image_shape is None or self.spectrum.unit_names is not None:
            return self
        rows, columns = self.image_shape
        names = tuple(f"row {row} column {column}" for row in range(rows) for column in range(columns))
        return replace(self, spectrum=replace(self.spectrum, unit_names=names))

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Which subsets hold, shape (k,)."""
        return holds(self.spectrum, self.families, self.effects)

    @property
    def told(self) -> Spectrum:
        """The spectrum with the effects by experiment beside it, so that its summary says both."""
        s = self.spectrum
        if self.effects is None or self.effects.name != "by experiment" or s.effects is not None:
            return s
        values, errors = self.effects.of(s.subsets).T
        return replace(s, effects=values, effect_errors=errors)

    def ranked(self, most: int) -> list[int]:
        """Places of the subsets, those that hold first, then by size of the coefficient."""
        stands = self.stands
        return sorted(choose(self.spectrum, None, 1000).order, key=lambda i: not stands[i])[:most]

    def objection(self, at: int) -> str:
        """The gravest of what speaks against a subset; "" where nothing does."""
        against = objections(self.spectrum, self.families, self.effects)
        return next((name for name, mask in against.items() if mask[at]), "")

    def returned(self) -> dict[Subset, float]:
        """In what share of half-samples each subset, or one nearly the same, returns; those that are known."""
        if self.families is not None and self.families.subsets == self.spectrum.subsets:
            return dict(zip(self.families.subsets, self.families.returned.tolist(), strict=True))
        known: dict[Subset, float] = {}
        for family in self.spectrum.families:
            for subset in (family.best, *family.members):
                known.setdefault(subset, family.returned)
        return known

    def effect(self, subset: Subset) -> Sequence[float]:
        """The other evidence on a subset and its error; NaN where there is none."""
        return (np.nan, np.nan) if self.effects is None else self.effects.found.get(subset, (np.nan, np.nan))
