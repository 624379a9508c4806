"""A comparison of truth and answer: which planted subsets were found, which were not, and what else was reported."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...results import Spectrum
from ...results.digits import decimals
from ...studies.methods import Found
from ..kit.table import Column, Table
from ..kit.words import label

KINDS = ("hit", "equivalent", "miss", "false find")
GLYPHS = {"hit": "●", "equivalent": "◆", "miss": "✕", "false find": "▲"}
MEANINGS = {
    "hit": "planted and found",
    "equivalent": "found in other units that carry the same information",
    "miss": "planted, not found",
    "false find": "found, not planted",
}


@dataclass(frozen=True, eq=False)
class Reported:
    """What another method reports, in the words of a :class:`Spectrum`.

    Attributes
    ----------
    subsets : tuple of tuples of int
    coefficients : ndarray, shape (k,)
        Or importances.
    standard_errors : ndarray, shape (k,)
        Not-a-number: other methods give none.
    equivalents : tuple of tuples of subsets
        For each subset the planted ones that say the same.
    """

    subsets: tuple[Subset, ...]
    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    equivalents: tuple[tuple[Subset, ...], ...]

    @classmethod
    def of(cls, found: Found, equivalents: tuple[tuple[Subset, ...], ...]) -> Reported:
        return cls(found.subsets, np.array(found.scores, float), np.full(len(found.subsets), np.nan), equivalents)


@dataclass(frozen=True)
class Entry:
    """One subset: what was planted there, and what was reported.

    Attributes
    ----------
    subset : tuple of int
        The planted one, or for a false find the reported one.
    kind : str
        One of KINDS.
    truth : float or None
        The planted coefficient.
    coefficient, error : float or None
        As reported.
    reported : tuple of int or None
        The subset that was reported; another one than ``subset`` for an equivalent.
    repeats : tuple of int or None
        For a false find the planted subset that it says once more.
    """

    subset: Subset
    kind: str
    truth: float | None = None
    coefficient: float | None = None
    error: float | None = None
    reported: Subset | None = None
    repeats: Subset | None = None


def compare(truth: Mapping[Subset, float], answer: Spectrum | Reported) -> tuple[Entry, ...]:
    """Planted subsets, largest first, then what was reported besides, largest first.

    A reported subset that lists a planted one among its equivalents stands for it, once.
    """
    places = {subset: at for at, subset in enumerate(answer.subsets)}
    used: set[int] = set()
    entries = []
    planted = sorted((s for s in truth if s), key=lambda s: (-abs(truth[s]), s))
    for subset in planted:
        if subset in places:
            used.add(places[subset])
    for subset in planted:
        at = places.get(subset)
        kind = "hit"
        if at is None:
            kind = "equivalent"
            alike = (i for i, others in enumerate(answer.equivalents) if subset in others and i not in used)
            at = next(alike, None)
        if at is None:
            entries.append(Entry(subset, "miss", truth[subset]))
            continue
        used.add(at)
        entries.append(_reported(answer, at, kind, subset, truth[subset]))
    rest = sorted(set(range(len(answer.subsets))) - used, key=lambda i: -abs(answer.coefficients[i]))
    again = {i: next((s for s in answer.equivalents[i] if s in truth), None) for i in rest}
    return (*entries, *(_reported(answer, i, "false find", answer.subsets[i], None, again[i]) for i in rest))


def _reported(answer, at, kind, subset, truth, repeats=None):
    value, error = float(answer.coefficients[at]), float(answer.standard_errors[at])
    return Entry(subset, kind, truth, value, None if np.isnan(error) else error, answer.subsets[at], repeats)


def counts(entries: Sequence[Entry]) -> dict[str, int]:
    return {kind: sum(entry.kind == kind for entry in entries) for kind in KINDS}


def sentence(entries: Sequence[Entry]) -> str:
    """``Found 3 of 4 planted subsets (1 of them as an equivalent); 1 missed; none false.``"""
    n = counts(entries)
    found, planted = n["hit"] + n["equivalent"], n["hit"] + n["equivalent"] + n["miss"]
    was = "was" if n["false find"] == 1 else "were"
    repeated = sum(entry.repeats is not None for entry in entries)
    some = "" if repeated == n["false find"] == 1 else f"{repeated} of them "
    repeats = f", {some}saying again what was found" if repeated else ""
    false = f"{n['false find']} reported that {was} never planted{repeats}" if n["false find"] else "none false"
    if not planted:
        return f"Nothing is planted; {false if n['false find'] else 'nothing is reported'}."
    equivalent = f" ({n['equivalent']} of them as an equivalent)" if n["equivalent"] else ""
    missed = f"{n['miss']} missed" if n["miss"] else "none missed"
    return f"Found {found} of {planted} planted subset{'s' if planted > 1 else ''}{equivalent}; {missed}; {false}."


def outcome_table(names: Spectrum, entries: Sequence[Entry], found: str = "found") -> Table:
    """Every entry as a row; ``names`` gives the units' names."""
    digits = max((decimals(e.error) for e in entries if e.error), default=3)

    def numbers(name):
        return np.array([np.nan if getattr(e, name) is None else getattr(e, name) for e in entries], dtype=float)

    def shown(value):
        return "" if np.isnan(value) else f"{value:+.{digits}f}"

    columns = (
        Column("subset", [e.subset for e in entries], lambda s: label(names, s, 40), names.label),
        Column("what came of it", [f"{GLYPHS[e.kind]} {e.kind}" for e in entries]),
        Column("planted", numbers("truth"), shown),
        Column(found, numbers("coefficient"), shown),
        Column("± error", numbers("error"), lambda v: "" if np.isnan(v) else f"{v:.{digits}f}"),
        Column("remark", [_remark(names, e) for e in entries]),
    )
    return Table(columns, keys=[e.subset for e in entries], caption="Planted and reported subsets.")


def _remark(names, entry):
    if entry.repeats is not None:
        return f"says once more what {label(names, entry.repeats, 30)} does"
    if entry.reported not in (None, entry.subset):
        return f"as {label(names, entry.reported, 30)}"
    return ""


def legend_html(entries: Sequence[Entry]) -> str:
    """Which mark stands for what, of those that there are."""
    kinds = {entry.kind for entry in entries}
    bars = "<span>bars: ± standard error</span>" if any(entry.error is not None for entry in entries) else ""
    spans = [f"<span>{GLYPHS[kind]} {html.escape(MEANINGS[kind])}</span>" for kind in KINDS if kind in kinds]
    return f"<span>▢ planted</span>{''.join(spans)}{bars}"
