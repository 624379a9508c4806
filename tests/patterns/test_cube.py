import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets.patterns.cube import as_subset, as_target, chi, points_from_index, varying_target


def test_the_bit_order_by_hand():
    # index 6 = 0b110: units 1 and 2 are inactive, unit 0 is active
    assert points_from_index([6], 3).tolist() == [[1, -1, -1]]


@given(st.integers(1, 8), st.data())
def test_chi_is_the_parity_of_the_bits(n, data):
    index = data.draw(st.integers(0, 2**n - 1))
    mask = data.draw(st.integers(0, 2**n - 1))
    subset = [i for i in range(n) if mask >> i & 1]
    point = points_from_index([index], n)
    expected = (-1) ** ((index & mask).bit_count() % 2)
    assert chi(subset, point)[0] == expected == naive.chi(subset, point[0])


@pytest.mark.parametrize("subset", [[0, 0], [3], [-1]])
def test_impossible_subsets_are_refused(subset):
    with pytest.raises(ValueError, match="subset"):
        as_subset(subset, 3)


def test_a_subset_of_words_is_refused():
    with pytest.raises(TypeError, match="integer unit indices"):
        as_subset("ab", 3)


def test_targets_that_do_not_fit():
    with pytest.raises(ValueError, match=r"shape \(2,\), the patterns hold 3 samples"):
        as_target([1.0, 2.0], 3)
    with pytest.raises(ValueError, match="nan at sample 1"):
        as_target([1.0, np.nan, 0.0], 3)
    with pytest.raises(ValueError, match="target is 2 for all 3 samples"):
        varying_target([2, 2, 2], 3)
    with pytest.raises(ValueError, match="dtype"):
        as_target(["a", "b", "c"], 3)
