"""The bars: read the marks that the browser is given."""

import numpy as np
import pytest

from actspec_widgets.views.kit.drawn import MOST_AT_FIRST, MOST_BARS, choose
from actspec_widgets.views.kit.evidence import Effects
from actspec_widgets.views.kit.figure import whiskers
from actspec_widgets.views.kit.row_bars import FAINT, PLAIN
from actspec_widgets.views.kit.theme import DEGREES
from actspec_widgets.views.parts.spectrum import SpectrumBars
from views.spectra import make


@pytest.fixture
def bars():
    return SpectrumBars(spectrum=make([(0,), (1, 2), (0, 3, 4)], [0.25, -1.0, 0.5]))


def points(bars):
    """``{degree: {row: coefficient}}`` of the markers."""
    return {
        d: dict(zip(mark.y.tolist(), mark.x.tolist(), strict=True))
        for d, mark in enumerate(bars.points, 1)
        if len(mark.x)
    }


def test_largest_coefficient_comes_first(bars):
    assert bars.bars.y.tolist() == [-1.0, 0.5, 0.25]
    assert list(bars.row_axis.tick_labels.values()) == ["{1, 2} ◆", "{0, 3, 4} ▲", "{0} ●"]


def test_degree_shows_in_colour_shape_and_label(bars):
    assert bars.bars.colors == [DEGREES[1].colour, DEGREES[2].colour, DEGREES[0].colour]
    assert points(bars) == {1: {2: 0.25}, 2: {0: -1.0}, 3: {1: 0.5}}
    assert len({style.marker for style in DEGREES}) == len({style.colour for style in DEGREES}) == len(DEGREES)


def test_bars_that_do_not_hold_stand_last_faint_and_hatched_and_the_legend_says_so():
    p_values = np.array([np.nan, 1.0, 1e-3])  # a single unit; nothing joint was seen, or could be; joint
    bars = SpectrumBars(spectrum=make([(0,), (1, 2), (0, 3)], [1.0, 3.0, 0.6], joint_p_values=p_values))
    assert bars.bars.y.tolist() == [1.0, 0.6, 3.0] and bars.bars.opacities == [PLAIN, PLAIN, FAINT]
    assert np.nanmin(bars.hatch.y) > 1.5 and 0 < np.nanmin(bars.hatch.x) < np.nanmax(bars.hatch.x) < 3.1
    assert "faint and hatched: does not hold (several units not called joint)" in bars.legend.value
    assert "3 coefficients. The largest of 2 that hold is +1.000" in bars.heading.value
    bars.spectrum = make([(0,), (1, 2)])
    assert bars.bars.opacities == [PLAIN] and "faint" not in bars.legend.value and not len(bars.hatch.x)
    bars.spectrum = make([(0,), (1, 2)], joint_p_values=np.full(2, np.nan))  # exact coefficients: nothing to test
    assert bars.bars.opacities == [PLAIN]
    bars.spectrum = make([(1, 2)], joint_p_values=[1.0])
    assert "None of 1 coefficient holds up" in bars.heading.value


def test_the_other_evidence_is_an_open_circle_tied_to_its_bar():
    bars = SpectrumBars(spectrum=make([(0,), (1, 2)], [1.0, 0.8]))
    assert not len(bars.others.x) and not len(bars.ties.x)
    bars.effects = Effects("by experiment", {(0,): (0.9, 0.1), (1, 2): (-0.2, 0.01)})
    np.testing.assert_allclose([bars.others.x, bars.others.y], [[0.9, -0.2], [0, 1]])
    np.testing.assert_allclose(bars.ties.x, [0.9, 1.0, np.nan, -0.2, 0.8])
    assert bars.value_scale.min < -0.2 and "○ by experiment" in bars.legend.value
    bars.effects = Effects("by experiment", {(1, 2): (-0.2, 0.01)})
    assert bars.others.y.tolist() == [1]


def test_the_strip_beside_the_bars_has_a_line_for_each_row_and_selects_it():
    bars = SpectrumBars(spectrum=make([(0,), (1, 2)], smallest_cells=[900, 5]))
    content = bars.strip.content
    assert [head["text"] for head in content["heads"]] == ["rarest", "joint part"]
    assert content["cells"] == [["900", ""], ["5", "+0.50 ± 0.05"]] and content["faint"] == [False, False]
    assert content["words"][1] == "{1, 2}: +0.500 ± 0.050; rarest 5; joint part +0.50 ± 0.05"
    bars.strip.chosen = 1
    assert bars.selection == (1, 2)
    bars.selection = (0,)
    assert bars.strip.chosen == 0
    bars.spectrum = make([(i,) for i in range(60)], n_units=60)
    assert bars.strip.content["cells"] == []  # its lines would be too narrow to read


def test_a_pointer_on_a_bar_is_told_all_that_is_known_of_it():
    bars = SpectrumBars(spectrum=make([(0,), (1, 2)], unit_names=list("a<b>cdefgh"[:8])))
    bars._pointed_at(bars.bars, {"data": {"index": 1}})
    assert "{&lt;, b}: +0.500 ± 0.050; joint part +0.50 ± 0.05" in bars.hint.value
    bars._pointed_at(bars.bars, {"data": {"index": 7}})  # a row that is gone
    assert bars.hint.value == '<div class="actspec-hint"></div>'


