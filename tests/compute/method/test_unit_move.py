"""One unit switched on: what the function does, and what its spectrum predicts."""

import itertools

import numpy as np
import pytest

import naive
from actspec_widgets import Patterns, walsh_hadamard
from actspec_widgets.compute.method.unit_move import unit_move
from views.spectra import make

CUBE = np.array(list(itertools.product((1, -1), repeat=5)))[:, ::-1]  # bit i of the index is set where x_i = -1


def whole(values):
    """The spectrum of a function on the cube, all of it."""
    subsets = [tuple(i for i in range(5) if index >> i & 1) for index in range(32)]
    f_hat = walsh_hadamard(values)
    kept = [index for index in range(1, 32) if abs(f_hat[index]) > 1e-12]
    return make([subsets[i] for i in kept], f_hat[kept], n_units=5)


@pytest.mark.parametrize("unit", range(5))
def test_an_exact_spectrum_predicts_what_the_function_does(unit, rng):
    values = rng.normal(size=32)
    seen = np.repeat(rng.permutation(32)[:20], 10)  # not the whole cube

    def f(points):
        return values[(np.asarray(points) < 0) @ (1 << np.arange(5))]

    X = CUBE[seen]
    found = unit_move(f, whole(values), unit, patterns=Patterns.from_signs(X), contexts=200)
    on, off = X.copy(), X.copy()
    on[:, unit], off[:, unit] = 1, -1
    assert found.predicted == pytest.approx(naive.mean(f(on) - f(off)))
    assert found.measured == pytest.approx(found.predicted, abs=6 * found.standard_error + 1e-9)


def test_what_only_accompanies_the_cause_is_predicted_to_move_and_does_not(rng):
    X = rng.choice([-1, 1], (400, 3))
    X[:, 1] = X[:, 0]
    found = unit_move(
        lambda points: 2.0 * points[:, 1], make([(0,)], [2.0], n_units=3), 0, patterns=Patterns.from_signs(X)
    )
    assert (found.predicted, found.measured) == (4.0, 0.0) and found.standard_error < 1e-5  # of the rounding


def test_of_an_experiment_the_prediction_is_the_units_own_effect(rng):
    X = Patterns.from_signs(np.ones((400, 3), int) * rng.choice([-1, 1], (400, 1)))
    spectrum = make([(0,), (0, 1)], [0.5, 9.0], n_units=3, evidence="resampled")
    assert unit_move(lambda points: points[:, 0] * 1.0, spectrum, 0, patterns=X).predicted == 1.0
