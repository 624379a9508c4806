"""The sentence explorer as one SVG text, for pages without a kernel: a sentence, its arcs, its bars."""

from __future__ import annotations

import html
from itertools import pairwise

from ..kit.theme import degree_style
from ..kit.words import breadth, tidy
from .exact_sentence import ExactSentence, signed

_WIDTH, _INK, _MUTED = 760, "#222", "#555"
_LETTER = 8.6  # about the width of a letter at 16 pixels


def sentence_svg(exact: ExactSentence, headline: str, below: str) -> str:
    """A white picture of at most 760 pixels in width."""
    chips, height = _chips(exact)
    top = 74
    parts = [_text(12, 28, tidy(headline, 84), 17, weight="600"), _text(12, 48, tidy(below, 120), 12, _MUTED)]
    largest = max((abs(value) for _, value in exact.shown), default=1.0)
    for subset, value in exact.joint:
        parts.append(_arc(subset, value, largest, chips, top))
    for word, (x, y, width) in zip(exact.words, chips, strict=True):
        parts.append(
            f'<rect x="{x:.1f}" y="{top + y}" width="{width:.1f}" height="28" rx="14" fill="#eee" stroke="#999"/>'
            + _text(x + width / 2, top + y + 19, tidy(word, 60), 16, anchor="middle")
        )
    y = top + height + 24
    for subset, value in exact.shown:
        style = degree_style(len(subset))
        long = 200 * abs(value) / largest
        x = 480 if value >= 0 else 480 - long
        parts.append(_text(252, y + 11, tidy(exact.name(subset), 32), 13, anchor="end"))
        parts.append(f'<path transform="translate(258 {y + 1})" d="{style.outline}" fill="{style.colour}"/>')
        parts.append(f'<rect x="{x:.1f}" y="{y}" width="{long:.1f}" height="13" fill="{style.colour}"/>')
        parts.append(_text(748, y + 11, signed(value), 13, anchor="end"))
        y += 19
    if exact.shown:
        parts.append(f'<path d="M480 {top + height + 20}V{y}" stroke="#777"/>')
    title = html.escape(headline, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 10}" width="{_WIDTH}" height="{y + 10}" '
        f'font-family="sans-serif" role="img" aria-label="{title}">'
        f'<rect width="{_WIDTH}" height="{y + 10}" fill="#fff"/>{"".join(parts)}</svg>'
    )


def _chips(exact):
    """Left, top and width of each word's chip, wrapped, and the height of all; the first row has arcs above it."""
    places, x, y = [], 12.0, 46
    for word in exact.words:
        width = min(breadth(tidy(word, 60)) * _LETTER + 24, _WIDTH - 24)
        if x + width > _WIDTH - 12 and x > 12:
            x, y = 12.0, y + 76
        places.append((x, y, width))
        x += width + 8
    return places, y + 28


def _arc(subset, value, largest, chips, top):
    path = ""
    for one, other in pairwise(subset):
        (x1, y1, w1), (x2, y2, w2) = chips[one], chips[other]
        x1, x2 = x1 + w1 / 2, x2 + w2 / 2
        high = top + min(y1, y2) - min(14 + abs(x2 - x1) * 0.16, 46)
        path += f"M{x1:.1f} {top + y1}C{x1:.1f} {high:.1f} {x2:.1f} {high:.1f} {x2:.1f} {top + y2}"
    dashes = ' stroke-dasharray="7 4"' if value < 0 else ""
    thick = 0.6 + 6.4 * abs(value) / largest
    colour = degree_style(len(subset)).colour
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thick:.2f}" opacity="0.85"{dashes}/>'


def _text(x, y, words, size, colour=_INK, weight="400", anchor="start"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{html.escape(words)}</text>'
    )
