"""The one way to make a bqplot figure: its axes, its marks by subset size, and error bars, which bqplot lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .theme import DEGREES, INK, RULE


def figure(
    marks: Sequence[bq.Mark],
    axes: Sequence[bq.Axis] = (),
    *,
    name: str,
    height: int,
    width: str = "100%",
    margin: tuple[int, int, int, int] = (8, 12, 44, 56),
    **options: Any,
) -> bq.Figure:
    """A figure of fixed height in pixels that fits the theme; ``margin`` is top, right, bottom, left.

    ``name`` becomes the CSS class ``actspec-<name>``.
    """
    made = bq.Figure(
        marks=list(marks),
        axes=list(axes),
        fig_margin=dict(zip(("top", "right", "bottom", "left"), margin, strict=True)),
        layout=widgets.Layout(width=width, height=f"{height}px", min_width="0"),
        display_toolbar=False,
        padding_y=0,
        **options,
    )
    made.add_class("actspec-figure")
    made.add_class(f"actspec-{name}")
    return made


def place(mark: bq.Mark, x: ArrayLike, y: ArrayLike) -> None:
    """Move a mark; one message to the browser, so that it never sees ``x`` without its ``y``."""
    with mark.hold_sync():
        mark.x, mark.y = x, y


def set_range(scale: bq.Scale, low: float, high: float) -> None:
    """Both ends of a scale in one message."""
    with scale.hold_sync():
        scale.min, scale.max = float(low), float(high)


def value_axis(scale: bq.Scale) -> bq.Axis:
    """The upright axis of values, with lines across the figure."""
    return bq.Axis(scale=scale, orientation="vertical", grid_lines="solid", grid_color=RULE, tick_format=".4~g")


def degree_points(scales: dict[str, bq.Scale], size: int = 44) -> list[bq.Scatter]:
    """Points for each of the theme's styles: the colour and, as a second cue, the shape stand for a subset's size."""
    return [
        bq.Scatter(x=[], y=[], scales=scales, marker=s.marker, colors=[s.colour], default_size=size) for s in DEGREES
    ]


def error_bars(scales: dict[str, bq.Scale]) -> bq.Lines:
    """The mark for :func:`whiskers`."""
    return bq.Lines(x=[], y=[], scales=scales, colors=[INK], stroke_width=1.2)


def texts(scales: dict[str, bq.Scale], size: int, **options: Any) -> bq.Label:
    """Writing inside a figure."""
    return bq.Label(
        x=[0.0], y=[0.0], text=[""], scales=scales, colors=[INK], default_size=size, font_weight="normal", **options
    )


def round_ticks(low: float, high: float, about: int = 7) -> NDArray[np.float64]:
    """Multiples of 1, 2 or 5 times a power of ten inside a range.

    Examples
    --------
    >>> round_ticks(-0.93, 0.8).tolist()
    [-0.5, 0.0, 0.5]
    """
    exponent = int(np.floor(np.log10((high - low) / about)))
    unit = 10.0**exponent
    step = next(s for s in (1, 2, 5, 10) if s * unit * about >= high - low)
    ticks = np.arange(np.ceil(low / (step * unit)), np.floor(high / (step * unit)) + 1) * step * unit
    return np.round(ticks, max(0, 1 - exponent)) + 0.0  # neither 0.30000000000000004 nor -0


def whiskers(at: ArrayLike, values: ArrayLike, errors: ArrayLike) -> tuple[NDArray, NDArray]:
    """``(position, value)`` of one broken line: from value - error to value + error at each position.

    The gaps are NaN; there is none at the end, where bqplot would log an error to the browser's console.

    Examples
    --------
    >>> position, value = whiskers([0, 1], [5.0, 7.0], [1.0, 2.0])
    >>> position.tolist(), value.tolist()
    ([0.0, 0.0, nan, 1.0, 1.0], [4.0, 6.0, nan, 5.0, 9.0])
    """
    at, values, errors = (np.asarray(a, dtype=np.float64) for a in (at, values, errors))
    gap = np.full(at.size, np.nan)
    positions = np.stack([at, at, gap], axis=1).ravel()[:-1]
    return positions, np.stack([values - errors, values + errors, gap], axis=1).ravel()[:-1]
