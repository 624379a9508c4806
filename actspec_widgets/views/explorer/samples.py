"""A recorded sample as HTML: an image, a text, or its number."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from numpy.typing import NDArray

from ..kit.still import png
from ..kit.theme import degree_style
from ..kit.words import tidy

_SIDE = 64  # pixels in the page: the longer side of an image
_MOST = 292 * 292  # cells of an image that is drawn; the same bound as the map of units
_LETTERS = 280  # of a text


def sample_html(
    shown: str | NDArray | None, name: str, caption: str, pixels: Sequence[int] = (), flipped: Sequence[int] = ()
) -> str:
    """One sample.

    Parameters
    ----------
    shown : str, array of shape (rows, columns), or None
    name : str
        Such as "sample 12", read aloud in the place of an image.
    caption : str
        Written below.
    pixels, flipped : sequence of int
        Pixels of the image to outline, and those of them to mark as turned over.
    """
    below = f"<figcaption>{html.escape(name)}<br><b>{html.escape(caption)}</b></figcaption>"
    if isinstance(shown, str):
        text = html.escape(tidy(shown, _LETTERS))
        return f'<figure class="actspec-text"><blockquote dir="auto">{text}</blockquote>{below}</figure>'
    if shown is None or shown.size > _MOST:
        return f'<figure class="actspec-number">{below}</figure>'
    rows, columns = shown.shape
    scale = _SIDE / max(rows, columns)
    link = base64.b64encode(png(shown)).decode()
    colour = degree_style(len(pixels)).colour
    marks = "".join(
        f'<rect x="{p % columns}" y="{p // columns}" width="1" height="1" fill="none" stroke="{colour}" '
        f'stroke-width="{1 if p in flipped else 0.6}"/>'
        for p in pixels
    )
    return (
        f'<figure><svg viewBox="0 0 {columns} {rows}" width="{columns * scale:.0f}" height="{rows * scale:.0f}" '
        f'role="img" aria-label="{html.escape(name)}"><image class="actspec-image" width="{columns}" height="{rows}" '
        f'preserveAspectRatio="none" href="data:image/png;base64,{link}"/>{marks}</svg>{below}</figure>'
    )
