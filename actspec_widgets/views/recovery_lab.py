"""Hide subsets in a target, and see which come back."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np
from traitlets import Float, Instance, Int, Tuple, link, observe

from ..compute import activation_spectroscopy
from ..datasets.synthetic import planted as plant
from ..results import Spectrum
from . import outcome
from .controls import Choice
from .lab import Lab
from .outcome_figure import OutcomeFigure
from .planting import BY_HAND, CLASSICS, Planting, classic

_SAMPLES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)


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
    spectrum : Spectrum or None
        The answer.
    entries : tuple of Entry
        Truth and answer: each planted subset and each false find, with its kind and its numbers.
    """

    SETTINGS = (
        "planted", "n_units", "samples", "noise", "bias", "constants", "duplicates", "max_degree", "rho_max", "alpha",
        "seed",
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

    spectrum = Instance(Spectrum, allow_none=True)
    entries = Tuple()

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self.title = widgets.HTML()
        self.function = Choice(
            [("planted by hand", ""), *((name, name) for name in CLASSICS)], description="Start from"
        )
        self.function.tooltip = "A classic function of the first units in place of what is planted"
        self.function.observe(self._function_chosen, "choice")
        self.planting = Planting(self.banner)
        self.planting.n_units = self.n_units
        link((self, "planted"), (self.planting, "planted"))
        self.figure = OutcomeFigure()
        link((self, "selection"), (self.figure, "selection"))
        self.table = widgets.HTML()
        self.words = widgets.HTML()
        beside = widgets.VBox([self.words, self.table])
        beside.add_class("actspec-side")
        main = widgets.Box([self.figure, beside])
        main.add_class("actspec-main")
        chooser = widgets.VBox([self.function])
        chooser.add_class("actspec-field")
        chooser.add_class("actspec-narrow")
        self._head = (self.title, chooser, self.planting)
        self._assemble(_controls(), main)

    def _top(self):
        return self._head

    @observe("n_units")
    def _units_changed(self, change):
        if hasattr(self, "planting"):
            self.planting.n_units = change.new

    def _function_chosen(self, change):
        if change.new:
            expansion = classic(change.new)
            self.n_units = max(self.n_units, 1 + max(s[-1] for s, _ in expansion))
            self.planted = expansion

    @staticmethod
    def _work(settings, report):
        report.stage("Searching")
        problem = plant(
            settings["n_units"],
            [subset for subset, _ in settings["planted"]],
            [weight for _, weight in settings["planted"]],
            **{name: settings[name] for name in ("samples", "noise", "bias", "constants", "duplicates", "seed")},
        )
        if np.ptp(problem.target) == 0:
            raise ValueError("nothing is planted and there is no noise: the target never changes; plant a subset")
        return activation_spectroscopy(
            problem.patterns,
            problem.target,
            progress=report,
            **{name: settings[name] for name in ("max_degree", "rho_max", "alpha", "seed")},
        )

    def _deliver(self, settings, result):
        self.spectrum = self.figure.spectrum = result
        self.entries = self.figure.entries = outcome.compare(dict(settings["planted"]), result)
        if self.selection not in [entry.subset for entry in self.entries]:
            self.selection = None
        self.title.value = outcome.sentence_html(self.entries)
        self.table.value = outcome.table_html(result, self.entries) if self.entries else ""
        large = sum(len(subset) > settings["max_degree"] for subset, _ in settings["planted"])
        beyond = (
            f'<p class="actspec-muted">{large} planted subset{"s" if large > 1 else ""} of more than '
            f"{settings['max_degree']} units cannot be reported: the search stops at that size.</p>"
        )
        self.words.value = beyond if large else ""

    def code(self) -> str:
        """Lines of Python that reproduce what is shown."""
        subsets, weights = [s for s, _ in self.planted], [w for _, w in self.planted]
        return (
            "from actspec_widgets import activation_spectroscopy, synthetic\n\n"
            f"problem = synthetic.planted(\n    {self.n_units}, {subsets}, {weights},\n    samples={self.samples}, "
            f"noise={self.noise}, bias={self.bias}, constants={self.constants}, duplicates={self.duplicates}, "
            f"seed={self.seed},\n)\n"
            f"spectrum = activation_spectroscopy(\n    problem.patterns, problem.target, max_degree={self.max_degree}, "
            f"rho_max={self.rho_max}, alpha={self.alpha}, seed={self.seed},\n)\n"
        )


def _controls():
    """A control for each setting that has one, and its line of help."""
    slider, real, later = widgets.IntSlider, widgets.FloatSlider, {"continuous_update": False}
    samples = widgets.SelectionSlider(options=[(f"{m:,}", m) for m in _SAMPLES], description="Samples", **later)
    return {
        "n_units": (slider(description="Units", min=6, max=100, **later), "Units that the target may use."),
        "samples": (samples, "Half to search on, half to estimate on."),
        "noise": (
            real(description="Noise", min=0, max=5, step=0.1, **later),
            "Standard deviation, in units of the target.",
        ),
        "bias": (
            real(description="Skew", min=-0.9, max=0.9, step=0.1, **later),
            "Mean of each unit; 0 is balanced.",
        ),
        "constants": (slider(description="Constants", min=0, max=20, **later), "Units added that never change."),
        "duplicates": (slider(description="Copies", min=0, max=20, **later), "Units added that repeat another."),
        "max_degree": (
            slider(description="Largest size", min=1, max=4, **later),
            "Most units that a subset may join.",
        ),
    }
