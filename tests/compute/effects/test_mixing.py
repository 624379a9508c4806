"""Kernels that put samples together give what plain loops give."""

import numpy as np
import pytest

from actspec_widgets.compute.effects.draws import _rows
from actspec_widgets.compute.effects.mixing import exchange, parts_that_differ
from actspec_widgets.compute.effects.rest import KEEP


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_units_are_taken_from_donors_place_by_place_and_padding_keeps_what_it_has(kind, rng):
    k, places, n, m = 12, 4, 9, 5
    own, values = rng.normal(size=(k, places, n)).astype(kind), rng.normal(size=(m * places, n)).astype(kind)
    starts, real = np.arange(m) * places, rng.random((k, places)) < 0.8
    donors = rng.integers(0, m, (3, n)).repeat(4, axis=0)  # rows in fours that differ in few units
    donors[np.arange(k), rng.integers(0, n, k)] = rng.integers(0, m, k)
    donors[rng.random((k, n)) < 0.1] = KEEP
    new = np.empty_like(own)
    exchange(new, own, real, donors, starts, values)
    expected = own.copy()
    for i in range(k):
        for rank, place in enumerate(np.flatnonzero(real[i])):
            for unit in np.flatnonzero(donors[i] != KEEP):
                expected[i, place, unit] = values[starts[donors[i, unit]] + rank, unit]
    assert np.array_equal(new, expected)


@pytest.mark.parametrize("kind", [np.int8, np.float16, np.float32, np.float64, np.longdouble, np.int64])
def test_rows_hold_one_pattern_with_one_part_of_the_other(kind, rng):
    d, n, parts = 6, 11, 3
    units = np.array([0, 2, 3, 5, 8, 9, 10])
    a, b = (rng.integers(0, 3, (d, n)).astype(kind) for _ in range(2))
    a[:, [1, 4, 6, 7]] = b[:, [1, 4, 6, 7]]  # what is in no draw's play is the base's
    labels = rng.integers(-1, parts, (d, len(units)))
    moved = parts_that_differ(a[:, units] != b[:, units], labels, parts)
    expected = []
    for kept, other in ((b, a), (a, b)):
        for draw in range(d):
            for part in range(parts):
                row, of_part = kept[draw].copy(), units[labels[draw] == part]
                row[of_part] = other[draw, of_part]
                assert moved[draw, part] == (row != kept[draw]).any()
                if moved[draw, part]:
                    expected.append(row)
    rows = _rows(a, b, units, labels, *np.nonzero(moved), parts)
    assert rows.dtype == kind and np.array_equal(rows, np.concatenate([a, b, expected]))
