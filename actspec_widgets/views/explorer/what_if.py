"""What if: units of the subset change their state in a recorded sample; the network's answer and the prediction."""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from traitlets import Instance, Int, TraitError, Tuple, Unicode, observe, validate

from ...patterns.cube import as_subset
from ...results import Flip, Intervention
from ..kit.banner import guarded, sentence
from ..kit.controls import Choice, Field, bind, fields_box
from ..kit.job import Job, Report
from ..kit.words import capital, counted, muted_html, name_html, spread, unit_name, with_error
from ..parts.flip_figure import FlipFigure
from .computed import REST_SETTINGS, ComputedSpectrum
from .samples import sample_html
from .sources import Source

if TYPE_CHECKING:
    from ...networks import SubNetwork

INVITATION = muted_html("Select a subset to turn its units over in a sample.")
NOT_COMPUTED = muted_html(
    "This spectrum was set from outside; run the search again to ask the network about what it finds."
)
_RECORDED = (
    "The spectrum knows what goes together in the recorded data: an association. Turning units over in the network "
    "asks for the cause. Where the network moves as predicted, these units carry the effect; where it stays, they only "
    "accompany what does."
)
_RESAMPLED = (
    "The spectrum knows what these units do on average when they are changed; in one sample they may do more or less."
)
_MANY = 500  # samples of the check over many


def live_network(source: Source | None) -> LiveNetwork | str:
    """The network behind a source, or a sentence why it cannot be asked."""
    if source is None:
        return "A what-if runs the network: give the explorer model=, layer= and inputs=."
    if not source.has_network:
        try:
            source.network()
        except ValueError as error:
            return f"{capital(sentence(error))}."
    return LiveNetwork(source)


class LiveNetwork:
    """The rest of the network behind a spectrum; made when it is first asked for, and kept for the next question."""

    def __init__(self, source: Source):
        self._source = source
        self._key: tuple[Any, ...] = ()
        self._made: SubNetwork | None = None

    def query(self, computed: ComputedSpectrum, sample: int, progress: Report) -> SubNetwork:
        """The sub-network; what bypasses the layer is that of ``sample``.

        Raises
        ------
        ValueError
            If there is no network, or PyTorch is missing.
        """
        settings = computed.settings
        key = tuple(settings[name] for name in REST_SETTINGS)
        if self._made is None or key != self._key:
            progress.stage("Preparing the network")
            levels = computed.recording.levels(settings["threshold"], computed.output, progress)
            output = self._source.output(computed.output)
            self._made, self._key = None, key
            self._made = self._source.rest(settings["layer"], output, progress, threshold=levels, base=sample)
        else:
            self._made.rebase(sample)
        return self._made


