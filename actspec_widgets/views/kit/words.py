"""Names, labels and numbers in words. Functions that return HTML end in ``_html`` and escape every name."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from weakref import WeakKeyDictionary

from ...patterns.cube import Subset
from ...results import Spectrum
from ...results.digits import decimals
from .theme import DEGREES, degree_class, degree_mark, degree_style

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
        name = _distinct(spectrum, unit, each)
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


def unit_label(spectrum: Spectrum, unit: int, width: int) -> str:
    """A unit's name in about ``width`` characters."""
    return isolated(_distinct(spectrum, unit, width))


_CUT: WeakKeyDictionary[Spectrum, dict[int, Counter[str]]] = WeakKeyDictionary()


def _distinct(spectrum: Spectrum, unit: int, width: int) -> str:
    """A unit's name in about ``width`` characters; of names that cutting makes equal, with the unit's number."""
    name = unit_name(spectrum, unit)
    cut = tidy_name(name, width)
    if spectrum.unit_names is None or cut == name:
        return cut
    known = _CUT.setdefault(spectrum, {})
    if width not in known:
        known[width] = Counter(tidy_name(other, width) for other in set(spectrum.unit_names))
    if known[width][cut] < 2:
        return cut
    number = f"#{unit}"
    return f"{tidy(name, max(width - len(number) - 1, 2))}{number}"


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


def capital(text: str) -> str:
    """The text with a capital first letter.

    Examples
    --------
    >>> capital("the DC part"), capital("")
    ('The DC part', '')
    """
    return text[:1].upper() + text[1:]


def spread(error: float, digits: int) -> str:
    """`` ± 0.04``; nothing where the error is not known.

    Examples
    --------
    >>> spread(0.041, 2), spread(float("nan"), 2)
    (' ± 0.04', '')
    """
    return f" ± {error:.{digits}f}" if math.isfinite(error) else ""


def digits_of(value: float, error: float) -> int:
    """Digits after the point that show an error with two digits, and a number with no more than four of its own.

    Examples
    --------
    >>> digits_of(0.6931, 0.0412), digits_of(-0.99999997, 3e-8)
    (3, 4)
    """
    own = 3 - math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 3
    return max(min(decimals(error), max(own, 0)), 0)


def with_error(value: float, error: float) -> str:
    """A number beside its error, with no more than four digits of its own.

    Examples
    --------
    >>> with_error(0.6931, 0.0412), with_error(-0.99999997, 3e-8), with_error(0.0, 0.0)
    ('+0.693 ± 0.041', '-1.0000 ± 0.0000', '+0.000 ± 0.000')
    """
    digits = digits_of(value, error)
    return f"{value:+.{digits}f}" + (f" ± {error:.{digits}f}" if math.isfinite(error) else "")


def headline_html(headline: str, below: str = "") -> str:
    """An instrument's one large sentence and what stands below it; both are HTML already."""
    return f'<p class="actspec-title" role="status">{headline}</p>{muted_html(below) if below else ""}'


def muted_html(text: str, spoken: bool = False) -> str:
    """A remark, HTML already; a ``spoken`` one is read aloud by screen readers when it changes."""
    role = ' role="status"' if spoken else ""
    return f'<p class="actspec-muted"{role}>{text}</p>'
