"""How well each method finds planted subsets as one disturbance of the data grows."""

from __future__ import annotations

import html
import math
import os
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
from traitlets import Enum, Float, Instance, Int, TraitError, Tuple, Unicode, link, observe, validate

from ...results import Spectrum
from ...studies.curves import curve
from ...studies.methods import METHODS
from ...studies.methods.actspec import ActSpec
from ...studies.noise import LEVELS, SAMPLE_METHODS, SLOW
from ...studies.noise.run import DISTURBANCES, Nuisance, disturbed_problem
from ...studies.study import grid
from ..kit.banner import guarded
from ..kit.controls import Choice, Field, bind, slider
from ..kit.lab import Lab
from ..kit.theme import DEGREES
from ..kit.words import capital, counted, headline_html, muted_html
from ..parts.curves_figure import CurvesFigure, NamedCurve
from .close_up import CloseUp
from .earlier_run import EarlierRun
from .earlier_table import earlier_rows
from .noise_sweep import Sweep

if TYPE_CHECKING:
    from pandas import DataFrame

SCORES = {
    "f1": "F1 of the subsets", "precision": "precision", "recall": "recall",
    "coefficient_error": "error of the coefficients",
}  # fmt: skip
_METHODS = (*SAMPLE_METHODS, SLOW)


def methods_here() -> tuple[str, ...]:
    """The methods whose libraries are installed."""
    return tuple(name for name in _METHODS if METHODS[name].missing() is None)


