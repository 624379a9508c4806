"""Samples on either side of a parity."""

import numpy as np
import pytest

from actspec_widgets import Patterns
from actspec_widgets.compute import parity_groups


@pytest.fixture
def data(rng):
    signs = rng.choice(np.array([-1, 1], np.int8), (300, 5))
    return signs, Patterns.from_signs(signs), rng.normal(size=300)


@pytest.mark.parametrize("subset", [(2,), (0, 3), (1, 2, 4)])
def test_groups_are_those_of_the_product_of_signs(data, subset):
    signs, patterns, y = data
    parity = np.prod(signs[:, subset], axis=1)
    groups = parity_groups(patterns, y, subset)
    for side, sign in ((groups.even, 1), (groups.odd, -1)):
        assert side.n_samples == (parity == sign).sum() and side.mean == pytest.approx(y[parity == sign].mean())
        assert (parity[side.shown] == sign).all() and (np.diff(y[side.shown]) > 0).all()
    errors = [y[parity == sign].std(ddof=1) / (parity == sign).sum() ** 0.5 for sign in (1, -1)]
    assert groups.difference_error == pytest.approx(np.hypot(*errors))


def test_the_order_of_samples_with_equal_targets_is_the_recorded_one():
    patterns = Patterns.from_signs(np.ones((10, 1), np.int8))
    groups = parity_groups(patterns, np.zeros(10), (0,), shown=5)
    assert groups.even.shown.tolist() == [1, 3, 5, 7, 9] and groups.odd.n_samples == 0
    assert np.isnan(groups.odd.mean) and np.isnan(groups.difference)


def test_samples_left_out_take_no_part(data):
    _, patterns, y = data
    groups = parity_groups(patterns, y, (0,), samples=np.arange(100, 200), shown=200)
    assert sorted([*groups.even.shown, *groups.odd.shown]) == list(range(100, 200))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"subset": ()}, "an even parity only"), ({"shown": 0}, "1 or more"), ({"y": [1.0]}, "300")],
)
def test_what_does_not_fit_is_refused(data, change, sentence):
    _, patterns, y = data
    with pytest.raises(ValueError, match=sentence):
        parity_groups(patterns, **({"y": y, "subset": (0,)} | change))
