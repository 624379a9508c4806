"""Which subsets of a spectrum are drawn, what that leaves out, and the subsets as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ...results import Families, Spectrum
from ...results.digits import decimals
from ...results.families import return_errors
from .evidence import Effects
from .table import Column, Table
from .words import counted, label, marked_label

MOST_BARS = 1000
MOST_AT_FIRST = 200  # before anybody asks for more


@dataclass(frozen=True)
class Drawn:
    """Which subsets of a spectrum are drawn, in order, and what that leaves out."""

    order: tuple[int, ...]
    too_large: int  # subsets of more units than asked for
    too_small: int  # subsets of fewer units than asked for
    too_many: int  # of those allowed, the smaller ones past the number asked for or past MOST_BARS
    share_left_out: float  # of the sum of squared coefficients

    def sentence(self, max_degree: int | None, unit: str) -> str:
        """What is not drawn; empty when everything is."""
        parts = []
        if self.too_many:
            parts.append(counted(self.too_many, "smaller coefficient"))
        if self.too_large:
            parts.append(f"{counted(self.too_large, 'subset')} of more than {counted(max_degree or 0, unit)}")
        if self.too_small:
            parts.append(f"{counted(self.too_small, 'subset')} of fewer units")
        if not parts:
            return ""
        return f"Not drawn: {' and '.join(parts)}, together {self.share_left_out:.1%} of the squared weight."


_RANKINGS: WeakKeyDictionary[Spectrum, tuple[NDArray, NDArray]] = WeakKeyDictionary()


def _ranking(spectrum):
    """Sizes of the subsets, and their places by falling coefficient; kept, as 100,000 take longer than a slider may."""
    known = _RANKINGS.get(spectrum)
    if known is None:
        degrees = np.array([len(s) for s in spectrum.subsets], dtype=np.intp)
        known = degrees, np.argsort(-np.abs(spectrum.coefficients), kind="stable")
        _RANKINGS[spectrum] = known
    return known


def choose(
    spectrum: Spectrum | None, max_degree: int | None = None, most: int | None = None, min_degree: int = 0
) -> Drawn:
    """Largest coefficients first: the number asked for, up to MOST_BARS, or MOST_AT_FIRST of them.

    The empty subset, whose coefficient is the mean of the output, has no units to draw.
    """
    if spectrum is None:
        return Drawn((), 0, 0, 0, 0.0)
    degrees, ranked = _ranking(spectrum)
    large = np.zeros(len(spectrum), bool) if max_degree is None else degrees > max_degree
    some = degrees > 0
    small = (degrees < min_degree) & some
    allowed = ~large & ~small & some
    ranked = ranked[allowed[ranked]]
    order = ranked[: MOST_AT_FIRST if most is None else min(most, MOST_BARS)]
    squares = np.square(spectrum.coefficients) * some
    total = float(squares.sum())
    squares[order] = 0.0
    left = float(squares.sum()) / total if total else 0.0
    return Drawn(tuple(order.tolist()), int(large.sum()), int(small.sum()), len(ranked) - len(order), left)


def spectrum_table(
    spectrum: Spectrum, order: Sequence[int], families: Families | None = None, effects: Effects | None = None
) -> Table:
    """One row for each subset in ``order``; choosing a row selects its subset.

    Names are cut in the page and whole in the file. ``families`` adds in how many half-samples each subset, or one
    nearly the same, returned, and ``effects`` what the other kind of evidence says.
    """
    rows = np.asarray(order, dtype=np.intp)
    subsets = [spectrum.subsets[i] for i in rows]
    errors = spectrum.standard_errors[rows]
    digits = max(map(decimals, errors), default=0)
    columns = [
        Column("units", subsets, lambda s: marked_label(spectrum, s, 60), spectrum.label),
        Column("size", np.array([len(s) for s in subsets], dtype=np.intp)),
        Column("coefficient", spectrum.coefficients[rows], lambda v: f"{v:+.{digits}f}"),
        Column("± error", errors, lambda v: f"{v:.{digits}f}"),
        Column("joint part", spectrum.joint_parts[rows], lambda v: "" if np.isnan(v) else f"{v:+.{digits}f}"),
        Column("joint in on/off terms", spectrum.joint[rows].astype(np.intp), lambda v: "yes" if v else ""),
        Column("p, corrected", spectrum.p_values[rows], lambda p: "<1e-15" if p < 1e-15 else f"{p:.2g}"),
        Column("variance added", spectrum.gains[rows], lambda v: f"{v:.2%}"),
        Column("equivalents", np.array([len(spectrum.equivalents[i]) for i in rows], dtype=np.intp)),
    ]
    if spectrum.smallest_cells is not None:
        columns.append(Column("rarest combination", spectrum.smallest_cells[rows], lambda n: f"{n:,} samples"))
    if families is not None:
        columns.append(
            Column(f"returned in {families.halves} half-samples", families.returned[rows], lambda v: f"{v:.0%}")
        )
        columns.append(Column("± error of that", families.standard_errors[rows], lambda v: f"{v:.0%}"))
    if effects is not None:
        value, error = effects.of(subsets).T
        columns.append(Column(effects.name, value, lambda v: "–" if np.isnan(v) else f"{v:+.{digits}f}"))
        columns.append(Column("± error of it", error, lambda v: "–" if np.isnan(v) else f"{v:.2g}"))
    return Table(tuple(columns), keys=subsets, caption="Subsets with their coefficients.")


def family_table(spectrum: Spectrum, found: Families) -> Table:
    """One row for each family: its best member, in how many half-samples it returned, and the other members."""
    shares = np.array([family.returned for family in found.families])
    members = [family.members for family in found.families]

    def shown(others):
        first = ", ".join(label(spectrum, subset, 30) for subset in others[:3])
        return first + (f" and {len(others) - 3} more" if len(others) > 3 else "")

    def written(others):
        return ", ".join(map(spectrum.label, others))

    best = [family.best for family in found.families]
    columns = (
        Column("best member", best, lambda s: marked_label(spectrum, s, 60), spectrum.label),
        Column("returned", shares, lambda v: f"{v:.0%}"),
        Column("± error", return_errors(shares, found.halves), lambda v: f"{v:.0%}"),
        Column("nearly the same", members, shown, written),
    )
    caption = f"Families of subsets, and in what share of {found.halves} half-samples each returned."
    return Table(columns, caption=caption)
