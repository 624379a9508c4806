"""What dropout in training changes in the layers of a family of trained digits classifiers."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from traitlets import Enum, Float, Instance, Int, Tuple, link, observe

from ...datasets import FamilyMember, load_digits_family
from ...results import Spectrum
from ..kit import words
from ..kit.banner import guarded
from ..kit.controls import Choice, Field, bind, fields_box, slider
from ..kit.lab import Lab
from ..kit.words import capital
from ..parts.multiples_figure import MultiplesFigure, Panel, shape_sentence
from ..parts.rate_figure import RateFigure, summary
from ..parts.subset_picture import SubsetPicture
from .family import DISTRIBUTIONS, LAYERS, MEASURES, effects_in, read_family
from .family_prediction import ASSUMPTIONS, decay_sentence, expected_degree, expected_weights
from .family_training import train_member

_NO_EXPECTATION = "No expectation for pixels: only hidden units were dropped in training."


class DropoutLab(Lab):
    """Classifiers trained at several dropout rates and seeds, and what is found in their layers.

    Every number is from digits most of which the networks were trained on; the study ``dropout`` uses others. The
    dashed lines are what the noise operator expects from the networks without dropout, with what it assumes beside
    them: see :mod:`actspec_widgets.views.labs.family_prediction`.

    Parameters
    ----------
    **settings
        Any of the traits below.

    Attributes
    ----------
    layer : str
        "relu2", "relu1" or "input".
    digit : int
        Whose logit is explained.
    max_degree, top, seed
        See :func:`actspec_widgets.activation_spectroscopy`.
    measure : str
        What is drawn against the rate; a key of ``MEASURES``.
    distribution : str
        What the small panels show; a key of ``DISTRIBUTIONS``.
    rate : float
    member : int
        Rate and seed of the network whose subsets are drawn.
    spectrum : Spectrum or None
        Of that network.
    readings : tuple of Reading
        All networks; those trained here come last.
    """

    SETTINGS = ("layer", "digit", "max_degree", "top", "seed")
    SHOWN = ("measure", "distribution", "rate", "member")

    layer = Enum(tuple(LAYERS), default_value="relu2")
    digit = Int(3, min=0, max=9)
    max_degree = Int(2, min=1, max=3)
    top = Int(20, min=1, max=60)
    measure = Enum(tuple(MEASURES), default_value="subsets to half of the variance")
    distribution = Enum(tuple(DISTRIBUTIONS), default_value="share of the weight at each degree")
    rate = Float(0.0)
    member = Int(0)
    spectrum = Instance(Spectrum, allow_none=True)
    readings = Tuple()

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self._members: tuple[FamilyMember, ...] = load_digits_family().members
        self._trained: dict[FamilyMember, int] = {}  # passes of those trained here
        self._drawn: tuple[float, int] | None = None  # rate and seed of the network whose subsets are drawn
        self._training = False
        self.title, self.words, self.expectation = (widgets.HTML() for _ in range(3))
        self.figure, self.multiples, self.bars = RateFigure(), MultiplesFigure(), SubsetPicture(lists_units=False)
        link((self, "selection"), (self.bars, "selection"))
        self.figure.observe(self._point_clicked, "marked")
        self.measure_choice = _choice(MEASURES, "Shown against the rate")
        self.distribution_choice = _choice(DISTRIBUTIONS, "Shown network by network")
        bind(self, "measure", self.measure_choice)
        bind(self, "distribution", self.distribution_choice)
        self.training = TrainingFields(self._train_clicked)
        left = widgets.VBox(
            [
                Field(self.measure_choice, "One number of each network; a click on a point chooses the network."),
                self.figure,
                Field(self.distribution_choice, "One shape of each network, a panel for each rate."),
                self.multiples,
                self.expectation,
            ]
        )
        right = widgets.VBox([self._network_fields(), self.words, self.bars, self.training])
        for box, name in ((left, "actspec-bars"), (right, "actspec-side")):
            box.add_class(name)
        self.main = widgets.Box([left, right])
        self.main.add_class("actspec-main")
        self._assemble(_fields(), self.main, above=(self.title,))

    def _network_fields(self):
        self.rate_choice = Choice([("0", 0.0)], named="{:g}".format, description="Rate")
        self.member_choice = Choice([("0", 0)], description="Seed")
        self.rate_choice.observe(self._rate_chosen, "choice")
        bind(self, "member", self.member_choice)
        box = fields_box(
            Field(self.rate_choice, "Dropout rate of the network below."),
            Field(self.member_choice, "Seed that it was trained from."),
        )
        box.layout.margin = "0"
        return box

    def _work(self, settings, report):
        report.stage("Looking at the networks")
        return read_family(**{name: settings[name] for name in self.SETTINGS}, members=self._members, progress=report)

    def _deliver(self, settings, result):
        self.readings = result
        self._draw()

    # One network.

    @guarded
    def _rate_chosen(self, change):
        seeds = [seed for rate, seed in self._networks() if rate == change.new]
        with self.hold_trait_notifications():
            self.rate = change.new
            if seeds and self.member not in seeds:
                self.member = seeds[0]

    @guarded
    def _point_clicked(self, change):
        if change.new is not None:
            with self.hold_trait_notifications():
                self.rate, self.member = self.readings[change.new].network

    def _networks(self):
        return [reading.network for reading in self.readings]

    @observe("measure", "distribution", "rate", "member")
    def _shown_changed(self, _):
        if self._ready and self.readings:
            self._draw()

    def _draw(self):
        self._draw_numbers()
        self._draw_shapes()
        networks = self._networks()
        if (self.rate, self.member) not in networks:
            rates = sorted({rate for rate, _ in networks})
            self.banner.say(f"there is no network with rate {self.rate:g} and seed {self.member}; rates are {rates}")
            return
        self.banner.clear()
        at = networks.index((self.rate, self.member))
        self.figure.marked = at
        self.rate_choice.offer([(f"{rate:g}", rate) for rate in sorted({rate for rate, _ in networks})], self.rate)
        seeds = sorted(seed for rate, seed in networks if rate == self.rate)
        self.member_choice.offer([(str(seed), seed) for seed in seeds], self.member)
        self._draw_network(self.readings[at])

    def _draw_network(self, reading):
        digit = self._shown["digit"]
        self._drawn = reading.network
        self.spectrum = reading.spectrum
        with self.bars.hold_trait_notifications():
            self.bars.target, self.bars.spectrum = f"logit {digit}", reading.spectrum
            self.bars.effects = effects_in(reading, self._shown["layer"], digit)
        if self.selection not in reading.spectrum.subsets:
            self.selection = None
        share = words.percent(reading.spectrum.explained_variance, reading.spectrum.explained_variance_error)
        own = reading.member in self._trained
        test = "the 1,000 bundled test digits; it was trained here, on 5,000" if own else "MNIST's 10,000 test digits"
        self.words.value = (
            f"<p>{words.counted(len(reading.spectrum), 'subset')} of this network "
            f"{'explains' if len(reading.spectrum) == 1 else 'explain'} {share} of logit "
            f"{digit}. It reads {reading.member.accuracy:.1%} of {test}.</p>"
        )

    # All of them.

    def _draw_numbers(self):
        points = np.array([[r.member.dropout, MEASURES[self.measure](r)] for r in self.readings])
        hidden = self._shown["layer"] != "input" and self.measure == "effective degree"
        with self.figure.hold_trait_notifications():
            self.figure.label, self.figure.points = self.measure, points
            self.figure.theory = expected_degree(self.readings, self._shown["max_degree"]) if hidden else None
        self.title.value = words.headline_html(html.escape(self._sentence(points)))

    def _draw_shapes(self):
        across, shape = DISTRIBUTIONS[self.distribution]
        degree, most = self._shown["max_degree"], self._shown["top"]
        weights = self.distribution == "share of the weight at each degree"
        panels = []
        for rate in sorted({rate for rate, _ in self._networks()}):
            mine = [r for r in self.readings if r.member.dropout == rate]
            expected = None
            if weights and self._shown["layer"] != "input":
                damped = expected_weights(self.readings, rate, degree)
                expected = None if damped is None else damped / damped.sum()
            values = np.array([shape(r.spectrum, degree, most) for r in mine])
            panels.append(Panel(f"{rate:g}", tuple(r.member.seed for r in mine), values, expected))
        self.multiples.show(self.distribution, across, shape_sentence(panels, across), panels)
        about = _NO_EXPECTATION
        if self._shown["layer"] != "input":
            about = ""
            if weights or self.measure == "effective degree":
                about = f"Dashed lines: {ASSUMPTIONS} {decay_sentence(self.readings)}"
        self.expectation.value = words.muted_html(html.escape(about), spoken=True) if about else ""

    def _sentence(self, points):
        known = points[np.isfinite(points).all(axis=1)]
        if len(np.unique(known[:, 0])) < 2:
            return f"{self.measure.capitalize()}: too few networks reach it to compare rates"
        rates, means, errors = summary(known)
        largest = max(errors[0], errors[-1])
        digits = words.decimals(largest) if largest > 0 else 1
        ends = " to ".join(f"{means[i]:.{digits}f} ± {errors[i]:.{digits}f}" for i in (0, -1))
        where = "" if self.measure == "test accuracy" else f", {LAYERS[self._shown['layer']]}"
        return f"{self.measure.capitalize()}{where}: {ends} from dropout {rates[0]:g} to {rates[-1]:g}"

    # One more.

    @guarded
    def _train_clicked(self, rate, epochs):
        self.train(rate, epochs)

    def train(self, rate: float, epochs: int = 15) -> None:
        """Train one more network from a new seed, on the bundled digits; then read all of them again.

        A cancel ends it at once and keeps nothing of it. Settings that change meanwhile wait until it is done.

        Parameters
        ----------
        rate : float
            Dropout of the hidden units, 0 <= rate < 1.
        epochs : int
            Passes over the digits.
        """
        seed = 1 + max((m.seed for m in self._members if m.dropout == rate), default=-1)
        self.job.aftermath = "Nothing was trained; what is shown is from before."
        self._set_training(True)

        def work(report):
            report.stage("Starting to train")

            def progress(done, steps):
                if report.name != "Training":
                    report.stage("Training")
                report(done, steps)

            return train_member(rate, seed, epochs=epochs, starting=lambda: report(0, 1), progress=progress)

        def done(member):
            self._set_training(False)
            self._trained[member] = epochs
            self._members = (*self._members, member)
            with self.hold_trait_notifications():
                self.rate, self.member = member.dropout, member.seed
            self.run()

        self.job.start(work, done)

    def run(self) -> None:
        """Read the networks with the settings as they stand; while one is trained, that waits until it is done."""
        if not self._training:
            self.job.aftermath = self.AFTERMATH
            super().run()

    def _set_training(self, on):
        self._training = self.training.button.disabled = on

    def _job_changed(self, change):
        super()._job_changed(change)
        if self._training and change.new not in ("running", "stopping"):
            self._set_training(False)

    def code(self) -> str:
        shown = self._settings_shown()
        settings = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        lines = [
            "from actspec_widgets.views.labs.family import DISTRIBUTIONS, MEASURES, read_family",
            "",
            f"readings = read_family({settings})",
        ]
        if self._trained:
            lines[1:2] = [
                "from actspec_widgets.datasets import load_digits_family",
                "from actspec_widgets.views.labs.family_training import train_member",
                "",
                "members = [\n    *load_digits_family().members,",
                *(
                    f"    train_member({m.dropout!r}, {m.seed!r}, epochs={epochs!r}),"
                    for m, epochs in self._trained.items()
                ),
                "]",
            ]
            lines[-1] = f"readings = read_family({settings}, members=members)"
        lines += [
            f"numbers = [(*r.network, MEASURES[{self.measure!r}](r)) for r in readings]",
            f"shape = DISTRIBUTIONS[{self.distribution!r}][1]",
            f"shapes = [shape(r.spectrum, {shown['max_degree']}, {shown['top']}) for r in readings]",
            f"spectrum = next(r.spectrum for r in readings if r.network == {self._drawn!r})",
        ]
        if self.selection is not None:
            lines.append(f"selection = {self.selection!r}")
        return "\n".join([*lines, ""])


def _choice(names, description):
    return Choice([(capital(name), name) for name in names], description=description)


def _fields():
    layers = Choice([(title, name) for name, title in LAYERS.items()], description="Layer")
    layer = Field(layers, "Where in the networks to look.")
    layer.add_class("actspec-wide")  # its names are long
    return {
        "layer": layer,
        "digit": Field(slider("Digit", 0, 9), "Whose logit to explain."),
        "max_degree": Field(slider("Largest size", 1, 3), "Most units that one subset may join."),
        "top": Field(slider("Number", 1, 60), "Most subsets to report for a network."),
    }


class TrainingFields(widgets.VBox):
    """What a network of one's own takes; its button calls ``train(rate, epochs)``."""

    def __init__(self, train: Callable[[float, int], None]):
        self.rate = widgets.BoundedFloatText(0.5, min=0.0, max=0.95, step=0.05, description="New rate")
        self.epochs = widgets.BoundedIntText(15, min=1, max=200, description="Passes")
        self.button = widgets.Button(
            description="Train one more", icon="plus", tooltip="Train a network of this rate from a new seed"
        )
        self.button.on_click(lambda _: train(self.rate.value, self.epochs.value))
        box = fields_box(
            Field(self.rate, "Dropout of the hidden units, 0 to 0.95."),
            Field(self.epochs, "Passes over 5,000 digits; some seconds for 15."),
        )
        row = widgets.Box([self.button])
        row.add_class("actspec-plant")
        super().__init__([widgets.HTML("<h4>One of your own</h4>"), box, row])
