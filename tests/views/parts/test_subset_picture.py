"""The picture of subsets: read what the page is given, and what a click does."""

import numpy as np
import pytest

from actspec_widgets import Patterns
from actspec_widgets.views.kit.drawn import MOST_AT_FIRST, MOST_BARS, choose
from actspec_widgets.views.kit.evidence import Effects
from actspec_widgets.views.kit.still import still_of
from actspec_widgets.views.kit.theme import DEGREES
from actspec_widgets.views.parts.picture_groups import Samples
from actspec_widgets.views.parts.subset_map import UnitGrid
from actspec_widgets.views.parts.subset_picture import SubsetPicture
from views.spectra import column, make, values


@pytest.fixture
def bars():
    return SubsetPicture(spectrum=make([(0,), (1, 2), (0, 3, 4)], [0.25, -1.0, 0.5]))


def rows(picture, name):
    return [row[name] for row in picture.figure.content["rows"]]


def test_largest_coefficient_comes_first(bars):
    assert values(bars) == [-1.0, 0.5, 0.25]
    assert rows(bars, "name") == ["{1, 2} ◆", "{0, 3, 4} ▲", "{0} ●"]


def test_size_shows_in_colour_shape_and_label(bars):
    assert rows(bars, "style") == [1, 2, 0]
    assert [size["text"] for size in bars.figure.content["sizes"]] == ["1 unit", "2 units", "3 units"]
    assert len({style.outline for style in DEGREES}) == len({style.colour for style in DEGREES}) == len(DEGREES)
    large = SubsetPicture(spectrum=make([tuple(range(5)), tuple(range(9))], n_units=9))
    assert rows(large, "style") == [4, 4] and "5 units or more" in large.legend.value


def test_bars_that_do_not_hold_stand_last_and_faint_and_the_legend_says_so():
    p_values = np.array([np.nan, 1.0, 1e-3])  # a single unit; nothing joint was seen, or could be; joint
    bars = SubsetPicture(spectrum=make([(0,), (1, 2), (0, 3)], [1.0, 3.0, 0.6], joint_p_values=p_values))
    assert values(bars) == [1.0, 0.6, 3.0] and rows(bars, "faint") == [False, False, True]
    assert "faint and hatched: does not hold (several units not called joint)" in bars.legend.value
    assert "3 coefficients. The largest of 2 that hold is +1.000" in bars.heading.value
    bars.spectrum = make([(0,), (1, 2)])
    assert not any(rows(bars, "faint")) and "faint" not in bars.legend.value
    bars.spectrum = make([(0,), (1, 2)], joint_p_values=np.full(2, np.nan))  # exact coefficients: nothing to test
    assert not any(rows(bars, "faint"))
    bars.spectrum = make([(1, 2)], joint_p_values=[1.0])
    assert "None of 1 coefficient holds up" in bars.heading.value


def test_the_other_evidence_stands_beside_each_bar():
    bars = SubsetPicture(spectrum=make([(0,), (1, 2)], [1.0, 0.8]))
    assert rows(bars, "other") == [None, None]
    bars.effects = Effects("by experiment", {(0,): (0.9, 0.1), (1, 2): (-0.2, 0.01)})
    assert rows(bars, "other") == [0.9, -0.2]
    assert bars.figure.content["low"] < -0.2 and "○ by experiment" in bars.legend.value
    bars.effects = Effects("by experiment", {(1, 2): (-0.2, 0.01)})
    assert rows(bars, "other") == [None, -0.2]


def test_what_is_known_of_each_row_stands_beside_it_and_is_said_to_a_pointer():
    bars = SubsetPicture(spectrum=make([(0,), (1, 2)], smallest_cells=[900, 5], unit_names=list("a<b>cdef")))
    assert column(bars, "rarest") == ["900", "5"] and column(bars, "joint part") == ["", "+0.50 ± 0.05"]
    assert rows(bars, "said")[1] == "{<, b}: +0.500 ± 0.050; rarest 5; joint part +0.50 ± 0.05"
    assert rows(bars, "units") == [["a"], ["<", "b"]]  # what the search field finds


