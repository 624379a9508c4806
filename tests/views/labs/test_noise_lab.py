"""The noise lab without a browser: curves that grow, what is kept, what it is compared with."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from traitlets import TraitError

from actspec_widgets import Cancelled
from actspec_widgets.studies.methods import Method
from actspec_widgets.studies.noise import LEVELS
from actspec_widgets.views import NoiseLab
from actspec_widgets.views.kit.job import Job
from actspec_widgets.views.labs import noise_lab, noise_sweep


@pytest.fixture
def lab(monkeypatch):
    """Scores that a reader can predict, and the cells that were computed."""
    computed = []

    def row(cell, progress):
        computed.append(cell)
        value = 1.0 / (1 + cell.level) + (0.1 if cell.seed else 0.0)
        return {"f1": value, "precision": 1.0, "recall": value, "coefficient_error": cell.level}

    monkeypatch.setattr(noise_sweep, "run", row)
    made = NoiseLab(seeds=2)
    made.computed = computed
    return made


def test_each_method_is_a_curve_with_its_error_over_the_problems(lab):
    assert [c.name for c in lab.figure.curves] == ["actspec", "scan"]
    curve = lab.figure.curves[0]
    assert curve.at.tolist() == list(LEVELS["noise"])
    assert curve.mean.tolist() == pytest.approx([1 / (1 + level) + 0.05 for level in LEVELS["noise"]])
    assert curve.error.tolist() == pytest.approx([0.05] * len(LEVELS["noise"]))
    assert "actspec 1.05 → 0.16 ± 0.05; scan (told how many) 1.05" in lab.title.value
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
    assert "actspec-hidden" in lab.comparison.forget_button._dom_classes
    lab.comparison.keep_button.click()
    lab.n_units = 8
    assert lab.figure.dashed[0].y.tolist() == first[0].mean.tolist()
    assert "12 units, 2,000 samples, 2 problems a level" in lab.comparison.words.value
    lab.score = "precision"
    assert set(lab.figure.dashed[0].y) == {1.0}  # the earlier run is read by the same score
    lab.disturbance = "constants"
    assert lab.figure.earlier == () and "as it is about noise on the target" in lab.comparison.words.value
    lab.comparison.forget_button.click()
    assert lab.earlier == () and lab.comparison.words.value == ""


def test_a_table_of_the_study_is_compared_with(lab, tmp_path):
    table = pd.DataFrame(lab.rows).assign(f1=0.25)
    lab.compare_with(table)
    assert set(lab.figure.dashed[1].y) == {0.25} and f"a table of {len(table)} rows" in lab.comparison.words.value
    lab.compare_with(None)
    table.to_csv(tmp_path / "table.csv")
    for path in (tmp_path, str(tmp_path / "table.csv")):
        lab.compare_with(path)
        assert set(lab.figure.dashed[0].y) == {0.25}
    file = {"name": "<b>.csv", "type": "text/csv", "size": 9, "last_modified": datetime(2026, 1, 1)}
    lab.comparison.upload.value = (file | {"content": b"a,b\n1,2\n"},)
    assert "The table has no column method" in lab.banner.text and set(lab.figure.dashed[0].y) == {0.25}
    content = (tmp_path / "table.csv").read_bytes().replace(b"0.25", b"0.5")
    lab.comparison.upload.value = (file | {"content": content},)
    assert (
        set(lab.figure.dashed[0].y) == {0.5} and "&lt;b&gt;.csv" in lab.comparison.words.value and not lab.banner.text
    )
    with pytest.raises(ValueError, match="has no column level"):
        lab.compare_with(table.drop(columns="level"))
    lab.compare_with(table.assign(method="spex"))
    assert "it has none of these methods" in lab.comparison.words.value


def test_a_folder_outlives_the_lab(lab, tmp_path):
    first = NoiseLab(seeds=2, out=tmp_path / "noise")
    computed = len(lab.computed)
    again = NoiseLab(seeds=2, out=tmp_path / "noise")
    assert len(lab.computed) == computed and again.rows == first.rows
    again.seeds = 3
    assert len(lab.computed) == computed + 2 * len(LEVELS["noise"])
    assert f"out={str(again._sweep.folder(again.cells()))!r}" in again.code()
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="give a folder for the results"):
        NoiseLab(out=tmp_path / "file")


def test_one_problem_is_seen_up_close(lab):
    assert lab.spectrum is None and lab.close_up.outcome.figure not in lab.close_up.outcome.children
    lab.close_up.level_choice.value = 1.0
    assert lab.level == 1.0 and "Found 6 of 6 planted subsets" in lab.close_up.outcome.heading.value
    place = {}
    exec(lab.code(), place)
    assert place["spectrum"].subsets == lab.spectrum.subsets
    lab._point_clicked(0, {"data": {"index": 5}})
    assert lab.level == lab.close_up.level_choice.value == 8.0 and "missed" in lab.close_up.outcome.heading.value
    before = lab.spectrum
    lab.close_up.problem_choice.value = 1
    assert lab.problem == 1 and lab.spectrum is not before
    other = NoiseLab(seeds=2, level=8.0, problem=1, score="recall")
    assert other.spectrum.subsets == lab.spectrum.subsets and other.figure.y_label == "recall"
    lab.close_up.selection = lab.close_up.outcome.entries[0].subset
    assert lab.selection == lab.close_up.outcome.entries[0].subset
    lab.disturbance = "constants"
    assert lab.level is lab.spectrum is lab.selection is None


def test_methods_that_are_not_here_are_refused_with_those_that_are(lab):
    for wrong in ((), ("nix",)):
        with pytest.raises(TraitError, match="choose of actspec, scan"):
            lab.methods = wrong
    assert lab.methods == ("actspec", "scan")


def test_what_is_not_installed_is_listed_with_what_to_install(monkeypatch):
    monkeypatch.setattr(Method, "missing", lambda self: "run pip install x" if self.name == "fast" else None)
    methods = noise_lab._fields()["methods"].control
    assert "fast" not in dict(methods.options).values() and "Not here: fast (run pip install x)." in methods.tooltip
    lab = NoiseLab(seeds=1, methods=("scan",), samples=200)
    with pytest.raises(TraitError, match="run pip install x"):
        lab.methods = ("fast",)
    with pytest.raises(TraitError, match="nix"):
        lab.methods = ("scan", "nix")


def test_no_more_methods_than_can_be_told_apart(monkeypatch):
    monkeypatch.setattr(Method, "missing", lambda self: None)
    with pytest.raises(TraitError, match="6 methods are more than can be told apart; choose 5"):
        NoiseLab(methods=noise_lab.methods_here())


def test_the_code_gives_the_numbers_that_are_shown():
    lab = NoiseLab(seeds=1, methods=("actspec",), samples=500, disturbance="constants")
    place = {}
    exec(lab.code(), place)
    assert place["table"].f1.tolist() == pytest.approx(
        [row["f1"] for level in LEVELS["constants"] for row in lab.rows if row["level"] == level]
    )


def test_news_of_a_job_is_shown_once_and_an_error_in_showing_it_does_not_stop_the_work(monkeypatch):
    from actspec_widgets.views.kit import job as job_module

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


def test_a_control_does_not_keep_what_was_refused(lab):
    methods = lab.controls["methods"]
    methods.value = ()
    assert lab.banner.text.startswith("Methods=() cannot be run here") or lab.banner.text.startswith(
        "methods=() cannot"
    )
    assert methods.value == lab.methods != ()


def test_who_is_told_how_many_subsets_are_true_is_said(lab):
    assert "Told how many subsets are true: scan." in lab.names.value
    lab.methods = ("actspec",)
    assert "Told how many" not in lab.names.value


def test_one_problem_up_close_is_computed_once_while_a_sweep_delivers(lab, monkeypatch):
    lab.level = 1.0
    spectrum = lab.spectrum
    lab._deliver(lab.settings, lab.rows[:1])
    lab._deliver(lab.settings, lab.rows)
    assert lab.spectrum is spectrum
    lab.samples = lab.samples // 2
    assert lab.spectrum is not spectrum and lab.spectrum.n_search + lab.spectrum.n_estimate == lab.samples
    again = lab.spectrum
    lab.level = None
    lab.level = 1.0
    assert lab.spectrum is not again and lab.spectrum.subsets == again.subsets


def test_a_close_up_that_failed_is_tried_again(lab, monkeypatch):
    def broken(cell):
        raise ValueError("no such problem")

    lab.level = None
    with monkeypatch.context() as patch:
        patch.setattr(noise_lab, "disturbed_problem", broken)
        with pytest.raises(ValueError, match="no such problem"):
            lab.level = 1.0
    lab._deliver(lab.settings, lab.rows)
    assert lab.level == 1.0 and lab.spectrum is not None
