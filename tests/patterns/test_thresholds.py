import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Patterns
from actspec_widgets.patterns.thresholds import RULES, thresholds


def test_active_means_above():
    A = np.array([[0.0, 1.0], [0.5, -1.0], [-0.5, 2.0]])
    assert Patterns.from_activations(A).signs().tolist() == [[-1, 1], [1, -1], [-1, 1]]
    assert Patterns.from_activations(A, 0.9).signs().tolist() == [[-1, 1], [-1, -1], [-1, 1]]
    assert Patterns.from_activations(A, [0.4, 1.5]).signs().tolist() == [[-1, -1], [1, -1], [-1, 1]]


def test_mean_and_median_are_what_they_say():
    A = np.random.default_rng(0).normal(size=(51, 3))
    assert np.allclose(thresholds(A, "mean"), A.mean(axis=0))
    assert np.allclose(thresholds(A, "median"), np.median(A, axis=0))


def test_otsu_separates_two_clouds():
    rng = np.random.default_rng(0)
    on = rng.random(300) < 0.3
    A = np.where(on, rng.normal(5, 0.5, 300), rng.normal(0, 0.5, 300))[:, None]
    assert np.array_equal(Patterns.from_activations(A, "otsu").signs()[:, 0] == 1, on)


@given(st.integers(0, 10_000))
def test_informative_keeps_the_most_mutual_information(seed):
    rng = np.random.default_rng(seed)
    A = rng.integers(0, 6, (24, 1)).astype(float)
    y = rng.normal(size=24) + (A[:, 0] > rng.integers(0, 5))
    classes = np.searchsorted(np.quantile(y, np.linspace(0, 1, 9)[1:-1]), y, side="right").tolist()
    chosen = (thresholds(A, "informative", y)[0] < A[:, 0]).tolist()
    best = max(naive.mutual_information((A[:, 0] > cut).tolist(), classes) for cut in np.arange(-0.5, 5))
    assert naive.mutual_information(chosen, classes) == pytest.approx(best)


@pytest.mark.parametrize("rule", RULES)
def test_a_constant_unit_is_allowed_and_stays_constant(rule):
    A = np.column_stack([np.full(10, 3.0), np.arange(10.0)])
    patterns = Patterns.from_activations(A, rule, target=np.arange(10.0))
    assert 0 in patterns.constant_units()


def test_refusals_say_what_fits():
    A = np.ones((3, 2))
    with pytest.raises(ValueError, match="use one of zero, mean"):
        Patterns.from_activations(A, "sometimes")
    with pytest.raises(ValueError, match="pass target=y"):
        Patterns.from_activations(A, "informative")
    with pytest.raises(ValueError, match=r"shape \(3,\) for 2 units"):
        Patterns.from_activations(A, [0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="NaN or infinite"):
        Patterns.from_activations(A, float("nan"))
    with pytest.raises(ValueError, match="inf at sample 0, unit 1"):
        Patterns.from_activations([[0.0, np.inf]])
    with pytest.raises(ValueError, match="nothing was recorded"):
        Patterns.from_activations(np.empty((0, 2)))
