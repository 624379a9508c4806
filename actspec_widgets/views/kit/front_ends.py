"""Which JavaScript the widgets on the page need: the browser's halves of their Python classes."""

from __future__ import annotations

import anywidget
import bqplot
from bqscales import LinearScale


def front_ends() -> dict[str, str]:
    """The version, as npm writes a range, that each library's Python half names for its half in the browser.

    Examples
    --------
    >>> sorted(front_ends())
    ['anywidget', 'bqplot', 'bqscales']
    """
    needed = {}
    for kind in (anywidget.AnyWidget, bqplot.Figure, LinearScale):
        traits = kind.class_traits()
        needed[traits["_model_module"].default_value] = traits["_model_module_version"].default_value
    return needed
