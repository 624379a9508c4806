"""Buttons that save a picture as PNG or SVG, and its numbers as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
from traitlets import List, Unicode

from .banner import sentence


class Downloads(anywidget.AnyWidget):
    """A row of buttons in a :class:`~actspec_widgets.views.kit.part.Part`.

    The browser saves the picture as it looks, heading and legend included, with every colour and font written into
    the file: bqplot's own export leaves the rules of our style sheet out. It needs nothing but the page. The numbers
    come from Python when asked for, so that a long table does not lie in the page.

    Parameters
    ----------
    what : str
        What the files hold, as in "weights by degree".
    csv : callable
        Gives the text of the CSV file.
    kinds : sequence of str
        Of "PNG", "SVG" and "CSV".
    """

    _esm = Path(__file__).parent / "js" / "downloads.js"
    what = Unicode().tag(sync=True)
    stem = Unicode().tag(sync=True)
    kinds: Any = List().tag(sync=True)

    def __init__(self, what: str, csv: Callable[[], str], kinds: Sequence[str] = ("PNG", "SVG", "CSV")):
        self._csv = csv
        stem = "actspec-" + re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-")
        super().__init__(what=what, stem=stem, kinds=list(kinds))
        self.on_msg(self._asked)

    def _asked(self, _, message, buffers):
        try:
            text = self._csv()
        except Exception as error:  # an exception here would show in JupyterLab's log only
            self.send({"error": sentence(error)})
        else:
            self.send({}, buffers=[text.encode()])
