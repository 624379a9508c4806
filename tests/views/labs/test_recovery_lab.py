"""The recovery lab without a browser: plant, run, compare."""

import numpy as np
import pytest
from traitlets import TraitError, link

import naive_wht
from actspec_widgets import Cancelled
from actspec_widgets.compute.method.relations import UnitClasses
from actspec_widgets.studies.methods import Found, Method
from actspec_widgets.views import RecoveryLab
from actspec_widgets.views.labs import recovery_lab
from actspec_widgets.views.labs.planting import CLASSICS, classic
from actspec_widgets.views.labs.rival import alike
from actspec_widgets.views.parts import outcome
from views.spectra import make


def test_planted_found_missed_false_and_equivalent_are_told_apart():
    spectrum = make(
        [(0,), (1, 2), (5,), (6,)],
        coefficients=[1.0, -0.5, 0.3, 0.2],
        equivalents=((), ((1, 3),), (), ()),
    )
    truth = {(): 2.0, (0,): 1.0, (1, 3): -0.6, (4,): 0.1, (6,): 0.25}
    entries = outcome.compare(truth, spectrum)
    assert [(e.subset, e.kind) for e in entries] == [
        ((0,), "hit"), ((1, 3), "equivalent"), ((6,), "hit"), ((4,), "miss"), ((5,), "false find"),
    ]  # fmt: skip
    assert entries[1].reported == (1, 2) and entries[1].truth == -0.6 and entries[1].coefficient == -0.5
    sentence = outcome.sentence(entries)
    assert "Found 3 of 4 planted subsets (1 of them as an equivalent); 1 missed; 1 reported that was never" in sentence


def test_one_reported_subset_stands_for_one_planted_subset_only():
    spectrum = make([(0,)], equivalents=(((1,), (2,)),))
    assert [e.kind for e in outcome.compare({(1,): 1.0, (2,): 1.0}, spectrum)] == ["equivalent", "miss"]
    assert [e.kind for e in outcome.compare({(0,): 1.0, (2,): 1.0}, spectrum)] == ["hit", "miss"]


def test_another_method_is_compared_by_the_same_rule():
    found = Found(((0, 4), (1,), (2,), (0,)), (0.9, 0.5, -0.2, 0.1))
    truth = {(0,): 1.0, (3,): 0.5, (1, 2): 0.4}
    classes = UnitClasses((0, 1, 2), ((0,), (1, 3), (2,)), (4,))  # 3 repeats 1; 4 never changes
    entries = outcome.compare(truth, outcome.Reported.of(found, alike(found, truth, classes)))
    assert [(e.subset, e.kind, e.reported, e.repeats) for e in entries] == [
        ((0,), "hit", (0,), None), ((3,), "equivalent", (1,), None), ((1, 2), "miss", None, None),
        ((0, 4), "false find", (0, 4), (0,)), ((2,), "false find", (2,), None),
    ]  # fmt: skip
    assert all(e.error is None for e in entries)
    assert outcome.sentence(entries) == (
        "Found 2 of 3 planted subsets (1 of them as an equivalent); 1 missed; 2 reported that were never planted, "
        "1 of them saying again what was found."
    )


def test_the_table_has_every_entry_and_says_what_stands_for_what():
    spectrum = make([(0,), (1, 2), (5,)], coefficients=[1.0, -0.5, 0.3], equivalents=((), ((1, 3),), ()))
    table = outcome.outcome_table(spectrum, outcome.compare({(0,): 1.0, (1, 3): -0.6, (4,): 0.2}, spectrum))
    assert table.keys == [(0,), (1, 3), (4,), (5,)]
    lines = table.csv().splitlines()
    assert lines[0] == "subset,what came of it,planted,found,± error,remark"
    assert lines[2].startswith('"{1, 3}",◆ equivalent,-0.6,-0.5') and lines[2].endswith('"as {1, 2}"')
    assert lines[3].startswith("{4},✕ miss,0.2,nan") and "▲ false find,nan,0.3" in lines[4]


