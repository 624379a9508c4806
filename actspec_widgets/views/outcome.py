"""Truth and answer side by side: which planted subsets came back, which did not, and what else was reported."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..patterns.cube import Subset
from ..results import Spectrum
from .words import decimals, label_html

KINDS = ("hit", "equivalent", "miss", "false find")
GLYPHS = {"hit": "●", "equivalent": "◆", "miss": "✕", "false find": "▲"}
MEANINGS = {
    "hit": "planted and found",
    "equivalent": "found in other units that carry the same information",
    "miss": "planted, not found",
    "false find": "found, not planted",
}


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
    """

    subset: Subset
    kind: str
    truth: float | None = None
    coefficient: float | None = None
    error: float | None = None
    reported: Subset | None = None


def compare(truth: Mapping[Subset, float], spectrum: Spectrum) -> tuple[Entry, ...]:
    """Planted subsets, largest first, then what was reported besides, largest first.

    A reported subset that lists a planted one among its equivalents stands for it, once.
    """
    places = {subset: at for at, subset in enumerate(spectrum.subsets)}
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
            alike = (i for i, others in enumerate(spectrum.equivalents) if subset in others and i not in used)
            at = next(alike, None)
        if at is None:
            entries.append(Entry(subset, "miss", truth[subset]))
            continue
        used.add(at)
        entries.append(_reported(spectrum, at, kind, subset, truth[subset]))
    rest = sorted(set(range(len(spectrum))) - used, key=lambda i: -abs(spectrum.coefficients[i]))
    return (*entries, *(_reported(spectrum, i, "false find", spectrum.subsets[i], None) for i in rest))


def _reported(spectrum, at, kind, subset, truth):
    value, error = float(spectrum.coefficients[at]), float(spectrum.standard_errors[at])
    return Entry(subset, kind, truth, value, error, spectrum.subsets[at])


def counts(entries: Sequence[Entry]) -> dict[str, int]:
    return {kind: sum(entry.kind == kind for entry in entries) for kind in KINDS}


def sentence_html(entries: Sequence[Entry]) -> str:
    """``Found 3 of 4 planted subsets (1 as an equivalent); 1 missed; nothing false.``"""
    n = counts(entries)
    found, planted = n["hit"] + n["equivalent"], n["hit"] + n["equivalent"] + n["miss"]
    equivalent = f" ({n['equivalent']} of them as an equivalent)" if n["equivalent"] else ""
    missed = f"{n['miss']} missed" if n["miss"] else "none missed"
    was = "was" if n["false find"] == 1 else "were"
    false = f"{n['false find']} reported that {was} never planted" if n["false find"] else "none false"
    text = f"Found {found} of {planted} planted subsets{equivalent}; {missed}; {false}."
    return f'<p class="actspec-title" role="status">{text}</p>'


def table_html(spectrum: Spectrum, entries: Sequence[Entry]) -> str:
    """Every entry as a row."""
    head = "".join(f'<th scope="col">{word}</th>' for word in ("subset", "", "planted", "found", "± error", "as"))
    rows = []
    for entry in entries:
        digits = decimals(entry.error) if entry.error else 2
        numbers = ("" if v is None else f"{v:+.{digits}f}" for v in (entry.truth, entry.coefficient))
        error = "" if entry.error is None else f"{entry.error:.{digits}f}"
        other = entry.reported not in (None, entry.subset)
        name = label_html(spectrum, entry.reported, 40) if other and entry.reported else ""
        cells = "".join(f"<td>{cell}</td>" for cell in (f"{GLYPHS[entry.kind]} {entry.kind}", *numbers, error, name))
        rows.append(f'<tr><td class="actspec-units">{label_html(spectrum, entry.subset, 40)}</td>{cells}</tr>')
    body = f"<table><tr>{head}</tr>{''.join(rows)}</table>"
    return f'<div class="actspec-table" tabindex="0">{body}</div>'


def legend_html() -> str:
    spans = [f"<span>{GLYPHS[kind]} {html.escape(MEANINGS[kind])}</span>" for kind in KINDS]
    return (
        f'<div class="actspec-legend"><span>▢ planted</span>{"".join(spans)}<span>bars: ± standard error</span></div>'
    )