class WhatIf(widgets.VBox):
    """Turn over one unit, or all units, of the selected subset in a recorded sample.

    Attributes
    ----------
    computed : ComputedSpectrum or None
    selection : tuple of int or None
    sample : int
        Which recorded sample.
    flipped : tuple of int
        Which units of the subset are turned over.
    unit : str
    flip : Flip or None
        The answer shown.
    many : Intervention or None
        The same in many samples; None until asked for.
    """

    computed = Instance(ComputedSpectrum, allow_none=True)
    selection = Tuple(default_value=None, allow_none=True)
    sample = Int(0, min=0)
    flipped = Tuple()
    unit = Unicode("unit")
    flip = Instance(Flip, allow_none=True)
    many = Instance(Intervention, allow_none=True)

    def __init__(self, network: LiveNetwork | str, banner: widgets.Widget):
        """``network``, or why there is none."""
        self._network = network if isinstance(network, LiveNetwork) else None
        self._why_none = "" if isinstance(network, LiveNetwork) else muted_html(html.escape(network))
        self.banner, self._turning = banner, False
        self.slider = widgets.IntSlider(description="Sample", min=0, max=0, continuous_update=False)
        self.units = Choice([("", ())], named=self._names, description="Turn over")
        self._fields = fields_box(
            Field(self.slider, "Which recorded sample; the number can be typed."),
            Field(self.units, "Which units of the subset change their state."),
        )
        self.job = Job(on_error=lambda error: banner.say(sentence(error)))
        self.note, self.words, self.many_words = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.many_button = widgets.Button(
            description=f"In {_MANY} samples",
            icon="refresh",
            tooltip=f"Turn the same units over in {_MANY} samples and compare all changes with the predictions",
            layout=widgets.Layout(width="auto", margin="0"),
        )
        self.picture = FlipFigure()
        self._answer = (self.words, self.picture, self.many_button, self.many_words)
        super().__init__([self.note])
        self.add_class("actspec-what-if")
        bind(self, "sample", self.slider)
        bind(self, "flipped", self.units)
        self.many_button.on_click(self._asked)
        self._start(None)

    @validate("sample")
    def _check_sample(self, proposal):
        count = 0 if self.computed is None else len(self.computed.target)
        if count and proposal.value >= count:
            raise TraitError(f"sample={proposal.value}; samples 0 to {count - 1} were recorded")
        return proposal.value

    @validate("flipped")
    def _check_flipped(self, proposal):
        if self.computed is None or self.selection is None:
            return proposal.value
        units = as_subset(proposal.value, self.computed.spectrum.n_units)
        if not units or not set(units) <= set(self.selection):
            raise TraitError(f"units {units} are not inside the subset {self.selection}; turn over one or more of it")
        return units

    @observe("computed", "selection", "unit")
    @guarded
    def _start(self, _):
        """Another subset or other data: begin with its first unit."""
        self.job.cancel()
        self.flip = self.many = None
        self.many_words.value = ""
        computed, subset = self.computed, self.selection
        if self._network is None or computed is None or subset is None:
            self.note.value = self._why_none or (NOT_COMPUTED if computed is None else INVITATION)
            self.children = (self.note,)
            return
        self._turning = True
        try:
            last = len(computed.target) - 1
            self.slider.max = last
            self.sample = min(self.sample, last)
            names = [(f"{self.unit} {self._names((u,))}", (u,)) for u in subset]
            everything = [(f"all {len(subset)} {self.unit}s", subset)] if len(subset) > 1 else []
            self.flipped = (subset[0],)
            self.units.offer([*names, *everything], self.flipped)
        finally:
            self._turning = False
        self.job.aftermath = ""
        self.children = (self._fields, self.job)  # the answer about the subset before is taken out
        self._run()

    def _names(self, units):
        return ", ".join(unit_name(self.computed.spectrum, unit) for unit in units)

    @observe("sample", "flipped")
    @guarded
    def _changed(self, change):
        if self._turning or self.computed is None or self.selection is None:
            return
        if change.name == "flipped":
            self.many, self.many_words.value = None, ""
        self._run()

    def _run(self):
        asked = self.computed, self.selection, self.sample, self.flipped
        self.job.start(partial(_flip, self._network, *asked), partial(self._deliver, asked))

    def _deliver(self, asked, answer):
        if asked == (self.computed, self.selection, self.sample, self.flipped):
            flip, fidelity = answer
            self.flip = flip
            self.words.value = self._words(asked[0], flip, fidelity)
            self.picture.show(flip, asked[0].target_name)
            self.job.aftermath = "What is shown is from before."
            self.children = (self._fields, self.job, *self._answer)

    def _words(self, computed: ComputedSpectrum, flip: Flip, fidelity: str):
        target = name_html(computed.target_name, 60)
        before = computed.patterns.take([flip.sample]).select(flip.units).signs()[0]
        turned = ", ".join(
            f"{self.unit} {name_html(self._names((u,)), 40)} from {'on to off' if sign > 0 else 'off to on'}"
            for u, sign in zip(flip.units[:8], before, strict=False)
        )
        more = f" and {len(flip.units) - 8} more" if len(flip.units) > 8 else ""
        digits = 3 if max(abs(flip.measured), abs(flip.predicted)) < 1 else 2
        recorded = computed.target[flip.sample]
        kept = len(flip.units) % 2 == 0 and len(flip.units) == len(flip.subset)
        parity = " All of an even number leave the parity as it was." if kept else ""
        pixels = flip.subset if computed.recording.image_shape is not None else ()
        (shown,) = computed.recording.shown([flip.sample])
        picture = sample_html(shown, f"no. {flip.sample:,}", f"{recorded:.3g}", pixels, flip.units)
        return (
            f'<div class="actspec-sample">{picture}<div><p role="status">Turning {turned}{more} changes {target} by '
            f"<b>{flip.measured:+.{digits}f}</b> in the network; the spectrum predicts "
            f"<b>{flip.predicted:+.{digits}f}{spread(flip.predicted_error, digits)}</b>.{parity}</p>"
            + muted_html(
                f"The network gives {flip.before:.{digits}f} for this sample and {flip.after:.{digits}f}"
                f"{spread(flip.after_error, digits)} after the turn, the mean over 64 recorded samples that show the "
                f"{self.unit} in the other state and lend it their activation. {fidelity} "
                + (_RECORDED if computed.spectrum.evidence == "recorded" else _RESAMPLED)
            )
            + "</div></div>"
        )

    @guarded
    def _asked(self, _):
        asked = self.computed, self.selection, self.sample, self.flipped
        self.job.start(partial(_flip_many, self._network, *asked), partial(self._deliver_many, asked))

    def _deliver_many(self, asked, found: Intervention):
        if (asked[0], asked[1], asked[3]) != (self.computed, self.selection, self.flipped):
            return
        self.many = found
        joint, coefficient = found.joint, float(found.joint_predicted.mean())
        effect = with_error(float(joint.value), float(joint.standard_error))
        what = f"these {self.unit}s do together" if len(found.subset) > 1 else f"this {self.unit} does"
        self.many_words.value = (
            f'<p role="status">In {counted(found.measured.size, "sample")} the network moves '
            f"<b>{found.slope:.3f} ± {found.slope_error:.2g}</b> times as far as predicted; the prediction explains "
            f"{found.r_squared:.1%} ± {found.r_squared_error:.1%} of the changes' mean square. 1 means that the "
            "spectrum is right about cause and size, near 0 that these units only accompany the cause. By experiment "
            f"{what} {effect}, where the spectrum says {coefficient:+.3g}.</p>"
        )


def _flip(network, computed, subset, sample, units, progress):
    from ...compute import flip_one

    query = network.query(computed, sample, progress)
    progress.stage("Asking the network")
    flip = flip_one(query, computed.spectrum, subset, sample, patterns=computed.patterns, units=units)
    return flip, query.fidelity_sentence


def _flip_many(network, computed, subset, sample, units, progress):
    from ...compute import intervene

    query = network.query(computed, sample, progress)
    progress.stage(f"Asking the network about {_MANY} samples")
    return intervene(
        query, computed.spectrum, subset, patterns=computed.patterns, units=units, samples=_MANY, progress=progress
    )
