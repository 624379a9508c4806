"""The noise lab without a browser: curves that grow, what is kept, what it is compared with."""

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets import Cancelled
from actspec_widgets.studies.noise import LEVELS
from actspec_widgets.views import NoiseLab, noise_lab
from actspec_widgets.views.job import Job


@pytest.fixture
def lab(monkeypatch):
    """Scores that a reader can predict, and the cells that were computed."""
    computed = []

    def row(cell):
        computed.append(cell)
        value = 1.0 / (1 + cell.level) + (0.1 if cell.seed else 0.0)
        return {"f1": value, "precision": 1.0, "recall": value, "coefficient_error": cell.level}

    monkeypatch.setattr(noise_lab, "noise_row", row)
    made = NoiseLab(seeds=2)
    made.computed = computed
    return made


def test_each_method_is_a_curve_with_its_error_over_the_problems(lab):
    assert [c.name for c in lab.figure.curves] == ["actspec", "scan"]
    curve = lab.figure.curves[0]
    assert curve.at.tolist() == list(LEVELS["noise"])
    assert curve.mean.tolist() == pytest.approx([1 / (1 + level) + 0.05 for level in LEVELS["noise"]])
    assert curve.error.tolist() == pytest.approx([0.05] * len(LEVELS["noise"]))
    assert "actspec 1.05 → 0.16 ± 0.05" in lab.title.value
    lab.score = "coefficient_error"
    assert lab.figure.curves[0].mean.tolist() == list(LEVELS["noise"])


def test_nothing_is_computed_twice(lab):
    before = len(lab.computed)
    assert before == len(lab.cells()) == len(set(lab.computed))
    lab.seeds = 1
    lab.seeds = 2
    assert len(lab.computed) == before
    lab.seeds = 3
    assert len(lab.computed) == before + len(LEVELS["noise"]) * 2


def test_curves_grow_while_they_are_computed_and_a_stop_keeps_what_is_done(lab):
    settings = lab.settings | {"disturbance": "flips"}
    seen = []

    class Report:
        news = None

        def stage(self, name):
            pass

        def __call__(self, done, total):
            seen.append(0 if self.news is None else len(self.news))
            if done == 5:
                raise Cancelled

    with pytest.raises(Cancelled):
        lab._work(settings, Report())
    assert seen == [0, 1, 2, 3, 4, 5]
    before = len(lab.computed)
    lab.disturbance = "flips"
    assert len(lab.computed) == before + len(lab.cells()) - 5


def test_an_earlier_run_stays_behind_the_next(lab):
    first = lab.figure.curves
    lab.keep_button.click()
    lab.disturbance = "constants"
    assert lab.figure.earlier == first and "the earlier run" in lab.figure.legend.value
    assert lab.figure.dashed[0].y.tolist() == first[0].mean.tolist()


def test_methods_that_are_not_here_are_refused_with_those_that_are(lab):
    for wrong in ((), ("nix",)):
        with pytest.raises(TraitError, match="choose of actspec, scan"):
            lab.methods = wrong
    assert lab.methods == ("actspec", "scan")


def test_the_code_gives_the_numbers_that_are_shown():
    lab = NoiseLab(seeds=1, methods=("actspec",), samples=500, disturbance="constants")
    place = {}
    exec(lab.code(), place)
    assert place["table"].f1.tolist() == pytest.approx(
        [row["f1"] for level in LEVELS["constants"] for row in lab.rows if row["level"] == level]
    )


def test_news_of_a_job_is_shown_once_and_an_error_in_showing_it_does_not_stop_the_work(monkeypatch):
    from actspec_widgets.views import job as job_module

    monkeypatch.setattr(job_module, "_REFRESH", -1.0)
    shown, errors, results = [], [], []
    job = Job(on_error=errors.append)

    def work(report):
        for step in range(3):
            report.news = step
            report(step, 3)
            report(step, 3)
        return "end"

    def show(news):
        shown.append(news)
        if news == 1:
            raise ArithmeticError

    job.start(work, results.append, show)
    assert shown == [0, 1, 2] and results == ["end"] and len(errors) == 1
    assert np.isfinite(job.bar.value)
