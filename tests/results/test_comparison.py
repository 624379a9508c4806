"""Two spectra beside each other."""

import numpy as np
import pytest

from actspec_widgets.results import Encoding, compare_spectra
from views.spectra import make


def test_subsets_of_both_come_first_with_the_error_of_their_difference():
    a = make([(0,), (1, 2), (3,)], [1.0, -2.0, 0.5], explained_variance=0.8)
    b = make([(1, 2), (4,), (0,)], [-1.0, 3.0, 1.5], explained_variance=0.6)
    found = compare_spectra(a, b)
    assert found.subsets == ((1, 2), (0,), (3,), (4,))
    np.testing.assert_array_equal(found.in_both, [True, True, False, False])
    np.testing.assert_array_equal(found.in_a, [True, True, True, False])
    np.testing.assert_allclose(found.differences[:2], [-1.0, -0.5])
    np.testing.assert_allclose(found.difference_errors[:2], 0.05 * np.sqrt(2))
    assert np.isnan(found.differences[2:]).all() and found.explained_variance.tolist() == [0.8, 0.6]


def test_an_equivalent_listed_by_either_is_named():
    a = make([(0,), (1,), (2,)], equivalents=(((5,),), (), ()))
    b = make([(5,), (6,), (7,)], equivalents=((), ((1,),), ()))
    found = compare_spectra(a, b)
    assert dict(zip(found.subsets, found.twins, strict=True)) == {
        (0,): (5,), (1,): (6,), (2,): None, (5,): (0,), (6,): (1,), (7,): None,
    }  # fmt: skip


def test_nothing_beside_something_is_only_something():
    found = compare_spectra(make([]), make([(0,)]))
    assert len(found) == 1 and not found.in_a.any() and len(compare_spectra(make([]), make([]))) == 0


def test_other_units_do_not_compare():
    with pytest.raises(ValueError, match="of 8 units, the other of 9, so their subsets do not correspond"):
        compare_spectra(make([(0,)]), make([(0,)], n_units=9))


def test_characters_of_different_kinds_do_not_compare():
    biased = make([(0,)], encoding=Encoding("biased", centres=np.zeros(8), scales=np.ones(8)))
    with pytest.raises(ValueError, match="compute both with the same characters"):
        compare_spectra(make([(0,)]), biased)
