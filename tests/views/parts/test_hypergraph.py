"""The hypergraph: read the marks and the places."""

import numpy as np
import pytest

from actspec_widgets.views.parts.hypergraph import Hypergraph, outline, places, same_length
from views.spectra import make

SPECTRUM = make([(0,), (1, 2), (2, 3, 4), (5, 6)], [2.0, -1.0, 0.5, 0.25])


@pytest.fixture
def graph():
    return Hypergraph(spectrum=SPECTRUM)


def inside(polygon, point):
    """Whether a point lies in a convex polygon whose corners run counter-clockwise."""
    along = np.roll(polygon, -1, axis=0) - polygon
    toward = point - polygon
    return bool(np.all(along[:, 0] * toward[:, 1] - along[:, 1] * toward[:, 0] >= -1e-9))


def test_every_unit_lies_in_the_areas_of_its_subsets_and_in_no_other(graph):
    units = dict(zip([1, 2, 3, 4, 5, 6], np.column_stack([graph.units.x, graph.units.y]), strict=True))
    for polygon, subset in zip(graph._outlines, graph.subsets, strict=True):
        assert {unit for unit, at in units.items() if inside(polygon, at)} == set(subset)


def test_areas_show_degree_sign_and_size(graph):
    assert graph.subsets == [(1, 2), (2, 3, 4), (5, 6)]
    assert len(np.atleast_2d(graph.negative.x)) == 1 and graph.negative.line_style == "dashed"
    assert len(graph.positive.x) == 2 and graph.positive.fill_opacities[0] > graph.positive.fill_opacities[1]
    assert [len(shapes.x) for shapes in graph.shapes[:3]] == [0, 2, 1]
    assert "1 subset of fewer units, together" in graph.note.value


def test_click_on_a_shape_selects_and_selection_outlines_the_area(graph):
    graph.shapes[1]._handle_custom_msgs(graph.shapes[1], {"event": "element_click", "data": {"index": 1}})
    assert graph.selection == (5, 6) and graph.chosen.visible
    np.testing.assert_array_equal(graph.chosen.x, graph._outlines[2][:, 0])
    graph.selection = (0,)
    assert not graph.chosen.visible


def test_more_units_than_fit_are_left_out_and_said():
    subsets = [(2 * i, 2 * i + 1) for i in range(25)]
    graph = Hypergraph(spectrum=make(subsets, n_units=50))
    assert len(graph.units.x) == 40 and len(graph.subsets) == 20
    assert "Not drawn for want of room: 5 subsets of yet other units." in graph.note.value


def test_without_joint_subsets_a_sentence_stands_there(graph):
    graph.spectrum = make([(0,), (1,)])
    assert graph.figure not in graph.children and "No reported subset joins two" in graph.heading.value


def test_areas_of_which_nothing_joint_is_claimed_are_counted_so():
    sums = make([(0, 1), (2, 3)], joint_p_values=[0.4, 0.4])
    assert "2 subsets join 4 units, none of these subsets called joint" in Hypergraph(spectrum=sums).heading.value


def test_units_that_share_a_subset_lie_nearer_than_those_that_do_not():
    at = places([(0, 1, 2), (3, 4, 5)], 6)
    gap = np.linalg.norm(at[:, None] - at[None], axis=2)
    assert max(gap[:3, :3].max(), gap[3:, 3:].max()) < gap[:3, 3:].min()
    assert np.abs(at).max() == 1.0
    np.testing.assert_array_equal(at, places([(0, 1, 2), (3, 4, 5)], 6))  # no chance in it


def test_outlines_are_round_ends_around_their_points():
    one, two = outline(np.zeros((1, 2)), 0.5), outline(np.array([[0.0, 0.0], [3.0, 0.0]]), 0.5)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 0.5)
    assert two[:, 0].min() == pytest.approx(-0.5) and two[:, 0].max() == pytest.approx(3.5)
    assert same_length([one, two]).shape == (2, max(len(one), len(two)), 2)


def test_what_does_not_hold_is_faint():
    graph = Hypergraph(spectrum=make([(0, 1), (2, 3)], [1.0, 0.9], joint_p_values=[1.0, 1e-4]))
    assert graph.positive.opacities[0] < 0.3 < graph.positive.opacities[1]
    assert graph.shapes[1].opacities[0] < graph.shapes[1].opacities[1] and "faint" in graph.legend.value