def test_degrees_beyond_the_palette_share_the_last_style():
    bars = SpectrumBars(spectrum=make([tuple(range(5)), tuple(range(9))], n_units=9))
    assert bars.bars.colors == [DEGREES[-1].colour] * 2
    assert "5 units or more" in bars.legend.value


def test_whiskers_span_one_standard_error_each_way(bars):
    ends = np.split(bars.errors.x, np.flatnonzero(np.isnan(bars.errors.x)))
    spans = [np.ptp(e[~np.isnan(e)]) for e in ends]
    np.testing.assert_allclose(spans, 0.1)
    assert not np.isnan(bars.errors.x[-1])


def test_whisker_of_one_bar_has_no_gap():
    position, value = whiskers([3], [1.0], [0.5])
    assert position.tolist() == [3, 3] and value.tolist() == [0.5, 1.5]


def test_everything_lies_inside_the_axis_with_zero(bars):
    low, high = bars.value_scale.min, bars.value_scale.max
    assert low < -1.05 and high > 0.55
    assert 0.0 in bars.value_axis.tick_values
    assert (bars.rows.base, set(bars.rows.y)) == (low, {high})


def test_click_on_bar_or_row_selects_and_selection_marks_the_row(bars):
    click = {"event": "element_click", "data": {"index": 1}}
    for mark in (bars.rows, bars.bars):
        bars.selection = None
        mark._handle_custom_msgs(mark, click)
        assert bars.selection == (0, 3, 4)
    assert [o > 0 for o in bars.rows.opacities] == [False, True, False]
    bars.selection = (0,)
    assert [o > 0 for o in bars.rows.opacities] == [False, False, True]
    bars.selection = (5, 6)
    assert not any(bars.rows.opacities)


def test_click_that_arrives_after_the_bars_are_gone_does_nothing(bars):
    bars.spectrum = make([])
    bars._picked(2)
    assert bars.selection is None


def test_degree_and_number_choose_what_is_drawn_and_the_rest_is_said(bars):
    bars.max_degree = 2
    assert bars.bars.y.tolist() == [-1.0, 0.25]
    assert "1 subset of more than 2 units" in bars.note.value
    bars.top = 1
    assert bars.bars.y.tolist() == [-1.0, 0.0]
    assert "1 smaller coefficient and 1 subset of more than 2 units, together 23.8%" in bars.note.value
    bars.max_degree = bars.top = None
    assert bars.note.value == ""


def test_no_more_than_the_cap_is_drawn():
    values = np.linspace(1, 0.1, 5000)
    bars = SpectrumBars(spectrum=make([(i,) for i in range(5000)], values, n_units=5000))
    assert len(bars.bars.y) == MOST_AT_FIRST and bars.bars.y.min() == values[MOST_AT_FIRST - 1]
    assert "4,800 smaller coefficients" in bars.note.value
    share = choose(bars.spectrum).share_left_out
    np.testing.assert_allclose(share, np.sum(values[MOST_AT_FIRST:] ** 2) / np.sum(values**2))
    assert len(bars.row_axis.tick_values) < 60  # labels that would overlap are left out
    assert len(choose(bars.spectrum, most=3000).order) == MOST_BARS


def test_no_subset_means_no_figure(bars):
    bars.spectrum = make([])
    assert bars._picture not in bars.children
    bars.spectrum = make([(1,)])
    assert bars._picture in bars.children and bars.bars.y.tolist() == [1.0, 0.0]


def test_a_lonely_bar_has_a_second_one_without_length_out_of_sight(bars):
    bars.spectrum = make([(1,)], [0.5])
    assert (bars.bars.x.tolist(), bars.bars.y.tolist()) == ([0, 2], [0.5, 0.0])
    assert len(bars.rows.x) == 2 and bars.rows.y[1] == bars.rows.base
    assert bars.row_scale.max == 0.5 and list(bars.row_axis.tick_labels) == ["0"]
    bars._picked(1)
    assert bars.selection is None


def test_zero_coefficients_can_be_drawn():
    bars = SpectrumBars(spectrum=make([(0,), (1,)], [0.0, 0.0], standard_errors=np.zeros(2)))
    assert bars.value_scale.min < 0 < bars.value_scale.max


def test_bars_of_many_rows_are_one_path_for_each_size():
    subsets = [(i,) for i in range(200)] + [(i, i + 1) for i in range(100)]
    bars = SpectrumBars(spectrum=make(subsets, np.linspace(1.0, -0.5, 300), n_units=200), top=200)
    assert len(bars.bars.x) == sum(len(mark.x) for mark in bars.points) == 200
    assert all(len(stroke.x) == 0 for stroke in bars.strokes)
    bars.top = 300
    assert len(bars.bars.x) == sum(len(mark.x) for mark in bars.points) == 0
    ones, twos = bars.strokes[0], bars.strokes[1]
    assert (len(ones.x), len(twos.x), len(bars.errors.x)) == (599, 299, 899)
    assert (ones.x[0], ones.x[1], ones.y[0], ones.y[1]) == (0.0, 1.0, 0.0, 0.0)  # from zero to the coefficient
    assert set(np.flatnonzero(np.isnan(ones.x))) == set(range(2, 599, 3))
