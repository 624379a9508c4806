"""Static pictures of a spectrum, as SVG text: for pages that open without a notebook, offline."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...results import Spectrum
from ..kit.drawn import choose
from ..kit.evidence import holds
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


def coefficients_svg(spectrum: Spectrum, words: Mapping[str, str]) -> str:
    """The coefficients, strongest first, each with its standard error; hollow where the claim does not hold."""
    order, stands = choose(spectrum, None, DRAWN).order, holds(spectrum)

    def draw(axes: Axes) -> None:
        for row, at in enumerate(order):
            style = degree_style(len(spectrum.subsets[at]))
            axes.errorbar(
                spectrum.coefficients[at], row, xerr=spectrum.standard_errors[at], color=style.colour,
                marker=_MARKERS[style.marker], markersize=6, capsize=3,
                markerfacecolor=style.colour if stands[at] else "none",
            )  # fmt: skip
        axes.axvline(0, color="#888", linewidth=0.8, zorder=0)
        axes.set_yticks(range(len(order)), [label(spectrum, spectrum.subsets[at], 34) for at in order])
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.set_xlabel(words["x_coefficients"] + ("" if stands[list(order)].all() else words["x_hollow"]))

    return _svg(draw, 7.5, 1.0 + 0.27 * max(len(order), 3))


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
        names = [label(spectrum, spectrum.subsets[at], 20) for at in order]
        image = axes.imshow(np.abs(gram[np.ix_(order, order)]), cmap="Greys", vmin=0, vmax=1)
        axes.set_xticks(range(len(order)), names, rotation=90)
        axes.set_yticks(range(len(order)), names)
        axes.figure.colorbar(image, ax=axes, label=words["shade"])

    side = 2.5 + 0.25 * len(order)
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
