"""When does it break: one disturbance grows, and the answer is scored against the truth, method by method."""

from __future__ import annotations

import html
import math
from importlib.util import find_spec
from typing import Any

import ipywidgets as widgets
import numpy as np
from traitlets import Enum, Int, TraitError, Tuple, link, observe, validate

from ..studies.noise import LEVELS
from ..studies.noise.cells import DISTURBANCES, Nuisance, noise_row
from ..studies.study import grid
from .controls import Choice
from .curves_figure import CurvesFigure, NamedCurve
from .lab import Lab

SCORES = {
    "f1": "F1 of the subsets", "precision": "precision", "recall": "recall",
    "coefficient_error": "error of the coefficients",
}  # fmt: skip
_METHODS = {"actspec": None, "scan": None, "lasso": "sklearn", "omp": "sklearn", "fast": "interpret"}


def methods_here() -> tuple[str, ...]:
    """The methods whose libraries are installed."""
    return tuple(name for name, library in _METHODS.items() if library is None or find_spec(library))


class NoiseLab(Lab):
    """Curves of how well planted subsets are found as one thing gets worse, growing while they are computed.

    Cells that were computed are kept: after a stop, or back at an earlier setting, only what is missing is computed.

    Parameters
    ----------
    **settings
        Any of the traits below.

    Attributes
    ----------
    disturbance : str
        "noise", "flips", "constants", "duplicates", "copies" or "noise_units".
    methods : tuple of str
        Of "actspec", "scan" and, where scikit-learn and interpret are installed, "lasso", "omp" and "fast".
    n_units, samples, seeds : int
        Units that matter, samples, and how many problems are drawn at each level.
    score : str
        What is drawn: "f1", "precision", "recall" or "coefficient_error" (units of the target).
    rows : tuple of dict
        Every finished run of these settings.
    """

    SETTINGS = ("disturbance", "methods", "n_units", "samples", "seeds")

    disturbance = Enum(tuple(DISTURBANCES), default_value="noise")
    methods = Tuple(("actspec", "scan"))
    n_units = Int(12, min=6, max=64)
    samples = Int(2_000, min=50)
    seeds = Int(6, min=1, max=100)
    score = Enum(tuple(SCORES), default_value="f1")
    rows = Tuple()

    def __init__(self, **settings: Any):
        self._done: dict[Nuisance, dict[str, Any]] = {}
        super().__init__(**settings)
        self.title = widgets.HTML()
        self.figure = CurvesFigure()
        self.score_choice = Choice([(title, name) for name, title in SCORES.items()], description="Score")
        link((self, "score"), (self.score_choice, "choice"))
        link((self.score_choice, "choice"), (self.score_choice, "value"))
        self.keep_button = widgets.Button(
            description="Keep to compare", icon="thumbtack", tooltip="Keep these curves, dashed, behind the next ones"
        )
        self.keep_button.on_click(lambda _: self.keep())
        chooser, row = widgets.VBox([self.score_choice]), widgets.Box([self.keep_button])
        chooser.add_class("actspec-field")
        row.add_class("actspec-plant")
        self.main = widgets.VBox([chooser, self.figure, row])
        later: dict[str, Any] = {"continuous_update": False}
        chosen = widgets.SelectMultiple(options=methods_here(), description="Methods", rows=4)
        disturbances = Choice([(title, name) for name, title in DISTURBANCES.items()], description="What gets worse")
        self._assemble(
            {
                "disturbance": (disturbances, "Everything else stays as it is."),
                "methods": (chosen, "Ctrl-click for several."),
                "n_units": (widgets.IntSlider(description="Units", min=6, max=32, **later), "Units that matter."),
                "samples": (
                    widgets.SelectionSlider(
                        options=[(f"{m:,}", m) for m in (200, 500, 1_000, 2_000, 5_000)], description="Samples", **later
                    ),
                    "Samples in each problem.",
                ),
                "seeds": (
                    widgets.IntSlider(description="Problems", min=1, max=20, **later),
                    "Problems drawn at each level.",
                ),
            },
            self.main,
        )

    @validate("methods")
    def _check_methods(self, proposal):
        if not proposal.value or not set(proposal.value) <= set(methods_here()):
            raise TraitError(
                f"methods={proposal.value!r} cannot be run here; choose of {', '.join(methods_here())} "
                "(scikit-learn and interpret bring others)"
            )
        return proposal.value

    def _top(self):
        return (self.title,)

    def cells(self) -> tuple[Nuisance, ...]:
        """The grid of the settings as they stand: every level before the next seed."""
        return _cells(self.settings)

    def run(self) -> None:
        settings = self.settings
        self.job.start(
            self._worker(settings),
            lambda result: self._finished(settings, result),
            lambda rows: self._deliver(settings, rows),
        )

    def _work(self, settings, report):
        cells = _cells(settings)
        report.stage("Running")
        for count, cell in enumerate(cells):
            report(count, len(cells))
            if cell not in self._done:
                self._done[cell] = noise_row(cell)
            report.news = _rows(cells[: count + 1], self._done)
        return _rows(cells, self._done)

    def _deliver(self, settings, result):
        self.rows = result

    @observe("rows", "score")
    def _draw(self, _):
        if not self._ready:
            return
        curves = tuple(_curve(name, self.rows, self.score) for name in self.methods)
        with self.figure.hold_trait_notifications():
            self.figure.x_label, self.figure.y_label = DISTURBANCES[self.disturbance], SCORES[self.score]
            self.figure.curves = tuple(c for c in curves if len(c.at))
        if self.rows:
            self.title.value = f'<p class="actspec-title" role="status">{html.escape(self._sentence(curves))}</p>'

    def _sentence(self, curves):
        parts = [
            f"{c.name} {c.mean[0]:.2f} → {c.mean[-1]:.2f}"
            + ("" if math.isnan(c.error[-1]) else f" ± {c.error[-1]:.2f}")
            for c in curves
            if len(c.at)
        ]
        return f"{SCORES[self.score].capitalize()} against {DISTURBANCES[self.disturbance]}: {'; '.join(parts)}"

    def keep(self) -> None:
        """Keep the curves shown as the earlier run to compare with."""
        self.figure.earlier = self.figure.curves

    def code(self) -> str:
        """Lines of Python that reproduce what is shown."""
        return (
            "from actspec_widgets.studies import grid, load, run\n"
            "from actspec_widgets.studies.noise.cells import Nuisance\n\n"
            f"cells = grid(\n    Nuisance, seed=range({self.seeds}), disturbance={self.disturbance!r}, "
            f"level={LEVELS[self.disturbance]!r},\n    method={self.methods!r}, n={self.n_units}, "
            f"samples={self.samples},\n)\ntable = run(load('noise'), cells=cells)\n"
            f"table.groupby(['method', 'level']).{self.score}.agg(['mean', 'sem'])\n"
        )


def _cells(settings):
    return grid(
        Nuisance,
        seed=range(settings["seeds"]),
        disturbance=settings["disturbance"],
        level=LEVELS[settings["disturbance"]],
        method=tuple(settings["methods"]),
        n=settings["n_units"],
        samples=settings["samples"],
    )


def _rows(cells, done):
    return tuple({"method": c.method, "level": c.level, "seed": c.seed} | done[c] for c in cells)


def _curve(name, rows, score):
    mine = [row for row in rows if row["method"] == name]
    levels = sorted({row["level"] for row in mine})
    groups = [np.array([row[score] for row in mine if row["level"] == level]) for level in levels]
    means = np.array([group.mean() for group in groups])
    errors = np.array([group.std(ddof=1) / np.sqrt(group.size) if group.size > 1 else np.nan for group in groups])
    return NamedCurve(name, np.array(levels), means, errors)
