"""Static pictures of a spectrum, as SVG text: for pages that open without a notebook, offline."""

from __future__ import annotations

import base64
import io
import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...results import Spectrum
from ..kit.drawn import choose
from ..kit.evidence import holds
from ..kit.still import png
from ..kit.theme import degree_style
from ..kit.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 40  # subsets in a picture; the rest are summed and said
_MARKERS = {"circle": "o", "diamond": "D", "triangle-up": "^", "square": "s", "cross": "P"}
_SETTINGS: Any = {
    "svg.fonttype": "none",  # the reader's own fonts: names in any script
    "svg.hashsalt": "actspec",  # the same spectrum, the same bytes
    "text.parse_math": False,  # a name with dollars is a name
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def coefficients_svg(
    spectrum: Spectrum, words: Mapping[str, str], order: Sequence[int] | None = None, stands: NDArray | None = None
) -> str:
    """The coefficients, strongest first or as asked, each with its standard error; hollow where it does not hold."""
    order = choose(spectrum, None, DRAWN).order if order is None else order
    stands = holds(spectrum) if stands is None else stands

    def draw(axes: Axes) -> None:
        for row, at in enumerate(order):
            style = degree_style(len(spectrum.subsets[at]))
            axes.errorbar(
                spectrum.coefficients[at], row, xerr=spectrum.standard_errors[at], color=style.colour,
                marker=_MARKERS[style.marker], markersize=6, capsize=3,
                markerfacecolor=style.colour if stands[at] else "none",
            )  # fmt: skip
        axes.axvline(0, color="#888", linewidth=0.8, zorder=0)
        axes.set_yticks(range(len(order)), [label(spectrum, spectrum.subsets[at], 38) for at in order])
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.set_xlabel(words["x_coefficients"] + ("" if stands[list(order)].all() else words["x_hollow"]))

    return _svg(draw, 7.5, 1.0 + 0.27 * max(len(order), 3))


def image_svg(values: NDArray, subsets: Sequence[Subset], side: int) -> str:
    """An image in grey, the pixels of some subsets outlined on it, and those of one subset joined by a line.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    subsets : sequence of subsets
        Pixels are numbered row after row.
    side : int
        Pixels in the page, of the longer side.
    """
    rows, columns = values.shape
    scale = side / max(rows, columns)
    link = base64.b64encode(png(values)).decode()
    drawn = [
        f'<image width="{columns}" height="{rows}" preserveAspectRatio="none" opacity="0.75" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{link}"/>'
    ]
    for subset in subsets:
        colour = degree_style(len(subset)).colour
        corners = [(pixel % columns, pixel // columns) for pixel in subset]
        drawn += [
            f'<path d="M{a + 0.5} {b + 0.5}L{c + 0.5} {d + 0.5}" stroke="{colour}" stroke-width="0.35"/>'
            for (a, b), (c, d) in itertools.pairwise(corners)
        ]
        drawn += [
            f'<rect x="{a}" y="{b}" width="1" height="1" fill="none" stroke="{colour}" stroke-width="0.35"/>'
            for a, b in corners
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {rows}" width="{columns * scale:.0f}" '
        f'height="{rows * scale:.0f}">{"".join(drawn)}</svg>'
    )


def degree_weights_svg(spectrum: Spectrum, words: Mapping[str, str]) -> str:
    """Sum of squared coefficients by subset size."""
    measure = spectrum.summary_numbers()["degree_weights"]
    weights, errors = np.asarray(measure.value)[1:], np.asarray(measure.standard_error)[1:]

    def draw(axes: Axes) -> None:
        for size, (weight, error) in enumerate(zip(weights, errors, strict=True), start=1):
            axes.bar(
                size, weight, color=degree_style(size).colour, yerr=error if np.isfinite(error) else None, capsize=4
            )
        axes.set_xticks(range(1, len(weights) + 1))
        axes.set_xlabel(words["x_sizes"])
        axes.set_ylabel(words["y_sizes"])

    return _svg(draw, 4.5, 3.0)


def redundancy_svg(spectrum: Spectrum, words: Mapping[str, str]) -> str:
    """Which of the strongest subsets repeat each other: the means of the products of their characters.

    Raises
    ------
    ValueError
        If the spectrum does not carry them.
    """
    if spectrum.gram is None:
        raise ValueError("this spectrum does not carry its gram matrix; compute it with activation_spectroscopy")
    gram = spectrum.gram
    order = choose(spectrum, None, 20).order

    def draw(axes: Axes) -> None:
        names = [label(spectrum, spectrum.subsets[at], 38) for at in order]
        image = axes.imshow(np.abs(gram[np.ix_(order, order)]), cmap="Greys", vmin=0, vmax=1)
        axes.set_xticks(range(len(order)), names, rotation=90)
        axes.set_yticks(range(len(order)), names)
        axes.figure.colorbar(image, ax=axes, label=words["shade"])

    side = 3.5 + 0.25 * len(order)
    return _svg(draw, side + 1, side)


def _svg(draw: Callable[[Axes], None], width: float, height: float) -> str:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures for a page need matplotlib; pip install matplotlib") from error
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")  # the reader's browser has the letters
        made = Figure(figsize=(width, height), layout="constrained")
        draw(made.subplots())
        file = io.BytesIO()
        made.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue().decode()
