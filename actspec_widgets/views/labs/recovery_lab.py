"""Subsets are hidden in a target, and the lab shows which of them our method and others find."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
from traitlets import Enum, Float, Instance, Int, Tuple, link, observe, validate

from ...compute import activation_spectroscopy
from ...compute.method.relations import unit_classes
from ...datasets.synthetic import Planted
from ...datasets.synthetic import planted as plant
from ...results import Spectrum
from ...studies.methods import METHODS
from ..kit.controls import Choice, Field, slider
from ..kit.lab import Lab
from ..kit.words import headline_html
from ..parts import outcome
from ..parts.outcome_figure import OutcomeFigure, share_places
from .planting import BY_HAND, CLASSICS, Planting, checked_planting, classic
from .rival import Answer, alike, answer

_OURS = "actspec"
_WAITING = "It has not answered."
_SAMPLES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
_PROBLEM = ("samples", "noise", "bias", "constants", "duplicates", "seed")
_METHOD = ("max_degree", "rho_max", "alpha", "seed")


@dataclass(frozen=True, eq=False)
class Answers:
    """A problem, our answer, and the rival's or a sentence that says why there is none."""

    settings: dict[str, Any]
    problem: Planted
    spectrum: Spectrum
    seconds: float
    other: Answer | None = None
    sentence: str = ""