def test_errors_are_those_of_the_coefficients(bars):
    assert rows(bars, "error") == [0.05] * 3
    unknown = SubsetPicture(spectrum=make([(0,)], [1.0], standard_errors=[np.nan]))
    assert rows(unknown, "error") == [None]


def test_everything_lies_inside_the_axis_with_zero(bars):
    content = bars.figure.content
    assert content["low"] < -1.05 and content["high"] > 0.55
    assert 0.0 in [tick["value"] for tick in content["ticks"]]
    zero = SubsetPicture(spectrum=make([(0,), (1,)], [0.0, 0.0], standard_errors=np.zeros(2)))
    assert zero.figure.content["low"] < 0 < zero.figure.content["high"]


def test_a_click_selects_another_one_deselects_and_selection_marks_the_row_and_its_units(bars):
    bars.figure.chosen = 1
    assert bars.selection == (0, 3, 4) and bars.figure.outlined == [0, 3, 4]
    bars.figure.chosen = -1
    assert bars.selection is None and bars.figure.outlined == []
    bars.selection = (0,)
    assert bars.figure.chosen == 2
    bars.selection = (5, 6)  # no row shows it
    assert bars.figure.chosen == -1 and bars.figure.outlined == [5, 6] and bars.selection == (5, 6)


def test_a_click_that_arrives_after_the_bars_are_gone_selects_nothing(bars):
    bars.spectrum = make([])
    bars.figure.chosen = 2
    assert bars.selection is None


def test_size_and_number_choose_what_is_drawn_and_the_rest_is_said(bars):
    bars.max_degree = 2
    assert values(bars) == [-1.0, 0.25]
    assert "1 subset of more than 2 units" in bars.note.value
    bars.top = 1
    assert values(bars) == [-1.0]
    assert "1 smaller coefficient and 1 subset of more than 2 units, together 23.8%" in bars.note.value
    bars.max_degree = bars.top = None
    assert bars.note.value == ""


def test_no_more_than_the_cap_is_drawn():
    coefficients = np.linspace(1, 0.1, 5000)
    bars = SubsetPicture(spectrum=make([(i,) for i in range(5000)], coefficients, n_units=5000))
    assert len(values(bars)) == MOST_AT_FIRST and min(values(bars)) == coefficients[MOST_AT_FIRST - 1]
    assert "4,800 smaller coefficients" in bars.note.value
    share = choose(bars.spectrum).share_left_out
    np.testing.assert_allclose(share, np.sum(coefficients[MOST_AT_FIRST:] ** 2) / np.sum(coefficients**2))
    assert len(choose(bars.spectrum, most=3000).order) == MOST_BARS
    assert len(bars.figure.place["units"]) == 60 and "140 more take part" in bars.figure.place["caption"]


def test_no_subset_means_no_figure(bars):
    bars.spectrum = make([])
    assert bars._picture not in bars.children and bars.figure.content == {}
    bars.spectrum = make([(1,)])
    assert bars._picture in bars.children and values(bars) == [1.0]


def test_units_without_a_place_are_a_strip_the_most_influential_first(bars):
    place = bars.figure.place
    assert place["kind"] == "strip" and place["units"] == [1, 2, 0, 3, 4]
    assert place["shades"] == [1.0, 1.0, 0.3125, 0.25, 0.25]
    assert "3 of 8 units are in no subset drawn." in place["caption"]
    bars.spectrum = make([(0,), (1, 2)], unit_names=[f"encoder.layers.0.linear1[{i}]" for i in range(8)])
    assert place != bars.figure.place and len(set(bars.figure.place["names"])) == 3


def test_pixels_keep_their_places_and_the_shades_of_their_image(bars):
    bars.grid = UnitGrid.of_image((2, 4), np.arange(8.0), "Shade: a ramp.")
    assert bars.figure.place == {
        "kind": "image", "rows": 2, "columns": 4, "caption": "Shade: a ramp.", "name": "2 by 4 units",
    }  # fmt: skip
    assert list(bars.figure.shades) == [0, 36, 73, 109, 146, 182, 219, 255]
    for row in bars.figure.content["rows"]:
        assert row["long"] == "; ".join(f"row {unit // 4}, column {unit % 4}" for unit in row["subset"])
        assert f"({row['long']})" in row["said"]
    bars.grid = UnitGrid.of_image((1, 100_000), np.zeros(100_000), "")
    assert "too many for a picture" in bars.figure.place["caption"] and "kind" not in bars.figure.place


