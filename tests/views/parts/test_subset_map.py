"""Where a subset lives: which cells are outlined, over what."""

import numpy as np
import pytest

from actspec_widgets.views.kit.theme import DEGREES
from actspec_widgets.views.parts.subset_map import SubsetMap, UnitGrid


def centres(view):
    """(row, column) of each outlined cell."""
    x, y = np.atleast_2d(view.cells.x), np.atleast_2d(view.cells.y)
    return list(zip(y.mean(axis=1), x.mean(axis=1), strict=True))


@pytest.fixture
def image():
    values = np.arange(28 * 28, dtype=float)
    return SubsetMap(grid=UnitGrid.of_image((28, 28), values, "Shade: a ramp."))


def test_pixels_lie_row_after_row(image):
    image.selection = (3, 30)
    assert centres(image) == [(0, 3), (1, 2)]
    assert image.shades.color.shape == (28, 28) and image.shades.color[1, 2] == pytest.approx(30 / 783)
    assert image.cells.visible and image.cells.colors == [DEGREES[1].colour] * 2


def test_single_unit_and_no_selection(image):
    image.selection = (29,)
    assert centres(image) == [(1, 1)]
    image.selection = None
    assert not image.cells.visible


def test_cells_are_square_and_of_whole_pixels():
    view = SubsetMap(grid=UnitGrid.of_image((10, 37), np.zeros(370), ""))
    width, height = (int(side.removesuffix("px")) for side in (view.figure.layout.width, view.figure.layout.height))
    assert (width - 4) * 10 == (height - 4) * 37 and (width - 4) % 37 == 0


def test_constant_backdrop_and_a_grid_too_large_to_draw():
    view = SubsetMap(grid=UnitGrid.of_image((2, 2), np.zeros(4), ""))
    assert not view.shades.color.any()
    view.grid = UnitGrid.of_image((1, 100_000), np.zeros(100_000), "")
    assert view.figure not in view.children
    view.selection = (99_999,)
    view.grid = UnitGrid.of_image((2, 2), np.zeros(4), "")
    assert view.figure in view.children and not view.cells.visible


@pytest.mark.parametrize("n", [1, 2, 3])
def test_an_image_of_one_line_has_a_map_too(n):
    view = SubsetMap(grid=UnitGrid.of_image((1, n), np.arange(1.0, n + 1), ""), selection=(0,))
    assert view.shades.color.ndim == 2 and view.figure in view.children
    assert np.isfinite(view.shades.color).sum() == n


def test_sentence_and_table_say_what_is_outlined(image):
    assert "Shade: a ramp." in image.heading.value and "outlined" not in image.heading.value
    image.selection = (3, 30)
    assert "2 of 784 pixels outlined." in image.heading.value
    rows = image.twin._make().csv().splitlines()
    assert rows[:3] == ["pixel,row,column,shade,outlined", f"3,0,3,{3 / 783},yes", f"30,1,2,{30 / 783},yes"]
    assert rows[3].startswith("0,0,0,0.0,") and len(rows) == 785


def test_too_many_units_are_said():
    large = UnitGrid.of_image((1, 100_000), np.zeros(100_000), "")
    assert "100,000 pixels are too many" in SubsetMap(grid=large).heading.value
