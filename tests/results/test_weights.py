import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actspec_widgets.results.weights import concentration, degree_weights, extent, influences

MAJORITY = ([(0,), (1,), (2,), (0, 1, 2)], np.array([0.5, 0.5, 0.5, -0.5]))


def test_majority_of_three():
    assert degree_weights(*MAJORITY).tolist() == [0.0, 0.75, 0.0, 0.25]
    assert degree_weights(*MAJORITY, max_degree=4).tolist() == [0.0, 0.75, 0.0, 0.25, 0.0]
    assert degree_weights(*MAJORITY, max_degree=1).tolist() == [0.0, 0.75]
    assert influences(*MAJORITY, 4).tolist() == [0.5, 0.5, 0.5, 0.0]


def test_total_influence_is_the_weighted_sum_of_degrees():
    rng = np.random.default_rng(0)
    subsets = [(0,), (1, 2), (0, 2, 3), (0, 1, 2, 3)]
    values = rng.normal(size=4)
    weights = degree_weights(subsets, values)
    assert influences(subsets, values, 4).sum() == pytest.approx(np.arange(5) @ weights)


def test_equal_weights_have_as_many_effective_subsets():
    found = concentration(np.array([1.0, -1.0, 1.0, -1.0]))
    assert found.effective_number == pytest.approx(4.0) and found.entropy == pytest.approx(np.log(4))
    assert found.subsets_for == {0.5: 2, 0.8: 4, 0.9: 4}
    assert concentration(np.array([3.0, 0.0])).subsets_for == {0.5: 1, 0.8: 1, 0.9: 1}


def test_an_empty_collection_has_no_weight():
    assert concentration(np.empty(0)).effective_number == 0.0
    assert degree_weights([], np.empty(0)).tolist() == [0.0]


@given(
    st.dictionaries(
        st.frozensets(st.integers(0, 7)), st.floats(-3, 3).map(lambda c: round(c, 3)), min_size=1, max_size=9
    )
)
def test_the_extent_of_a_list_is_that_of_the_definition(weights):
    subsets, coefficients = [tuple(sorted(s)) for s in weights], np.array(list(weights.values()))
    found = extent(subsets, coefficients)
    of_units = [sum(c**2 for s, c in weights.items() if i in s) for i in range(8)]
    whole = sum(c**2 for s, c in weights.items() if s)
    if not whole:
        assert np.isnan(found.effective_units) and np.isnan(found.mean_degree)
        return
    assert found.effective_units == pytest.approx(sum(of_units) ** 2 / sum(w**2 for w in of_units))
    assert found.mean_degree == pytest.approx(sum(len(s) * c**2 for s, c in weights.items()) / whole)


def test_the_extent_of_a_parity_and_of_a_single_unit():
    assert (extent([(0, 3, 5)], np.array([2.0])).effective_units, extent([(0, 3, 5)], np.array([2.0])).mean_degree) == (
        3, 3,
    )  # fmt: skip
    one = extent([(), (4,)], np.array([7.0, 0.5]))
    assert (one.effective_units, one.mean_degree) == (1, 1)
