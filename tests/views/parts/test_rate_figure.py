"""Numbers against the dropout rate: read the marks."""

import numpy as np
import pytest

from actspec_widgets.views.parts.rate_figure import RateFigure


@pytest.fixture
def rates():
    made = RateFigure()
    made.points = np.array([[0.0, 7.0], [0.0, 7.0], [0.0, 7.0], [0.5, np.nan], [0.5, 4.0], [0.5, 5.0]])
    return made


def test_networks_with_the_same_number_lie_beside_each_other(rates):
    x, y = rates.seeds.x, rates.seeds.y
    assert y.tolist() == [7.0, 7.0, 7.0, 4.0, 5.0]
    assert x[0] < x[1] == 0.0 < x[2] and x[2] - x[1] == x[1] - x[0]
    assert x[3:].tolist() == [0.5, 0.5] and x[0] > rates.x.min
    assert rates.means.x.tolist() == [0.0, 0.5]


def test_the_ring_is_around_the_point_that_is_marked(rates):
    rates.marked = 2
    assert rates.ring.x.tolist() == [rates.seeds.x[2]] and rates.ring.y.tolist() == [7.0]
    rates.seeds._handle_custom_msgs(rates.seeds, {"event": "element_click", "data": {"index": 3}})
    assert rates.marked == 4 and rates.ring.y.tolist() == [4.0]
    rates.marked = 3
    assert rates.ring.x.size == 0