class RecoveryLab(Lab):
    """Plant subsets by hand or take a classic function, add noise and irrelevant units, and see truth beside answer.

    Parameters
    ----------
    **settings
        Any of the traits below.

    Attributes
    ----------
    planted : tuple of (tuple of int, float)
        What is hidden: subsets with their coefficients.
    n_units, samples, constants, duplicates : int
        Units that the target may use, samples, units added that never change, and that repeat another.
    noise, bias : float
        Standard deviation of the noise (units of the target), and mean of every unit, between -0.9 and 0.9.
    max_degree : int
        Largest subsets looked for.
    rho_max, alpha, seed
        See :func:`actspec_widgets.activation_spectroscopy`.
    rival : str
        Another method to run on the same data, a key of ``actspec_widgets.studies.methods.METHODS``; "" for none.
        Those that ask for values get the true function's, as noisy as the target. It runs in a process of its own,
        which a cancel ends.
    spectrum : Spectrum or None
        Our answer.
    entries : tuple of Entry
        Truth and answer: each planted subset and each false find, with its kind and its numbers.
    rival_answer : Answer or None
        What it found, with its time and queries.
    rival_entries : tuple of Entry
        The same as ``entries``, of its answer.
    """

    SETTINGS = (
        "planted", "n_units", "samples", "noise", "bias", "constants", "duplicates", "max_degree", "rho_max", "alpha",
        "seed", "rival",
    )  # fmt: skip

    planted = Tuple(BY_HAND)
    n_units = Int(20, min=1, max=2000)
    samples = Int(2_000, min=40)
    noise = Float(0.5, min=0.0)
    bias = Float(0.0, min=-0.95, max=0.95)
    constants = Int(0, min=0, max=500)
    duplicates = Int(0, min=0, max=500)
    max_degree = Int(3, min=1, max=6)
    rho_max = Float(0.9, min=0.05, max=1.0)
    alpha = Float(0.05, min=1e-12, max=0.99)
    rival = Enum(("", *(name for name in METHODS if name != _OURS)), default_value="")

    spectrum = Instance(Spectrum, allow_none=True)
    entries = Tuple()
    rival_answer = Instance(Answer, allow_none=True)
    rival_entries = Tuple()

    def __init__(self, **settings: Any):
        self._known: Answers | None = None
        super().__init__(**settings)
        self.title = widgets.HTML()
        self.function = Choice(
            [("planted by hand", ""), *((name, name) for name in CLASSICS)], description="Start from"
        )
        self.function.observe(self._function_chosen, "choice")
        self.planting = Planting(self.banner)
        self.planting.n_units = self.n_units
        link((self, "planted"), (self.planting, "planted"))
        self.figure, self.rival_figure = OutcomeFigure(METHODS[_OURS].title), OutcomeFigure("")
        for drawn in (self.figure, self.rival_figure):
            link((self, "selection"), (drawn, "selection"))
        self.main = widgets.Box([self.figure])
        self.main.add_class("actspec-main")
        self.main.add_class("actspec-rows-meet")
        chooser = Field(self.function, "A classic function of the first units, in place of what is planted.")
        chooser.add_class("actspec-narrow")
        # The picture first: what is asked for stands below it.
        self._assemble(_fields(), above=(self.title, self.main, chooser, self.planting))

    @validate("planted")
    def _check_planted(self, proposal):
        # Before there are controls the units may not have been set yet; the planting then checks.
        return checked_planting(proposal.value, self.n_units) if hasattr(self, "planting") else proposal.value

    @observe("planted")
    def _planted_changed(self, change):
        if hasattr(self, "planting") and self.function.choice and change.new != classic(self.function.choice):
            self.function.offer(self.function.options, "")

    @observe("n_units")
    def _units_changed(self, change):
        if hasattr(self, "planting"):
            self.planting.n_units = change.new

    def _function_chosen(self, change):
        if change.new:
            expansion = classic(change.new)
            self.n_units = max(self.n_units, 1 + max(s[-1] for s, _ in expansion))
            self.planted = expansion

    def run(self) -> None:
        self.job.aftermath = self.AFTERMATH
        super().run()

    def _work(self, settings, report):
        ours = {name: value for name, value in settings.items() if name != "rival"}
        known = self._known
        if known is None or known.settings != ours:
            known = self._known = _our_answer(ours, report)
        name = settings["rival"]
        if not name:
            return known
        report.news = Answers(ours, known.problem, known.spectrum, known.seconds, sentence=_WAITING)
        report.stage(f"Waiting for {METHODS[name].title}")
        other, why = None, ""
        try:
            other = answer(name, _arguments(ours), max_degree=ours["max_degree"], tell=lambda: report(0, 1))
        except ValueError as error:
            why = str(error)
        return Answers(ours, known.problem, known.spectrum, known.seconds, other, why)

    def _deliver(self, settings, result):
        truth = dict(settings["planted"])
        if result.spectrum is not self.spectrum:
            self.spectrum = result.spectrum
            self.entries = outcome.compare(truth, result.spectrum)
            self._show_ours(settings, result)
        waits = result.sentence == _WAITING
        self.job.aftermath = "Our answer stays; the other was not waited for." if waits else self.AFTERMATH
        self.rival_answer, self.rival_entries = result.other, ()
        self.main.children = [self.figure, self.rival_figure] if settings["rival"] else [self.figure]
        if result.other is not None:
            found = result.other.found
            same = alike(found, truth, unit_classes(result.problem.patterns))
            self.rival_entries = outcome.compare(truth, outcome.Reported.of(found, same))
            sentence = f"{outcome.sentence(self.rival_entries)} {_cost(result.other, settings, truth)}"
            rival = METHODS[settings["rival"]]
            kind = "coefficient" if rival.coefficients else "importance"
            self.rival_figure.show(rival.title, sentence, result.spectrum, self.rival_entries, kind)
        elif settings["rival"]:
            self.rival_figure.clear(METHODS[settings["rival"]].title, result.sentence)
        share_places(*self.main.children)
        if self.selection not in [entry.subset for entry in (*self.entries, *self.rival_entries)]:
            self.selection = None

    def _show_ours(self, settings, result):
        self.title.value = headline_html(html.escape(outcome.sentence(self.entries)))
        cost = f"Not told how many subsets there are. {_seconds(result.seconds)} on {settings['samples']:,} samples."
        large = sum(len(subset) > settings["max_degree"] for subset, _ in settings["planted"])
        if large:
            cost += (
                f" {large} planted subset{'s' if large > 1 else ''} of more than {settings['max_degree']} units "
                "cannot be reported: the search stops at that size."
            )
        self.figure.show(METHODS[_OURS].title, cost, result.spectrum, self.entries, "coefficient")

    def code(self) -> str:
        shown = self._settings_shown()
        subsets, weights = [s for s, _ in shown["planted"]], [w for _, w in shown["planted"]]
        problem, method = (", ".join(f"{n}={shown[n]!r}" for n in names) for names in (_PROBLEM, _METHOD))
        lines = [
            "from actspec_widgets import activation_spectroscopy, synthetic",
            "",
            f"problem = synthetic.planted(\n    {shown['n_units']}, {subsets}, {weights},\n    {problem},\n)",
            f"spectrum = activation_spectroscopy(\n    problem.patterns, problem.target, {method},\n)",
        ]
        if shown["rival"]:
            lines[1:1] = [
                "from actspec_widgets.studies.methods import method",
                "from actspec_widgets.studies.problems import as_problem",
            ]
            told = ", ".join(f"{name}={shown[name]!r}" for name in ("noise", "max_degree", "seed"))
            lines.append(f"found = method({shown['rival']!r}).find(as_problem(problem, {told}))")
        if self.selection is not None:
            lines.append(f"selection = {self.selection!r}")
        return "\n".join([*lines, ""])


