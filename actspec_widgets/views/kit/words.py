"""Labels and sentences about a spectrum. Functions that return HTML end in ``_html`` and escape every name."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Iterable
from itertools import accumulate

from ...patterns.cube import Subset
from ...results import Spectrum
from .theme import DEGREES, degree_class, degree_mark, degree_style

INVITATION = '<p class="actspec-muted">Click a bar, or choose a subset above, to see where it lives.</p>'
NEEDS_DATA = (
    '<p class="actspec-muted actspec-hint">Made from a finished spectrum: size and number choose what is drawn of it. '
    "To change the logit, the redundancy or the threshold, give the explorer the data: activations= and outputs=, "
    "or model=, layer= and inputs=.</p>"
)
_BROAD = frozenset("mwMWOQ@%&…")
_KEPT = "\u200d\ufe0f"  # joiners inside emoji; other invisible characters could reorder the text around a name

_ACCENTS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_STACKED = re.compile(f"({_ACCENTS}{{2}}){_ACCENTS}+")  # more than two would be drawn over the lines above


def breadth(text: str) -> float:
    """About how many average letters wide a text is drawn."""
    return sum(map(_letter, text))


def _letter(c):
    if unicodedata.combining(c):
        return 0.0
    return 1.6 if c in _BROAD or unicodedata.east_asian_width(c) in "WF" else 1.0


def tidy(text: str, width: int) -> str:
    """One line that is about ``width`` average letters wide at most; of a longer one the beginning.

    Examples
    --------
    >>> tidy("left hand\\n side", 12)
    'left hand s…'
    """
    line = _line(text[: 4 * width + 200])
    return line if breadth(line) <= width else _fitting(line, width - 1).rstrip() + "…"


def tidy_name(text: str, width: int) -> str:
    """:func:`tidy` for names, which differ at the end as often as at the beginning: what goes is the middle.

    Examples
    --------
    >>> tidy_name("encoder.layers.0.linear1[5]", 12)
    'enco…ar1[5]'
    """
    reach = 4 * width + 200
    line = _line(text if len(text) <= 2 * reach else text[:reach] + text[-reach:])
    if breadth(line) <= width:
        return line
    room = width - breadth("…")
    end = _fitting(line[::-1], room / 2 + 1)[::-1]
    while end and unicodedata.combining(end[0]):  # an accent whose letter was cut off
        end = end[1:]
    return f"{_fitting(line, room - breadth(end)).rstrip()}…{end.lstrip()}"


def _line(text):
    """Without breaks, characters that are not shown, and stacks of accents."""
    line = "".join(c if c.isprintable() or c in _KEPT else "\ufffd" for c in " ".join(text.split()))
    return _STACKED.sub(r"\1", line)


def _fitting(line, room):
    return line[: sum(end <= room for end in accumulate(map(_letter, line)))]


def label(spectrum: Spectrum, subset: Subset, width: int = 30) -> str:
    """A subset in about ``width`` characters: long names are cut, then the last units are counted.

    Examples
    --------
    A subset of 3 units reads ``{4, 17, 30}``; one of 40 units ``{1, 2, 3, 5, 8, 13, +34}``.
    """
    room = max(width - 2, 4)
    each = max((room + 2) // max(len(subset), 1) - 2, 6)
    names: list[str] = []
    used = 0.0
    for position, unit in enumerate(subset):
        name = tidy_name(unit_name(spectrum, unit), each)
        used += breadth(name) + (2 if names else 0)
        if names and used > room:
            return "{" + ", ".join(names) + f", +{len(subset) - position}}}"
        names.append(isolated(name))
    return "{" + ", ".join(names) + "}"


def marked_label(spectrum: Spectrum, subset: Subset, width: int = 30) -> str:
    """:func:`label` before the shape that stands for its size."""
    return f"{label(spectrum, subset, width)} {degree_style(len(subset)).glyph}"


def unit_name(spectrum: Spectrum, unit: int) -> str:
    """Its name, or its number where it has none or an empty one."""
    names = spectrum.unit_names
    return str(unit) if names is None or not names[unit].strip() else names[unit]


def isolated(text: str) -> str:
    """Keep right-to-left names from reordering what stands beside them."""
    return text if text.replace("…", "").isascii() else f"\u2068{text}\u2069"


def label_html(spectrum: Spectrum, subset: Subset, width: int) -> str:
    return f"<bdi>{html.escape(label(spectrum, subset, width))}</bdi>"


def percent(share: float, error: float) -> str:
    """``82.5% ± 0.7%``, with as many digits as the error bears.

    Examples
    --------
    >>> percent(0.825, 0.0071), percent(0.99712, 0.0003)
    ('82.5% ± 0.7%', '99.71% ± 0.03%')
    """
    digits = 1 if error >= 0.001 else 2
    return f"{share:.{digits}%} ± {error:.{digits}%}"


def name_html(text: str, width: int = 200) -> str:
    return f"<bdi>{html.escape(tidy(text, width))}</bdi>"


def counted(number: int, noun: str) -> str:
    """``1 unit``, ``1,200 units``."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def degrees_html(sizes: Iterable[int], unit: str) -> str:
    """Which shape and colour stands for which size, for the sizes that are drawn."""
    last = len(DEGREES)
    spans = []
    for d in sorted({degree_class(size) + 1 for size in sizes}):
        words = counted(d, unit) if d < last else f"{last} {unit}s or more"
        spans.append(f"<span>{degree_mark(d)}{words}</span>")
    return "".join(spans)


