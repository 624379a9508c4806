"""The degree profile: read the marks."""

import numpy as np
import pytest

from actspec_widgets.views.kit.evidence import Effects
from actspec_widgets.views.parts.degree import DegreeProfile
from views.spectra import make

MAJORITY = make([(0,), (1,), (2,), (0, 1, 2)], [0.5, 0.5, 0.5, -0.5], covariance=0.0025 * np.eye(4))


@pytest.fixture
def profile():
    return DegreeProfile(spectrum=MAJORITY)


def test_majority_of_three_lies_at_degrees_one_and_three(profile):
    assert profile.bars.x.tolist() == [1, 2, 3] and profile.bars.y.tolist() == [0.75, 0.0, 0.25]
    assert "degree 1: 0.750 ± 0.087, 75.0% of all" in profile.heading.value


def test_whiskers_show_the_error_that_the_results_compute(profile):
    error = MAJORITY.summary_numbers()["degree_weights"].standard_error
    np.testing.assert_allclose(profile.errors.y[:2], 0.75 + np.array([-1, 1]) * error[1])


def test_no_covariance_means_no_whiskers(profile):
    profile.spectrum = make([(0,), (1, 2)])
    assert profile.errors.y.size == 0 and "±" not in profile.heading.value


def test_click_selects_the_strongest_of_a_degree_and_selection_marks_its_bar(profile):
    profile.bars._handle_custom_msgs(profile.bars, {"event": "element_click", "data": {"index": 2}})
    assert profile.selection == (0, 1, 2)
    low, _, high = profile.bars.opacities
    assert high > low
    profile.bars._handle_custom_msgs(profile.bars, {"event": "element_click", "data": {"index": 1}})
    assert profile.selection == (0, 1, 2)  # nothing lies at degree 2


def test_table_has_the_numbers_drawn(profile):
    table = profile.twin._make()
    assert table.csv().splitlines()[0] == "degree,subsets,that hold,weight,± error,share"
    assert table.csv().splitlines()[1].startswith("1,3,3,0.75,")


def test_what_does_not_hold_is_said_to_count_too(profile):
    assert "do not hold" not in profile.note.value
    profile.spectrum = make([(0,), (1, 2)], joint_p_values=[np.nan, 1.0])
    assert "All 2 reported subsets count here, also the 1 that does not hold." in profile.note.value
    assert [row.split(",")[1:3] for row in profile.twin._make().csv().splitlines()[1:]] == [["1", "1"], ["1", "0"]]
    still = {subset: (0.0, 0.01) for subset in profile.spectrum.subsets}
    profile.effects = Effects("by experiment", still)
    assert "All 2 reported subsets count here, and none of them holds." in profile.note.value


def test_high_degrees_are_summed_and_said():
    many = make([(0,), tuple(range(40))], n_units=40)
    profile = DegreeProfile(spectrum=many)
    assert profile.bars.x.max() == 24
    assert "degrees above 24, together 20.0% of the squared weight" in profile.note.value


@pytest.mark.parametrize("spectrum", [None, make([])])
def test_nothing_to_draw_is_a_sentence(profile, spectrum):
    profile.spectrum = spectrum
    assert profile.children == (profile.heading,) and "nothing to draw" in profile.heading.value
    profile.spectrum = MAJORITY
    assert profile.figure in profile.children


def test_zero_coefficients_can_be_drawn():
    assert DegreeProfile(spectrum=make([(0,)], [0.0])).y.max > 0
