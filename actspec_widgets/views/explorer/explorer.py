"""The explorer: the subsets found in one layer, their coefficients and units, and the settings that they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from numpy.typing import ArrayLike
from traitlets import Enum, Float, Instance, Int, TraitError, Unicode, Union, observe, validate

from ...patterns import Patterns
from ...patterns.thresholds import RULES
from ...results import Spectrum
from ..kit.banner import guarded
from ..kit.drawn import MOST_AT_FIRST
from ..kit.evidence import objections
from ..kit.lab import Lab
from ..kit.still import paragraphs, parts_shown, still_of
from ..kit.words import tidy, unit_name
from ..parts.picture_groups import Samples
from ..parts.subset_map import INFLUENCE, UnitGrid
from ..parts.subset_picture import SubsetPicture
from . import sentences
from .computed import METHOD_SETTINGS, REST_SETTINGS, ComputedSpectrum, drawing_code
from .fields import TARGET_KINDS, drawing_fields, explorer_fields, ranges, target_options
from .given import source
from .panels import explorer_panels
from .questions import Questions
from .recording import Recording, checked_image_shape
from .returning import ReturningFamilies
from .sources import Source

_STEPS = 50  # settings and selections that can be taken back
_PATIENCE = 30.0  # seconds that a program which runs a notebook waits for each answer of the network, at most


class SpectrumExplorer(Lab):
    """Which subsets of units matter jointly for an output, how sure that is, and which units they join.

    Give one of: a spectrum; recorded ``activations`` and ``outputs``; a ``model`` with ``inputs``; or nothing, for a
    built-in example, a lamp of whose switches two act only together. ``layer="pixels"`` alone opens handwritten digits,
    where pairs deceive.

    Parameters
    ----------
    spectrum : Spectrum, optional
    activations : Patterns, or array of shape (m, n) or (m, rows, columns), optional
    outputs : array, shape (m,) or (m, k), optional
    model : torch.nn.Module, optional
    layer : str, optional
        Name of a layer of ``model``, ``"input"`` for its inputs; or of a built-in example: "switches" or "gates" of the
        lamp, "pixels" or "hidden" of the digits.
        Default: the first of ``layers``, else the last activation function.
    layers : sequence of str, optional
        The layers to choose from; default all that have a name.
    inputs : array or tensor, optional
        What to run the model on.
    output : target or list of them, optional
        What to explain, ``targets.margin(3, 8)`` for example; ``logit`` chooses one by its place. Default: the logits,
        of which ``target_kind`` makes other targets.
    pool, mask : optional
        How its layers are read, as in :func:`actspec_widgets.record`; ``attention_mask`` is found by itself.
    dictionary, site : optional
        How ``layer`` is read, as in :func:`actspec_widgets.record`: with a dictionary its units are the latents. Other
        layers show their own units.
    examples : sequence of m str, or array of shape (m, rows, columns), optional
        What people are shown of each sample; by default the data themselves where they are images.
    image_shape : (rows, columns), optional
        Draws units as the pixels of an image.
    output_names, unit_names : sequence of str, optional
        ``unit_names`` are those of ``layer``.
    **settings
        ``logit``, ``target_kind``, ``max_degree``, ``top``, ``rho_max``, ``threshold``, ``alpha``, ``search``,
        ``split``, ``seed``: traits, see :func:`actspec_widgets.activation_spectroscopy`.

    Attributes
    ----------
    spectrum : Spectrum or None
        What is shown; None until the first one is computed. Can be set.
    selection : tuple of int or None
        The selected subset; clicks set it, and it can be set.
    layer : str or None
        Can be set, like every setting. None for arrays.
    target_kind : {"logit", "centred", "log_probability", "margin", "is_class"}
        What is explained of class ``logit`` where outputs are a model's logits: a function of
        ``actspec_widgets.targets``, the margin being that to the class which most often comes second.
    evidence : {"recorded", "experiment"}
        Whether subsets are looked for in the recorded data, or by resampling units in the network, where there is one.
    busy : bool
        Whether a computation runs. Where an event loop runs, as in a notebook, computing goes on in the
        background and :meth:`wait` waits for it; elsewhere it is over when the setting has been set.

    Raises
    ------
    ValueError, TypeError
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

    SETTINGS = ("evidence", *REST_SETTINGS, *METHOD_SETTINGS)
    AFTERMATH = ""  # until there is a picture

    spectrum = Instance(Spectrum, allow_none=True)
    evidence = Enum(("recorded", "experiment"), default_value="recorded")
    layer = Unicode(None, allow_none=True)
    logit = Int(0, min=0)
    target_kind = Enum(tuple(TARGET_KINDS), default_value="logit")
    threshold = Union([Enum(RULES), Float()], default_value="zero")
    max_degree = Int(2, min=1)
    top = Int(20, min=1)
    rho_max = Float(0.9, min=0.01, max=1.0)
    alpha = Float(0.05, min=1e-12, max=1 - 1e-12)
    search = Unicode("auto")
    split = Float(0.8, min=0.01, max=0.99)

    def __init__(
        self,
        spectrum: Spectrum | None = None,
        *more: Any,
        activations: Patterns | ArrayLike | None = None,
        outputs: ArrayLike | None = None,
        model: Any = None,
        layer: str | None = None,
        layers: Sequence[str] | None = None,
        inputs: Any = None,
        output: Any = None,
        pool: Any = None,
        mask: Any = None,
        dictionary: Any = None,
        site: str | None = None,
        examples: Sequence[str] | ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        output_names: Sequence[str] | None = None,
        unit_names: Sequence[str] | None = None,
        **settings: Any,
    ):
        if more:
            raise TypeError(
                f"got {len(more) + 1} things without a name; give one spectrum, or arrays by name: "
                "SpectrumExplorer(activations=A, outputs=y)"
            )
        data = {
            "activations": activations, "outputs": outputs, "model": model, "layer": layer, "layers": layers,
            "inputs": inputs,
        }  # fmt: skip
        reading = {"output": output, "pool": pool, "mask": mask, "dictionary": dictionary, "site": site}
        self._source: Source | None = None
        self._image_shape: tuple[int, int] | None = None
        self._target_given = "the output"
        self._computed: ComputedSpectrum | None = None  # None where the spectrum shown was set from outside
        self._recording: Recording | None = None  # the latest, also when the spectrum shown is another's
        self._delivering = False
        self._grid: UnitGrid | None = None
        self._samples: tuple[tuple[Any, ...], Samples | None] = ((), None)  # kept while the data are the same
        self._past: list[tuple[str, Any]] = []  # settings and selections that can be taken back, with what they were
        self._on_its_own = False  # what changes now was not asked for by anybody
        self._first: tuple[int, ...] | None = None  # the selection that nobody made
        if spectrum is not None and not isinstance(spectrum, Spectrum):
            raise TypeError(
                f"got {type(spectrum).__name__} in the place of a spectrum; give what activation_spectroscopy, "
                "goldreich_levin or sparse_transform returned, or activations= and outputs= to compute one from"
            )
        if spectrum is None:
            names = {"output_names": output_names, "image_shape": image_shape, "unit_names": unit_names}
            self._source = source(**data, names={**names, "examples": examples}, reading=reading)
        elif extra := [name for name, given in {**data, **reading, "examples": examples}.items() if given is not None]:
            raise ValueError(f"got a spectrum and {' and '.join(extra)}; give a spectrum, or data to compute one from")
        else:
            self._image_shape = checked_image_shape(image_shape, spectrum.n_units)
            if output_names:
                self._target_given = str(output_names[0])
            settings = {**{name: min(most, MOST_AT_FIRST) for name, most in ranges(spectrum).items()}, **settings}
        super().__init__(**settings)
        if self._source is not None:
            self.layer = self._source.layer
        self.title, self.empty, self.coverage = (widgets.HTML() for _ in range(3))
        self.bars, self.words = SubsetPicture(), widgets.HTML()
        self.words.add_class("actspec-side")
        self.bars.actions = {"ask": self.ask, "undo": self.undo, "code": self._code_asked}
        self.questions = Questions(self._source, self.banner, lambda: self.busy, self._failed)
        self.distribution, self.effects = self.questions.distribution, self.questions.effects
        self._network = self.questions.network
        self.distribution.observe(self._write_title, "found")
        self.distribution.job.observe(self._write_title, "state")
        self.effects.observe(self._effects_changed, "found")
        self.returning = ReturningFamilies(self._data, self.banner)
        self.panels = explorer_panels(
            widgets.VBox([self.bars, self.questions.move]), (self.returning, self.effects), self._source, self.banner
        )
        for part in (self.bars, self.panels):
            part.observe(self._picked, "selection")
        self.returning.observe(self._families_changed, "families")
        self.main = widgets.VBox([self.panels, self.words])
        self.hint = widgets.HTML(sentences.NEEDS_DATA)
        self._assemble(
            explorer_fields(self._source.layers, self._source.logits, self._network.there)
            if self._source is not None
            else drawing_fields(spectrum),
            above=(self.title,),
            status=None if spectrum is None else self.hint,
            changed=None if spectrum is None else lambda: self._draw(self.spectrum),
        )
        self.control_box.add_class("actspec-one-line")
        self.observe(self._remember, [*self.SETTINGS, "selection"])
        if spectrum is not None:
            self.spectrum = spectrum

    @validate("layer", "logit", "target_kind")
    def _check_against_data(self, proposal):
        name, value, source = proposal.trait.name, proposal.value, self._source
        try:
            if source is None and name != "logit" and value not in (None, "logit"):
                raise ValueError(f"{name}={value!r}; a finished spectrum is of one {name.split('_')[0]} only")
            if source is not None and name == "layer":
                source.check(value)
            if source is not None and name == "target_kind":
                source.check_target(value)
            if self._recording is not None and name != "layer":
                self._recording.explained({**self.settings, name: value})
        except ValueError as error:
            raise TraitError(str(error)) from None
        return value

    # Control -> setting -> _work -> _deliver -> spectrum -> each picture redraws.

    def _work(self, settings, report):
        from ...compute import activation_spectroscopy

        recording = self._source.record(settings["layer"], report)
        if settings["evidence"] == "experiment":
            return ComputedSpectrum(self._network.spectrum(recording, settings, report), recording, settings)
        report.stage("Setting thresholds")
        output = recording.explained(settings)
        patterns = recording.patterns(settings["threshold"], output, report)
        report.stage("Searching")
        method = {name: settings[name] for name in METHOD_SETTINGS}
        spectrum = activation_spectroscopy(patterns, recording.target(output), progress=report, **method)
        return ComputedSpectrum(spectrum, recording, settings)

    def _deliver(self, settings, result: ComputedSpectrum):
        self._computed, self._recording = result, result.recording
        self._image_shape = result.recording.image_shape
        outputs = result.recording.output_names
        self.controls["logit"].offer([(tidy(name, 40), i) for i, name in enumerate(outputs)], self.logit)
        self.fields["logit"].be_short(max(map(len, outputs)) <= 3)
        if not result.binarised:
            self._take_out("threshold")
        made = result.recording.targets(self.logit)
        if not made:
            self._take_out("target_kind")
        elif "target_kind" in self.controls:
            self.controls["target_kind"].offer(target_options(made), self.target_kind)
        self._delivering = True
        try:
            self.spectrum = result.spectrum
        finally:
            self._delivering = False

    def _follow_ranges(self, spectrum):
        """Another finished spectrum: what showed everything goes on to."""
        for name, most in ranges(spectrum).items():
            control = self.controls.get(name)
            everything = control is None or getattr(self, name) >= control.max
            if control is not None:
                control.max = max(most, 1 if everything else getattr(self, name))
            if everything:
                setattr(self, name, most)

    def _job_changed(self, change):
        super()._job_changed(change)
        if self.spectrum is None:
            self._write_title()

    # What is drawn.

    @property
    def unit(self) -> str:
        """What the subsets consist of: "pixel" or "unit"."""
        return "pixel" if self._pixels else "unit"

    @property
    def _pixels(self):
        s, shape = self.spectrum, self._image_shape
        return shape if s is not None and shape is not None and shape[0] * shape[1] == s.n_units else None

    @observe("spectrum")
    def _show(self, change):
        if not self._ready:
            return
        self.returning.clear()
        if not self._delivering:
            self.job.cancel()  # what is being computed must not replace what was set just now
            self._computed = None
        s, before = change.new, change.old
        if self._source is None and s is not None and before is not None:
            self._follow_ranges(s)
        some = s is not None and len(s) > 0
        self.questions.offer(self._computed)
        self._write_title()
        self.job.aftermath = "" if s is None else "The picture is the one from before."
        self.empty.value = sentences.empty_html(s) if s is not None and not some else ""
        self.coverage.value = sentences.coverage_html(s, self.unit) if some else ""
        self._grid = None if s is None else self._grid_of(s)
        self.bars.figure.answer = {}
        recorded = self._computed is not None and self._computed.settings["evidence"] == "recorded"
        self.returning.layout.display = "" if recorded else "none"
        self._draw(before)
        self._put_below(self.distribution, *((self.main, self.coverage) if some else (self.empty,)))

    @guarded
    def _write_title(self, change=None):
        s = self.spectrum
        if s is None:
            self.title.value = sentences.waiting_html(self.busy)
        else:
            axes, effects = self.questions.axes(self._computed, self.unit), self.questions.effects_of(s)
            asking = self.distribution.job.state in ("running", "stopping")
            self.title.value = sentences.title_html(s, self.target, self.unit, axes, effects, asking)
            if change is not None:
                self.refresh_pictures()

    def _stays(self, selection, before):
        """A selection goes when its subset is no longer reported; one that was not reported before either stays."""
        s = self.spectrum
        if s is None or selection[-1] >= s.n_units:
            return False
        return selection in s.subsets or (before is not None and selection not in before.subsets)

    def _grid_of(self, s):
        if not self._pixels:
            return None  # a strip shows units that have no place
        if self._computed is None:
            return UnitGrid.of_image(self._pixels, s.influences(), INFLUENCE)
        return UnitGrid.of_image(self._pixels, *self._computed.recording.backdrop(self._computed.settings["logit"]))

    def _recorded(self):
        """The data behind the spectrum, for means of groups."""
        computed = self._computed
        if computed is None:
            return None
        key = (computed.recording, *(computed.settings[name] for name in REST_SETTINGS))
        if self._samples[0] != key:
            self._samples = key, Samples(computed.patterns, computed.target, computed.recording.shown)
        return self._samples[1]

    def _draw(self, before: Spectrum | None) -> None:
        """Draw the spectrum, of a finished one what the settings let through; ``before`` is what was drawn before."""
        drawn = (self.max_degree, self.top) if self._source is None else (None, None)
        with self.bars.hold_trait_notifications():
            self.bars.target, self.bars.unit, self.bars.spectrum = self.target, self.unit, self.spectrum
            self.bars.max_degree, self.bars.top = drawn
            self.bars.grid, self.bars.samples = self._grid, self._recorded()
            self.bars.effects = self.questions.effects_of(self.spectrum)
        self.bars.figure.asks = self._computed is not None and self._network.there
        if self.selection is not None and not self._stays(self.selection, before):
            self._select_alone(None)
        elif before is None and self.selection is None:
            self._select_first()
        self._show_selection()

    def _select_alone(self, subset):
        """Select what nobody has asked for."""
        self._on_its_own = True
        try:
            self.set_trait("selection", subset)
        finally:
            self._on_its_own = False

    def _select_first(self):
        """The first subset drawn, so that a picture is there before anybody has clicked."""
        order = self.bars.drawn.order
        self._first = self.spectrum.subsets[order[0]] if order else None
        self._select_alone(self._first)

    def _order_changed(self):
        """Other subsets hold, and what holds stands first."""
        if self.selection is not None and self.selection == self._first:
            self._select_first()
        self._show_selection()
        self.refresh_pictures()

    @guarded
    def _effects_changed(self, change):
        self.bars.effects = self.questions.effects_of(self.spectrum)
        self._write_title()
        self._order_changed()

    @guarded
    def _families_changed(self, change):
        self.bars.families = change.new
        self._order_changed()

    def _data(self):
        computed = self._computed
        return computed.patterns, computed.target, self.spectrum, computed.other_target

    def _finish(self):
        super()._finish()
        self.questions.wait(_PATIENCE)

    # The selection.

    @guarded
    def _picked(self, change):
        self.selection = change.new or None

    @observe("selection")
    def _selection_changed(self, _):
        if self._ready:
            self._show_selection()

    def _show_selection(self):
        s, subset = self.spectrum, self.selection
        self.bars.selection = subset
        columns = self._pixels[1] if self._pixels else None
        self.words.value = (
            sentences.INVITATION
            if s is None or subset is None
            else sentences.subset_html(s, subset, self.target, self.unit, columns, self._against(subset))
        )
        self.panels.show(
            spectrum=self.spectrum, computed=self._computed, selection=self.selection, target=self.target,
            unit=self.unit, image_shape=self._pixels, families=self.bars.families, effects=self.bars.effects,
        )  # fmt: skip

    def _against(self, subset):
        """The gravest of what speaks against a reported subset."""
        s = self.spectrum
        if subset not in s.subsets:
            return ""
        at, known = s.subsets.index(subset), (self.bars.families, self.bars.effects)
        return next((name for name, mask in objections(s, *known).items() if mask[at]), "")

    # What can be taken back.

    def _remember(self, change):
        if self._ready and not self._on_its_own:
            self._past = [*self._past, (change.name, change.old)][-_STEPS:]
            self.bars.figure.undoable = True

    @guarded
    def undo(self) -> None:
        """Take back the last setting, or the last selection; nothing happens where nothing has been changed."""
        if not self._past:
            return
        name, value = self._past.pop()
        self._on_its_own = True
        try:
            setattr(self, name, value)
        finally:
            self._on_its_own = False
            self.bars.figure.undoable = bool(self._past)

    # What the network does when one unit is switched on.

    @guarded
    def ask(self, unit: int) -> None:
        """Switch one unit on in the network, and show how far that moves the output beside the prediction.

        Where there is no network, the banner says so.
        """
        computed = self._computed
        self.questions.ask(computed, unit, lambda move: self._answered(computed, move))

    def _answered(self, computed, move):
        if computed is self._computed:
            name = f"{self.unit} {unit_name(computed.spectrum, move.unit)}"
            self.bars.figure.answer = sentences.answer(move, name, self.target)

    @guarded
    def _code_asked(self):
        self.bars.figure.send({"code": self.code()})

    # What Python gets.

    def picture(self) -> str:
        """What is shown as an SVG text, for pages without a kernel; the bars where what is in front is no picture."""
        shown = self if any(parts_shown(self)) else self.bars
        return still_of(shown, *paragraphs(self.title.value))

    @property
    def target(self) -> str:
        """Name of the output that the spectrum explains."""
        return self._target_given if self._computed is None else self._computed.target_name

    def about(self) -> dict[str, Any]:
        if self._computed is None:
            return {"output": self.target, **({} if self.spectrum is None else self.spectrum.settings)}
        settings = {name: value for name, value in self._computed.settings.items() if value is not None}
        if not self._computed.binarised:
            del settings["threshold"]
        if not self._computed.recording.targets(settings["logit"]):
            del settings["target_kind"]
        return {"output": self.target, **settings}

    def exhibits(self) -> dict[str, Any]:
        found = {"target": self.target, "unit": self.unit, "effects": self.bars.effects, "families": self.bars.families}
        measured = self.questions.measured(self._computed)
        return found | {"computed": self._computed, "image_shape": self._pixels, "measured": measured}

    def code(self) -> str:
        if self._source is None:
            return drawing_code(self.settings, self.selection)
        if self._computed is None:
            raise ValueError("no spectrum has been computed from the data yet; wait() for it, or run() again")
        settings = self._computed.settings
        place = settings["layer"], self._computed.output
        if settings["evidence"] == "experiment":
            return self._computed.code_of_experiment(self._source.rest_lines(*place), self.selection)
        return self._computed.code(self._source.lines(*place), self.selection)
