"""The subset matrix: read the marks."""

import numpy as np
import pytest

from actspec_widgets.views.kit.evidence import Effects
from actspec_widgets.views.parts.subset_matrix import SubsetMatrix
from views.spectra import make

SPECTRUM = make([(0,), (2, 5), (0, 2, 7)], [0.25, -1.0, 0.5])


@pytest.fixture
def matrix():
    return SubsetMatrix(spectrum=SPECTRUM)


def dots(matrix):
    """``{degree: [(row, column), ...]}``."""
    return {
        d: sorted(zip(mark.y.tolist(), mark.x.tolist(), strict=True))
        for d, mark in enumerate(matrix.dots, 1)
        if len(mark.x)
    }


def test_a_dot_stands_where_a_subset_holds_a_unit(matrix):
    assert list(matrix.unit_axis.tick_labels.values()) == ["0", "2", "5", "7"]
    assert dots(matrix) == {1: [(2, 0)], 2: [(0, 1), (0, 2)], 3: [(1, 0), (1, 1), (1, 3)]}


def test_a_line_joins_the_dots_of_a_subset(matrix):
    assert (matrix.links[1].x.tolist(), matrix.links[1].y.tolist()) == ([1, 2], [0, 0])
    assert (matrix.links[2].x.tolist(), matrix.links[2].y.tolist()) == ([0, 3], [1, 1])
    assert matrix.links[0].x.size == 0


def test_bars_and_whiskers_are_the_coefficients_in_the_axis_labels(matrix):
    names = {float(place): float(text) for place, text in matrix.value_axis.tick_labels.items()}
    (a, at_a), (b, at_b) = ((v, p) for p, v in list(names.items())[:2])
    scale = (at_b - at_a) / (b - a)
    np.testing.assert_allclose((matrix.bars.y - matrix.bars.base) / scale, [-1.0, 0.5, 0.25], atol=1e-6)
    spans = matrix.errors.x[~np.isnan(matrix.errors.x)].reshape(-1, 2)
    np.testing.assert_allclose(np.ptp(spans, axis=1) / scale, 0.1, atol=1e-6)
    assert matrix.bars.y.min() > len(matrix.units) - 1  # right of the matrix


def test_click_on_a_row_or_a_dot_selects_and_selection_marks_the_row(matrix):
    matrix.rows._handle_custom_msgs(matrix.rows, {"event": "element_click", "data": {"index": 1}})
    assert matrix.selection == (0, 2, 7)
    mark = matrix.dots[1]
    mark._handle_custom_msgs(mark, {"event": "element_click", "data": {"index": 1}})
    assert matrix.selection == (2, 5)
    assert [o > 0 for o in matrix.rows.opacities] == [True, False, False]
    matrix.rows._handle_custom_msgs(matrix.rows, {"event": "element_click", "data": {"index": 9}})
    assert matrix.selection == (2, 5)


def test_one_subset_is_said_as_one_and_its_bar_is_as_high_as_a_row():
    matrix = SubsetMatrix(spectrum=make([(2, 5)], [0.5]))
    assert "1 subset, called joint, contains 2 units; unit 2 is in 1 of them." in matrix.heading.value
    assert matrix.bars.x.tolist() == [0, 2] and matrix.bars.y[1] == matrix.bars.base
    assert "1 subset contains 1 unit" in SubsetMatrix(spectrum=make([(2,)], [0.5])).heading.value
    assert (
        "2 subsets, none of them called joint, contain 2 units"
        in SubsetMatrix(spectrum=make([(2,), (3,)])).heading.value
    )


def test_subsets_and_units_past_the_caps_are_said():
    subsets = [(i, i + 1) for i in range(60)]
    matrix = SubsetMatrix(spectrum=make(subsets, np.linspace(1, 0.1, 60), n_units=61))
    assert len(matrix.bars.y) == 30 and len(matrix.units) == 30
    assert "Column +1 stands for 1 weaker unit. Not drawn: 30 smaller coefficients" in matrix.note.value
    assert matrix.more.visible and sum(map(int, matrix.more.text)) == 1
    assert sum(len(d.x) for d in matrix.dots) + 1 == 60


def test_every_row_has_its_name_and_a_count_stands_beside_its_line():
    assert list(SubsetMatrix(spectrum=SPECTRUM).row_axis.tick_labels.values()) == ["{2, 5}", "{0, 2, 7}", "{0}"]
    many = SubsetMatrix(spectrum=make([(i, i + 1) for i in range(60)], np.linspace(1, 0.1, 60), n_units=61))
    assert many.more.align == "start" and many.more.x_offset > 0


def test_what_does_not_hold_is_faint():
    matrix = SubsetMatrix(spectrum=make([(0, 1), (2, 3)], [1.0, 0.5], joint_p_values=[1.0, 1e-4]))
    assert matrix.bars.opacities[0] < matrix.bars.opacities[1] and "faint: does not hold" in matrix.legend.value
    assert len(matrix.links[1].x) == len(matrix.faint_links[1].x) == 2 and matrix.faint_links[1].y.tolist() == [0, 0]
    assert list(matrix.dots[1].opacities) == [0.3, 0.3, 1.0, 1.0]
    matrix.effects = Effects("by experiment", {(2, 3): (0.0, 0.01)})  # the network does not do it
    assert len(matrix.links[1].x) == 0