def waiting_html(busy: bool) -> str:
    """The title before there is a spectrum."""
    headline = "Looking for the subsets that matter" if busy else "No subsets found yet"
    basis = "The first picture follows in a moment." if busy else "Change a setting, or run again."
    return f'<p class="actspec-title" role="status">{headline}</p><p class="actspec-muted">{basis}</p>'


def title_html(spectrum: Spectrum, target: str, unit: str) -> str:
    """The finding as one sentence, and what it rests on as another."""
    name = name_html(target, 60)
    joint = sum(len(s) > 1 for s in spectrum.subsets)
    found = counted(len(spectrum), "subset")
    if len(spectrum):
        headline = (
            f"{found} of {counted(spectrum.n_units, unit)} {'explains' if len(spectrum) == 1 else 'explain'} "
            f"{percent(spectrum.explained_variance, spectrum.explained_variance_error)} of {name}"
        )
        basis = f"{_joining(len(spectrum), joint, unit)}. "
    else:
        headline = f"No subset of {counted(spectrum.n_units, unit)} is distinguishable from chance for {name}"
        basis = ""
    coverage = spectrum.coverage
    sizes = "of every size" if coverage.max_degree is None else f"of up to {counted(coverage.max_degree, unit)}"
    basis += (
        f"Searched {counted(coverage.examined, 'subset')} {sizes} on {spectrum.n_search:,} samples; "
        f"every number is from {spectrum.n_estimate:,} others."
    )
    return f'<p class="actspec-title" role="status">{headline}</p><p class="actspec-muted">{basis}</p>'


def _joining(number, joint, unit):
    """How many of the subsets are more than one unit."""
    if number == 1:
        return f"It joins two or more {unit}s" if joint else f"It is a single {unit}"
    some = f"{joint:,}" if joint else "None"
    return f"{some} of them {'join' if joint > 1 else 'joins'} two or more {unit}s"


def coverage_html(spectrum: Spectrum, unit: str) -> str:
    """What the search looked at, and what took no part."""
    text = str(spectrum.coverage)
    if spectrum.constant_units:
        some = counted(len(spectrum.constant_units), unit)
        text += f" {some} never {'changes' if len(spectrum.constant_units) == 1 else 'change'} in these data."
    return f'<p class="actspec-muted">{html.escape(text)}</p>'


def empty_html(spectrum: Spectrum) -> str:
    """What to say instead of a figure without bars."""
    advice = "More samples, a lower degree (fewer subsets to correct for) or another threshold rule may show more."
    return f"<p>{html.escape(spectrum.summary())}</p><p>{advice}</p>"


def decimals(error: float) -> int:
    """Digits after the point that show an error with two digits.

    Examples
    --------
    >>> decimals(0.041), decimals(12.0)
    (3, 0)
    """
    return min(max(1 - math.floor(math.log10(error)), 0), 12) if error > 0 and math.isfinite(error) else 4
