"""The published procedure: its weights, its three tests of redundancy, and the faults that its docstring names."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import published_procedure
from actspec_widgets.compute.effects.rest import Donors, as_rest
from actspec_widgets.compute.queries.published import draws_of_theorem, predictability, screen, splice
from naive_query import cube, last_unit_weights, screened, spliced_weight

CUBE = np.array(cube(6), dtype=float)


def majority(a):
    return np.sign(a[:, [0, 2, 5]].sum(axis=1))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_a_bucket_has_the_weight_that_the_definition_gives(seed, decided):
    rng = np.random.default_rng(seed)
    samples = rng.normal(size=(14, 5)) + 0.8 * rng.normal(size=(14, 1))  # units go together
    weights = rng.normal(size=(5, 3))

    def f(a):
        return np.where(np.tanh(a @ weights).sum(axis=1) > 0, 1.0, -1.0)

    signs = np.where(samples > 0, 1, -1)
    rest = as_rest(f, samples)
    x1, x2, product = splice(rest, Donors(np.arange(14), rest.lengths), decided, 20_000, rng)
    for size in range(decided + 1):
        subset = tuple(range(size))
        estimate = product * (signs[x1] * signs[x2])[:, list(subset)].prod(axis=1)
        truth = spliced_weight(lambda x: float(f(np.array([x]))[0]), samples.tolist(), signs.tolist(), decided, subset)
        assert abs(estimate.mean() - truth) <= 6 * estimate.std() / math.sqrt(20_000) + 1e-9


def test_on_a_planted_function_the_weights_are_right_within_their_errors():
    truth = {(0,): 0.25, (2,): 0.25, (5,): 0.25, (0, 2, 5): 0.25}  # majority of three: four coefficients of 1/2
    scores = []
    for seed in range(20):
        found = published_procedure(majority, activations=CUBE, seed=seed)
        weights = dict(zip(found.subsets, zip(found.values, found.standard_errors, strict=True), strict=True))
        assert set(truth) <= set(weights)
        scores += [(weights[s][0] - w) / weights[s][1] for s, w in truth.items()]
    assert np.abs(scores).max() < 4.5 and 0.75 < np.std(scores) < 1.3


@pytest.mark.compiled
def test_with_the_draws_of_the_theorem_nothing_else_comes_back():
    for seed in range(3):
        found = published_procedure(majority, activations=CUBE, draws=None, seed=seed)
        assert set(found.subsets) == {(0,), (2,), (5,), (0, 2, 5)}


def test_at_a_thousand_draws_buckets_of_nothing_pass():
    extra = [len(published_procedure(majority, activations=CUBE, seed=seed)) - 4 for seed in range(10)]
    assert np.mean(extra) > 0.5  # the threshold is below the error of a weight


def test_draws_of_the_theorem_put_weights_within_a_quarter_of_tau_squared():
    count = draws_of_theorem(0.3, 0.05, 6)
    rest = as_rest(majority, CUBE)
    rng = np.random.default_rng(0)
    gap = 0.3**2 / 4
    for _ in range(20):
        x1, x2, product = splice(rest, Donors(np.arange(64), rest.lengths), 6, count, rng)
        for subset, weight in (((0,), 0.25), ((1,), 0.0), ((0, 2, 5), 0.25)):
            assert abs((product * (CUBE[x1] * CUBE[x2])[:, list(subset)].prod(axis=1)).mean() - weight) < gap


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.05, 0.6))
def test_units_are_screened_as_the_definition_says(seed, gamma):
    rng = np.random.default_rng(seed)
    base = rng.random((40, 3)) < rng.random(3)
    signs = np.where(np.column_stack([base, base ^ (rng.random((40, 3)) < 0.2)]), 1, -1).astype(np.int8)
    kept, constant, repeated = screen(signs, range(6), gamma)
    assert kept == screened(signs.tolist(), gamma) and len(kept) + constant + repeated == 6


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_the_last_unit_is_as_predictable_as_the_definition_says(seed, size):
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1, 1], (12, 4)).astype(np.int8)
    signs[:8, 3] = signs[:8, 0]
    subset = tuple(range(4))[-size:]
    found = predictability(signs, subset, 40_000, rng)
    assert found == pytest.approx(last_unit_weights(signs.tolist(), subset), abs=6 / math.sqrt(20_000))


def test_a_unit_that_follows_from_two_others_joins_them_in_no_subset():
    free = np.array(cube(4), dtype=float)
    samples = np.column_stack([free[:, :2], free[:, 0] * free[:, 1], free[:, 2:]])
    found = published_procedure(lambda a: np.sign(a[:, [0, 1, 3]].sum(axis=1)), activations=samples, draws=None)
    assert (0, 1, 3) in found.subsets and not any({0, 1, 2} <= set(subset) for subset in found.subsets)
    assert " 0 subsets were dropped" not in str(found.coverage)


def test_the_same_seed_gives_the_same_bits_and_branches_are_bounded():
    runs = [published_procedure(majority, activations=CUBE, seed=3) for _ in range(2)]
    assert runs[0].subsets == runs[1].subsets and runs[0].values.tobytes() == runs[1].values.tobytes()
    few = published_procedure(majority, activations=CUBE, seed=3, branches=2)
    assert len(few) <= 2 and "beyond 2 branches" in str(few.coverage) and not few.coverage.complete


def test_units_that_are_not_searched_are_spliced_along():
    found = published_procedure(majority, activations=CUBE, units=[0, 5], draws=None)
    assert set(found.subsets) == {(0,), (5,)}


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"tau": 0.0}, "tau=0.0"),
        ({"gamma": 1.5}, "gamma=1.5"),
        ({"draws": 1}, "draws=1"),
        ({"branches": 0}, "branches=0"),
        ({"threshold": 5.0}, "every unit's squared mean exceeds gamma"),
        ({"units": [9]}, "units .* outside 0..5"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        published_procedure(majority, activations=CUBE, **arguments)


def test_an_output_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match=r"use output=targets\.is_class"):
        published_procedure(lambda a: a.sum(axis=1), activations=CUBE)


def test_sizes_of_all_subsets_are_searched():
    subsets = {tuple(s) for k in range(7) for s in itertools.combinations(range(6), k)}
    parity = published_procedure(lambda a: a.prod(axis=1), activations=CUBE, draws=None)
    assert parity.subsets == (tuple(range(6)),) and parity.coverage.examined == len(subsets)


def coin(rng):
    return lambda a: rng.choice([-1, 1], len(a))


@pytest.mark.parametrize("seed", range(3))
def test_of_noise_and_of_one_class_no_units_are_named_and_of_one_unit_only_that_one(seed):
    noise = published_procedure(coin(np.random.default_rng(seed)), activations=CUBE, draws=None, seed=seed)
    assert noise.subsets == ()
    same = published_procedure(lambda a: np.ones(len(a)), activations=CUBE, seed=seed)
    assert same.subsets == ((),)  # its mean
    alone = published_procedure(lambda a: np.sign(a[:, 3]), activations=CUBE, draws=None, seed=seed)
    assert alone.subsets == ((3,),)
