"""What dropout in training changes: the family of trained digits classifiers, layer by layer."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from traitlets import Enum, Float, Instance, Int, Tuple, link, observe

from ..compute import activation_spectroscopy
from ..datasets import FamilyMember, load_digits_family, load_mnist
from ..patterns import Patterns
from ..progress import part_of
from ..results import Spectrum
from . import words
from .controls import Choice
from .lab import Lab
from .rate_figure import RateFigure, summary
from .spectrum import SpectrumBars

_LAYERS = {"relu2": "second hidden layer", "relu1": "first hidden layer", "input": "pixels"}


@dataclass(frozen=True, eq=False)
class Reading:
    """One network and the subsets found in one of its layers."""

    member: FamilyMember
    spectrum: Spectrum


def _subsets_for(share: float) -> Callable[[Reading], float]:
    def count(reading: Reading) -> float:
        s = reading.spectrum
        k = np.arange(1, len(s) + 1)
        explained = 1 - (1 - np.cumsum(s.gains)) * (s.n_estimate - 1) / (s.n_estimate - k - 1)
        reached = np.flatnonzero(explained >= share)
        return float(reached[0] + 1) if reached.size else np.nan

    return count


def _number(name: str) -> Callable[[Reading], float]:
    return lambda reading: float(reading.spectrum.summary_numbers()[name].value)


def _mean_size(reading: Reading) -> float:
    sizes = [len(s) for s in reading.spectrum.subsets]
    return float(np.mean(sizes)) if sizes else np.nan


# What can be drawn: label, and how it is read.
MEASURES: dict[str, Callable[[Reading], float]] = {
    "subsets to half of the variance": _subsets_for(0.5),
    "mean size of the subsets": _mean_size,
    "effective degree": _number("effective_degree"),
    "effective number of subsets": _number("effective_number"),
    "redundancy between subsets": _number("redundancy"),
    "explained variance": lambda reading: reading.spectrum.explained_variance,
    "test accuracy": lambda reading: reading.member.accuracy,
}


class DropoutLab(Lab):
    """Classifiers trained at several dropout rates and seeds, and what is found in their layers.

    Every number is from digits held out of the search, most of which the networks were trained on; the study
    ``dropout`` uses others. The dashed line is what the noise operator predicts from the
    networks without dropout: weight of degree k times ``(1-p)^(2k)``.

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
    max_degree, max_subsets, seed
        See :func:`actspec_widgets.activation_spectroscopy`.
    measure : str
        What is drawn against the rate; a key of ``MEASURES``.
    rate : float
    member : int
        Rate and seed of the network whose subsets are drawn.
    spectrum : Spectrum or None
        Of that network.
    readings : tuple of Reading
        All networks; those trained here come last.
    """

    SETTINGS = ("layer", "digit", "max_degree", "max_subsets", "seed")

    layer = Enum(tuple(_LAYERS), default_value="relu2")
    digit = Int(3, min=0, max=9)
    max_degree = Int(2, min=1, max=3)
    max_subsets = Int(20, min=1, max=60)
    measure = Enum(tuple(MEASURES), default_value="subsets to half of the variance")
    rate = Float(0.0)
    member = Int(0)
    spectrum = Instance(Spectrum, allow_none=True)
    readings = Tuple()

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self._members: tuple[FamilyMember, ...] = load_digits_family().members
        self._layers: dict[int, dict[str, NDArray[np.float32]]] = {}
        self.title, self.words = widgets.HTML(), widgets.HTML()
        self.measure_choice = Choice([(name, name) for name in MEASURES], description="Shown against the rate")
        link((self, "measure"), (self.measure_choice, "choice"))
        link((self.measure_choice, "choice"), (self.measure_choice, "value"))
        self.network = Choice([("dropout 0, seed 0", (0.0, 0))], description="Network")
        self.network.observe(self._network_chosen, "choice")
        self.train_button = widgets.Button(
            description="Train one more", icon="plus", tooltip="Train a network of the chosen rate from a new seed"
        )
        self.train_button.on_click(self._train)
        self.figure, self.bars = RateFigure(), SpectrumBars()
        link((self, "selection"), (self.bars, "selection"))
        left = widgets.VBox([self._field(self.measure_choice), self.figure])
        row = widgets.Box([self.train_button])
        row.add_class("actspec-plant")
        right = widgets.VBox([self._field(self.network), row, self.words, self.bars])
        for box, name in ((left, "actspec-bars"), (right, "actspec-side")):
            box.add_class(name)
        self.main = widgets.Box([left, right])
        self.main.add_class("actspec-main")
        layers = Choice([(title, name) for name, title in _LAYERS.items()], description="Layer")
        later = {"continuous_update": False}
        self._assemble(
            {
                "layer": (layers, "Where in the networks to look."),
                "digit": (widgets.IntSlider(description="Digit", min=0, max=9, **later), "Whose logit to explain."),
                "max_degree": (
                    widgets.IntSlider(description="Largest size", min=1, max=3, **later),
                    "Most units that one subset may join.",
                ),
                "max_subsets": (
                    widgets.IntSlider(description="Number", min=1, max=60, **later),
                    "Most subsets to report for a network.",
                ),
            },
            self.main,
        )

    def _top(self):
        return (self.title,)

    @staticmethod
    def _field(control):
        box = widgets.VBox([control])
        box.add_class("actspec-field")
        return box

    def _work(self, settings, report):
        report.stage("Looking at the networks")
        data = load_mnist()
        images = np.concatenate([data.x_train, data.x_test])
        readings = []
        for at, member in enumerate(self._members):
            part = part_of(report, at, len(self._members))
            part(0, 1)
            if at not in self._layers:
                self._layers[at] = member.layers(images)
            outputs = self._layers[at]
            spectrum = activation_spectroscopy(
                Patterns.from_activations(outputs[settings["layer"]]),
                outputs["logits"][:, settings["digit"]].astype(np.float64),
                progress=part,
                **{name: settings[name] for name in ("max_degree", "max_subsets", "seed")},
            )
            readings.append(Reading(member, spectrum))
        return tuple(readings)

    def _deliver(self, settings, result):
        self.readings = result
        options = [
            (f"dropout {r.member.dropout:g}, seed {r.member.seed}", (r.member.dropout, r.member.seed)) for r in result
        ]
        self.network.offer(options, (self.rate, self.member))
        self._draw()

    def _network_chosen(self, change):
        self.rate, self.member = change.new

    @observe("measure", "rate", "member")
    def _shown_changed(self, _):
        if self._ready and self.readings:
            self._draw()

    def _draw(self):
        points = np.array([[r.member.dropout, MEASURES[self.measure](r)] for r in self.readings])
        with self.figure.hold_trait_notifications():
            self.figure.label, self.figure.points, self.figure.theory = self.measure, points, self._theory()
        self.title.value = f'<p class="actspec-title" role="status">{html.escape(self._sentence(points))}</p>'
        chosen = [r for r in self.readings if (r.member.dropout, r.member.seed) == (self.rate, self.member)]
        if not chosen:
            rates = sorted({r.member.dropout for r in self.readings})
            self.banner.say(f"there is no network with rate {self.rate:g} and seed {self.member}; rates are {rates}")
            return
        reading = chosen[0]
        self.network.offer(self.network.options, (self.rate, self.member))
        self.spectrum = reading.spectrum
        with self.bars.hold_trait_notifications():
            self.bars.target, self.bars.spectrum = f"logit {self.digit}", reading.spectrum
        share = words.percent(reading.spectrum.explained_variance, reading.spectrum.explained_variance_error)
        own = reading.member not in load_digits_family().members
        test = "the 1,000 bundled test digits; it was trained here, on 5,000" if own else "MNIST's 10,000 test digits"
        self.words.value = (
            f"<p>{words.counted(len(reading.spectrum), 'subset')} of this network explain {share} of logit "
            f"{self.digit}. It reads {reading.member.accuracy:.1%} of {test}.</p>"
        )

    def _sentence(self, points):
        known = points[np.isfinite(points).all(axis=1)]
        if len(np.unique(known[:, 0])) < 2:
            return f"{self.measure.capitalize()}: too few networks reach it to compare rates"
        rates, means, errors = summary(known)
        ends = " to ".join(f"{means[i]:.3g} ± {errors[i]:.2g}" for i in (0, -1))
        where = "" if self.measure == "test accuracy" else f", {_LAYERS[self.layer]}"
        return f"{self.measure.capitalize()}{where}: {ends} from dropout {rates[0]:g} to {rates[-1]:g}"

    def _theory(self):
        """The effective degree that damping the degree weights of the networks without dropout would give."""
        if self.measure != "effective degree":
            return None
        weights = np.zeros(self.max_degree + 1)
        for reading in self.readings:
            if reading.member.dropout == 0:
                found = reading.spectrum.degree_weights()
                weights[: len(found)] += found
        degrees = np.arange(len(weights))
        weights[0] = 0.0
        if not weights.any():
            return None
        rates = np.linspace(0, max(r.member.dropout for r in self.readings), 30)
        damped = weights * (1 - rates[:, None]) ** (2 * degrees)
        return np.column_stack([rates, (damped * degrees).sum(axis=1) / damped.sum(axis=1)])

    def _train(self, _):
        """One more network of the chosen rate, trained on the bundled digits; then everything is read again."""
        rate = self.rate
        seed = 1 + max(m.seed for m in self._members if m.dropout == rate)
        hidden = load_digits_family().hidden

        def work(report):
            report.stage("Training")
            try:
                from ..networks import train_digits
            except ImportError as error:
                raise ValueError("training needs PyTorch; install it as the README says, then try again") from error
            data = load_mnist()
            model = train_digits(rate, hidden=hidden, seed=seed, data=data, progress=report)
            weights = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
            report_ = model.report
            return FamilyMember(rate, seed, report_["test_accuracy"], report_["train_accuracy"], weights)

        def done(member):
            self._members = (*self._members, member)
            self.member = member.seed
            self.run()

        self.job.start(work, done)
