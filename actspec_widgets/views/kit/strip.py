"""Columns of short texts beside a picture of rows: what is known of each row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
from traitlets import Dict, Int

from .evidence import Fact
from .words import breadth

_LETTER = 6.7  # pixels


class Strip(anywidget.AnyWidget):
    """As many lines as the picture beside it has rows, each as high as its row; a click on one sets ``chosen``.

    The table under the picture holds the same numbers for screen readers.

    Attributes
    ----------
    chosen : int
        Row, -1 for none.
    """

    _esm = (Path(__file__).parent / "js" / "strip.js").read_text(encoding="utf-8")
    content = Dict().tag(sync=True)
    chosen = Int(-1).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def show(
        self, facts: Sequence[Fact], faint: Sequence[bool], words: Sequence[str], above: float, height: float
    ) -> None:
        """Show columns of facts.

        Parameters
        ----------
        facts : sequence of Fact
        faint : sequence of bool
            For each row, whether it is written faintly.
        words : sequence of str
            All that is known of a row, shown when the pointer rests on it.
        above, height : float
            Pixels from the top to the first row, and of each row.
        """
        self.content = {
            "above": above,
            "height": height,
            "heads": [{"text": fact.head, "help": fact.help} for fact in facts],
            "widths": [round(_LETTER * max(map(breadth, (fact.head, *fact.cells)))) for fact in facts],
            "cells": [list(row) for row in zip(*(fact.cells for fact in facts), strict=True)],
            "faint": [bool(f) for f in faint],
            "words": list(words),
        }

    def clear(self) -> None:
        """Take no room."""
        self.show((), (), (), 0, 0)
