"""The subsets in one layer: the coefficients, where each subset lives, and the settings behind them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import ipywidgets as widgets
from numpy.typing import ArrayLike
from traitlets import Bool, Float, Instance, Int, TraitError, Tuple, Unicode, Union, observe, validate
from traitlets import Enum as OneOf

from ..patterns import Patterns
from ..patterns.cube import as_subset
from ..patterns.thresholds import RULES
from ..results import Spectrum
from . import words
from .accessible import page_head
from .banner import Banner, guarded, sentence
from .controls import Choice, Controls
from .job import Job
from .recording import Recording, Settings, checked_image_shape
from .resampling import Resampling
from .sources import Source, record_and_compute, source
from .spectrum import SpectrumBars
from .subset_map import INFLUENCE, SubsetMap, UnitGrid

_SETTINGS = tuple(Settings.__dataclass_fields__)
_NONE = ("none selected", ())  # a dropdown takes None for "no option chosen" and shows a blank


class SpectrumExplorer(widgets.VBox):
    """Which subsets of units matter jointly for an output, how sure that is, and where they live.

    Give one of: a spectrum; recorded ``activations`` and ``outputs``; a ``model`` with ``layer`` and ``inputs``;
    or nothing, for the built-in example on handwritten digits.

    Parameters
    ----------
    spectrum : Spectrum, optional
    activations : Patterns, or array of shape (m, n) or (m, rows, columns), optional
    outputs : array, shape (m,) or (m, k), optional
    model : torch.nn.Module, optional
    layer : str, optional
        Name of a layer of ``model``, ``"input"`` for its inputs; or of the built-in example.
    inputs : array or tensor, optional
        What to run the model on.
    image_shape : (rows, columns), optional
        Draws units as the pixels of an image.
    output_names, unit_names : sequence of str, optional
    **settings
        ``logit``, ``max_degree``, ``max_subsets``, ``rho_max``, ``threshold``, ``alpha``, ``search``, ``split``,
        ``seed``: traits, see :func:`actspec_widgets.activation_spectroscopy`.

    Attributes
    ----------
    spectrum : Spectrum or None
        What is shown; None until the first one is computed. Can be set.
    selection : tuple of int or None
        The selected subset; clicks set it, and it can be set.
    busy : bool
        Whether a computation runs. Where an event loop runs, as in a notebook, computing goes on in the
        background and :meth:`wait` waits for it; elsewhere it is over when the setting has been set.

    Raises
    ------
    ValueError
        If the data do not fit each other, or it is not clear what to show.
    """

    spectrum = Instance(Spectrum, allow_none=True)
    selection = Tuple(default_value=None, allow_none=True)
    busy = Bool(False, read_only=True)

    logit = Int(0, min=0)
    threshold = Union([OneOf(RULES), Float()], default_value="zero")
    max_degree = Int(2, min=1)
    max_subsets = Int(20, min=1)
    rho_max = Float(0.9, min=0.01, max=1.0)
    alpha = Float(0.05, min=1e-12, max=1 - 1e-12)
    search = Unicode("auto")
    split = Float(0.5, min=0.01, max=0.99)
    seed = Int(0, min=0)

    def __init__(
        self,
        spectrum: Spectrum | None = None,
        *,
        activations: Patterns | ArrayLike | None = None,
        outputs: ArrayLike | None = None,
        model: Any = None,
        layer: str | None = None,
        inputs: Any = None,
        image_shape: Sequence[int] | None = None,
        output_names: Sequence[str] | None = None,
        unit_names: Sequence[str] | None = None,
        **settings: Any,
    ):
        if unknown := set(settings) - set(_SETTINGS):
            raise TypeError(f"SpectrumExplorer has no setting {sorted(unknown)[0]!r}; it has {', '.join(_SETTINGS)}")
        self._delivering = False
        self._ready = False  # nothing is computed or drawn before every part is there
        self._recording: Recording | None = None
        self._image_shape: tuple[int, int] | None = None
        self._computed: Settings | None = None
        names = {"output_names": output_names, "image_shape": image_shape, "unit_names": unit_names}
        data = {"activations": activations, "outputs": outputs, "model": model, "layer": layer, "inputs": inputs}
        self._source: Source | None = None
        if spectrum is None:
            self._source = source(**data, names=names)
        elif extra := [name for name, given in data.items() if given is not None]:
            raise ValueError(f"got a spectrum and {' and '.join(extra)}; give a spectrum, or data to compute one from")
        else:
            self._image_shape = checked_image_shape(image_shape, spectrum.n_units)
        self._target_given = str(output_names[0]) if spectrum is not None and output_names else "the output"
        self._build()
        super().__init__(self._parts)
        self.add_class("actspec")
        for name, value in settings.items():
            setattr(self, name, value)
        self._connect()
        self._ready = True
        if spectrum is not None:
            self._filter_only(spectrum, settings)
            self.spectrum = spectrum
        else:
            self._show_everything()
            self._request()

    # The parts and how they hang together.

    def _build(self) -> None:
        self.banner = Banner()
        self.title, self.empty, self.words, self.coverage = (widgets.HTML() for _ in range(4))
        self.controls = Controls()
        self.hint = widgets.HTML()
        self.job = Job(on_error=self._failed)
        self.bars, self.map = SpectrumBars(), SubsetMap()
        self.subset = Choice([_NONE], description="Subset")
        self.subset.tooltip = "Choose a subset here, or click its bar"
        self.resampling = Resampling(self._basis, self.banner)
        chooser = widgets.VBox([self.subset])
        chooser.add_class("actspec-field")
        self.side = widgets.VBox([chooser, self.map, self.words])
        self.side.add_class("actspec-side")
        self.main = widgets.Box([self.bars, self.side])
        self.main.add_class("actspec-main")
        beside = self.hint if self._source is None else self.job
        self._parts = (*page_head(), self.title, self.controls, beside, self.banner)

    def _connect(self) -> None:
        for name in self.controls.fields:
            self.controls.show(name, getattr(self, name))
        self.controls.on_turn(self._turned)
        self.job.observe(self._job_changed, "state")
        self.bars.observe(self._picked, "selection")
        self.subset.observe(self._picked, "choice")
        self.resampling.observe(self._stability_changed, "stability")

    def _filter_only(self, spectrum, settings):
        largest = max((len(s) for s in spectrum.subsets), default=1)
        self.controls.keep_only(["max_degree", "max_subsets"] if len(spectrum) else [])
        self.controls.max_degree.max, self.controls.max_subsets.max = largest, max(len(spectrum), 1)
        self.max_degree = settings.get("max_degree", largest)
        self.max_subsets = settings.get("max_subsets", max(len(spectrum), 1))
        self.hint.value = words.NEEDS_DATA

    # Control -> trait -> one compute call -> new spectrum -> each view redraws.

    @guarded
    def _turned(self, name, value):
        setattr(self, name, value)

    @observe(*_SETTINGS)
    def _setting_changed(self, change):
        if not self._ready:
            return
        if change.name in self.controls.fields:
            self.controls.show(change.name, change.new)
        if self._source is None:
            self._filter()
        else:
            self._request()

    @validate("logit")
    def _check_logit(self, proposal):
        if getattr(self, "_recording", None) is not None:
            try:
                self._recording.target(proposal.value)
            except ValueError as error:
                raise TraitError(str(error)) from None
        return proposal.value

    @property
    def settings(self) -> dict[str, Any]:
        """The settings as they stand."""
        return {name: getattr(self, name) for name in _SETTINGS}

    def wait(self, timeout: float | None = None) -> SpectrumExplorer:
        """Block until the newest settings are computed and shown.

        Raises
        ------
        TimeoutError
            If that takes longer than ``timeout`` seconds.
        """
        if not self.job.wait(timeout):
            raise TimeoutError(f"still computing after {timeout:g} s; wait longer, or call cancel()")
        return self

    def cancel(self) -> None:
        """Stop the computation that runs; what is shown stays."""
        self.job.cancel()

    def close(self) -> None:
        if hasattr(self, "job"):  # Python closes a widget also when its constructor has failed
            self.job.close()
            self.resampling.job.close()
        super().close()

    def _request(self) -> None:
        settings, known = Settings(**self.settings), self._recording or self._source
        if known is not None:
            self.job.start(partial(record_and_compute, known, settings), partial(self._deliver, settings))

    def _deliver(self, settings, result):
        recording, spectrum = result
        self._recording, self._computed = recording, settings
        self._image_shape = recording.image_shape
        self.controls.offer_outputs(recording.output_names, self.logit)
        if isinstance(recording.activations, Patterns):
            self.controls.keep_only([name for name in self.controls.fields if name != "threshold"])
        self.banner.clear()
        self._delivering = True
        try:
            self.spectrum = spectrum
        finally:
            self._delivering = False

    def _failed(self, error):
        self.banner.say(sentence(error))

    @guarded
    def _job_changed(self, change):
        self.set_trait("busy", change.new in ("running", "stopping"))
        if self.spectrum is None:
            self.title.value = words.waiting_html(self.busy)

    # What is drawn.

    @observe("spectrum")
    def _spectrum_changed(self, change):
        if self._ready:
            self.resampling.clear()
            if not self._delivering:
                self.job.cancel()  # what is being computed must not replace what was set just now
                self._computed = None
            self._show_everything()

    @property
    def target(self) -> str:
        """Name of the output that the spectrum explains."""
        if self._recording is None or self._computed is None:
            return self._target_given
        return self._recording.target_name(self._computed.logit)

    @property
    def _unit(self):
        return "pixel" if self._pixels else "unit"

    @property
    def _pixels(self):
        s, shape = self.spectrum, self._image_shape
        return shape if s is not None and shape is not None and shape[0] * shape[1] == s.n_units else None

    def _show_everything(self):
        s = self.spectrum
        some = s is not None and len(s) > 0
        self.title.value = words.waiting_html(self.busy) if s is None else words.title_html(s, self.target, self._unit)
        self.job.aftermath = "" if s is None else "The picture is the one from before."
        self.empty.value = words.empty_html(s) if s is not None and not some else ""
        self.coverage.value = words.coverage_html(s, self._unit) if some else ""
        if self.selection is not None and (s is None or self.selection not in s.subsets):
            self.selection = None
        if s is not None:
            self.map.grid = self._grid(s)
        with self.bars.hold_trait_notifications():
            self.bars.target, self.bars.unit, self.bars.spectrum = self.target, self._unit, s
        self._filter()
        again = (self.resampling,) if self._computed is not None else ()
        below = (self.main, *again, self.coverage) if some else (self.empty,)
        self.children = (*self._parts, *below)

    def _grid(self, s):
        if not self._pixels:
            return UnitGrid.of_units(s.influences())
        if self._recording is None or self._computed is None:
            return UnitGrid.of_image(self._pixels, s.influences(), INFLUENCE)
        return UnitGrid.of_image(self._pixels, *self._recording.backdrop(self._computed.logit))

    def _filter(self):
        if self._source is None:
            with self.bars.hold_trait_notifications():
                self.bars.max_degree, self.bars.max_subsets = self.max_degree, self.max_subsets
        self._list_subsets()
        self._show_selection()

    def _list_subsets(self):
        s = self.spectrum
        options: list[tuple[str, Any]] = [_NONE]
        if s is not None:
            options += [(words.marked_label(s, s.subsets[i], 60), s.subsets[i]) for i in self.bars.drawn.order]
            if self.selection is not None and self.selection not in [value for _, value in options]:
                options.append((f"{words.label(s, self.selection, 60)} (not drawn)", self.selection))
        self.subset.offer(options, self.selection or ())

    def _basis(self):
        known, recording = self._computed, self._recording
        return recording.patterns(known.threshold, known.logit), recording.target(known.logit), self.spectrum

    @guarded
    def _stability_changed(self, change):
        self.bars.stability = change.new

    # Selection.

    @validate("selection")
    def _check_selection(self, proposal):
        if proposal.value is None or getattr(self, "spectrum", None) is None:
            return proposal.value
        try:
            return as_subset(proposal.value, self.spectrum.n_units) or None
        except (TypeError, ValueError) as error:
            raise TraitError(str(error)) from None

    @observe("selection")
    def _selection_changed(self, change):
        if self._ready:
            self._list_subsets()
            self._show_selection()

    @guarded
    def _picked(self, change):
        self.selection = change.new or None

    def _show_selection(self):
        s, subset = self.spectrum, self.selection
        self.bars.selection = self.map.selection = subset
        if s is None or subset is None:
            self.words.value = words.INVITATION
        else:
            columns = self._pixels[1] if self._pixels else None
            self.words.value = words.subset_html(s, subset, self.target, self._unit, columns)
