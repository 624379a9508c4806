"""The subsets in one layer: the coefficients, where each subset lives, and the settings behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from numpy.typing import ArrayLike
from traitlets import observe

from ...patterns import Patterns
from ...results import Spectrum
from ..kit import words
from ..kit.accessible import page_head
from ..kit.banner import guarded
from ..kit.controls import Controls
from ..parts.spectrum import MOST_AT_FIRST, MOST_BARS, SpectrumBars
from ..parts.subset_map import INFLUENCE, UnitGrid
from .beside import SelectedSubset
from .explorer_panels import ExplorerPanels
from .finder import Finder
from .finding import Finding
from .recording import checked_image_shape
from .resampling import Resampling
from .sources import Source, source


class SpectrumExplorer(Finder):
    """Which subsets of units matter jointly for an output, how sure that is, and where they live.

    Give one of: a spectrum; recorded ``activations`` and ``outputs``; a ``model`` with ``inputs``; or nothing, for the
    built-in example on handwritten digits.

    Parameters
    ----------
    spectrum : Spectrum, optional
    activations : Patterns, or array of shape (m, n) or (m, rows, columns), optional
    outputs : array, shape (m,) or (m, k), optional
    model : torch.nn.Module, optional
    layer : str, optional
        Name of a layer of ``model``, ``"input"`` for its inputs; or of the built-in example, "pixels" or "hidden".
        Default: the first of ``layers``, else the last activation function.
    layers : sequence of str, optional
        The layers to choose from; default all that have a name.
    inputs : array or tensor, optional
        What to run the model on.
    examples : sequence of m str, or array of shape (m, rows, columns), optional
        The samples for people's eyes; by default the images that the data are, if they are.
    image_shape : (rows, columns), optional
        Draws units as the pixels of an image.
    output_names, unit_names : sequence of str, optional
        ``unit_names`` are those of ``layer``.
    **settings
        ``logit``, ``max_degree``, ``top``, ``rho_max``, ``threshold``, ``alpha``, ``search``, ``split``,
        ``seed``: traits, see :func:`actspec_widgets.activation_spectroscopy`.

    Attributes
    ----------
    spectrum : Spectrum or None
        What is shown; None until the first one is computed. Can be set.
    selection : tuple of int or None
        The selected subset; clicks set it, and it can be set.
    layer : str or None
        Can be set, like every setting. None for arrays.
    busy : bool
        Whether a computation runs. Where an event loop runs, as in a notebook, computing goes on in the
        background and :meth:`wait` waits for it; elsewhere it is over when the setting has been set.

    Raises
    ------
    ValueError
        If the data do not fit each other, or it is not clear what to show.

    Examples
    --------
    >>> from actspec_widgets import synthetic
    >>> hidden = synthetic.planted(8, [(0, 1)], [1.0], samples=400, noise=0.5, seed=0)
    >>> explorer = SpectrumExplorer(activations=hidden.patterns, outputs=hidden.target, max_degree=2)
    >>> explorer.spectrum.subsets
    ((0, 1),)
    >>> explorer.selection = (0, 1)  # as a click on its bar does
    """

    controls: Any

    def __init__(
        self,
        spectrum: Spectrum | None = None,
        *,
        activations: Patterns | ArrayLike | None = None,
        outputs: ArrayLike | None = None,
        model: Any = None,
        layer: str | None = None,
        layers: Sequence[str] | None = None,
        inputs: Any = None,
        examples: Sequence[str] | ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        output_names: Sequence[str] | None = None,
        unit_names: Sequence[str] | None = None,
        **settings: Any,
    ):
        self._ready = False  # nothing is computed or drawn before every part is there
        self._delivering = False
        self._image_shape: tuple[int, int] | None = None
        data = {
            "activations": activations, "outputs": outputs, "model": model, "layer": layer, "layers": layers,
            "inputs": inputs,
        }  # fmt: skip
        origin: Source | None = None
        if spectrum is None:
            names = {"output_names": output_names, "image_shape": image_shape, "unit_names": unit_names}
            origin = source(**data, names={**names, "examples": examples})
        elif extra := [name for name, given in {**data, "examples": examples}.items() if given is not None]:
            raise ValueError(f"got a spectrum and {' and '.join(extra)}; give a spectrum, or data to compute one from")
        else:
            self._image_shape = checked_image_shape(image_shape, spectrum.n_units)
        super().__init__(
            origin, str(output_names[0]) if spectrum is not None and output_names else "the output", **settings
        )
        self._build()
        if spectrum is not None:
            self._filter_only(spectrum, settings)
        self._connect()
        self._ready = True
        if spectrum is not None:
            self.spectrum = spectrum
        else:
            self._show_everything()
            self.run()

    # The parts and how they hang together.

    def _build(self) -> None:
        self.title, self.empty, self.coverage, self.hint = (widgets.HTML() for _ in range(4))
        self.controls = Controls()
        self.bars, self.side = SpectrumBars(), SelectedSubset()
        self.resampling = Resampling(self._data, self.banner)
        self.panels = ExplorerPanels(widgets.VBox([self.bars, self.resampling]), self._source, self.banner)
        self.main = widgets.Box([self.panels, self.side])
        self.main.add_class("actspec-main")
        beside = self.hint if self._source is None else self.job
        self._parts = (*page_head(), self.title, self.controls, beside, self.banner)

    def _connect(self) -> None:
        for name in self.controls.fields:
            self.controls.show(name, getattr(self, name))
        if self._source is not None:
            self.controls.offer_layers(self._source.layers, self.layer)
        self.controls.on_turn(self._turned)
        self.job.observe(self._job_changed, "state")
        for part in (self.side, self.bars, self.panels):
            part.observe(self._picked, "selection")
        self.resampling.observe(self._stability_changed, "stability")
        self.observe(self._setting_changed, list(self.SETTINGS))

    def _filter_only(self, spectrum, settings):
        """A finished spectrum: size and number choose what is drawn of it."""
        self.controls.take_out(set(self.controls.fields) - ({"max_degree", "top"} if len(spectrum) else set()))
        for name, most in _ranges(spectrum).items():
            getattr(self.controls, name).max = most
            at_first = min(most, MOST_AT_FIRST) if name == "top" else most
            setattr(self, name, settings.get(name, at_first))
        self.hint.value = words.NEEDS_DATA

    def _follow_ranges(self, spectrum):
        """Another finished spectrum: what showed everything goes on to."""
        for name, most in _ranges(spectrum).items():
            control = getattr(self.controls, name)
            everything = getattr(self, name) >= control.max
            control.max = max(most, 1 if everything else getattr(self, name))
            if everything:
                setattr(self, name, most)

    # Control -> trait -> one compute call -> new finding -> each view redraws.

    @guarded
    def _turned(self, name, value):
        setattr(self, name, value)

    def _setting_changed(self, change):
        if not self._ready:
            return
        if change.name in self.controls.fields:
            self.controls.show(change.name, change.new)
        if self._source is None:
            self._filter()
        else:
            self.run()

    def _deliver(self, settings, result: Finding):
        super()._deliver(settings, result)
        self._image_shape = result.recording.image_shape
        self.controls.offer_outputs(result.recording.output_names, self.logit)
        if isinstance(result.recording.activations, Patterns):
            self.controls.take_out({"threshold"})
        self._delivering = True
        try:
            self.spectrum = result.spectrum
        finally:
            self._delivering = False

    def _job_changed(self, change):
        super()._job_changed(change)
        if self.spectrum is None:
            self.title.value = words.waiting_html(self.busy)

    def close(self) -> None:
        if self._ready:
            self.resampling.job.close()
            self.panels.close()
        super().close()

    # What is drawn.

    @observe("spectrum")
    def _spectrum_changed(self, change):
        if self._ready:
            self.resampling.clear()
            if not self._delivering:
                self.job.cancel()  # what is being computed must not replace what was set just now
                self._finding = None
            if self._source is None and change.new is not None and change.old is not None:
                self._follow_ranges(change.new)
            self._show_everything(change.old)

    @property
    def unit(self) -> str:
        """What the subsets consist of: "pixel" or "unit"."""
        return "pixel" if self._pixels else "unit"

    @property
    def _pixels(self):
        s, shape = self.spectrum, self._image_shape
        return shape if s is not None and shape is not None and shape[0] * shape[1] == s.n_units else None

    def _show_everything(self, before: Spectrum | None = None):
        s: Any = self.spectrum
        some = s is not None and len(s) > 0
        self.title.value = words.waiting_html(self.busy) if s is None else words.title_html(s, self.target, self.unit)
        self.job.aftermath = "" if s is None else "The picture is the one from before."
        self.empty.value = words.empty_html(s) if s is not None and not some else ""
        self.coverage.value = words.coverage_html(s, self.unit) if some else ""
        self._grid = None if s is None else self._grid_of(s)
        self.resampling.layout.display = "" if self._finding is not None else "none"
        self._draw_bars()
        if self.selection is not None and not self._stays(self.selection, before):
            self.set_trait("selection", None)
        else:
            self._show_selection()
        below = (self.main, self.coverage) if some else (self.empty,)
        self.children = [*self._parts, *below]

    def _stays(self, selection, before):
        """A selection goes when its subset is no longer reported; one that was not reported before either stays."""
        s = self.spectrum
        if s is None or selection[-1] >= s.n_units:
            return False
        return selection in s.subsets or (before is not None and selection not in before.subsets)

    def _grid_of(self, s):
        if not self._pixels:
            return UnitGrid.of_units(s.influences())
        if self._finding is None:
            return UnitGrid.of_image(self._pixels, s.influences(), INFLUENCE)
        return UnitGrid.of_image(self._pixels, *self._finding.recording.backdrop(self._finding.settings["logit"]))

    def _filter(self):
        """Draw what the settings let through."""
        self._draw_bars()
        self._show_selection()

    def _draw_bars(self):
        drawn = (self.max_degree, self.top) if self._source is None else (None, None)
        with self.bars.hold_trait_notifications():
            self.bars.target, self.bars.unit, self.bars.spectrum = self.target, self.unit, self.spectrum
            self.bars.max_degree, self.bars.top = drawn

    def _show_selection(self):
        self.bars.selection = self.selection
        self.side.show(
            self.spectrum, self.bars.drawn.order, self.selection, target=self.target, unit=self.unit, grid=self._grid
        )
        self.panels.show(
            spectrum=self.spectrum, finding=self._finding, selection=self.selection, target=self.target,
            unit=self.unit, image_shape=self._pixels,
        )  # fmt: skip

    def _data(self):
        return self._finding.patterns, self._finding.target, self.spectrum

    @guarded
    def _stability_changed(self, change):
        self.bars.stability = change.new

    # Selection.

    @observe("selection")
    def _selection_changed(self, change):
        if self._ready:
            self._show_selection()

    @guarded
    def _picked(self, change):
        self.selection = change.new or None


def _ranges(spectrum: Spectrum) -> dict[str, int]:
    """How far the settings that choose what is drawn go."""
    largest = max((len(s) for s in spectrum.subsets), default=1)
    return {"max_degree": max(largest, 1), "top": max(min(len(spectrum), MOST_BARS), 1)}