def _arguments(settings):
    subsets, weights = [s for s, _ in settings["planted"]], [w for _, w in settings["planted"]]
    return {"n": settings["n_units"], "subsets": subsets, "coefficients": weights} | {
        name: settings[name] for name in _PROBLEM
    }


def _our_answer(settings, report):
    report.stage("Drawing the problem")
    problem = plant(**_arguments(settings), progress=report)
    if np.ptp(problem.target) == 0:
        raise ValueError("nothing is planted and there is no noise: the target never changes; plant a subset")
    report.stage("Searching")
    started = time.perf_counter()
    spectrum = activation_spectroscopy(
        problem.patterns, problem.target, progress=report, **{name: settings[name] for name in _METHOD}
    )
    return Answers(settings, problem, spectrum, time.perf_counter() - started)


def _seconds(seconds):
    return f"{seconds:.2g} s"


def _cost(other, settings, truth):
    """What the other method was told, and what it took."""
    planted = sum(1 for subset in truth if subset)
    told = f"Told that there {'is' if planted == 1 else 'are'} {planted}. " if METHODS[settings["rival"]].told else ""
    asked = f"{other.found.queries:,} queries" if other.found.queries else f"{settings['samples']:,} samples"
    return f"{told}{_seconds(other.seconds)} {'with' if other.found.queries else 'on'} {asked}."


def _fields():
    samples = widgets.SelectionSlider(
        options=[(f"{m:,}", m) for m in _SAMPLES], description="Samples", continuous_update=False
    )
    others = [m for m in METHODS.values() if m.name != _OURS]
    rivals = [("nothing", ""), *((f"{m.title} – not installed" if m.missing() else m.title, m.name) for m in others)]
    return {
        "n_units": Field(slider("Units", 6, 100), "Units that the target may use."),
        "samples": Field(samples, "All are searched; a fifth judges the share."),
        "noise": Field(slider("Noise", 0, 5, 0.1), "Standard deviation, in units of the target."),
        "bias": Field(slider("Skew", -0.9, 0.9, 0.1), "Mean of each unit; 0 is balanced."),
        "constants": Field(slider("Constants", 0, 20), "Units added that never change."),
        "duplicates": Field(slider("Copies", 0, 20), "Units added that repeat another."),
        "max_degree": Field(slider("Largest size", 1, 4), "Most units that a subset may join."),
        "rival": Field(
            Choice(rivals, description="Beside ours"),
            "Another method on the same data; methods with queries may ask the true function.",
        ),
    }