class NoiseLab(Lab):
    """Curves of how well planted subsets are found as one thing gets worse, growing while they are computed.

    Cells that were computed are kept: after a stop, or back at an earlier setting, only what is missing is computed.

    Parameters
    ----------
    out : path, optional
        A folder for the cells, so that they outlive the kernel too. Those of an earlier lab are taken from there;
        those of ``python -m actspec_widgets.studies noise --out DIR`` lie in ``DIR/results``.
    **settings
        Any of the traits below.

    Attributes
    ----------
    disturbance : str
        "noise", "flips", "constants", "duplicates", "copies" or "noise_units".
    methods : tuple of str
        Up to five of "actspec", "scan" and, where scikit-learn and interpret are installed, "lasso", "omp", "fast"
        and "boosting_machine".
    n_units, samples, seeds : int
        Units that matter, samples, and how many problems are drawn at each level.
    score : str
        What is drawn: "f1", "precision", "recall" or "coefficient_error" (units of the target).
    rows : tuple of dict
        Every finished run of these settings.
    earlier : tuple of dict
        The rows that are drawn dashed behind them.
    level : float or None
        Where to look at one problem up close.
    problem : int
        Which one.
    spectrum : Spectrum or None
        Our answer to that problem.
    """

    SETTINGS = ("disturbance", "methods", "n_units", "samples", "seeds")
    SHOWN = ("score", "level", "problem")

    disturbance = Enum(tuple(DISTURBANCES), default_value="noise")
    methods = Tuple(("actspec", "scan"))
    n_units = Int(12, min=6, max=64)
    samples = Int(2_000, min=50)
    seeds = Int(6, min=1, max=100)
    score = Enum(tuple(SCORES), default_value="f1")
    rows = Tuple()
    earlier = Tuple()
    earlier_name = Unicode("")
    level = Float(None, allow_none=True)
    problem = Int(0, min=0)
    spectrum = Instance(Spectrum, allow_none=True)

    def __init__(self, *, out: str | os.PathLike[str] | None = None, **settings: Any):
        self.out = out
        self._sweep = Sweep(out)
        self._seen_close: Nuisance | None = None
        super().__init__(**settings)
        self.title, self.names = widgets.HTML(), widgets.HTML()
        self.figure, self.close_up = CurvesFigure(), CloseUp(self.banner)
        self.comparison = EarlierRun(self.banner, self.keep, self._read)
        for mine, theirs in (("earlier", "rows"), ("earlier_name", "name")):
            link((self, mine), (self.comparison, theirs))
        for name in ("level", "problem", "selection"):
            link((self, name), (self.close_up, name))
        for at, points in enumerate(self.figure.points):
            points.on_element_click(lambda _, content, at=at: self._point_clicked(at, content))
        self.score_choice = Choice([(title, name) for name, title in SCORES.items()], description="Score")
        bind(self, "score", self.score_choice)
        score = Field(self.score_choice, "What of the answers is drawn.")
        self.main = widgets.Box([widgets.VBox([score, self.figure, self.names, self.comparison]), self.close_up])
        self.main.children[0].add_class("actspec-bars")
        self.main.children[1].add_class("actspec-side")
        self.main.add_class("actspec-main")
        self._assemble(_fields(), self.main, above=(self.title,))

    @validate("methods")
    def _check_methods(self, proposal):
        here = methods_here()
        if not proposal.value or not set(proposal.value) <= set(here):
            away = next(
                (said for name in proposal.value if name in _METHODS and (said := METHODS[name].missing())), None
            )
            raise TraitError(
                f"methods={proposal.value!r} cannot be run here; choose of {', '.join(here)}"
                + (f" ({away})" if away else "")
            )
        if len(proposal.value) > len(DEGREES):
            raise TraitError(f"{len(proposal.value)} methods are more than can be told apart; choose {len(DEGREES)}")
        return proposal.value

    def cells(self) -> tuple[Nuisance, ...]:
        """The grid of the settings as they stand: every level before the next seed."""
        return _cells(self.settings)

    def _work(self, settings, report):
        cells = _cells(settings)
        report.stage("Running")

        def finished():
            report.news = self._sweep.rows(cells)

        finished()
        self._sweep.run(cells, report, finished)
        return self._sweep.rows(cells)

    def _deliver(self, settings, result):
        self.rows = result
        self.close_up.offer(LEVELS[self.disturbance])
        self._look_closer(None)

    # The curves.

    @observe("rows", "score", "earlier", "earlier_name")
    def _draw(self, _):
        if not self._ready or not self._shown:
            return
        shown = self._shown
        curves = tuple(_curve(name, self.rows, self.score) for name in shown["methods"])
        behind = self.comparison.about(shown["disturbance"])
        before = tuple(_curve(name, behind, self.score) for name in shown["methods"])
        with self.figure.hold_trait_notifications():
            self.figure.x_label, self.figure.y_label = DISTURBANCES[shown["disturbance"]], SCORES[self.score]
            self.figure.earlier = tuple(c for c in before if len(c.at))
            self.figure.curves = tuple(c for c in curves if len(c.at))
        names = "; ".join(f"{name}: {METHODS[name].title}" for name in shown["methods"])
        told = [name for name in shown["methods"] if METHODS[name].told]
        told_words = f". Told how many subsets are true: {', '.join(told)}." if told else "."
        self.names.value = muted_html(html.escape(names + told_words))
        self.comparison.say(shown["disturbance"], shown["methods"])
        if self.rows:
            self.title.value = headline_html(html.escape(self._sentence(curves, shown)))

    def _sentence(self, curves, shown):
        parts = [
            f"{c.name}{' (told how many)' * METHODS[c.name].told} {c.mean[0]:.2f} → {c.mean[-1]:.2f}"
            + ("" if math.isnan(c.error[-1]) else f" ± {c.error[-1]:.2f}")
            for c in curves
            if len(c.at)
        ]
        worse = DISTURBANCES[shown["disturbance"]].split(" [")[0]
        score = SCORES[self.score]
        return f"{capital(score)} against {worse}: {'; '.join(parts)}"

    # The run to compare with.

    def keep(self) -> None:
        """Keep the curves shown as the earlier run to compare with."""
        shown = self._shown
        name = (
            f"{counted(shown['n_units'], 'unit')}, {shown['samples']:,} samples, {counted(shown['seeds'], 'problem')}"
        )
        self.comparison.set_run(self.rows, f"the run kept, {name} a level")

    def compare_with(self, table: str | os.PathLike[str] | DataFrame | None) -> None:
        """Draw an earlier run dashed behind this one.

        Parameters
        ----------
        table : path, DataFrame or None
            A table of the noise study, its CSV file, or the folder that holds it; see
            :func:`.earlier_table.earlier_rows`. None takes the dashed curves away.

        Raises
        ------
        ValueError
            If it does not fit, with what is missing.
        """
        if table is None:
            self.comparison.forget()
        else:
            rows = self._read(table)
            self.comparison.set_run(rows, f"a table of {counted(len(rows), 'row')}")

    def _read(self, table):
        return earlier_rows(table, self.n_units, self.samples)

    # One problem up close.

    @guarded
    def _point_clicked(self, at, content):
        self.level = float(self.figure.curves[at].at[int(content["data"]["index"])])

    @observe("level", "problem")
    def _look_closer(self, _):
        if not self._ready or not self._shown:
            return
        if self.level is None:
            self._seen_close = self.spectrum = None
            self.close_up.clear()
            return
        shown = self._shown
        cell = Nuisance(
            disturbance=shown["disturbance"], level=self.level, n=shown["n_units"], samples=shown["samples"],
            seed=self.problem,
        )  # fmt: skip
        if cell == self._seen_close:
            return
        problem, truth = disturbed_problem(cell)
        self.spectrum = ActSpec().spectrum(problem)
        self.close_up.show(truth, self.spectrum)
        self._seen_close = cell  # only now: one that failed is tried again

    def code(self) -> str:
        shown = self._settings_shown()
        folder = self._sweep.folder(_cells(shown))
        where = "" if folder is None else f", out={str(folder)!r}"
        disturbance, n, samples = (shown[name] for name in ("disturbance", "n_units", "samples"))
        lines = [
            "from actspec_widgets.studies import grid, load, run",
            "from actspec_widgets.studies.noise import Nuisance, disturbed_problem",
            "from actspec_widgets.studies.methods.actspec import ActSpec",
            "",
            f"cells = grid(\n    Nuisance, seed=range({shown['seeds']}), disturbance={disturbance!r}, "
            f"level={LEVELS[disturbance]!r},\n    method={shown['methods']!r}, n={n}, samples={samples},\n)",
            f"table = run(load('noise'), cells=cells{where})",
            f"table.groupby(['method', 'level']).{self.score}.agg(['mean', 'sem'])",
        ]
        if self.level is None:
            lines[1:3] = ["from actspec_widgets.studies.noise import Nuisance"]
        else:
            cell = f"disturbance={disturbance!r}, level={self.level!r}, n={n}, samples={samples}, seed={self.problem}"
            lines += [
                f"problem, truth = disturbed_problem(Nuisance({cell}))",
                "spectrum = ActSpec().spectrum(problem)",
            ]
        return "\n".join([*lines, ""])