@pytest.fixture
def recorded(rng):
    signs = rng.choice([-1, 1], (300, 8))
    y = 1.0 * signs[:, 1] * signs[:, 2] + 0.1 * rng.normal(size=300)
    images = rng.random((300, 6, 5))
    return signs, y, Samples(Patterns.from_signs(signs), y, lambda at: list(images[at]))


def test_a_pair_has_four_groups_with_their_means_and_what_adding_up_would_give(bars, recorded):
    signs, y, bars.samples = recorded
    groups = bars.figure.groups
    assert set(groups) == {"1,2", "0"}  # of three units there are none
    cells = groups["1,2"]["cells"]
    assert [cell["name"] for cell in cells] == ["both on", "only 2 on", "only 1 on", "neither on"]
    wanted = [y[(signs[:, 1] == a) & (signs[:, 2] == b)].mean() for a, b in ((1, 1), (-1, 1), (1, -1), (-1, -1))]
    np.testing.assert_allclose([cell["mean"] for cell in cells], wanted)
    assert groups["1,2"]["added"] == pytest.approx(wanted[1] + wanted[2] - wanted[3])
    assert groups["1,2"]["said"].startswith(
        f"both + neither − each alone: {wanted[0] + wanted[3] - wanted[1] - wanted[2]:+.3f}"
    )
    assert [cell["name"] for cell in groups["0"]["cells"]] == ["this unit on", "this unit off"]


def test_each_group_shows_some_of_its_samples(bars, recorded):
    _, _, bars.samples = recorded
    rows, columns, count = bars.figure.tile
    assert (rows, columns) == (6, 5) and bars.figure.sprite.startswith(b"\x89PNG") and count <= 60
    for group in bars.figure.groups.values():
        assert all(1 <= len(cell["shown"]) <= 3 and max(cell["shown"]) < count for cell in group["cells"])


def test_samples_that_are_texts_are_written_and_those_that_are_nothing_are_not(bars, recorded):
    signs, y, _ = recorded
    bars.samples = Samples(
        Patterns.from_signs(signs), y, lambda at: [f"text number {i} of all the samples" for i in at]
    )
    shown = [cell["shown"] for cell in bars.figure.groups["1,2"]["cells"]]
    assert all(len(some) == 1 and some[0].startswith("text number") and some[0].endswith("…") for some in shown)
    bars.samples = Samples(Patterns.from_signs(signs), y, lambda at: [None] * len(at))
    assert [cell["shown"] for cell in bars.figure.groups["1,2"]["cells"]] == [[]] * 4 and bars.figure.sprite == b""


def test_a_group_without_samples_says_so(bars):
    signs = np.ones((50, 8), int)
    signs[:20, 1] = -1
    bars.samples = Samples(Patterns.from_signs(signs), np.arange(50.0), lambda at: [None] * len(at))
    both, _, only, neither = bars.figure.groups["1,2"]["cells"]
    assert neither["text"] == only["text"] == "no sample" and neither["mean"] is None and both["text"].endswith("(30)")
    assert bars.figure.groups["1,2"]["said"].endswith("too few samples to tell")


def test_a_page_without_a_kernel_shows_bars_units_and_groups(bars, recorded):
    _, _, bars.samples = recorded
    bars.selection = (1, 2)
    drawing = still_of(bars, "A headline")
    for words in ("A headline", "{1, 2} ◆", "both on", "if they added up", "joint part"):
        assert words in drawing
    bars.grid = UnitGrid.of_image((2, 4), np.arange(8.0), "Shade: a ramp.")
    assert 'href="data:image/png;base64,' in still_of(bars, "") and "joint part" in still_of(bars, "")


def test_buttons_and_clicks_ask_what_they_are_told_to(bars):
    asked = []
    bars.actions = {"ask": asked.append, "undo": lambda: asked.append("undo"), "code": lambda: asked.append("code")}
    for message in ({"ask": 3}, {"undo": True}, {"code": True}, {"other": 1}):
        bars.figure._handle_custom_msg(message, [])
    assert asked == [3, "undo", "code"]
