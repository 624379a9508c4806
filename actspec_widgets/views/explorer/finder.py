"""A lab whose result is a spectrum: the settings, where the data come from, and the call that computes."""

from __future__ import annotations

from typing import Any

from traitlets import Enum as OneOf
from traitlets import Float, Instance, Int, TraitError, Unicode, Union, validate

from ...patterns import Patterns
from ...patterns.thresholds import RULES
from ...results import Spectrum
from ..kit.lab import Lab
from .code import filter_code, spectrum_code
from .finding import Finding, find
from .recording import Recording
from .sources import Source


class Finder(Lab):
    """Turns settings and a source into findings; how they are shown is the subclass's affair.

    Parameters
    ----------
    source : Source or None
        None where a spectrum is given finished.
    target_name : str
        What such a spectrum explains.
    **settings
        Any of ``SETTINGS`` but the layer.
    """

    SETTINGS = (
        "layer", "logit", "threshold", "max_degree", "top", "rho_max", "alpha", "search", "split", "seed",
    )  # fmt: skip
    AFTERMATH = ""  # until there is a picture

    spectrum = Instance(Spectrum, allow_none=True)

    layer = Unicode(None, allow_none=True)
    logit = Int(0, min=0)
    threshold = Union([OneOf(RULES), Float()], default_value="zero")
    max_degree = Int(2, min=1)
    top = Int(20, min=1)
    rho_max = Float(0.9, min=0.01, max=1.0)
    alpha = Float(0.05, min=1e-12, max=1 - 1e-12)
    search = Unicode("auto")
    split = Float(0.5, min=0.01, max=0.99)

    def __init__(self, source: Source | None, target_name: str, **settings: Any):
        self._source, self._target_given = source, target_name
        self._finding: Finding | None = None
        self._recording: Recording | None = None  # the latest, also when the spectrum shown is another's
        super().__init__(**settings)
        if source is not None:
            self.layer = source.layer

    @validate("logit")
    def _check_logit(self, proposal):
        if self._recording is not None:
            try:
                self._recording.target(proposal.value)
            except ValueError as error:
                raise TraitError(str(error)) from None
        return proposal.value

    @validate("layer")
    def _check_layer(self, proposal):
        if self._source is not None:
            try:
                self._source.check(proposal.value)
            except ValueError as error:
                raise TraitError(str(error)) from None
        elif proposal.value is not None:
            raise TraitError(f"layer={proposal.value!r}; a finished spectrum is of one layer only")
        return proposal.value

    def _work(self, settings, report):
        return find(self._source, settings, report)

    def _deliver(self, settings, result: Finding):
        self._finding, self._recording = result, result.recording

    @property
    def target(self) -> str:
        """Name of the output that the spectrum explains."""
        return self._target_given if self._finding is None else self._finding.target_name

    def about(self) -> dict[str, Any]:
        if self._finding is None:
            return {"output": self.target, **({} if self.spectrum is None else self.spectrum.settings)}
        settings = dict(self._finding.settings)
        if isinstance(self._finding.recording.activations, Patterns):
            settings.pop("threshold")  # on and off already
        return {"output": self.target, **{name: value for name, value in settings.items() if value is not None}}

    def code(self) -> str:
        """The lines of Python that reproduce what is shown.

        Raises
        ------
        ValueError
            If there is nothing to show yet.
        """
        if self._source is None:
            return filter_code(self.settings, self.selection)
        if self._finding is None:
            raise ValueError("no spectrum has been computed from the data yet; wait() for it, or run() again")
        return spectrum_code(self._source, self._finding, self.selection)