@pytest.mark.parametrize("name", CLASSICS)
def test_classic_functions_have_the_spectrum_of_their_definition(name):
    from actspec_widgets.views.labs.planting import _CLASSICS

    n, function = _CLASSICS[name]
    points = np.array([[1 - 2 * (index >> i & 1) for i in range(n)] for index in range(1 << n)], np.int8)
    f_hat = naive_wht.spectrum(function(points).tolist())
    expected = {tuple(i for i in range(n) if S >> i & 1): v for S, v in enumerate(f_hat) if S and abs(v) > 1e-12}
    assert dict(classic(name)) == pytest.approx(expected)


def test_settings_move_the_answer_and_the_code_reproduces_it():
    lab = RecoveryLab(seed=3)
    assert [e.kind for e in lab.entries] == ["hit"] * 3
    lab.controls["noise"].value = 4.0
    lab.samples = 300
    assert lab.noise == 4.0 and lab.controls["samples"].value == 300
    assert "miss" in [e.kind for e in lab.entries]
    place = {}
    exec(lab.code(), place)
    assert place["spectrum"].subsets == lab.spectrum.subsets
    assert place["spectrum"].coefficients.tolist() == lab.spectrum.coefficients.tolist()


def test_another_method_answers_beside_ours_on_the_same_data():
    lab = RecoveryLab(seed=3, duplicates=4)
    ours, spectrum = lab.entries, lab.spectrum
    assert lab.main.children == (lab.figure,) and lab.rival_answer is None
    lab.controls["rival"].value = "scan"
    assert lab.rival == "scan" and lab.spectrum is spectrum and lab.entries is ours  # ours is not computed again
    place = {}
    exec(lab.code(), place)
    assert place["spectrum"].subsets == spectrum.subsets and place["found"] == lab.rival_answer.found
    assert [e.subset for e in lab.rival_entries if e.kind == "hit"] == [(0,)]
    assert "Told that there are 3" in lab.rival_figure.heading.value
    assert f"{lab.rival_answer.seconds:.2g} s on 2,000 samples" in lab.rival_figure.heading.value
    for drawn in (lab.figure, lab.rival_figure):
        drawn.twin.button.value = True
    assert "says once more" in str(lab.rival_figure.twin.table.content)
    lab.figure.twin.table.selection = (0,)
    assert lab.selection == lab.rival_figure.selection == (0,)
    lab.rival_figure.selection = (1, 2)
    assert lab.selection == lab.figure.selection == (1, 2) and "selection = (1, 2)" in lab.code()
    lab.rival = "sparse_transform"
    assert [e.kind for e in lab.rival_entries] == ["hit"] * 3
    assert f"{lab.rival_answer.found.queries:,} queries" in lab.rival_figure.heading.value
    lab.rival = ""
    assert lab.main.children == (lab.figure,) and lab.rival_answer is None and lab.rival_entries == ()


def test_a_method_that_gives_no_answer_says_why_and_ours_stays(monkeypatch):
    lab = RecoveryLab(rival="lasso", samples=200)
    monkeypatch.setattr(
        recovery_lab, "answer", lambda *a, **k: (_ for _ in ()).throw(ValueError("it is not installed"))
    )
    lab.noise = 0.1
    assert [e.kind for e in lab.entries] == ["hit"] * 3 and lab.job.state == "done" and not lab.banner.text
    assert "it is not installed" in lab.rival_figure.heading.value and lab.rival_answer is None
    lab.planted = ()
    monkeypatch.undo()
    lab.noise = 0.2
    assert "nothing is planted, so there is nothing to look for" in lab.rival_figure.heading.value


def test_a_library_that_is_not_here_is_listed_with_what_to_install(monkeypatch):
    monkeypatch.setattr(Method, "missing", lambda self: "not here" if self.name == "spex" else None)
    labels = [label for label, _ in RecoveryLab().controls["rival"].options]
    assert "SPEX (shapiq) – not installed" in labels and "Lasso on products (scikit-learn)" in labels


def test_two_labs_can_be_linked():
    first, second = RecoveryLab(), RecoveryLab(seed=1)
    links = [link((first, name), (second, name)) for name in ("planted", "selection")]
    first.planted = (((2, 3), 1.0),)
    first.selection = (2, 3)
    assert second.planted == first.planted and second.entries[0].subset == (2, 3)
    assert second.selection == second.figure.selection == (2, 3)
    for each in links:
        each.unlink()


