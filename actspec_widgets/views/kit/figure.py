"""The one way we make a bqplot figure, and error bars, for which bqplot has no mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bqplot as bq
import ipywidgets as widgets
import numpy as np
from numpy.typing import ArrayLike, NDArray


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
    return np.round(ticks, max(0, 1 - exponent)) + 0.0  # no rounding dust, and no -0


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
