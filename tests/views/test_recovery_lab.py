"""The recovery lab without a browser: plant, run, compare."""

import numpy as np
import pytest
from traitlets import TraitError

import naive_wht
from actspec_widgets.views import RecoveryLab, outcome
from actspec_widgets.views.planting import CLASSICS, classic
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
    sentence = outcome.sentence_html(entries)
    assert "Found 3 of 4 planted subsets (1 of them as an equivalent); 1 missed; 1 reported that was never" in sentence


def test_one_reported_subset_stands_for_one_planted_subset_only():
    spectrum = make([(0,)], equivalents=(((1,), (2,)),))
    assert [e.kind for e in outcome.compare({(1,): 1.0, (2,): 1.0}, spectrum)] == ["equivalent", "miss"]
    assert [e.kind for e in outcome.compare({(0,): 1.0, (2,): 1.0}, spectrum)] == ["hit", "miss"]


@pytest.mark.parametrize("name", CLASSICS)
def test_classic_functions_have_the_spectrum_of_their_definition(name):
    from actspec_widgets.views.planting import _CLASSICS

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
