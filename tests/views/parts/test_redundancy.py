"""The redundancy map and the heat map it is made of."""

import numpy as np
import pytest

from actspec_widgets.views.kit.heat_map import HeatMap, colour_bar
from actspec_widgets.views.parts.redundancy import RedundancyMap
from views.spectra import make

GRAM = np.array([[1.0, -0.6, 0.1], [-0.6, 1.0, 0.0], [0.1, 0.0, 1.0]])
SPECTRUM = make([(0,), (1, 2), (0, 3)], [0.25, -1.0, 0.5], gram=GRAM, redundancy_error=0.01)


@pytest.fixture
def redundancy():
    return RedundancyMap(spectrum=SPECTRUM)


def test_cells_hold_the_size_of_the_mean_products_strongest_subset_first(redundancy):
    assert redundancy.order == [1, 2, 0]
    numbers = np.reshape(redundancy.chart.numbers.text, (3, 3)).tolist()
    assert numbers == [["", "", ".60"], ["", "", ".10"], [".60", ".10", ""]]
    shades = np.reshape(redundancy.chart.cells.opacities, (3, 3))
    np.testing.assert_allclose(shades[0, 2] / shades[1, 2], 6.0)


def test_sentence_has_the_mean_with_its_error_and_the_closest_pair(redundancy):
    said = "The mean over all pairs is 0.233 ± 0.010; the two most alike are {1, 2} and {0}, 0.60."
    assert said in redundancy.heading.value


def test_click_selects_the_rows_subset_and_selection_outlines_it(redundancy):
    cells = redundancy.chart.cells
    cells._handle_custom_msgs(cells, {"event": "element_click", "data": {"index": 5}})
    assert redundancy.selection == (0, 3) and redundancy.chart.outline.visible
    assert redundancy.chart.outline.y[0].tolist() == [0.5, 0.5, 1.5, 1.5]
    redundancy.selection = (7,)
    assert not redundancy.chart.outline.visible


def test_at_most_twenty_subsets_are_drawn_and_the_table_has_their_pairs():
    many = RedundancyMap(spectrum=make([(i,) for i in range(30)], n_units=30))
    assert many.chart.shape == (20, 20) and "10 smaller coefficients" in many.note.value
    assert len(many.twin._make()) == 190


def test_one_subset_is_no_pair():
    assert "nothing to repeat" in RedundancyMap(spectrum=make([(0,)])).heading.value


def test_cells_without_a_number_stay_empty():
    chart = HeatMap("any")
    chart.draw(np.array([[np.nan, 2.5]]), ["a"], ["x", "y"], high=5.0)
    assert list(chart.numbers.text) == ["", "2.5"] and chart.cells.opacities[0] == 0.0


def test_colour_bar_has_five_ticks_and_escapes_its_quantity():
    bar = colour_bar(2.0, "<b>")
    assert bar.count("<text") == 5 and ">0.5<" in bar and "&lt;b&gt;" in bar