def _fields():
    away = [name for name in _METHODS if METHODS[name].missing()]
    several = "Ctrl-click for several."
    if away:
        several += f" Not here: {', '.join(away)} ({METHODS[away[0]].missing()})."
    disturbances = Choice([(title, name) for name, title in DISTURBANCES.items()], description="What gets worse")
    here = [(METHODS[name].title, name) for name in methods_here()]
    methods = widgets.SelectMultiple(options=here, description="Methods", rows=len(here))  # all in sight
    samples = widgets.SelectionSlider(
        options=[(f"{m:,}", m) for m in (200, 500, 1_000, 2_000, 5_000)], description="Samples", continuous_update=False
    )
    worse = Field(disturbances, "Everything else stays as it is.")
    worse.add_class("actspec-wide")  # its names are long
    return {
        "disturbance": worse,
        "methods": Field(methods, several),
        "n_units": Field(slider("Units", 6, 32), "Units that matter."),
        "samples": Field(samples, "Samples in each problem."),
        "seeds": Field(slider("Problems", 1, 20), "Problems drawn at each level."),
    }


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


def _curve(name, rows, score):
    from pandas import DataFrame

    mine = [row for row in rows if row["method"] == name]
    if not mine:
        return NamedCurve(name, *np.empty((3, 0)))
    return NamedCurve(name, *curve(DataFrame(mine, columns=["level", score]), "level", score))
