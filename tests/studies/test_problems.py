"""The problems say what is true: their spectra are those of the definition."""

from itertools import combinations, product
from math import prod

import numpy as np
import pytest

from actspec_widgets.studies.problems import KINDS, make_problem
from actspec_widgets.studies.problems.encodings import ENCODINGS, xor_network

DEGREES = {"majority": 5, "distributed": 2, "superposed": 2}
QUERIED = [kind for kind in KINDS if kind != "copies"]


def naive_coefficients(query, n):
    """E[f chi_S] over all points, from the definition."""
    points = np.array(list(product((1, -1), repeat=n)), dtype=np.int8)
    values = query(points)
    return {
        subset: float(np.mean([v * prod(int(x[i]) for i in subset) for x, v in zip(points, values, strict=True)]))
        for size in range(1, n + 1)
        for subset in combinations(range(n), size)
    }


@pytest.mark.parametrize("kind", QUERIED)
def test_the_truth_is_the_spectrum_of_the_query(kind):
    problem, truth = make_problem(kind, n=6, degree=DEGREES.get(kind, 3), terms=3, samples=50, seed=3)
    naive = naive_coefficients(problem.query, 6)
    largest = max(abs(value) for value in truth.values())
    for subset, value in naive.items():
        if subset in truth:
            assert truth[subset] == pytest.approx(value, abs=1e-12)
        else:
            assert abs(value) < 0.1 * largest
    assert problem.n_subsets == len(truth)
    assert problem.max_degree == max(map(len, truth))


@pytest.mark.parametrize("kind", QUERIED)
def test_samples_and_queries_are_of_one_function(kind):
    problem, _ = make_problem(
        kind, n=8, degree=DEGREES.get(kind, 3), samples=80, constants=2, duplicates=3, copies=2, noise_units=2, seed=1
    )
    assert problem.patterns.n_units == 8 + 2 + 3 + 2 + 2
    np.testing.assert_allclose(problem.query(problem.patterns.signs()), problem.target, atol=1e-12)


def test_gates_by_hand():
    _, and_truth = make_problem("and", n=3, degree=3, samples=10)
    _, or_truth = make_problem("or", n=3, degree=3, samples=10)
    _, majority = make_problem("majority", n=3, degree=3, samples=10)
    assert and_truth.keys() == or_truth.keys() and len(and_truth) == 7
    assert all(value == 0.25 for value in and_truth.values())
    assert all(value == 0.25 * (-1) ** (len(s) + 1) for s, value in or_truth.items())
    assert sorted(majority.values()) == [-0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("features", [1, 2, 3])
def test_the_network_computes_the_xor_of_its_features(encoding, features):
    network, copies = xor_network(features, encoding)
    inputs = np.array(list(product((1, -1), repeat=network.n_inputs)), dtype=np.int8)
    active = inputs == 1
    if encoding == "distributed":
        present = active[:, ::2] ^ active[:, 1::2]
    elif encoding == "superposed":
        present = active[:, ::2] & active[:, 1::2]
    else:
        present = active
    assert present.shape[1] == features
    np.testing.assert_allclose(network.logit(inputs), 1 - 2 * (present.sum(axis=1) % 2), atol=1e-12)
    np.testing.assert_array_equal(network.patterns(inputs), np.hstack([inputs] * (1 + copies)))


def test_redundant_copies_agree_and_have_no_query():
    problem, truth = make_problem("copies", n=6, degree=2, samples=60, seed=0)
    assert problem.query is None and problem.patterns.n_units == 6 + 2 * 2
    signs = problem.patterns.signs()
    ((unit, _),) = truth
    assert (signs == signs[:, [unit]]).all(axis=0).sum() == 3


def test_skew_and_correlation_are_as_asked():
    skewed, _ = make_problem("parity", n=10, samples=20_000, bias=0.6, seed=0)
    assert np.abs(skewed.patterns.signs().mean(axis=0) - 0.6).max() < 6 * 0.8 / 20_000**0.5
    tied, _ = make_problem("parity", n=6, samples=20_000, correlation=0.4, seed=0)
    gram = np.corrcoef(tied.patterns.signs().T)
    assert np.abs(gram[~np.eye(6, dtype=bool)] - 0.4).max() < 6 / 20_000**0.5


def test_added_units_change_neither_target_nor_coefficients():
    plain, truth = make_problem("mixed", n=8, samples=40, noise=1.0, seed=5)
    wider, same = make_problem("mixed", n=8, samples=40, noise=1.0, constants=3, noise_units=4, duplicates=2, seed=5)
    np.testing.assert_array_equal(plain.target, wider.target)
    assert list(truth.values()) == list(same.values())
    again, _ = make_problem("mixed", n=8, samples=40, noise=1.0, seed=5)
    np.testing.assert_array_equal(plain.patterns.planes, again.patterns.planes)


@pytest.mark.parametrize("kind", KINDS)
def test_flips_are_of_the_record_only(kind):
    settings = {"n": 8, "degree": DEGREES.get(kind, 3), "samples": 4000, "seed": 2}
    clean, _ = make_problem(kind, **settings)
    misread, _ = make_problem(kind, flips=0.1, **settings)
    np.testing.assert_array_equal(clean.target, misread.target)
    changed = (clean.patterns.signs() != misread.patterns.signs()).mean()
    assert abs(changed - 0.1) < 0.02


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kind": "sheffer"}, "'sheffer' is not known"),
        ({"kind": "address", "n": 5}, "needs 6 units, here are n=5"),
        ({"kind": "parity", "n": 3, "terms": 2}, "there are not 2 different parities"),
        ({"kind": "parity", "bias": 1.0}, "bias=1"),
        ({"kind": "parity", "flips": 0.5}, "0.5 of the signs"),
        ({"kind": "parity", "noise": -1.0}, "noise=-1"),
    ],
)
def test_refuses_in_a_sentence(settings, words):
    with pytest.raises(ValueError, match=words):
        make_problem(**settings)
