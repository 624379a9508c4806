"""Methods of other libraries, asked for by name; a library is imported when its method is first used.

They come with ``pip install "actspec_widgets[neighbours]"``. Where settings were tried,
it was on problems apart from those of the studies, and the method says what was seen; all else is the default.
"""

from __future__ import annotations

from .captum_methods import CAPTUM
from .common import Neighbour, missing
from .interpret_methods import INTERPRET
from .shapiq_methods import SHAPIQ
from .sklearn_methods import SKLEARN

METHODS: dict[str, Neighbour] = {method.name: method for method in (*SHAPIQ, *CAPTUM, *SKLEARN, *INTERPRET)}

__all__ = ["METHODS", "Neighbour", "missing"]