def test_constants_and_copies_change_nothing_but_the_equivalents():
    lab = RecoveryLab(duplicates=10, constants=5, noise=0.2)
    assert [e.kind for e in lab.entries] == ["hit"] * 3


def test_clicks_plant_and_remove():
    lab = RecoveryLab()
    for unit in (4, 9):
        lab.planting.toggles[unit].value = True
    assert lab.planting.typed.value == "4, 9"
    lab.planting.coefficient.value = -1.5
    lab.planting.add_button.click()
    assert lab.planted[-1] == ((4, 9), -1.5) and (4, 9) in lab.spectrum.subsets
    assert lab.planting.typed.value == "" and not any(toggle.value for toggle in lab.planting.toggles)
    lab.planting.list.children[-1].click()
    assert (4, 9) not in dict(lab.planted) and (4, 9) not in lab.spectrum.subsets


def test_what_can_not_be_planted_is_a_sentence_and_changes_nothing():
    lab = RecoveryLab()
    before = lab.planted
    for text, sentence in [("3, x", "'x' is no unit"), ("", "no unit is chosen"), ("3, 77", "77")]:
        lab.planting.typed.value = text
        lab.planting.add_button.click()
        assert sentence.lower() in lab.banner.text.lower()
    assert lab.planted == before
    with pytest.raises(TraitError, match="pairs of a subset"):
        lab.planting.planted = ((99,), 1.0)
    with pytest.raises(TypeError, match="no setting 'nosie'"):
        RecoveryLab(nosie=1)
    lab.noise = 0.0
    lab.planted = ()
    assert "plant a subset" in lab.banner.text and lab.job.state == "failed"


def test_fewer_units_take_back_what_no_longer_fits():
    lab = RecoveryLab(n_units=12, planted=(((0,), 1.0), ((10, 11), 1.0)))
    lab.n_units = 8
    assert lab.planted == (((0,), 1.0),) and len(lab.planting.toggles) == 8


def test_the_selection_is_shared_with_the_picture():
    lab = RecoveryLab()
    lab.figure.selection = (1, 2)
    assert lab.selection == (1, 2)
    lab.selection = None
    assert lab.figure.selection is None


def test_a_refused_planting_leaves_the_one_before():
    lab = RecoveryLab(samples=200)
    before = lab.planted
    with pytest.raises(TraitError, match=r"outside 0\.\.19"):
        lab.planted = (((3, 250), 1.0),)
    assert lab.planted == lab.planting.planted == before
    lab.samples = 500
    assert lab.banner.text == "" and lab.spectrum.n_search + lab.spectrum.n_estimate == 500


def test_what_fewer_units_take_away_is_said():
    lab = RecoveryLab(samples=200, planted=(((0,), 1.0), ((15, 16), 1.0)))
    lab.n_units = 6
    assert lab.planted == (((0,), 1.0),)
    assert "No longer planted: {15, 16}, which has a unit beyond 5." in lab.planting.note.value
    lab.planted = (((1,), 1.0),)
    assert lab.planting.note.value == ""


def test_a_classic_function_that_was_changed_is_one_planted_by_hand():
    lab = RecoveryLab(samples=200)
    lab.function.value = "AND of 3 units"
    whole = lab.planted
    lab.planting.list.children[0].click()
    assert len(lab.planted) == len(whole) - 1 and lab.function.value == ""
    lab.function.value = "AND of 3 units"
    assert lab.planted == whole and lab.function.value == "AND of 3 units"


def test_the_code_is_that_of_what_is_shown_after_a_failure_and_after_a_stop(monkeypatch):
    lab = RecoveryLab(samples=300)
    code, about = lab.code(), lab.about()

    def stopped(*_, **__):
        raise Cancelled

    monkeypatch.setattr(recovery_lab, "activation_spectroscopy", stopped)
    lab.samples = 500
    assert lab.job.state == "stopped" and lab.code() == code
    monkeypatch.undo()
    with lab.hold_trait_notifications():
        lab.noise, lab.planted = 0.0, ()
    assert lab.job.state == "failed" and lab.code() == code and lab.about() == about
    place = {}
    exec(code, place)
    assert place["spectrum"].coefficients.tolist() == lab.spectrum.coefficients.tolist()
