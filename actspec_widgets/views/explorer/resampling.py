"""How often each subset returns on resampled data: a button, the work in the background, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from traitlets import Instance

from ...patterns import Patterns
from ...results import Spectrum, Stability
from ..kit.banner import guarded, sentence
from ..kit.job import Job

Data = Callable[[], tuple[Patterns, NDArray[np.float64], Spectrum]]


def _rerun(patterns, y, spectrum, progress):
    progress.stage("Running again on other splits")
    from ...compute import stability

    return stability(patterns, y, spectrum, progress=progress)


class Resampling(widgets.HBox):
    """A button that reruns the method on resampled data, with progress and Cancel.

    Attributes
    ----------
    stability : Stability or None
        The answer for what is shown; None until it is asked for.
    """

    stability = Instance(Stability, allow_none=True)

    def __init__(self, data: Data, banner: widgets.Widget):
        self._data, self.banner = data, banner
        self.button = widgets.Button(
            description="How stable is this?",
            icon="refresh",
            tooltip="Run the method again on 20 other splits of the samples and count how often each subset returns",
            layout=widgets.Layout(width="auto", margin="0"),
        )
        self.job = Job(on_error=lambda error: banner.say(sentence(error)))
        super().__init__([self.button, self.job])
        self.button.on_click(self._asked)
        self.job.observe(self._job_changed, "state")
        self.add_class("actspec-job")

    def clear(self) -> None:
        """Stop what runs and forget the answer: another spectrum is shown."""
        self.job.cancel()
        self.stability = None

    @guarded
    def _asked(self, _):
        patterns, y, spectrum = self._data()
        self.job.start(partial(_rerun, patterns, y, spectrum), self._deliver)

    def _deliver(self, result):
        self.stability = result

    @guarded
    def _job_changed(self, change):
        self.button.disabled = change.new in ("running", "stopping")
