"""Every method that is compared, this package's and those of other libraries, one file a library.

The other libraries come with ``pip install "actspec_widgets[neighbours]"``; one is imported when its method is first
used. Where settings were tried, it was on problems apart from those of the studies, and the method says what was
seen; all else is the default.
"""

from __future__ import annotations

from .actspec import ACTSPEC
from .base import Found, Method, Problem
from .captum import CAPTUM
from .interpret import INTERPRET
from .shapiq import SHAPIQ
from .sklearn import SKLEARN

METHODS: dict[str, Method] = {method.name: method for method in (*ACTSPEC, *SHAPIQ, *CAPTUM, *SKLEARN, *INTERPRET)}

__all__ = ["METHODS", "Found", "Method", "Problem", "method"]


def method(name: str) -> Method:
    """The method of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in METHODS:
        raise ValueError(f"there is no method {name!r}; choose one of {', '.join(METHODS)}")
    return METHODS[name]
