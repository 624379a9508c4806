"""Families of subsets over half-samples: a button, the work in the background, a sentence and a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from traitlets import Instance

from ...patterns import Patterns
from ...results import Families, Spectrum
from ..kit.banner import guarded, sentence
from ..kit.drawn import family_table
from ..kit.job import Job
from ..kit.table import SortableTable

# Patterns, target, the spectrum, and another output of the same network where there is one.
Data = Callable[[], tuple[Patterns, NDArray[np.float64], Spectrum, NDArray[np.float64] | None]]


def _look(patterns, y, spectrum, other, progress):
    progress.stage("Looking at half-samples")
    from ...compute import stability

    return stability(patterns, y, spectrum, other=other, progress=progress)


def sentence_of(found: Families) -> str:
    """What half-samples agree on, and what returns on disjoint halves beside what chance returns."""
    share, error = float(found.on_disjoint_halves.value), float(found.on_disjoint_halves.standard_error)
    if np.isnan(share):
        return "On two halves that share no sample no family was found: there are too few samples, or nothing is there."
    count = f"{len(found)} {'family' if len(found) == 1 else 'families'}"
    beside = f"random subsets: {float(found.by_chance.value):.0%}"
    if found.other_target is not None:
        beside = f"families of another output: {float(found.other_target.value):.0%}; {beside}"
    return (
        f"{count} of subsets that say nearly the same (correlation {found.level:g} or more). On two halves that share "
        f"no sample {share:.0%} ± {error:.0%} return ({beside}), and explain "
        f"{float(found.explained_variance.value):.0%} of the variance."
    )


class ReturningFamilies(widgets.VBox):
    """A button that looks for families in half-samples, with progress and Cancel, and what it finds.

    Attributes
    ----------
    families : Families or None
        The answer for what is shown; None until it is asked for.
    """

    families = Instance(Families, allow_none=True)

    def __init__(self, data: Data, banner: widgets.Widget):
        self._data, self.banner = data, banner
        self.button = widgets.Button(
            description="Does this return?",
            icon="refresh",
            tooltip="Look for families of subsets in 20 half-samples, and on two halves that share no sample",
            layout=widgets.Layout(width="auto", margin="0"),
        )
        self.job = Job(on_error=lambda error: banner.say(sentence(error)))
        row = widgets.HBox([self.button, self.job])
        row.add_class("actspec-job")
        self.sentence, self.table = widgets.HTML(), SortableTable()
        self.found = widgets.VBox([self.sentence, self.table], layout=widgets.Layout(display="none"))
        super().__init__([row, self.found])
        self.add_class("actspec-returning")
        self.button.on_click(self._asked)
        self.job.observe(self._job_changed, "state")

    def clear(self) -> None:
        """Stop what runs and forget the answer: another spectrum is shown."""
        self.job.cancel()
        self.families = None
        self.found.layout.display = "none"

    @guarded
    def _asked(self, _):
        self.job.start(partial(_look, *self._data()), self._deliver)

    def _deliver(self, result):
        self.sentence.value = f"<p>{sentence_of(result)}</p>"
        self.table.table = family_table(self._data()[2], result)
        self.found.layout.display = ""
        self.families = result

    @guarded
    def _job_changed(self, change):
        self.button.disabled = change.new in ("running", "stopping")
