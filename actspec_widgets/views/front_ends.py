"""Which JavaScript the widgets on the page need: the browser's halves of their Python classes."""

from __future__ import annotations

import bqplot
from bqscales import LinearScale


def front_ends() -> dict[str, str]:
    """The version, as npm writes a range, that each library's Python half names for its half in the browser.

    Examples
    --------
    >>> sorted(front_ends())
    ['bqplot', 'bqscales']
    """
    return {
        kind.class_traits()["_model_module"].default_value: kind.class_traits()["_model_module_version"].default_value
        for kind in (bqplot.Figure, LinearScale)
    }
