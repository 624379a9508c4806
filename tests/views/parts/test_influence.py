"""The influence profile: read the marks."""

import numpy as np
import pytest

from actspec_widgets.views.parts.influence import InfluenceProfile
from views.spectra import make

SPECTRUM = make([(0,), (1, 2), (2, 3)], [0.5, -1.0, 0.5], covariance=0.0025 * np.eye(3))


@pytest.fixture
def profile():
    return InfluenceProfile(spectrum=SPECTRUM)


def test_units_come_most_influential_first(profile):
    assert profile.units == (2, 1, 0, 3) and profile.bars.y.tolist() == [1.25, 1.0, 0.25, 0.25]
    assert "4 of 8 units take part; unit 2 has the largest influence, 1.25 ± 0.11." in profile.heading.value


def test_errors_are_those_of_the_results(profile):
    errors = SPECTRUM.summary_numbers()["influences"].standard_error
    ends = profile.errors.x.reshape(-1)[~np.isnan(profile.errors.x)].reshape(-1, 2)
    np.testing.assert_allclose(np.ptp(ends, axis=1) / 2, errors[list(profile.units)])


def test_click_selects_the_strongest_subset_of_a_unit_and_selection_marks_units(profile):
    profile.rows._handle_custom_msgs(profile.rows, {"event": "element_click", "data": {"index": 0}})
    assert profile.selection == (1, 2)
    assert [o > 0 for o in profile.rows.opacities] == [True, True, False, False]
    profile.rows._handle_custom_msgs(profile.rows, {"event": "element_click", "data": {"index": 9}})
    assert profile.selection == (1, 2)


def test_units_past_the_cap_are_summed_and_said():
    many = InfluenceProfile(spectrum=make([(i,) for i in range(50)], np.linspace(1, 0.1, 50), n_units=50))
    assert len(many.bars.y) == 20 and "30 units of less influence, together" in many.note.value
    assert len(many.twin._make()) == 50


def test_subsets_that_do_not_hold_are_told_from_those_that_do():
    profile = InfluenceProfile(spectrum=make([(0,), (0, 1)], joint_p_values=[np.nan, 1.0]))
    assert "also the 1 that does not hold" in profile.note.value
    assert [row.split(",")[1:3] for row in profile.twin._make().csv().splitlines()[1:]] == [["2", "1"], ["1", "0"]]


def test_pixels_are_shown_on_their_image():
    profile = InfluenceProfile(spectrum=SPECTRUM, image_shape=(2, 4), selection=(1, 2))
    assert profile.map in profile.children and profile.map.grid.columns == 4 and profile.map.selection == (1, 2)
    profile.image_shape = (3, 3)  # not of these units
    assert profile.map not in profile.children
