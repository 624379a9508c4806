import numpy as np
import pytest

from actspec_widgets.results.weights import concentration, degree_weights, influences

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
